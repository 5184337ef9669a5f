"""Scenarios of server and port: who answers there, how it greets, and with which certificate."""

from __future__ import annotations

from typing import Final

from wizard.rehearsal.state import State, fix

_HOST: Final = "on Postal's host"
_GREETING: Final = ("greeting", "connect", "container")
_RENEWED: Final = fix(
    _HOST,
    "Postal has a certificate for this name, from a CA that this host and the containers trust.",
    "tls",
    "container",
    tls="good",
)

STATES: Final = (
    State(
        "no-tls",
        "STARTTLS is asked for and Postal has it switched off: it is not offered.",
        "nothing is ever sent in plain text instead",
        (_RENEWED,),
        starttls=True,
    ),
    State(
        "self-signed",
        "STARTTLS with a self-signed certificate: nobody trusts it.",
        "encrypted is not enough",
        (_RENEWED,),
        tls="self-signed",
        starttls=True,
    ),
    State(
        "expired",
        "STARTTLS with a certificate that has expired.",
        "a renewed certificate needs a restart",
        (_RENEWED,),
        tls="expired",
        starttls=True,
    ),
    State(
        "wrong-name",
        "STARTTLS with a certificate for another name.",
        "the name you type is the name that is checked",
        (_RENEWED,),
        tls="wrong-name",
        starttls=True,
    ),
    State(
        "proxy-protocol",
        "Postal waits for a PROXY line (proxy_protocol): there is no greeting, and every command gets 502 Proxy Error.",
        "a port that is open and says nothing",
        (fix(_HOST, "proxy_protocol is false, and Postal is restarted.", *_GREETING, greeting="postal"),),
        greeting="proxy",
    ),
    State(
        "busy",
        "The greeting is 421, the answer of a proxy in front of an overloaded Postal.",
        "a refusal that passes, and how to tell",
        (fix(_HOST, "The limit is lifted: the server takes connections again.", *_GREETING, greeting="postal"),),
        greeting="busy",
    ),
    State(
        "not-postal",
        "Another mail server answers on this port.",
        "how the first line tells Postal from others",
        (fix(_HOST, "Postal listens on this port now.", *_GREETING, greeting="postal"),),
        greeting="other",
    ),
    State(
        "localhost",
        "The host is localhost, and GlitchTip's containers have a network of their own: there it is the container.",
        "reachable from here is not reachable from GlitchTip",
        (
            fix(
                "in docker-compose.yml",
                "web and worker have network_mode: host, and the containers are recreated.",
                "resolve",
                "container",
                own_network=False,
            ),
        ),
        own_network=True,
    ),
)
