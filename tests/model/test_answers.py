"""The answers file: what the contract allows goes in and out unchanged, everything else is named."""

from __future__ import annotations

from dataclasses import fields, replace
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.model import answers
from wizard.model.answers import AnswersError
from wizard.model.draft import App, Credential, Domain, Draft, EnvTarget, InfisicalTarget, Server, TestMail
from wizard.state import answers_file

texts = st.text(max_size=40)
drafts = st.builds(
    Draft,
    app=st.builds(App, name=texts, from_=texts, compose_file=st.none() | texts, services=st.tuples(texts)),
    server=st.builds(
        Server, host=texts, port=st.none() | st.integers(1, 65535), tls=st.sampled_from(["none", "starttls"])
    ),
    credential=st.builds(Credential, username=texts),
    domain=st.builds(Domain, name=texts, dkim_value=texts, sending_ips=st.tuples(texts, texts)),
    test_mail=st.none() | st.builds(TestMail, recipient=st.text(min_size=1, max_size=10)),
    target=st.none()
    | st.builds(EnvTarget, path=st.text(min_size=1))
    | st.builds(InfisicalTarget, url=texts, project=texts, secret_path=texts, allow_http=st.booleans()),
)


def said(text: str) -> str:
    with pytest.raises(AnswersError) as refused:
        answers.loads(text)
    return str(refused.value)


class TestReading:
    def test_the_sample_file_is_read(self) -> None:
        draft = answers_file.load(Path(str(files("assets") / "answers.toml")))
        assert draft.app.from_ == "GlitchTip <glitchtip@example.com>"
        assert draft.server == Server("smtp.postal.example.com", 2525, "none", "https://postal.example.com")
        assert draft.domain.sending_ips == ("192.0.2.25",)
        assert draft.target == EnvTarget(".env")

    def test_the_domain_defaults_to_that_of_the_from(self) -> None:
        assert answers.loads('schema = 1\n[app]\nfrom = "G <g@Example.COM>"').domain_name == "example.com"

    @pytest.mark.parametrize(
        ("text", "named"),
        [
            ("", "schema"),
            ("schema = 1\nserver = " + "[" * 5000, "not TOML"),
            ("schema = 1\n[server]\nport = " + "9" * 5000, "not TOML"),
            ("schema = 2", "schema"),
            ("schema = true", "schema"),
            ("schema = 1\nserver = 3", "server"),
            ("schema = 1\n[sever]\nhost='x'", "sever"),
            ("schema = 1\n[server]\nhsot='x'", "server.hsot"),
            ("schema = 1\n[server]\nport='25'", "server.port"),
            ("schema = 1\n[server]\nport=true", "server.port"),
            ("schema = 1\n[server]\nhost=25", "server.host"),
            ("schema = 1\n[server]\ntls='ssl'", "server.tls"),
            ("schema = 1\n[domain]\nmx='a'", "domain.mx"),
            ("schema = 1\n[domain]\nmx=[1]", "domain.mx"),
            ("schema = 1\n[target]\nkind='vault'", "target.kind"),
            ("schema = 1\n[target]\nkind=['env']", "target.kind"),
            ("schema = 1\n[target]\nkind='env'\nurl='x'", "target.url"),
            ("schema = 1\n[server\n", "line"),
        ],
    )
    def test_what_is_wrong_is_named_in_one_line(self, text: str, named: str) -> None:
        sentence = said(text)
        assert named in sentence
        assert "\n" not in sentence

    @pytest.mark.parametrize("name", ["password", "key", "client_secret"])
    def test_a_secret_in_the_file_is_refused_with_the_way_to_give_it_and_never_quoted(self, name: str) -> None:
        sentence = said(f"schema = 1\n[credential]\n{name} = 'hunter2hunter2'")
        assert "-fd N" in sentence
        assert "hunter2" not in sentence

    def test_a_broken_line_is_never_quoted(self) -> None:
        assert "hunter2" not in said("schema = 1\n[credential]\nusername = 'x' hunter2hunter2")

    def test_a_file_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(AnswersError, match=r"none\.toml"):
            answers_file.load(tmp_path / "none.toml")

    def test_a_file_name_with_an_escape_is_shown_inert(self, tmp_path: Path) -> None:
        with pytest.raises(AnswersError) as refused:
            answers_file.load(tmp_path / "a\x1b[31m.toml")
        assert "\x1b" not in str(refused.value)

    def test_a_directory_and_bytes_that_are_not_utf8_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / "bytes.toml").write_bytes(b"schema = 1\n# \xff\n")
        for path in (tmp_path, tmp_path / "bytes.toml"):
            with pytest.raises(AnswersError):
                answers_file.load(path)


class TestWriting:
    @given(drafts)
    def test_every_draft_comes_back_as_it_was(self, draft: Draft) -> None:
        assert answers.loads(answers.dumps(draft)) == draft


class TestMissing:
    def test_each_missing_answer_is_named(self) -> None:
        assert {sentence.split()[0] for sentence in answers.missing(Draft(), for_apply=True)} == {
            "app.from", "server.host", "server.port", "credential.username", "target.kind",
        }  # fmt: skip

    def test_an_infisical_target_needs_its_place(self) -> None:
        draft = replace(Draft(), target=InfisicalTarget())
        assert any("target.project" in sentence for sentence in answers.missing(draft, for_apply=True))


WRONG = ("{a = 1}", "[1]", "[[]]", "1.5", "2026-11-28", "99999999999999999999", "true", '"text"', '["a"]', "nan")
"""Values of every type that TOML has."""
PARTS = {"app": App, "server": Server, "credential": Credential, "domain": Domain, "test_mail": TestMail}


@pytest.mark.parametrize(
    "key",
    [
        f"{part}.{one.name.rstrip('_')}"
        for part, kind in {**PARTS, "target": InfisicalTarget}.items()
        for one in fields(kind)
    ],
)
def test_a_value_of_any_type_is_taken_or_named(key: str) -> None:
    part, name = key.split(".")
    for value in WRONG:
        kind = 'kind = "infisical"\n' if part == "target" and name != "kind" else ""
        refused = ""
        try:
            answers.loads(f"schema = 1\n[{part}]\n{kind}{name} = {value}\n")
        except AnswersError as error:
            refused = str(error)
        assert not refused or key in refused


def test_a_recipient_that_is_empty_is_as_none() -> None:
    text = 'schema = 1\n[app]\nfrom = "a@b.example"\n[test_mail]\nrecipient = ""\n'
    assert answers.loads(text).test_mail is None
