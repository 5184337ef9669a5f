"""Every way in which a row can be wrong has a code of its own, with the row's file and line and what to paste."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.glitchtip.sample_projects import copied
from wizard.checks.config import run as config
from wizard.model.codes import Code
from wizard.model.details import ServiceRows
from wizard.model.draft import App, Credential, Draft, EnvTarget, InfisicalTarget, Server
from wizard.model.finding import Finding, Verdict
from wizard.model.secret import Secret
from wizard.model.session import Session

if TYPE_CHECKING:
    from pathlib import Path

KEY = "Aa0Bb1Cc2Dd3Ee4Ff5Gg6Hh7"
DRAFT = Draft(
    app=App(from_="GlitchTip <glitchtip@example.com>"),
    server=Server("postal.example.com", 2525),
    credential=Credential("org/server"),
    target=EnvTarget(),
)
INFISICAL = InfisicalTarget("https://secrets.example.com", "p", "prod", "/glitchtip/application", "c")
RIGHT = ("EMAIL_URL: ${EMAIL_URL}", "DEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}", "GLITCHTIP_DOMAIN: https://e.example")


async def judged(directory: Path, draft: Draft = DRAFT, key: str | None = KEY) -> list[Finding]:
    return await config.check(draft, Session(directory=directory, key=Secret(key) if key else None))


def by_subject(findings: list[Finding]) -> dict[tuple[str, str], Code | None]:
    return {(finding.check, finding.subject): finding.code for finding in findings}


def write(directory: Path, *rows: str, image: str = "glitchtip/glitchtip:v4.1", more: str = "") -> None:
    body = "".join(f"      {row}\n" for row in rows)
    (directory / "docker-compose.yml").write_text(
        f"services:\n  web:\n    image: {image}\n{more}    environment:\n{body}"
    )


def rows_of(finding: Finding) -> ServiceRows:
    assert isinstance(finding.detail, ServiceRows)
    return finding.detail


ENVIRONMENT = [
    (Code.ENVIRONMENT_BOTH_TLS, ("EMAIL_USE_TLS: 'True'", "EMAIL_USE_SSL: 'True'")),
    (Code.ENVIRONMENT_IMPLICIT_TLS, ("EMAIL_USE_SSL: 'True'",)),
    (Code.ENVIRONMENT_TLS_NOT_CHOSEN, ("EMAIL_USE_TLS: 'True'",)),
    (Code.ENVIRONMENT_TIMEOUT_INVALID, ("EMAIL_TIMEOUT: 10s",)),
    (Code.ENVIRONMENT_TIMEOUT_INVALID, ("EMAIL_TIMEOUT: 0",)),
    (Code.ENVIRONMENT_REFUSED_BY_COMPOSE, ("EMAIL_HOST_PASSWORD: 'a$'",)),
    (Code.ENVIRONMENT_QUOTES_IN_VALUE, ("EMAIL_HOST: \"'h'\"",)),
    (Code.ENVIRONMENT_DOLLAR_REFERENCE, ("EMAIL_HOST_PASSWORD: $$ecret",)),
    (Code.ENVIRONMENT_DEAD, ("SERVER_EMAIL: a@b.example",)),
    (Code.ENVIRONMENT_OVERRIDDEN, ("EMAIL_BACKEND: x",)),
    (Code.ENVIRONMENT_ONLY_WITHOUT_URL, ("EMAIL_HOST: h",)),
    (Code.ENVIRONMENT_FROM_FILE, ("DEFAULT_FROM_EMAIL_FILE: /run/x",)),
    (Code.ENVIRONMENT_UNCLEAR_WORD, ("EMAIL_USE_TLS: enabled",)),
    (Code.ENVIRONMENT_LINK_WITHOUT_SCHEME, ("GLITCHTIP_URL: e.example",)),
    (Code.ENVIRONMENT_LINK_TO_LOOPBACK, ("GLITCHTIP_URL: http://localhost:8000",)),
    (Code.ENVIRONMENT_CLEAN, ()),
]


@pytest.mark.parametrize(("code", "rows"), ENVIRONMENT)
async def test_a_row_that_is_dead_or_breaks_mail_has_a_code(code: Code, rows: tuple[str, ...], tmp_path: Path) -> None:
    write(tmp_path, *RIGHT, *rows)
    found = next(finding for finding in await judged(tmp_path) if finding.check == "environment")
    assert found.code is code
    if rows:
        detail = rows_of(found)
        assert detail.rows[0].code is code
        assert detail.rows[0].location.startswith("docker-compose.yml:")
        assert detail.rows[0].line > 7
        assert detail.rows[0].location in found.summary


@pytest.mark.parametrize(
    ("tag", "code", "rows"),
    [
        ("v3.3", Code.ENVIRONMENT_TIMEOUT_TOO_NEW, ("EMAIL_TIMEOUT: 10",)),
        ("latest", Code.ENVIRONMENT_FALSE_IS_TRUE, ("EMAIL_USE_TLS: 'False'",)),
        ("v3.3", Code.ENVIRONMENT_BOTH_TLS, ("EMAIL_USE_TLS: 'False'", "EMAIL_USE_SSL: 'False'")),
    ],
)
async def test_the_age_of_the_image_counts(tag: str, code: Code, rows: tuple[str, ...], tmp_path: Path) -> None:
    write(tmp_path, *RIGHT, *rows, image=f"glitchtip/glitchtip:{tag}")
    assert by_subject(await judged(tmp_path))["environment", "web"] is code


@pytest.mark.parametrize(
    ("code", "rows"),
    [
        (Code.ENVIRONMENT_FROM_EMPTY, ("DEFAULT_FROM_EMAIL: ''",)),
        (Code.ENVIRONMENT_FROM_DJANGO_DEFAULT, ("DEFAULT_FROM_EMAIL: webmaster@localhost",)),
        (Code.ENVIRONMENT_FROM_INVALID, ("DEFAULT_FROM_EMAIL: Glitch, Tip <a@b.example>",)),
        (Code.ENVIRONMENT_URL_INVALID, ("EMAIL_URL: smtp://org/server:x@h:25",)),
    ],
)
async def test_a_value_in_the_compose_file_is_judged(code: Code, rows: tuple[str, ...], tmp_path: Path) -> None:
    write(tmp_path, *rows)
    assert by_subject(await judged(tmp_path))["environment", "web"] is code


async def test_starttls_that_is_chosen_has_to_be_in_the_file(tmp_path: Path) -> None:
    write(tmp_path, *RIGHT)
    draft = replace(DRAFT, server=replace(DRAFT.server, tls="starttls"))
    assert by_subject(await judged(tmp_path, draft))["environment", "web"] is Code.ENVIRONMENT_STARTTLS_MISSING


@pytest.mark.parametrize(("text", "code"), [("a@b.example\n", True), ("a@b.example", False)])
async def test_a_secret_with_a_line_break_becomes_part_of_the_from(text: str, code: bool, tmp_path: Path) -> None:
    (tmp_path / "from.txt").write_text(text)
    write(tmp_path, *RIGHT, "DEFAULT_FROM_EMAIL_FILE: /run/secrets/from")
    with (tmp_path / "docker-compose.yml").open("a") as file:
        file.write("secrets: {from: {file: ./from.txt}}\n")
    found = by_subject(await judged(tmp_path))["environment", "web"]
    assert (found is Code.ENVIRONMENT_FROM_FILE_NEWLINE) is code


COMPOSE = [
    (Code.COMPOSE_PASSED_ON, RIGHT),
    (Code.COMPOSE_NO_EMAIL_URL, RIGHT[1:]),
    (Code.COMPOSE_NO_FROM, (RIGHT[0], RIGHT[2])),
    (Code.COMPOSE_NO_LINK_DOMAIN, RIGHT[:2]),
    (Code.COMPOSE_CONSOLE_INLINE, ("EMAIL_URL: consolemail://", *RIGHT[1:])),
    (Code.COMPOSE_INLINE_OVERRIDES, ("EMAIL_URL: smtp://a_b:c@h:25", *RIGHT[1:])),
    (Code.COMPOSE_INLINE_OVERRIDES, (RIGHT[0], "DEFAULT_FROM_EMAIL: other@example.com", RIGHT[2])),
    (Code.COMPOSE_COMPOSED, ("EMAIL_URL: smtp://${USER}:${KEY}@h:25", *RIGHT[1:])),
    (Code.COMPOSE_REFUSED_VALUE, ("EMAIL_URL: smtp://a:p$@h:25", *RIGHT[1:])),
    (Code.COMPOSE_FILE_VARIABLE_WINS, (*RIGHT, "EMAIL_URL_FILE: /run/secrets/x")),
]


@pytest.mark.parametrize(("code", "rows"), COMPOSE)
async def test_a_setting_that_does_not_arrive_has_a_code(code: Code, rows: tuple[str, ...], tmp_path: Path) -> None:
    write(tmp_path, *rows)
    found = next(finding for finding in await judged(tmp_path) if finding.check == "compose")
    assert (found.code, found.subject) == (code, "web")
    if code is not Code.COMPOSE_PASSED_ON:
        assert found.remedy.endswith("; then run docker compose up -d web.")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (("EMAIL_HOST: mail.example.com",), "EMAIL_HOST"),
        (("EMAIL_BACKEND: anymail.backends.postal.EmailBackend",), "EMAIL_BACKEND"),
        (("EMAIL_URL_FILE: /run/secrets/x",), "EMAIL_URL_FILE"),
        ((), "localhost:25"),
    ],
)
async def test_what_counts_without_email_url_is_named(rows: tuple[str, ...], words: str, tmp_path: Path) -> None:
    write(tmp_path, *RIGHT[1:], *rows)
    found = next(finding for finding in await judged(tmp_path) if finding.check == "compose")
    assert found.code is Code.COMPOSE_NO_EMAIL_URL
    assert words in found.summary


@pytest.mark.parametrize(
    ("tag", "words"), [("6.1", "disables e-mail"), ("latest", "sends nothing (versions"), ("v5", "tries")]
)
async def test_what_is_not_known_of_the_version_is_not_asserted(tag: str, words: str, tmp_path: Path) -> None:
    write(tmp_path, *RIGHT[1:], image=f"glitchtip/glitchtip:{tag}")
    found = next(finding for finding in await judged(tmp_path) if finding.check == "compose")
    assert words in found.summary


class TestFiles:
    async def test_another_env_file_wins_and_its_line_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "mail.env").write_text("# old\nEMAIL_URL=smtp://a_b:c@h:25\nDEFAULT_FROM_EMAIL=a@b.example\n")
        write(tmp_path, RIGHT[2], more="    env_file: mail.env\n")
        found = next(finding for finding in await judged(tmp_path) if finding.check == "compose")
        assert found.code is Code.COMPOSE_OTHER_ENV_FILE
        assert rows_of(found).rows[0].location == "mail.env:2"

    async def test_one_that_is_not_there_stops_compose(self, tmp_path: Path) -> None:
        write(tmp_path, *RIGHT, more="    env_file: none.env\n")
        assert by_subject(await judged(tmp_path))["compose", "web"] is Code.COMPOSE_ENV_FILE_MISSING

    @pytest.mark.parametrize(
        ("row", "line"),
        [
            ('DEFAULT_FROM_EMAIL="GlitchTip" <glitchtip@example.com>', 2),
            ("MAIL KEY=1", 2),
            ("Some words of explanation", 2),
            ("A=${C:?}", 2),
            ('A="1" "2"', 2),
            ("export ", 2),
            ("A=${OPEN", 2),
            ("A='it''s'", 2),
            ("A='open", 2),
        ],
    )
    async def test_a_dotenv_that_compose_refuses_is_a_fail_with_the_line(
        self, row: str, line: int, tmp_path: Path
    ) -> None:
        (tmp_path / ".env").write_text(f"B=1\n{row}\n")
        write(tmp_path, *RIGHT)
        found = next(finding for finding in await judged(tmp_path) if finding.check == "compose")
        assert (found.code, found.verdict) == (Code.COMPOSE_ENV_REFUSED, Verdict.FAIL)
        assert f"Line {line} of .env" in found.summary
        assert "OPEN" not in found.summary

    @pytest.mark.parametrize(
        ("row", "is_fault"),
        [
            ("EMAIL_URL=smtp://a_b:pa${ss@h:25", False),
            ("DEFAULT_FROM_EMAIL=${OWN:?} <a@b.example>", False),
            ("OTHER=${", True),
            ("EMAIL_URL='smtp://a_b:c@h:25' and more!", True),
        ],
    )
    async def test_a_value_that_is_about_to_be_replaced_is_no_fault(
        self, row: str, is_fault: bool, tmp_path: Path
    ) -> None:
        (tmp_path / ".env").write_text(f"{row}\n")
        write(tmp_path, *RIGHT, more="    env_file: .env\n")
        session = Session(directory=tmp_path, key=Secret(KEY))
        found = [one for one in await config.check(DRAFT, session, replacing=True) if one.check == "compose"]
        assert ([one.code for one in found] == [Code.COMPOSE_ENV_REFUSED]) is is_fault
        assert not any("Line 1 of .env" in line for one in found for line in one.evidence)
        found = [one for one in await config.check(DRAFT, session) if one.check == "compose"]
        assert [one.code for one in found] == [Code.COMPOSE_ENV_REFUSED]

    async def test_a_target_that_compose_does_not_read_is_a_warning_with_the_command(self, tmp_path: Path) -> None:
        write(tmp_path, *RIGHT)
        draft = replace(DRAFT, target=EnvTarget("prod.env"))
        found = next(finding for finding in await judged(tmp_path, draft) if finding.check == "compose")
        assert (found.code, found.verdict) == (Code.COMPOSE_NOT_FROM_TARGET, Verdict.WARN)
        assert "docker compose --env-file prod.env up -d web" in found.remedy

    async def test_an_env_file_is_not_changed_by_infisical(self, tmp_path: Path) -> None:
        (tmp_path / "mail.env").write_text("EMAIL_URL=smtp://a_b:c@h:25\nDEFAULT_FROM_EMAIL=a@b.example\n")
        write(tmp_path, RIGHT[2], more="    env_file: mail.env\n")
        found = await judged(tmp_path, replace(DRAFT, target=INFISICAL))
        assert by_subject(found)["compose", "web"] is Code.COMPOSE_ENV_FILE_BESIDE_INFISICAL

    async def test_a_reader_that_keeps_quotes_gets_the_bare_address(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text(
            "EMAIL_URL=smtp://a_b:c@h:25\nDEFAULT_FROM_EMAIL='GlitchTip <glitchtip@example.com>'\n"
        )
        write(tmp_path, RIGHT[2], more="    env_file: [{path: .env, format: raw}]\n")
        found = next(finding for finding in await judged(tmp_path) if finding.check == "compose")
        assert (found.code, found.verdict) == (Code.COMPOSE_QUOTES_KEPT, Verdict.FAIL)
        assert "glitchtip@example.com" in found.remedy
        bare = replace(DRAFT, app=App(from_="glitchtip@example.com"))
        (tmp_path / ".env").write_text("EMAIL_URL=smtp://a_b:c@h:25\nDEFAULT_FROM_EMAIL=glitchtip@example.com\n")
        assert by_subject(await judged(tmp_path, bare))["compose", "web"] is Code.COMPOSE_PASSED_ON


class TestNotes:
    """The deployment that the notes describe."""

    async def test_each_of_its_faults_is_named(self, tmp_path: Path) -> None:
        found = by_subject(await judged(copied("notes", tmp_path)))
        assert found["compose", "web"] is Code.COMPOSE_PASSED_ON
        assert found["compose", "worker"] is Code.COMPOSE_NO_EMAIL_URL
        assert found["environment", "web"] is Code.ENVIRONMENT_OVERRIDDEN
        assert not [subject for _, subject in found if subject == "beat"]

    async def test_the_workers_missing_rows_are_lines_to_paste(self, tmp_path: Path) -> None:
        found = await judged(copied("notes", tmp_path))
        worker = next(each for each in found if (each.check, each.subject) == ("compose", "worker"))
        detail = rows_of(worker)
        assert detail.paste == (
            "  worker:",
            "    environment:",
            "      EMAIL_URL: ${EMAIL_URL}",
            "      DEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}",
            "      GLITCHTIP_DOMAIN: https://errors.example.com",
        )
        assert detail.paste_into == "docker-compose.yml:26"
        assert {row.code for row in detail.rows} == {
            Code.COMPOSE_NO_EMAIL_URL, Code.COMPOSE_NO_FROM, Code.COMPOSE_NO_LINK_DOMAIN, Code.COMPOSE_CELERY_GONE,
        }  # fmt: skip
        assert worker.remedy.endswith("; then run docker compose up -d web worker.")

    @pytest.mark.parametrize(
        ("target", "code"),
        [
            (INFISICAL, Code.COMPOSE_STALE_COPY),
            (EnvTarget(), Code.COMPOSE_COPY_OVERWRITTEN),
            (replace(INFISICAL, env_copy=".env"), None),
        ],
    )
    async def test_the_exported_copy_is_named_before_one_place_alone_is_written(
        self, target: EnvTarget | InfisicalTarget, code: Code | None, tmp_path: Path
    ) -> None:
        session = Session(directory=copied("notes", tmp_path), key=Secret(KEY))
        draft = replace(DRAFT, target=target)
        both = {Code.COMPOSE_STALE_COPY, Code.COMPOSE_COPY_OVERWRITTEN}
        found = {finding.code for finding in await config.check(draft, session, replacing=True)}
        assert found & both == ({code} if code else set())
        assert not {finding.code for finding in await config.check(draft, session)} & both

    async def test_a_list_is_continued_as_a_list(self, tmp_path: Path) -> None:
        found = await judged(copied("coolify", tmp_path))
        worker = next(each for each in found if (each.check, each.subject) == ("compose", "glitchtip-worker"))
        assert worker.code is Code.COMPOSE_NO_LINK_DOMAIN
        assert rows_of(worker).paste[2:] == ("      - GLITCHTIP_DOMAIN=${SERVICE_FQDN_GLITCHTIP}",)

    async def test_celery_is_a_warning_on_the_worker_where_nothing_else_is_wrong(self, tmp_path: Path) -> None:
        image = "glitchtip/glitchtip:latest"
        write(tmp_path, *RIGHT, image=image, more="    command: celery -A glitchtip worker -l info\n")
        found = next(finding for finding in await judged(tmp_path) if finding.check == "compose")
        assert (found.code, found.verdict) == (Code.COMPOSE_CELERY_GONE, Verdict.WARN)
        assert "with the pull that brings one" in found.summary  # what a moving tag has today is not known
        write(tmp_path, *RIGHT, image="glitchtip/glitchtip:v6.1", more="    command: celery -A glitchtip worker\n")
        newer = next(finding for finding in await judged(tmp_path) if finding.check == "compose")
        assert "it does not start on this image" in newer.summary
        write(tmp_path, *RIGHT, image="glitchtip/glitchtip:v5.2", more="    command: celery -A glitchtip worker\n")
        assert by_subject(await judged(tmp_path))["compose", "web"] is Code.COMPOSE_PASSED_ON


class TestAround:
    async def test_what_sends_nothing_is_said_and_not_judged(self, tmp_path: Path) -> None:
        (tmp_path / "compose.yml").write_text(
            "services: {clock: {image: glitchtip/glitchtip, command: ./bin/run-beat.sh}}"
        )
        found = await judged(tmp_path)
        assert by_subject(found)["compose", "compose.yml"] is Code.COMPOSE_NO_SERVICE
        assert any("clock" in finding.summary for finding in found if finding.check == "compose")

    async def test_files_from_elsewhere_are_unknown(self, tmp_path: Path) -> None:
        (tmp_path / "compose.yml").write_text(
            "include: ['oci://registry.example/errors:1', https://git.example/x.git#main]\n"
            "services: {web: {image: glitchtip/glitchtip}}\n"
        )
        found = next(finding for finding in await judged(tmp_path) if finding.code is Code.COMPOSE_REMOTE)
        assert found.verdict is Verdict.UNKNOWN
        assert "oci://registry.example/errors:1" in found.summary

    @pytest.mark.parametrize(
        ("files", "code"),
        [
            ({}, Code.COMPOSE_NOT_APPLICABLE),
            ({"compose.yml": "services: {a: {image: b}}"}, Code.COMPOSE_NO_SERVICE),
            ({"compose.yml": "services: ["}, Code.COMPOSE_UNREADABLE),
        ],
    )
    async def test_no_project_is_no_fault(self, files: dict[str, str], code: Code, tmp_path: Path) -> None:
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        assert code in {finding.code for finding in await judged(tmp_path)}

    async def test_the_git_of_a_target_that_is_no_file_does_not_apply(self, tmp_path: Path) -> None:
        found = by_subject(await judged(tmp_path, replace(DRAFT, target=INFISICAL)))
        assert found["git", "target"] is Code.GIT_NOT_APPLICABLE
        assert by_subject(await judged(tmp_path, replace(DRAFT, target=None)))["git", "target"] is Code.GIT_NO_VALUE

    async def test_the_copy_of_infisical_is_judged_by_git_too(self, tmp_path: Path) -> None:
        draft = replace(DRAFT, target=replace(INFISICAL, env_copy=".env"))
        subjects = [finding.subject for finding in await judged(tmp_path, draft) if finding.check == "git"]
        assert subjects == [str(tmp_path / ".env")]


class TestValues:
    async def test_infisical_without_a_login_has_no_url_to_judge(self, tmp_path: Path) -> None:
        found = await judged(tmp_path, replace(DRAFT, target=INFISICAL), key=None)
        assert by_subject(found)["email_url", "EMAIL_URL"] is Code.EMAIL_URL_NO_ACCESS

    @pytest.mark.parametrize(
        ("key", "code"),
        [(KEY, Code.EMAIL_URL_AGREES), (None, Code.EMAIL_URL_NO_VALUE), ("ä", Code.EMAIL_URL_UNUSABLE_PART)],
    )
    async def test_the_url_that_will_be_written_has_a_code(self, key: str | None, code: Code, tmp_path: Path) -> None:
        assert by_subject(await judged(tmp_path, key=key))["email_url", "EMAIL_URL"] is code

    @pytest.mark.parametrize(
        ("url", "code"),
        [
            ("smtp://org/server:{key}@postal.example.com:2525", Code.EMAIL_URL_INVALID),
            ("smtp+tls://org%2Fserver:{key}@postal.example.com:2525", Code.EMAIL_URL_READERS_DIFFER),
            ("smtp://org%2Fserver:{key}@postal.example.com:2525", Code.EMAIL_URL_AGREES),
        ],
    )
    async def test_the_url_in_the_file_has_a_code(self, url: str, code: Code, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text(f"EMAIL_URL={url.format(key=KEY)}\n")
        assert by_subject(await judged(tmp_path, key=None))["email_url", "EMAIL_URL"] is code

    @pytest.mark.parametrize(
        ("from_", "code"),
        [
            ("glitchtip@example.com", Code.FROM_ADDRESS_VALID),
            ("", Code.FROM_ADDRESS_MISSING),
            ("Glitch, Tip <a@example.com>", Code.FROM_ADDRESS_INVALID),
            ("webmaster@localhost", Code.FROM_ADDRESS_DJANGO_DEFAULT),
            ("g@10.0.0.1", Code.FROM_ADDRESS_UNVERIFIABLE_DOMAIN),
            ("g@straße.example", Code.FROM_ADDRESS_OLD_IDNA),
            ("g@other.example", Code.FROM_ADDRESS_OTHER_DOMAIN),
            ('"Glitch, Tip" <g@example.com>', Code.FROM_ADDRESS_NEEDS_QUOTES),
        ],
    )
    async def test_the_from_has_a_code(self, from_: str, code: Code, tmp_path: Path) -> None:
        draft = replace(DRAFT, app=App(from_=from_), domain=replace(DRAFT.domain, name="example.com"))
        if "straße" in from_:
            draft = replace(draft, domain=replace(DRAFT.domain, name="straße.example"))
        found = next(finding for finding in await judged(tmp_path, draft) if finding.check == "from_address")
        assert found.code is code

    async def test_who_would_keep_the_quotes_is_said_beside_a_display_name(self, tmp_path: Path) -> None:
        found = next(finding for finding in await judged(tmp_path) if finding.check == "from_address")
        assert any(
            "docker run --env-file" in line and "glitchtip@example.com needs none" in line for line in found.evidence
        )
        bare = replace(DRAFT, app=App(from_="glitchtip@example.com"))
        found = next(finding for finding in await judged(tmp_path, bare) if finding.check == "from_address")
        assert not found.evidence


async def test_no_finding_is_without_a_code(tmp_path: Path) -> None:
    for name in ("3-celery", "notes", "coolify", "include"):
        for finding in await judged(copied(name, tmp_path)):
            assert finding.code is not None
            assert finding.code.check == finding.check


async def test_consolemail_is_one_fault_and_is_not_masked(tmp_path: Path) -> None:
    write(tmp_path, "EMAIL_URL: consolemail://", *RIGHT[1:])
    found = by_subject(await judged(tmp_path))
    assert found["environment", "web"] is Code.ENVIRONMENT_CLEAN
    assert found["compose", "web"] is Code.COMPOSE_CONSOLE_INLINE
    (tmp_path / ".env").write_text("EMAIL_URL=consolemail://\n")
    draft = Draft(app=DRAFT.app, target=EnvTarget())
    url = next(finding for finding in await judged(tmp_path, draft, None) if finding.check == "email_url")
    assert url.code is Code.EMAIL_URL_INVALID
    assert url.evidence == ("consolemail://",)


async def test_a_fix_beside_infisical_is_made_effective_through_infisical(tmp_path: Path) -> None:
    write(tmp_path, *RIGHT[1:])
    found = await judged(tmp_path, replace(DRAFT, target=INFISICAL))
    remedy = next(finding for finding in found if finding.check == "compose").remedy
    assert "infisical run" in remedy
    assert "docker compose up -d" not in remedy


async def test_no_library_says_anything_of_a_dotenv_that_it_cannot_read(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_text('EMAIL_URL=x\nDEFAULT_FROM_EMAIL="GlitchTip" <glitchtip@example.com>\n= =\n')
    write(tmp_path, *RIGHT)
    await judged(tmp_path)
    assert capfd.readouterr() == ("", "")


async def test_a_variable_in_quotes_in_a_list_is_one_fault(tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text(
        "services:\n  web:\n    image: glitchtip/glitchtip\n    environment:\n"
        '      - EMAIL_URL="${EMAIL_URL}"\n      - DEFAULT_FROM_EMAIL=${DEFAULT_FROM_EMAIL}\n'
        "      - GLITCHTIP_DOMAIN=https://e.example\n"
    )
    found = by_subject(await judged(tmp_path))
    assert found["environment", "web"] is Code.ENVIRONMENT_QUOTES_IN_VALUE
    assert found["compose", "web"] is Code.COMPOSE_PASSED_ON
