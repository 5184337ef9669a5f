"""Single values are judged in one sentence that says what to do."""

from __future__ import annotations

import pytest

from wizard.model import validation


class TestHost:
    @pytest.mark.parametrize(
        "host",
        ["smtp.postal.example.com", " smtp.example.com ", "smtp.example.com.", "localhost", "10.0.4.7", "fd00::7",
         "[fd00::7]", "straße.example", "xn--strae-oqa.example", "a_b.example"],
    )  # fmt: skip
    def test_names_and_addresses_are_taken(self, host: str) -> None:
        assert validation.problem_with_host(host) is None

    @pytest.mark.parametrize(
        ("host", "word"),
        [("", "missing"), ("smtp://smtp.example.com", "scheme"), ("https://postal.example.com", "scheme"),
         ("smtp.example.com/path", "path"), ("smtp.example.com:2525", "port"), ("user@smtp.example.com", "@"),
         ("smtp example.com", "blank"), ("smtp.example.com\u200b", "invisible"), ("smtp..example.com", "single dots"),
         ("-a.example", "hyphens"), ("a" * 64 + ".example", "63"), ("10.0.4", "address"), ("999.1.1.1", "address"),
         ("smtp.exa\nmple.com", "more than one line")],
    )  # fmt: skip
    def test_what_is_no_host_gets_one_sentence(self, host: str, word: str) -> None:
        problem = validation.problem_with_host(host)
        assert problem is not None
        assert word in problem
        assert "\n" not in problem


class TestLoopback:
    @pytest.mark.parametrize(
        "host",
        ["localhost", "LOCALHOST.", "smtp.localhost", "127.0.0.1", "127.8.9.10", "::1", "[::1]", "::ffff:127.0.0.1",
         "0.0.0.0", "::"],
    )  # fmt: skip
    def test_what_is_the_asking_machine_itself(self, host: str) -> None:
        assert validation.is_loopback(host)

    @pytest.mark.parametrize("host", ["localhost.example", "notlocalhost", "10.0.0.1", "128.0.0.1", "::2", "", "127"])
    def test_what_is_another_one(self, host: str) -> None:
        assert not validation.is_loopback(host)


class TestPort:
    @pytest.mark.parametrize("port", ["1", "25", 2525, "65535", " 25 "])
    def test_ports_are_taken(self, port: str | int) -> None:
        assert validation.problem_with_port(port) is None

    @pytest.mark.parametrize("port", ["", None, "0", 0, "99999", "-1", "25a", "²5", "1" * 4000, "2.5"])
    def test_what_is_no_port_is_refused(self, port: str | int | None) -> None:
        assert validation.problem_with_port(port) is not None


class TestCredential:
    def test_a_pasted_line_break_is_named(self) -> None:
        assert "line break" in (validation.problem_with_key("abc\ndef") or "")

    def test_an_umlaut_is_refused(self) -> None:
        assert "ASCII" in (validation.problem_with_key("schlüssel") or "")

    def test_a_blank_inside_is_a_warning_and_no_problem(self) -> None:
        assert validation.problem_with_key("abc def") is None
        assert validation.warning_about_key("abc def") is not None

    def test_no_sentence_quotes_the_key(self) -> None:
        for key in ("top\nsecret", "töpsecret", "top\x00secret", "top secret"):
            for sentence in (validation.problem_with_key(key), validation.warning_about_key(key)):
                assert "secret" not in (sentence or "")
