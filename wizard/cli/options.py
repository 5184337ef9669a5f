"""The options of a run as values: what argparse gave, typed, with the contract's defaults."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


@dataclass(frozen=True, slots=True)
class Options:
    """One command line. What a command does not take keeps its default."""

    command: str | None = None
    plain: bool = False
    # What several commands share
    answers: str | None = None
    env_file: str | None = None
    password_fd: int | None = None
    client_secret_fd: int | None = None
    postal_api_key_fd: int | None = None
    resolver: str | None = None
    authoritative_port: int = 53
    dry_run: bool = False
    theme: str = "dark"
    report: str | None = None
    json: bool = False
    # check
    only: str | None = None
    send: bool = False
    flow: bool = False
    quiet: bool = False
    watch: float | None = None
    # apply
    despite_failures: bool = False
    # url
    url_command: str | None = None
    username: str = ""
    host: str = ""
    port: str = ""
    # troubleshoot
    source: str | None = None
    # demo
    scenario: str = "good"
    list: bool = False
    serve: bool = False
    directory: str | None = None

    @classmethod
    def of(cls, parsed: argparse.Namespace) -> Options:
        """Return the options of what argparse has *parsed*; what was not given keeps its default."""
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in vars(parsed).items() if name in names and value is not None})

    @property
    def has_source(self) -> bool:
        """Whether the set-up to look at was named."""
        return self.answers is not None or self.env_file is not None
