"""Options count before the command and behind it."""

from __future__ import annotations

import pytest

from wizard.cli import main
from wizard.cli.options import Options


@pytest.mark.parametrize("words", [["--plain", "demo"], ["demo", "--plain"]])
def test_plain_is_plain_on_either_side_of_the_rehearsal(words: list[str]) -> None:
    assert Options.of(main._parser().parse_args(words)).plain


@pytest.mark.parametrize("command", ["check", "apply", "demo", "rollback"])
def test_what_is_given_before_a_command_is_not_taken_back_by_it(command: str) -> None:
    words = ["--dry-run", "--theme", "mono", "--env-file", "other.env", command]
    options = Options.of(main._parser().parse_args(words))
    assert (options.dry_run, options.theme, options.env_file) == (True, "mono", "other.env")
    assert not options.plain
