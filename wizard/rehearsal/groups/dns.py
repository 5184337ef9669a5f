"""Scenarios of DNS: records that are missing, wrong, or not seen yet, and servers that do not answer."""

from __future__ import annotations

from typing import Final

from wizard.model.codes import DNS
from wizard.rehearsal.state import State, fix

_IN_DNS: Final = "in DNS"
_DKIM: Final = ("dkim", "postal_view", "alignment")
_SPF: Final = ("spf_from", "spf_mailfrom", "postal_view", "alignment")
_PUBLISHED: Final = fix(_IN_DNS, "The record is published as Postal shows it.", *_DKIM, zone="good")

STATES: Final = (
    State(
        "unverified",
        "The From domain is not verified in Postal: 530 From/Sender name is not valid, after the mail was sent.",
        "why Postal refuses a From only after the whole mail",
        (
            fix(
                "in DNS and in Postal",
                "The ownership record is published, and Postal has verified the domain.",
                "ownership",
                "sender",
                verified=("shop.example",),
                zone="good",
            ),
        ),
        verified=(),
        zone="unverified",
    ),
    State(
        "subdomain",
        "Only the parent of the From domain is verified: 530 From/Sender name is not valid, after the mail was sent.",
        "a subdomain is a domain of its own for Postal",
        (
            fix(
                "in Postal and in DNS",
                "Postal has errors.shop.example as a verified domain, its records are published, and the values of "
                "its page are filled in here. Sender checks them: from a later step, go back to Sender.",
                "sender",
                "from_address",
                domain=(("name", "errors.shop.example"), ("return_path", "psrp.errors.shop.example")),
                verified=("shop.example", "errors.shop.example"),
            ),
        ),
        from_="GlitchTip <glitchtip@errors.shop.example>",
    ),
    State(
        "dkim-missing",
        "The DKIM record is not published.",
        "which record to publish, and how Postal signs until then",
        (_PUBLISHED,),
        zone="dkim-missing",
    ),
    State(
        "dkim-wrong",
        "The DKIM record holds another key than Postal's.",
        "a record that is there and still wrong",
        (_PUBLISHED,),
        zone="dkim-wrong",
    ),
    State(
        "dkim-doubled",
        "The DKIM record is published under the domain written twice, as DNS panels do with a full name.",
        "the most common slip in a DNS panel",
        (_PUBLISHED,),
        zone="dkim-doubled",
    ),
    State(
        "no-spf",
        "Neither the From domain nor the return path has an SPF record.",
        "the two names whose SPF counts, and for whom",
        (fix(_IN_DNS, "Both names have an SPF record with Postal's include.", *_SPF, zone="good"),),
        zone="no-spf",
    ),
    State(
        "two-spf",
        "The From domain and the return path have two SPF records each: a permanent error.",
        "why a second SPF record breaks the first",
        (fix(_IN_DNS, "Each name has one SPF record now.", *_SPF, zone="good"),),
        zone="two-spf",
    ),
    State(
        "no-return-path",
        "The return path's CNAME is missing: Postal falls back to its own.",
        "where bounces go, and which name SPF then counts for",
        (
            fix(
                _IN_DNS,
                "The CNAME is published.",
                "return_path",
                "rp_mx",
                "spf_mailfrom",
                "alignment",
                "postal_view",
                zone="good",
            ),
        ),
        zone="no-return-path",
    ),
    State(
        "spreading",
        "The DKIM record was published a moment ago: for 30 seconds the resolver still says that it is not there.",
        "when waiting is the whole remedy",
        (
            fix(
                "",
                "The 30 seconds are over, and the resolver has forgotten the old answer.",
                *_DKIM,
                name="pretend I waited",
                zone="good",
            ),
        ),
        zone="spreading",
    ),
    State(
        "never-checked",
        "DNS is right, and nobody has pressed Check my records are correct in Postal: it signs with its fallback key, "
        "which strict DMARC refuses.",
        "why right records alone do not make Postal sign with them",
        (
            fix(
                "in Postal",
                "Postal has checked its records, and the page of the domain is taken again here.",
                *_DKIM,
                domain=(("checked_in_postal", True),),
                never_checked=False,
            ),
        ),
        never_checked=True,
        strict=True,
    ),
    State(
        "dns-slow",
        "Every DNS answer takes a second.",
        "slow answers are answers",
        dns_delay=1.0,
    ),
    State(
        "resolver-silent",
        "The resolver does not answer; the authoritative servers would.",
        "what cannot be judged is not a fault of the records",
        (fix("on this host", "The resolver answers again.", *map(str, DNS), zone="good"),),
        zone="resolver-silent",
    ),
    State(
        "dns-silent",
        "No DNS server answers.",
        "unknown is neither right nor wrong",
        (fix("in the network", "The DNS servers answer again.", *map(str, DNS), zone="good"),),
        zone="silent",
    ),
)
