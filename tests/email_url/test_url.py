"""EMAIL_URL: the model of GlitchTip's reader equals the real one, what is built is read alike, nothing is shown."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import assume, given
from hypothesis import strategies as st

from wizard.email_url import explain
from wizard.email_url import url as email_url
from wizard.email_url.readers import Reading, dj_email_url, glitchtip
from wizard.model.secret import MASK

if TYPE_CHECKING:
    from collections.abc import Callable

printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=24)

USERS = ["org/server", "org_server", "glitchtip@app", "a:b", "u", "us er", "a#b", "a?b", "a%41b"]
KEYS = [
    "plain", "p@ss", "p/ss", "p#ss", "p?ss", "p%41", "p%zz", "p:ss", "p+ss", "p&s", "p=s", "p ss", "p[x]", "p]x", "~t",
    "p%", "p\\s", "p'q", 'p"q', "p$x", "#x", "12/3", "p%FF", "p%00", "p\uff20s", "p\u2100s", "p\xe4ss", "p\tq", "p\nq",
    "p`q", "p;q", "p,q",
]  # fmt: skip
ENCODERS: dict[str, Callable[[str], str]] = {
    "quoted": lambda text: quote(text, safe=""),
    "naive": str,
    "plus": quote_plus,
    "default": quote,
}
ROWS = [
    "submission://u:p@h:587", "submit://u:p@h", "smtp+tls://u:p@h:25", "smtp+ssl://u:p@h:465", "smtps://u:p@h:465",
    "smtps://u:p@h:587", "smtps://u:p@h", "smtp://u:p@h:25?tls=True", "smtp://u:p@h:25?ssl=True",
    "smtp://u:p@h:25?timeout=10", "smtp://u:p@h:25?timeout=abc", "smtp://u:p@h:25?_default_from_email=a+b@x",
    "smtp://u:p@h:25?_server_email=a@x", "smtp://u:p@h:25?EMAIL_USE_TLS=True", "smtp://u:p@h:25?EMAIL_USE_TLS=False",
    "smtp://u:p@h:25?EMAIL_USE_SSL=False", "smtp://u:p@h:25?EMAIL_USE_TLS=0", "smtp://u:p@h:25?EMAIL_USE_TLS=1",
    "smtp://u:p@h:25?email_use_tls=1", "smtps://u:p@h:25?EMAIL_USE_SSL=True", "smtp://u:p@h", "smtp://u:p@h:0",
    "smtp://u:p@h:99999", "smtp://u:p@h:text", "smtp://u:p@:25", "smtp://", "console://", "file:///tmp/x", "memory://",
    "dummy://", "consolemail://", "filemail:///tmp/x", "memorymail://", "dummymail://", "postal://u:p@h:25",
    "'smtp://u:p@h:25'", '"smtp://u:p@h:25"', "smtp://u:p@h:25 ", " smtp://u:p@h:25", "smtp://u:p@h:25\n",
    "smtp://u:p@[fd00::7]:25", "smtp://u:p@fd00::7:25", "smtp://u:p@HOST.example:25", "smtp://u:p@straße.example:25",
    "smtp://h:25", "smtp://u@h:25", "smtp://:p@h:25", "smtp://u:@h:25", "smtp://u:p@h:25/path", "smtp://u:p@h:25#x",
    "", "not a url", "smtp:u:p@h", "SMTP://u:p@h:25", "smtp://glitchtip@app:s3cret@host:2525",
    "smtp://org/server:key@host:2525", "smtp://u:p%2540@h:25", "smtp://u:p@[::1%25eth0]:25",
]  # fmt: skip

URLS = [
    *ROWS,
    *(
        f"smtp://{encode(user)}:{encode(key)}@h.example:2525"
        for encode, (user, key) in itertools.product(ENCODERS.values(), itertools.product(USERS, KEYS))
    ),
]


def real(url: str) -> Reading:
    """Read *url* by the installed django-environ, as GlitchTip's settings do."""
    env = environ.FileAwareEnv()
    env.ENVIRON = {"EMAIL_URL": url}
    try:
        read: dict[str, Any] = env.email_url("EMAIL_URL")
    except ImproperlyConfigured:
        return Reading(error="ImproperlyConfigured")
    except ValueError:
        return Reading(error="ValueError")
    from wizard.model.secret import Secret

    password = read["EMAIL_HOST_PASSWORD"]
    return Reading(
        backend=str(read["EMAIL_BACKEND"]).split(".")[-2],
        host=read["EMAIL_HOST"],
        port=read["EMAIL_PORT"],
        username=read["EMAIL_HOST_USER"],
        password=None if password is None else Secret(password),
        tls=bool(read.get("EMAIL_USE_TLS")),
        ssl=bool(read.get("EMAIL_USE_SSL")),
    )


class TestTheModelOfGlitchTipsReader:
    def test_there_are_at_least_four_hundred_urls(self) -> None:
        assert len(set(URLS)) >= 400

    def test_it_equals_the_real_one_on_every_url(self) -> None:
        differing = [url for url in URLS if glitchtip(url) != real(url)]
        assert differing == []

    @pytest.mark.parametrize("value", ["²", "9" * 5_000, "٣", "7", "x"])
    @pytest.mark.parametrize("name", ["email_use_tls", "email_timeout", "other"])
    def test_it_equals_the_real_one_on_options_of_any_digits(self, name: str, value: str) -> None:
        url = f"smtp://u:k@h:25?{name}={value}"
        assert glitchtip(url) == real(url)

    @given(user=printable, key=printable, host=st.sampled_from(["h", "h.example", "[::1]"]), port=st.integers(0, 70000))
    def test_it_equals_the_real_one_on_unencoded_urls(self, user: str, key: str, host: str, port: int) -> None:
        url = f"smtp://{user}:{key}@{host}:{port}"
        assert glitchtip(url) == real(url)

    @given(st.text(max_size=40))
    def test_it_equals_the_real_one_on_anything(self, text: str) -> None:
        assume(not text.startswith("$"))
        assert glitchtip(text) == real(text)


def test_an_empty_one_leaves_glitchtip_with_the_defaults_of_django() -> None:
    lines = explain.explain_text(explain.explain("EMAIL_URL=\n"))
    assert any(line.split()[:2] == ["host", "localhost"] for line in lines)
    assert any(line.split()[:2] == ["port", "25"] for line in lines)
    assert lines[-1] == "GlitchTip fails with this URL or reads it wrongly."


class TestBuild:
    @given(user=printable, key=printable)
    def test_both_readers_take_it_as_it_was_meant(self, user: str, key: str) -> None:
        url = email_url.build(user, key, "smtp.example.com", 2525)
        for reading in (glitchtip(url), dj_email_url(url)):
            assert reading.password is not None
            assert (reading.host, reading.port, reading.username, reading.password.reveal()) == (
                "smtp.example.com", 2525, user, key,
            )  # fmt: skip

    @given(user=printable, key=printable)
    def test_it_holds_nothing_that_a_reader_of_env_files_treats_apart(self, user: str, key: str) -> None:
        url = email_url.build(user, key, "smtp.example.com", 25)
        assert set(url) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._%@:/+=,-")

    @given(user=printable, key=printable, port=st.integers(1, 65535))
    def test_parsing_gives_the_parts_back(self, user: str, key: str, port: int) -> None:
        parts = email_url.parse(email_url.build(user, key, "h.example", port))
        assert (parts.username, parts.key.reveal(), parts.host, parts.port) == (user, key, "h.example", port)
        assert parts.guessed == ""

    @given(user=printable, key=printable)
    def test_it_is_never_explained_as_wrong(self, user: str, key: str) -> None:
        assume("%" not in user + key)  # %40 as part of a key cannot be told from one that was encoded twice
        explanation = explain.explain(email_url.build(user, key, "smtp.example.com", 2525))
        assert explanation.glitchtip_ok
        assert "dj-email-url" not in " ".join(problem.sentence for problem in explanation.problems)

    def test_a_key_with_a_code_of_a_letter_in_it_is_not_taken_for_encoded_twice(self) -> None:
        assert explain.explain(email_url.build("a/b", "p%41ss", "h.example", 25)).glitchtip_ok

    def test_an_ipv6_address_stands_in_brackets(self) -> None:
        assert email_url.build("a/b", "k", "fd00::7", 25) == "smtp://a%2Fb:k@[fd00::7]:25"

    @pytest.mark.parametrize(
        ("user", "key"), [("u", "ä"), ("ü", "k"), ("u", "a\nb"), ("u", ""), ("", "k"), ("u", "a\0")]
    )
    def test_what_cannot_be_sent_is_refused_without_quoting_it(self, user: str, key: str) -> None:
        with pytest.raises(email_url.CredentialError) as refused:
            email_url.build(user, key, "h.example", 25)
        assert len(key) < 2 or key not in str(refused.value)


class TestMasked:
    CANARY = "CaNaRy9Zz8"

    @given(
        before=st.text(st.sampled_from("/?#@:%[]\\ '\"$&=+~x"), max_size=6),
        after=st.text(st.sampled_from("/?#@:%[]\\ '\"$&=+~x"), max_size=6),
        end=st.sampled_from(["@h:25", "@h", "@h:25/x", "@h:25?tls=True", "@h:text", ""]),
    )
    def test_no_part_of_a_key_is_left_however_broken_the_url(self, before: str, after: str, end: str) -> None:
        assume(end)
        url = f"smtp://user:{before}{self.CANARY}{after}{end}"
        assert self.CANARY.lower() not in email_url.masked(url).lower()
        shown = "\n".join(explain.explain_text(explain.explain(url)))
        assert self.CANARY.lower() not in shown.lower()

    def test_digits_before_a_slash_in_the_key_do_not_come_out_as_the_port(self) -> None:
        shown = explain.explain_text(explain.explain("smtp://user:8315/Rest@h:25"))
        assert not any("8315" in line for line in shown)

    def test_the_host_is_shown_though_an_address_stands_in_the_query(self) -> None:
        url = "smtp://u:key@h.example:25?_default_from_email=a@other.example"
        assert email_url.masked(url) == f"smtp://u:{MASK}@h.example:25…"

    def test_what_helps_is_kept(self) -> None:
        assert email_url.masked("smtp://org%2Fserver:key@smtp.example.com:2525") == (
            f"smtp://org%2Fserver:{MASK}@smtp.example.com:2525"
        )

    def test_what_is_no_url_is_masked_whole(self) -> None:
        assert email_url.masked("just a key") == MASK


class TestParse:
    @pytest.mark.parametrize(
        ("text", "username", "key"),
        [
            ("EMAIL_URL=smtp://a%2Fb:k%40@h.example:25", "a/b", "k@"),
            ("export EMAIL_URL='smtp://a%2Fb:k%40@h.example:25'", "a/b", "k@"),
            ("# comment\nOTHER=1\nEMAIL_URL=smtp://a:k@h.example:25\n", "a", "k"),
            ("  EMAIL_URL: smtp://a:k@h.example:25", "a", "k"),
            ('"smtp://a:k@h.example:25"', "a", "k"),
            ("smtp://org/server:key@h.example:25", "org/server", "key"),
            ("smtp://u:p/q#r?s@h.example:25", "u", "p/q#r?s"),
            ("smtp://u:p@q@h.example:25", "u", "p@q"),
            ("smtp://u:k@h.example:25?_default_from_email=a@other.example", "u", "k"),
            ("EMAIL_URL='smtp://u:k@h.example:25", "u", "k"),
            ("smtp://u:k@h.example:25\n\n", "u", "k"),
        ],
    )
    def test_an_email_url_is_taken_from_what_people_paste(self, text: str, username: str, key: str) -> None:
        parts = email_url.parse(text)
        assert (parts.username, parts.key.reveal(), parts.host, parts.port) == (username, key, "h.example", 25)

    @pytest.mark.parametrize(("scheme", "starttls"), [("smtp", False), ("smtps", True), ("smtp+tls", True)])
    def test_a_scheme_that_asks_for_starttls_is_told(self, scheme: str, starttls: bool) -> None:
        assert email_url.parse(f"{scheme}://u:k@h.example:25").starttls is starttls

    def test_an_unencoded_one_is_said_to_be_guessed(self) -> None:
        assert "not encoded" in email_url.parse("smtp://org/server:key@h.example:25").guessed

    @pytest.mark.parametrize(
        "text", ["", "hello", "smtp://", "smtp://h:25", "smtp://u@h:25", "smtp://u:p@h:99999", "smtp://u:p@"]
    )
    def test_what_tells_no_credential_is_refused_in_one_sentence(self, text: str) -> None:
        with pytest.raises(email_url.CredentialError) as refused:
            email_url.parse(text)
        assert "\n" not in str(refused.value)


class TestExplain:
    @pytest.mark.parametrize(
        "url",
        ["smtp://a%2Fb:k@h.example:25", "smtp://glitchtip@app:s3cret@host:2525", "smtp://u:p:q@h:25", "smtp://u:p@h",
         "EMAIL_URL='smtp://u:p@h:25'", "smtp://u:p@[fd00::7]:25", "smtp://u:p@h:25\n",
         "smtp+tls://u:p@h:587", "smtps://u:p@h:587", "smtp://u:p@h:25?EMAIL_USE_TLS=True", "smtp://u:p%zz@h:25",
         "smtp://u:p@h:25\n\n"],
    )  # fmt: skip
    def test_what_glitchtip_reads_right_is_ok(self, url: str) -> None:
        assert explain.explain(url).glitchtip_ok

    @pytest.mark.parametrize(
        "url",
        [
            "", "smtp://org/server:key@h:2525", "smtp://u:p/q@h:25", "smtp://u:p#q@h:25", "smtp://u:p?q@h:25",
            "smtp://u:p[q@h:25", "submission://u:p@h:587", "console://", "consolemail://", "'smtp://u:p@h:25'",
            "$OTHER", "smtp://u:p%2540@h:25", "smtp://u:p@h:0", "smtp://u:p@h:99999", "smtp://u:p@h:25 ", "smtp://h:25",
            "smtp://u@h:25", "smtp://:p@h:25", "smtp://u:p@:25", "smtps://u:p@h:465", "smtp+ssl://u:p@h:465",
            "smtp://u:p@h:25?tls=True", "smtp://u:p@h:25?EMAIL_USE_TLS=False", "smtp://u:p%E4@h:25", "smtp://u:p%FF@h:25",
            "smtp://u:p%00@h:25", "smtp://u:p\tq@h:25", "smtp://u:p\xe4@h:25", "smtp://u:p\uff20q@h:25", "postal://u:p@h:25",
            "smtp://user:pa@ss/wo@h:25", "smtp://u:pa%41ss@h:25", "smtp://u:#x@h:25", "smtp://u:12/3@h:25",
            "smtp://u:p@smtp..example:25", "smtp+tls://u:p@h:465", "dummymail://u:p@h:25", "EMAIL_URL='smtp://u:p@h:25",
            "smtp://u:p@h:25?timeout=10", "smtps://u:p@h:25?EMAIL_USE_SSL=True", "smtp://u:@h:25", "smtp://u:p%0Aq@h:25",
            "smtp://u:p%252Fq@h:25", "smtp://u:p@h:25?_default_from_email=a@x",
        ],
    )  # fmt: skip
    def test_what_glitchtip_fails_with_or_misreads_is_not(self, url: str) -> None:
        explanation = explain.explain(url)
        assert not explanation.glitchtip_ok
        assert all(problem.sentence and problem.remedy for problem in explanation.problems)

    @pytest.mark.parametrize(
        "url", ["smtp://u:p$x@h:25", "smtp://u:p x@h:25", "smtp://u:%20p@h:25", "smtp://u:p%@h:25"]
    )
    def test_what_works_but_may_be_changed_on_its_way_is_a_warning(self, url: str) -> None:
        explanation = explain.explain(url)
        assert explanation.glitchtip_ok
        assert [problem.severity for problem in explanation.problems].count("warn") >= 1

    @given(st.text(max_size=60))
    def test_nothing_raises_and_nothing_raw_is_shown(self, text: str) -> None:
        for line in explain.explain_text(explain.explain(text)):
            assert not any(ord(character) < 32 or ord(character) == 127 for character in line)
