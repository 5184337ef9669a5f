"""The process that talks to the keyring: one request as JSON on standard input, one answer on standard output.

``wizard.state.keyring`` starts it as a file of its own, without a terminal, and kills it when it does not answer. It
imports nothing of this program, and of an exception it names the class alone, for a message may hold the secret.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any, Final, NoReturn

ALLOWED: Final = (
    "keyring.backends.SecretService",
    "keyring.backends.libsecret",
    "keyring.backends.kwallet",
    "keyring.backends.macOS",
    "keyring.backends.Windows",
)
"""Modules whose backends are known to protect what they keep."""
SERVICE: Final = "postal-wizard"


def _answer(works: bool, reason: str = "", backend: str = "", value: str | None = None) -> NoReturn:
    sys.stdout.write(json.dumps({"works": works, "reason": reason, "backend": backend, "value": value}))
    sys.stdout.flush()
    os._exit(0)  # a backend's threads may hang for ever


def _allowed(backend: object) -> bool:
    module = type(backend).__module__
    return any(module == name or module.startswith(f"{name}.") for name in ALLOWED)


def _refusal(backend: Any, name: str) -> str | None:
    """Return why *backend* must not hold a secret, None where it may."""
    from keyring.backends.chainer import ChainerBackend

    if isinstance(backend, ChainerBackend):
        parts = list(backend.backends)
        if parts and all(_allowed(part) for part in parts):
            return None
        return "The keyring is a chain with a part that may keep secrets in plain text."
    if name.startswith("keyring.backends.fail."):
        return "This machine has no keyring."
    if name.startswith("keyring.backends.null."):
        return "The keyring is switched off (null): it takes a secret and keeps nothing."
    return None if _allowed(backend) else "This keyring backend is not one that is known to protect a secret."


def _do(backend: Any, name: str, request: dict[str, Any]) -> NoReturn:
    task, entry = request["do"], request.get("name", "probe")
    if task == "put":
        backend.set_password(SERVICE, entry, request["value"])
        if backend.get_password(SERVICE, entry) != request["value"]:
            _answer(False, "The keyring took the secret but did not give it back.", name)
        _answer(True, backend=name)
    value = backend.get_password(SERVICE, entry)
    if task == "forget" and value is not None:
        backend.delete_password(SERVICE, entry)
    _answer(True, backend=name, value=value if task == "get" else None)


def main() -> NoReturn:
    """Answer one request and end."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    request = json.load(sys.stdin)
    os.environ.update(request.get("choice", {}))
    packages = request.get("packages", "")
    if packages and packages not in sys.path:
        sys.path.insert(0, packages)
    try:
        import keyring

        backend = keyring.get_keyring()
    except Exception as error:
        _answer(False, f"No keyring could be loaded ({type(error).__name__}).")
    name = f"{type(backend).__module__}.{type(backend).__name__}"
    refusal = _refusal(backend, name)
    if refusal is not None:
        _answer(False, refusal, name)
    try:
        _do(backend, name, request)
    except BaseException as error:
        if type(error).__name__ == "KeyringLocked":
            _answer(False, "The keyring is locked.", name)
        _answer(False, f"The keyring failed ({type(error).__name__}).", name)


if __name__ == "__main__":
    main()
