"""Errors whose message is shown to the operator as it is."""

from __future__ import annotations


class UsageError(Exception):
    """The command line, a descriptor or a file it names is wrong; the message is one sentence, the exit code 2."""
