"""What `url explain` warns of though GlitchTip reads it: each kind in several spellings, and what is no oddity."""

from __future__ import annotations

import pytest

from tests.watch import Watch
from wizard.email_url import explain

KEY = "Ab3dEf6hIj9kLm2nOp5qRs8t"
GOOD = f"smtp://shop%2Fapps:{KEY}@smtp.postal.example:25"


def warnings(url: str) -> str:
    """Return the warnings as one text, after making sure that GlitchTip takes the URL."""
    explanation = explain.explain(url)
    assert explanation.glitchtip_ok, explanation.problems
    assert all(problem.remedy for problem in explanation.problems)
    return "\n".join(problem.sentence for problem in explanation.problems if problem.severity == "warn")


def test_a_good_one_has_no_warning() -> None:
    assert explain.explain(GOOD).problems == ()
    assert explain.explain_text(explain.explain(GOOD))[-1] == "GlitchTip reads it as intended."


def test_the_last_line_points_to_the_warnings() -> None:
    lines = explain.explain_text(explain.explain(GOOD.replace(":25", ":465")))
    assert lines[-1] == "GlitchTip reads it as intended. Read the warnings."


@pytest.mark.parametrize(
    ("behind", "scheme"),
    [
        ("http://smtp.postal.example:25", "http"),
        ("https://smtp.postal.example", "https"),
        ("smtp://smtp.postal.example:2525", "smtp"),
        ("HTTPS://smtp.postal.example/", "HTTPS"),
        ("http:/smtp.postal.example", "http"),
        ("tcp://10.0.0.5:25", "tcp"),
    ],
)
def test_a_host_that_was_pasted_with_its_scheme_fails(behind: str, scheme: str) -> None:
    explanation = explain.explain(f"smtp://shop%2Fapps:{KEY}@{behind}")
    assert not explanation.glitchtip_ok
    (wrong,) = [problem for problem in explanation.problems if problem.severity == "fail"]
    assert f"'{scheme}'" in wrong.sentence
    assert f"{scheme}://" in wrong.remedy


@pytest.mark.parametrize("user", ["shop%2Fapps@", "shop%2Fapps%40", "glitchtip@", "me@example.net@", "apikey@"])
def test_a_user_name_that_ends_with_an_at_is_odd(user: str) -> None:
    assert "ends with @" in warnings(f"smtp://{user}:{KEY}@smtp.postal.example:25")


@pytest.mark.parametrize("tail", ["/", "/inbox", "/?x=1", "#main", "/#", "/a/b"])
def test_what_stands_behind_the_port_is_odd(tail: str) -> None:
    assert "follows host and port" in warnings(GOOD + tail)


@pytest.mark.parametrize("host", ["smtp.postal.example", "10.0.4.7", "[fd00::7]", "localhost", "postal"])
def test_plain_smtp_on_465_is_odd(host: str) -> None:
    assert "465 begins with TLS" in warnings(f"smtp://shop%2Fapps:{KEY}@{host}:465")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST", "smtp.localhost", "127.0.1.1"])
def test_loopback_is_odd(host: str) -> None:
    assert "own container" in warnings(f"smtp://shop%2Fapps:{KEY}@{host}:25")


@pytest.mark.parametrize(
    "key",
    ["YOUR_PASSWORD", "your-key-here", "PASSWORD", "changeme", "change_me", "xxxxxxxx", "***", "%3Cpassword%3E", "KEY",
     "smtp_password", "your_smtp_api_key", "replace-this", "TODO", "%7B%7Bkey%7D%7D", "..."],
)  # fmt: skip
def test_a_placeholder_for_the_key_is_odd(key: str) -> None:
    assert "placeholder instead of the key" in warnings(f"smtp://shop%2Fapps:{key}@smtp.postal.example:25")


@pytest.mark.parametrize(
    "user", ["USERNAME", "your_user", "user", "%3Cuser%3E", "your-smtp-username", "my_login", "user@"]
)
def test_a_placeholder_for_the_user_name_is_odd(user: str) -> None:
    assert "instead of the user name" in warnings(f"smtp://{user}:{KEY}@smtp.postal.example:25")


@pytest.mark.parametrize(
    "host", ["HOST", "your-host", "smtp.yourdomain.com", "your.smtp.server", "mail.my-company.com"]
)
def test_a_placeholder_for_the_host_is_odd(host: str) -> None:
    assert "instead of the host" in warnings(f"smtp://shop%2Fapps:{KEY}@{host}:25")


@pytest.mark.parametrize("key", [KEY[:-1], KEY + "A", "short1", KEY * 2, "a" * 64])
def test_a_key_of_another_length_is_odd_and_its_length_is_told(key: str) -> None:
    assert f"has {len(key)} characters" in warnings(f"smtp://shop%2Fapps:{key}@smtp.postal.example:25")


def test_a_key_with_other_characters_is_odd() -> None:
    assert "other characters" in warnings(f"smtp://shop%2Fapps:{KEY[:-1]}-@smtp.postal.example:25")


@pytest.mark.parametrize(
    "url",
    [
        GOOD.replace("smtp.postal.example", "postal-server"),
        GOOD.replace("smtp.postal.example", "mailhost.example"),
        GOOD.replace("shop%2Fapps", "keystone%2Fusers"),
        GOOD.replace("shop%2Fapps", "passwords%2Fkeys"),
        GOOD.replace("smtp.postal.example", "[fd00::7]"),
        GOOD.replace(":25", ":2525"),
        GOOD.replace(":25", ":587"),
    ],
)
def test_what_only_looks_alike_is_not_odd(url: str) -> None:
    assert warnings(url) == ""


@pytest.mark.parametrize("word", ["mail", "your_", "a", "my", "server.", "x", "api-"])
def test_no_long_value_takes_long(word: str) -> None:
    explain.explain("smtp://u:k@h:25")  # the imports are not what is measured
    for field in ("smtp://{}!:k@h:25", "smtp://u:{}!@h:25", "smtp://u:k@{}x:25"):
        for length in (10, 2_000):
            watch = Watch()
            explain.explain(field.format(word * length))
            assert watch.seconds < 2


def test_no_warning_quotes_a_key() -> None:
    for key in ("Sup3rS3cr3t", "YOUR_PASSWORD", "a/b"):
        for line in explain.explain_text(explain.explain(f"smtp://u:{key}@h:465/{key}")):
            assert key not in line
