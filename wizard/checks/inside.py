"""What is run inside GlitchTip's container, by its own Python, from standard input: no copy, and no ``nc``.

``PROBE`` and ``SEND`` import nothing but the standard library and, for sending, GlitchTip's own manage.py. They print
one line of JSON. A setting never leaves the container: what does is its HMAC under a key that is used once.
"""

from __future__ import annotations

from typing import Final

PROBE: Final = r"""
import hashlib, hmac, json, os, socket, sys, time

def variables():
    # The process that serves, not this one: `exec` has the environment that compose gives, the server may have more.
    for name in sorted((entry for entry in os.listdir("/proc") if entry.isdigit()), key=int):
        if int(name) == os.getpid():
            continue
        try:
            with open("/proc/%s/environ" % name, "rb") as file:
                pairs = (pair.partition(b"=") for pair in file.read().split(b"\0") if pair)
                found = {key.decode("utf-8", "replace"): value for key, _, value in pairs}
        except OSError:
            continue
        if b"python" in open("/proc/%s/cmdline" % name, "rb").read() or name == "1":
            if any(key.startswith(("EMAIL_", "DEFAULT_FROM_EMAIL")) for key in found):
                return found, "process " + name
    return {key: value.encode("utf-8", "surrogateescape") for key, value in os.environ.items()}, "exec"

def digest(value):
    return hmac.new(bytes.fromhex(asked["once"]), value, hashlib.sha256).hexdigest()

asked = json.loads(ASKED)
told = {"python": sys.version.split()[0]}
try:
    found, told["source"] = variables()
except OSError:
    found, told["source"] = {key: value.encode() for key, value in os.environ.items()}, "exec"
told["digests"] = {key: digest(found[key]) if key in found else None for key in asked["keys"]}
others = ("DEFAULT_FROM_EMAIL", "GLITCHTIP_DOMAIN")
told["names"] = sorted(key for key in found if key.startswith("EMAIL_") or key in others)
started = time.monotonic()
try:
    with socket.create_connection((asked["host"], asked["port"]), timeout=5) as peer:
        told["address"] = peer.getpeername()[0]
        peer.settimeout(5)
        told["banner"] = peer.recv(200).decode("utf-8", "replace")
        peer.sendall(b"EHLO %s\r\n" % socket.gethostname().encode("ascii", "replace"))
        told["ehlo"] = peer.recv(600).decode("utf-8", "replace")
        peer.sendall(b"QUIT\r\n")
except Exception as error:
    told["error"] = type(error).__name__
    told["errno"] = getattr(error, "errno", None)
told["seconds"] = round(time.monotonic() - started, 3)
print("POSTAL-WIZARD " + json.dumps(told))
"""
"""``ASKED`` is put in front of it as a JSON text: once (hex), keys, host, port."""

SEND: Final = ("python", "manage.py", "sendtestemail")
"""GlitchTip's own test mail (Django's command): silent and 0 where it worked, a traceback where not."""
