"""What is not about mail is not taken for it, and nothing that is piped in does harm."""

# Lines of logs stand as they are:
# ruff: noqa: E501

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.diagnosis.logs import LIB, NOISE, SITE, docker, frames, mail
from tests.effort import examples
from wizard.diagnosis import as_json, as_text, diagnose


def foreign(last: str, *rows: tuple[str, int, str, str]) -> str:
    return "Traceback (most recent call last):\n" + frames(*rows) + last + "\n"


NOT_MAIL = {
    "postgres": foreign(
        'psycopg.OperationalError: connection failed: connection to server at "172.18.0.2", port 5432 failed: '
        'Connection refused',
        (f"{SITE}/psycopg/connection.py", 100, "connect", "raise last_ex.with_traceback(None)"),
    ),
    "postgres through django": foreign(
        "django.db.utils.OperationalError: connection is bad: Temporary failure in name resolution",
        (f"{SITE}/django/db/backends/base/base.py", 275, "ensure_connection", "self.connect()"),
    ),
    "redis": foreign(
        "ConnectionRefusedError: [Errno 111] Connection refused",
        (f"{SITE}/redis/connection.py", 385, "connect", "sock = self._connect()"),
        (f"{LIB}/socket.py", 849, "create_connection", "sock.connect(sa)"),
    )
    + "\nDuring handling of the above exception, another exception occurred:\n\n"
    + foreign(
        "redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.",
        (f"{SITE}/kombu/transport/redis.py", 1, "send_email_invite", "send_email_invite.delay()"),
        (f"{SITE}/redis/connection.py", 385, "connect", "raise ConnectionError(self._error_message(e))"),
    ),
    "redis while a mail is queued": foreign(
        "ConnectionRefusedError: [Errno 111] Connection refused",
        ("/code/apps/organizations_ext/email.py", 9, "send_email_invite", "send_email_task.delay(pk)"),
        (f"{SITE}/redis/connection.py", 385, "connect", "sock = self._connect()"),
    ),
    "requests": foreign(
        "TimeoutError: timed out",
        (f"{SITE}/requests/adapters.py", 486, "send", "resp = conn.urlopen("),
        (f"{SITE}/urllib3/connection.py", 174, "_new_conn", "conn = connection.create_connection("),
        (f"{LIB}/socket.py", 849, "create_connection", "sock.connect(sa)"),
    ),
    "aiohttp": foreign(
        "TimeoutError", (f"{SITE}/aiohttp/client.py", 600, "_request", "with timer:"), ("/code/apps/uptime/utils.py", 41, "fetch", "await x")
    ),
    "webhook": "[2026-11-23 10:00:02,113: ERROR/ForkPoolWorker-1] webhook timed out",
    "webhook, bare": "requests.exceptions.ConnectTimeout: webhook https://hooks.slack.com timed out\nTimeoutError: timed out",
    "requests, certificate": "requests.exceptions.SSLError: HTTPSConnectionPool(host='x', port=443): Max retries exceeded (Caused by SSLError(SSLCertVerificationError(1, 'certificate verify failed: certificate has expired')))",
    "postgres, one line": "psycopg.OperationalError: connection refused port 5432",
    "database url": foreign(
        "ValueError: Port could not be cast to integer value as 's3cr3t'",
        ("/code/glitchtip/settings.py", 300, "<module>", 'DATABASES = {"default": env.db()}'),
        (f"{SITE}/environ/environ.py", 250, "db_url_config", "url = urlparse(url)"),
        (f"{LIB}/urllib/parse.py", 183, "port", "raise ValueError("),
    ),
    "secret key": foreign(
        "django.core.exceptions.ImproperlyConfigured: Set the SECRET_KEY environment variable",
        ("/code/glitchtip/settings.py", 60, "<module>", 'SECRET_KEY = env.str("SECRET_KEY")'),
    ),
    "another variable": 'level=warning msg="The \\"POSTGRES_PASSWORD\\" variable is not set. Defaulting to a blank string."',
    "unicode elsewhere": foreign(
        "UnicodeEncodeError: 'ascii' codec can't encode character '\\xe4' in position 1: ordinal not in range(128)",
        ("/code/apps/releases/views.py", 77, "post", "out.write(name)"),
    ),
    "type elsewhere": foreign(
        "TypeError: 'str' object cannot be interpreted as an integer", ("/code/apps/projects/api.py", 7, "get", "range(x)")
    ),
    "http status": '10.0.0.9 - - [23/Nov/2026] "GET / HTTP/1.1" 530 1024\n10.0.0.9 "POST /api/1/envelope/ HTTP/1.1" 421 Misdirected',
    "an event about numbers": "issue 535 was resolved, 554 events seen; release 4.2.1 deployed",
    "an application's own event": '{"exception": {"type": "ValueError", "value": "no such user"}, "level": "error"}',
    "cloudflare": "530 origin DNS error",
    "metrics at zero": 'postal_smtp_server_client_errors{error="invalid-credentials"} 0.0',
    "a certificate on the web": "fetching https://hooks.example.com/x: certificate has expired",
    "a name, bare": "redis: Name or service not known",
    "a refusal, in a long log": NOISE + "upstream connect error: Connection refused\n" + NOISE,
    "a login to something else": "infisical: Invalid credentials",
    "nothing": "",
    "blanks": "\n \t\n",
    "noise": NOISE,
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_MAIL)
def test_a_fault_that_is_not_mail_is_not_recognised(name: str) -> None:
    found = diagnose(NOT_MAIL[name])
    assert [ranked.key for ranked in found.causes] == []
    assert as_text(found) == "Nothing recognised"
    assert as_json(found) == {"schema": 1, "causes": []}


@pytest.mark.parametrize("name", NOT_MAIL)
def test_a_mail_fault_is_found_among_faults_that_are_not_mail(name: str) -> None:
    text = (
        NOT_MAIL[name]
        + "\n"
        + docker(mail("smtplib.SMTPDataError: (530, b'From/Sender name is not valid')", "sendmail"))
        + "\n"
        + NOT_MAIL[name]
    )
    assert diagnose(text).standing[0].key == "from-unverified"


WRONG_KEY = mail("smtplib.SMTPAuthenticationError: (535, b'Invalid credential')", "login", "auth")
HUGE = {
    "ten megabytes of log": NOISE * (10_000_000 // len(NOISE)) + WRONG_KEY,
    "one line of ten megabytes": "x" * 10_000_000 + "\n" + WRONG_KEY,
    "ten megabytes of words": "ab.Cd " * 1_700_000 + "\n" + WRONG_KEY,
    "ten megabytes of errors": WRONG_KEY * (10_000_000 // len(WRONG_KEY)),
    "frames without end": '  File "/a/smtplib.py", line 1, in x\n    y\n' * 200_000 + WRONG_KEY,
    "escapes without end": "\x1b[" * 5_000_000 + "\n" + WRONG_KEY,
    "titles without end": "\x1b]0;" * 2_500_000 + "\n" + WRONG_KEY,
    "dots": "A." * 5_000_000 + "\n" + WRONG_KEY,
    "quotes": "env file " * 1_000_000 + "\n" + WRONG_KEY,
    "bars": ("a" * 50 + " " * 40 + "b\n") * 100_000 + WRONG_KEY,
    "dialogue": "smtp-1 | => 535 Denied\n" * 400_000 + WRONG_KEY,
    "replies": " 535" * 2_500_000 + "\n" + WRONG_KEY,
    "nested json": '{"log":"' + "\\n File " * 1_000_000 + '"}\n' + WRONG_KEY,
    "binary": bytes(range(256)).decode("latin-1") * 40_000 + "\n" + WRONG_KEY,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", HUGE)
def test_ten_megabytes_take_less_than_two_seconds(name: str) -> None:
    started = time.process_time()  # seconds of this process alone, whatever else the machine does
    found = diagnose(HUGE[name])
    assert time.process_time() - started < 2
    assert found.standing[0].key in {"wrong-key", "cram-only"}


@pytest.mark.parametrize(
    "text",
    [
        docker(WRONG_KEY, colour=True),
        docker(WRONG_KEY, stamp=True),
        docker(WRONG_KEY, "glitchtip-web-1", stamp=True, colour=True),
        WRONG_KEY.replace("\n", "\r\n"),
        WRONG_KEY.replace("'", "&#x27;").replace('"', "&quot;"),
        '{"log":"' + WRONG_KEY.replace('"', '\\"').replace("\n", "\\n") + '","stream":"stderr"}',
        "\x1b]0;title\x07\x1b[31m" + WRONG_KEY + "\x1b[0m",
        "".join(f"Nov 23 10:00:00 host docker[812]: {line}\n" for line in WRONG_KEY.splitlines()),
        WRONG_KEY.splitlines()[-1],
        "\n".join(WRONG_KEY.splitlines()[-3:]),
        "(535, b'Invalid credential')",
        "535 Invalid credential",
        "<** 535 Invalid credential",
        "reply: b'535 Invalid credential\\r\\n'",
    ],
)
def test_the_same_fault_is_recognised_in_every_dress(text: str) -> None:
    assert diagnose(text).standing[0].key == "wrong-key"


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("Connection refused", "nothing-listens"),
        ("timed out", "firewall"),
        ("Authentication failed", "wrong-key"),
        ("535 5.7.8 Authentication failed", "not-postal"),
        ("SMTPAuthenticationError: (535, b'5.7.8 Authentication failed')", "not-postal"),
        ("Email sent successfully but not received", "held-development"),
        ("Email not delivered", "held-development"),
        ("mail not arriving", "held-development"),
        ("password reset email never arrives", "held-development"),
        ("mails land in spam", "spam-folder"),
        ("Held: Server is in development mode", "held-development"),
        ("dkim=fail", "delivery-dkim"),
        ("spf=softfail smtp.mailfrom=k2j4@psrp.errors.shop.example", "delivery-spf"),
        ("SMTPHeloError: (554, b'5.7.1 Access denied')", "blocked-client"),
        ("SMTPServerDisconnected: timed out", "tls-port"),
        ("GlitchTip does not start", "unencoded-key"),
        ("the connection to smtp.example.com timed out", "nothing-listens"),
        ('exec: "nc": executable file not found in $PATH', "no-nc"),
        ("554 5.7.1 Relay access denied", "relay-denied"),
    ],
)
def test_a_few_typed_words_are_enough(words: str, key: str) -> None:
    assert diagnose(words).standing[0].key == key


def interleaved(*texts: str) -> str:
    """Lines of several containers, one of each in turn, as they arrive."""
    rows = [text.splitlines(keepends=True) for text in texts]
    return "".join(row[n] for n in range(max(map(len, rows))) for row in rows if n < len(row))


def test_tracebacks_of_two_containers_do_not_mix() -> None:
    web = docker(mail("TimeoutError: timed out", "_get_socket"), "web-1")
    worker = docker(NOT_MAIL["redis"], "worker-1")
    assert diagnose(interleaved(web, worker)).standing[0].key == "firewall"


def test_a_settings_fault_is_old_news_once_the_same_container_has_sent_mail() -> None:
    start = docker("django.core.exceptions.ImproperlyConfigured: Invalid email schema console", "web-1")
    later = docker(WRONG_KEY, "web-1")
    assert diagnose(start + later).standing[0].key == "wrong-key"
    assert diagnose(start + docker(WRONG_KEY, "worker-1")).standing[0].key == "scheme"


CANARY = "Xq7canaryKEYvalue0123456"
PASTED = (
    f"EMAIL_URL=smtp://org%2Fapp:{CANARY}@smtp.example.com:2525",
    f"EMAIL_URL='smtp://org/app:{CANARY}@smtp.example.com:2525'",
    f"ValueError: Port could not be cast to integer value as '{CANARY}'",
    f"ValueError: netloc 'org:{CANARY}\uff20h:25' contains invalid characters under NFKC normalization",
    f"ValueError: '{CANARY}' does not appear to be an IPv4 or IPv6 address",
    f"django.core.exceptions.ImproperlyConfigured: Set the {CANARY} environment variable EMAIL_URL",
    f"django.core.exceptions.ImproperlyConfigured: Invalid email schema {CANARY}",
    f'level=warning msg="The \\"{CANARY}\\" variable is not set. Defaulting to a blank string."',
    f'failed to read .env: line 3: unexpected character "\'" in variable name "{CANARY}"',
    f"socket.gaierror: [Errno -2] Name or service not known: {CANARY}",
    f"smtplib.SMTPAuthenticationError: (535, b'5.7.8 {CANARY} is wrong')",
    f"smtplib.SMTPConnectError: (554, b'{CANARY}')",
    f"smtplib.SMTPSenderRefused: (553, b'{CANARY}', '{CANARY}')",
    f"=> 535 Invalid credential {CANARY}",
    f"Authentication failure for 10.0.0.7 (no server found matching {CANARY})",
    f"<= AUTH PLAIN {CANARY}\n=> 535 Invalid credential",
    f"Recipient ({CANARY}) is on the suppression list",
    f"Folder with path '/{CANARY}' in environment with slug 'prod' not found",
)


@pytest.mark.parametrize("line", PASTED)
def test_a_secret_in_the_text_never_comes_back(line: str) -> None:
    for text in (line, f"{line}\n{WRONG_KEY}", docker(f"{line}\n{WRONG_KEY}{line}"), f"{WRONG_KEY}{line}"):
        found = diagnose(text)
        assert "canary" not in as_text(found)
        assert "canary" not in repr(as_json(found))
        assert "canary" not in repr(found)


def test_some_of_the_lines_with_a_secret_are_recognised() -> None:
    assert sum(bool(diagnose(line).causes) for line in PASTED) >= 14


FRAGMENTS = st.sampled_from(
    [*WRONG_KEY.splitlines(), *PASTED, "\x1b[31m", "\x9b", "\x00", "\u202e", "web-1 | ", "Traceback (most recent call last):",
     "During handling of the above exception, another exception occurred:", "235 Granted for a/b", '  File "x"', "{address}", "{",
     "smtplib.SMTPRecipientsRefused: {'\x1b[2J@x.y': (535, b'')}", "not valid for '\u202e'", "socket.timeout", "TimeoutError"]
)  # fmt: skip


@settings(max_examples=examples(400), deadline=None)
@given(
    st.lists(st.one_of(FRAGMENTS, st.text(max_size=40)), max_size=30), st.sampled_from(["\n", "\r\n", " ", "\\n", "| "])
)
def test_any_text_gives_an_answer_without_a_control_character(parts: list[str], between: str) -> None:
    found = diagnose(between.join(parts))
    shown = as_text(found)
    assert not [c for c in shown if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}]
    assert "canary" not in shown
    for block in re.split(r"\n\n(?=\d+  |Excluded)", shown):
        if not block.startswith("Excluded"):
            assert len(block) <= 600


def test_a_failure_in_the_midst_of_a_long_log_is_found_where_its_ends_tell_nothing() -> None:
    noise = NOISE * (3_000_000 // len(NOISE))
    assert diagnose(noise + docker(WRONG_KEY) + noise).standing[0].key == "wrong-key"
