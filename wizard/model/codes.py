"""The ids of the checks and the codes of their outcomes: what programs match, so that any sentence can be improved.

A code is ``check.outcome``. Every outcome that a check can have is declared here, under its check; contract.md fixes
the ids, and the suffixes of a skip (``not_applicable``, ``not_reached``, ``not_asked``, ``no_access``,
``before_writing``, ``before_restart``, ``no_value``).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Check(StrEnum):
    """What is judged, in the order in which reports show it."""

    EMAIL_URL = "email_url"
    FROM_ADDRESS = "from_address"
    ENVIRONMENT = "environment"
    COMPOSE = "compose"
    GIT = "git"
    CONTAINER = "container"
    INSIDE = "inside"
    """A test mail that GlitchTip sends from inside its containers; asked for by hand alone."""
    FLOW = "flow"
    DOMAIN = "domain"
    OWNERSHIP = "ownership"
    SPF_FROM = "spf_from"
    SPF_MAILFROM = "spf_mailfrom"
    DKIM = "dkim"
    DMARC = "dmarc"
    ALIGNMENT = "alignment"
    RETURN_PATH = "return_path"
    RP_MX = "rp_mx"
    MX = "mx"
    PTR = "ptr"
    POSTAL_VIEW = "postal_view"
    RESOLVE = "resolve"
    CONNECT = "connect"
    GREETING = "greeting"
    TLS = "tls"
    AUTH = "auth"
    USERNAME = "username"
    RECIPIENT = "recipient"
    SENDER = "sender"
    ARRIVAL = "arrival"
    RECEIVED = "received"
    """What the headers of the received mail say; asked for by hand alone."""


DNS: Final = frozenset(
    {
        Check.DOMAIN, Check.OWNERSHIP, Check.SPF_FROM, Check.SPF_MAILFROM, Check.DKIM, Check.DMARC, Check.ALIGNMENT,
        Check.RETURN_PATH, Check.RP_MX, Check.MX, Check.PTR, Check.POSTAL_VIEW,
    }
)  # fmt: skip
"""The checks whose answers come from the DNS."""


class Code(StrEnum):
    """Every outcome, named after its check."""

    @property
    def check(self) -> Check:
        """The check that the outcome belongs to."""
        return Check(self.value.partition(".")[0])

    @property
    def outcome(self) -> str:
        """What stands behind the check's id."""
        return self.value.partition(".")[2]

    # email_url

    # from_address

    # environment

    # compose

    # git

    # container

    # inside

    # flow

    # domain

    # ownership

    # spf_from

    # spf_mailfrom

    # dkim

    # dmarc

    # alignment

    # return_path

    # rp_mx

    # mx

    # ptr

    # postal_view

    # resolve

    # connect

    # greeting

    # tls

    # auth

    # username

    # recipient

    # sender

    # arrival

    # received
