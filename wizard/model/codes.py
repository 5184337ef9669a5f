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
    GIT_TRACKED = "git.tracked"
    GIT_IGNORED = "git.ignored"
    GIT_NOT_IGNORED = "git.not_ignored"
    GIT_UNKNOWN = "git.unknown"
    GIT_NOT_APPLICABLE = "git.not_applicable"
    """There is no repository around the file."""

    # container
    CONTAINER_EQUAL = "container.equal"
    CONTAINER_NO_EMAIL_URL = "container.no_email_url"
    CONTAINER_URL_FILE_IGNORED = "container.url_file_ignored"
    CONTAINER_URL_FILE_UNREADABLE = "container.url_file_unreadable"
    CONTAINER_URL_UNREADABLE = "container.url_unreadable"
    CONTAINER_SENDS_NOTHING = "container.sends_nothing"
    CONTAINER_OTHER_KEY = "container.other_key"
    CONTAINER_OTHER_SERVER = "container.other_server"
    CONTAINER_OTHER_USER = "container.other_user"
    CONTAINER_OTHER_TLS = "container.other_tls"
    CONTAINER_NO_FROM = "container.no_from"
    CONTAINER_OTHER_FROM = "container.other_from"
    CONTAINER_FROM_LINE_BREAK = "container.from_line_break"
    CONTAINER_NO_ADDRESS = "container.no_address"
    CONTAINER_NO_CONNECTION = "container.no_connection"
    CONTAINER_NO_GREETING = "container.no_greeting"
    CONTAINER_RESTARTING = "container.restarting"
    CONTAINER_EXITED = "container.exited"
    CONTAINER_PAUSED = "container.paused"
    CONTAINER_WORKER_DOWN = "container.worker_down"
    CONTAINER_NOT_IN_TIME = "container.not_in_time"
    CONTAINER_NO_PYTHON = "container.no_python"
    CONTAINER_NO_ANSWER = "container.no_answer"
    CONTAINER_DOCKER_SILENT = "container.docker_silent"
    CONTAINER_NOT_APPLICABLE = "container.not_applicable"
    CONTAINER_NO_ACCESS = "container.no_access"
    CONTAINER_BEFORE_WRITING = "container.before_writing"
    CONTAINER_BEFORE_RESTART = "container.before_restart"
    CONTAINER_NO_VALUE = "container.no_value"

    # inside
    INSIDE_ACCEPTED = "inside.accepted"
    INSIDE_FAILED = "inside.failed"
    INSIDE_DOWN = "inside.down"
    INSIDE_OTHER_SETTINGS = "inside.other_settings"
    INSIDE_SENDS_NOTHING = "inside.sends_nothing"
    INSIDE_NOT_IN_TIME = "inside.not_in_time"
    INSIDE_NO_ANSWER = "inside.no_answer"
    INSIDE_DOCKER_SILENT = "inside.docker_silent"
    INSIDE_NOT_APPLICABLE = "inside.not_applicable"
    INSIDE_NO_ACCESS = "inside.no_access"
    INSIDE_BEFORE_WRITING = "inside.before_writing"
    INSIDE_BEFORE_RESTART = "inside.before_restart"
    INSIDE_NO_VALUE = "inside.no_value"

    # flow

    # domain
    DOMAIN_EXISTS = "domain.exists"
    DOMAIN_NOT_FOUND = "domain.not_found"
    DOMAIN_CNAME_LOOP = "domain.cname_loop"
    DOMAIN_INVALID_NAME = "domain.invalid_name"
    DOMAIN_LOOKUP_FAILED = "domain.lookup_failed"
    DOMAIN_NO_VALUE = "domain.no_value"

    # ownership
    OWNERSHIP_PUBLISHED = "ownership.published"
    OWNERSHIP_STALE = "ownership.stale"
    OWNERSHIP_NOT_EVERYWHERE = "ownership.not_everywhere"
    OWNERSHIP_ABSENT = "ownership.absent"
    OWNERSHIP_MISPLACED = "ownership.misplaced"
    OWNERSHIP_ANOTHER = "ownership.another"
    OWNERSHIP_ALTERED = "ownership.altered"
    OWNERSHIP_LOOKUP_FAILED = "ownership.lookup_failed"
    OWNERSHIP_NO_VALUE = "ownership.no_value"

    # spf_from
    SPF_FROM_AUTHORISED = "spf_from.authorised"
    SPF_FROM_STALE = "spf_from.stale"
    SPF_FROM_NOT_EVERYWHERE = "spf_from.not_everywhere"
    SPF_FROM_ABSENT = "spf_from.absent"
    SPF_FROM_DOUBLED_NAME = "spf_from.doubled_name"
    SPF_FROM_MALFORMED = "spf_from.malformed"
    SPF_FROM_NOT_AUTHORISED = "spf_from.not_authorised"
    SPF_FROM_NEAR_TERM_LIMIT = "spf_from.near_term_limit"
    SPF_FROM_NEAR_VOID_LIMIT = "spf_from.near_void_limit"
    SPF_FROM_NEUTRAL_ALL = "spf_from.neutral_all"
    SPF_FROM_PERMERROR = "spf_from.permerror"
    SPF_FROM_SEVERAL = "spf_from.several"
    SPF_FROM_OPEN_TO_ALL = "spf_from.open_to_all"
    SPF_FROM_POSTAL_DEFAULTS = "spf_from.postal_defaults"
    SPF_FROM_NO_DOMAIN = "spf_from.no_domain"
    SPF_FROM_LOOKUP_FAILED = "spf_from.lookup_failed"
    SPF_FROM_NO_VALUE = "spf_from.no_value"

    # spf_mailfrom
    SPF_MAILFROM_AUTHORISED = "spf_mailfrom.authorised"
    SPF_MAILFROM_NONE = "spf_mailfrom.none"
    SPF_MAILFROM_NOT_AUTHORISED = "spf_mailfrom.not_authorised"
    SPF_MAILFROM_PERMERROR = "spf_mailfrom.permerror"
    SPF_MAILFROM_POSTAL_DEFAULTS = "spf_mailfrom.postal_defaults"
    SPF_MAILFROM_LOOKUP_FAILED = "spf_mailfrom.lookup_failed"
    SPF_MAILFROM_NO_VALUE = "spf_mailfrom.no_value"
    SPF_MAILFROM_NOT_APPLICABLE = "spf_mailfrom.not_applicable"

    # dkim
    DKIM_EQUAL = "dkim.equal"
    DKIM_STALE = "dkim.stale"
    DKIM_NOT_EVERYWHERE = "dkim.not_everywhere"
    DKIM_TESTING = "dkim.testing"
    DKIM_MISSING = "dkim.missing"
    DKIM_DOUBLED_NAME = "dkim.doubled_name"
    DKIM_WILDCARD = "dkim.wildcard"
    DKIM_CNAME_LOOP = "dkim.cname_loop"
    DKIM_SEVERAL = "dkim.several"
    DKIM_QUOTES_TYPED = "dkim.quotes_typed"
    DKIM_BACKSLASHES_TYPED = "dkim.backslashes_typed"
    DKIM_LEADING_BLANK = "dkim.leading_blank"
    DKIM_MALFORMED = "dkim.malformed"
    DKIM_TAG_TWICE = "dkim.tag_twice"
    DKIM_WRONG_VERSION = "dkim.wrong_version"
    DKIM_WRONG_TYPE = "dkim.wrong_type"
    DKIM_WRONG_HASH = "dkim.wrong_hash"
    DKIM_WRONG_SERVICE = "dkim.wrong_service"
    DKIM_NO_KEY = "dkim.no_key"
    DKIM_REVOKED = "dkim.revoked"
    DKIM_NOT_BASE64 = "dkim.not_base64"
    DKIM_BROKEN = "dkim.broken"
    DKIM_TOO_SHORT = "dkim.too_short"
    DKIM_OTHER_KEY = "dkim.other_key"
    DKIM_PASTED_UNUSABLE = "dkim.pasted_unusable"
    DKIM_NO_DOMAIN = "dkim.no_domain"
    DKIM_LOOKUP_FAILED = "dkim.lookup_failed"
    DKIM_NO_VALUE = "dkim.no_value"

    # dmarc
    DMARC_ENFORCED = "dmarc.enforced"
    DMARC_STALE = "dmarc.stale"
    DMARC_NOT_EVERYWHERE = "dmarc.not_everywhere"
    DMARC_ABSENT = "dmarc.absent"
    DMARC_DOUBLED_NAME = "dmarc.doubled_name"
    DMARC_MALFORMED = "dmarc.malformed"
    DMARC_NOT_ENFORCED = "dmarc.not_enforced"
    DMARC_WEAK_SUBDOMAINS = "dmarc.weak_subdomains"
    DMARC_TESTING = "dmarc.testing"
    DMARC_PARTIAL = "dmarc.partial"
    DMARC_TAG_TWICE = "dmarc.tag_twice"
    DMARC_LOST_ADDRESS = "dmarc.lost_address"
    DMARC_NO_REPORTS = "dmarc.no_reports"
    DMARC_NO_CONSENT = "dmarc.no_consent"
    DMARC_SEVERAL = "dmarc.several"
    DMARC_UNUSABLE = "dmarc.unusable"
    DMARC_NO_DOMAIN = "dmarc.no_domain"
    DMARC_LOOKUP_FAILED = "dmarc.lookup_failed"
    DMARC_NO_VALUE = "dmarc.no_value"

    # alignment
    ALIGNMENT_ALIGNED = "alignment.aligned"
    ALIGNMENT_EITHER_WAY = "alignment.either_way"
    ALIGNMENT_SPF_ONLY = "alignment.spf_only"
    ALIGNMENT_PRESS_CHECK = "alignment.press_check"
    ALIGNMENT_SERVERS_DISAGREE = "alignment.servers_disagree"
    ALIGNMENT_NEVER_CHECKED = "alignment.never_checked"
    ALIGNMENT_STORED_OUTDATED = "alignment.stored_outdated"
    ALIGNMENT_NEITHER = "alignment.neither"
    ALIGNMENT_NO_DOMAIN = "alignment.no_domain"
    ALIGNMENT_LOOKUP_FAILED = "alignment.lookup_failed"
    ALIGNMENT_NO_VALUE = "alignment.no_value"

    # return_path
    RETURN_PATH_PUBLISHED = "return_path.published"
    RETURN_PATH_STALE = "return_path.stale"
    RETURN_PATH_NOT_EVERYWHERE = "return_path.not_everywhere"
    RETURN_PATH_ABSENT = "return_path.absent"
    RETURN_PATH_DOUBLED_NAME = "return_path.doubled_name"
    RETURN_PATH_WILDCARD = "return_path.wildcard"
    RETURN_PATH_TWO_HOPS = "return_path.two_hops"
    RETURN_PATH_OWN_RECORDS = "return_path.own_records"
    RETURN_PATH_ELSEWHERE = "return_path.elsewhere"
    RETURN_PATH_SEVERAL = "return_path.several"
    RETURN_PATH_CNAME_LOOP = "return_path.cname_loop"
    RETURN_PATH_DANGLING = "return_path.dangling"
    RETURN_PATH_BARE_ADDRESS = "return_path.bare_address"
    RETURN_PATH_TARGET_MISSING = "return_path.target_missing"
    RETURN_PATH_TARGET_LOOP = "return_path.target_loop"
    RETURN_PATH_POSTAL_DEFAULTS = "return_path.postal_defaults"
    RETURN_PATH_NO_DOMAIN = "return_path.no_domain"
    RETURN_PATH_LOOKUP_FAILED = "return_path.lookup_failed"
    RETURN_PATH_NO_VALUE = "return_path.no_value"

    # rp_mx
    RP_MX_REACHABLE = "rp_mx.reachable"
    RP_MX_IMPLICIT = "rp_mx.implicit"
    RP_MX_NULL_MX = "rp_mx.null_mx"
    RP_MX_DEAD_HOSTS = "rp_mx.dead_hosts"
    RP_MX_NOWHERE = "rp_mx.nowhere"
    RP_MX_POSTAL_DEFAULTS = "rp_mx.postal_defaults"
    RP_MX_LOOKUP_FAILED = "rp_mx.lookup_failed"
    RP_MX_NO_VALUE = "rp_mx.no_value"
    RP_MX_NOT_APPLICABLE = "rp_mx.not_applicable"

    # mx
    MX_RECEIVES = "mx.receives"
    MX_ABSENT = "mx.absent"
    MX_NULL_MX = "mx.null_mx"
    MX_PARTLY_WRONG = "mx.partly_wrong"
    MX_DEAD_HOSTS = "mx.dead_hosts"
    MX_CNAME_LOOP = "mx.cname_loop"
    MX_NO_DOMAIN = "mx.no_domain"
    MX_LOOKUP_FAILED = "mx.lookup_failed"
    MX_NO_VALUE = "mx.no_value"

    # ptr
    PTR_CONFIRMED = "ptr.confirmed"
    PTR_OTHER_NAME = "ptr.other_name"
    PTR_MISSING = "ptr.missing"
    PTR_UNCONFIRMED = "ptr.unconfirmed"
    PTR_LOOKUP_FAILED = "ptr.lookup_failed"
    PTR_NO_VALUE = "ptr.no_value"

    # postal_view
    POSTAL_VIEW_ALL_OK = "postal_view.all_ok"
    POSTAL_VIEW_PRESS_CHECK = "postal_view.press_check"
    POSTAL_VIEW_PRESS_AGAIN = "postal_view.press_again"
    POSTAL_VIEW_WILL_OBJECT = "postal_view.will_object"
    POSTAL_VIEW_OBJECTS = "postal_view.objects"
    POSTAL_VIEW_WILL_CHANGE = "postal_view.will_change"
    POSTAL_VIEW_POSTAL_DEFAULTS = "postal_view.postal_defaults"
    POSTAL_VIEW_LOOKUP_FAILED = "postal_view.lookup_failed"
    POSTAL_VIEW_NO_VALUE = "postal_view.no_value"

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
