"""The exceptions that are known: class and message -> sign (glitchtip.md 6, reproduced with Django 5.2).

Texts of older Pythons and Djangos are listed beside the new ones: Python 2's ``error(99, ...)`` and ``u''``, Windows'
numbers, ``socket.timeout``, django-environ before 0.9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from wizard.diagnosis.model import Weight

About: TypeAlias = Literal["mail", "settings", "url", "timeout", "any"]
"""What the traceback must be about: smtplib, the reading of EMAIL_*, of EMAIL_URL or EMAIL_TIMEOUT alone, or whatever
(the text alone is enough)."""


@dataclass(frozen=True, slots=True)
class Row:
    """An exception with a meaning."""

    sign: str
    kinds: str
    """Regular expression over the class name."""
    message: str
    """Regular expression searched in the message; its named groups become facts."""
    about: About = "any"
    weight: Weight = "failure"


_NET: Final = "OSError|error|Connection(?:Refused|Reset|Aborted)?Error|TimeoutError|BrokenPipeError"
_CERT: Final = "SSLCertVerificationError|SSLError|CertificateError"
_TEXT: Final = r"[bu]?['\"](?:\d\.\d{1,3}\.\d{1,3} )?"
"""How a reply's text begins in an exception; Postal sends no enhanced code, and some build of it may."""

_ANY_REPLY: Final = "SMTPRecipientsRefused|SMTPSenderRefused|SMTPDataError"
POSTAL: Final[tuple[Row, ...]] = (
    Row("auth-535-postal", "SMTPAuthenticationError", rf"\((?P<code>535), {_TEXT}Invalid credential"),
    Row("auth-535-cram", "SMTPAuthenticationError", rf"\((?P<code>535), {_TEXT}Denied"),
    Row("auth-535-protocol", "SMTPAuthenticationError", rf"\((?P<code>535), {_TEXT}Authenticated failed - protocol"),
    Row("rcpt-suspended", _ANY_REPLY, rf"\((?P<code>535), {_TEXT}Mail server has been suspended"),
    Row("rcpt-token", _ANY_REPLY, rf"\((?P<code>550), {_TEXT}Invalid (?:server|route) token"),
    Row("rcpt-route", _ANY_REPLY, rf"\((?P<code>550), {_TEXT}Route does not accept"),
    Row("data-from", _ANY_REPLY, rf"\((?P<code>530), {_TEXT}From/Sender name is not valid"),
    Row("data-loop", _ANY_REPLY, rf"\((?P<code>55\d), {_TEXT}Loop detected"),
    Row("rcpt-530", "SMTPRecipientsRefused", rf"\((?P<code>530), {_TEXT}Authentication required['\"]"),
    Row("reused", _ANY_REPLY, rf"\((?P<code>503), {_TEXT}EHLO/HELO first please"),
    Row("peer-proxy", "SMTPConnectError", r"\((?P<code>502), .{0,40}Proxy Error"),
)
"""Postal's own replies: nobody else has these words, at whatever step a client or a relay in between shows them."""

ROWS: Final[tuple[Row, ...]] = (
    # --- the settings: nothing starts ---------------------------------------------------------------------------------
    Row("both-tls", "ValueError", r"EMAIL_USE_TLS/EMAIL_USE_SSL are mutually exclusive"),
    Row("scheme-empty", "ImproperlyConfigured", r"^Invalid email schema\s*(?:['\"].*)?$", weight="root"),
    Row(
        "scheme",
        "ImproperlyConfigured",
        r"^Invalid email schema \S",
        weight="root",
    ),
    Row("port-tail", "ValueError", r"^Port could not be cast to integer value as ['\"]\d{1,5}\s", "settings", "root"),
    Row("port-cast", "ValueError", r"^Port could not be cast to integer value as", "settings", "root"),
    Row("port-range", "ValueError", r"^Port out of range 0-65535", "settings", "root"),
    Row("ipv6-url", "ValueError", r"^Invalid IPv6 URL", "settings", "root"),
    Row(
        "ipv6-url", "ValueError",
        r"does not appear to be an IPv4 or IPv6 address|address cannot be in brackets|IPvFuture address is invalid",
        "settings", "root",
    ),
    Row("nfkc", "ValueError", r"contains invalid characters under NFKC normalization", "settings", "root"),
    Row("unset-url", "ImproperlyConfigured", r"^Set the EMAIL_URL environment variable", weight="root"),
    Row("unset-url", "KeyError", r"^['\"]EMAIL_URL['\"]$", weight="root"),
    Row("dollar", "ImproperlyConfigured", r"^Set the .* environment variable", "settings", "root"),
    Row("dollar", "AttributeError", r"object has no attribute", "settings", "root"),
    Row("port-cast", "ValueError", r"^invalid literal for int\(\) with base 10", "url", "root"),
    Row("timeout-word", "ValueError", r"^invalid literal for int\(\) with base 10", "timeout", "root"),
    Row("domain-scheme", "ImproperlyConfigured", r"GLITCHTIP_(?:DOMAIN|URL)|APP_URL", weight="root"),
    Row("no-celery", "ModuleNotFoundError|ImportError", r"^No module named ['\"]?celery['\"]?$", weight="root"),
    Row("mailers", "ImproperlyConfigured|InvalidMailer", r"MAILERS|[Mm]ailer", weight="root"),
    # --- the login and what follows -----------------------------------------------------------------------------------
    Row("auth-tls-first", "SMTPAuthenticationError", r"\((?P<code>530|538|523),|\((?P<weak>534), .*(?:TLS|[Ee]ncrypt)"),
    Row("auth-later", "SMTPAuthenticationError", r"\((?P<code>4\d\d),"),
    Row("auth-absent", "SMTPAuthenticationError", r"\((?P<code>503), .{0,60}not (?:enabled|available)"),
    Row("auth-mechanism", "SMTPAuthenticationError", r"\((?P<code>504),"),
    Row("auth-535-other", "SMTPAuthenticationError", r"\((?P<code>5\d\d),"),
    Row("utf8-address", "SMTPNotSupportedError", r"SMTPUTF8"),
    Row("auth-absent", "SMTPNotSupportedError", r"AUTH extension not supported"),
    Row("auth-mechanism", "SMTPException", r"No suitable authentication method found"),
    Row("starttls-absent", "SMTPNotSupportedError", r"STARTTLS extension not supported"),
    Row("mail-530", "SMTPRecipientsRefused", r"\((?P<code>530),"),
    Row("rcpt-malformed", "SMTPRecipientsRefused", r"\((?P<code>501),"),
    Row("rcpt-later", "SMTPRecipientsRefused", r"\((?P<code>4\d\d),"),
    Row("rcpt-unknown", "SMTPRecipientsRefused", r"\((?P<code>5\d\d),"),
    Row("mail-530", "SMTPSenderRefused", r"^\(+(?P<code>530),"),
    Row("mail-malformed", "SMTPSenderRefused", r"^\(+(?P<code>501|555),"),
    Row("mail-later", "SMTPSenderRefused", r"^\(+(?P<code>4\d\d),"),
    Row("mail-refused", "SMTPSenderRefused", r"^\(+(?P<code>5\d\d),"),
    Row("data-order", "SMTPDataError", r"\((?P<code>503),"),
    Row("data-later", "SMTPDataError", r"\((?P<code>4\d\d),"),
    Row("data-refused", "SMTPDataError", r"\((?P<code>5\d\d),"),
    Row("banner-later", "SMTPHeloError", r"\((?P<code>4\d\d),"),
    Row("banner-refused", "SMTPHeloError", r"\((?P<code>554|521),"),  # no service for this client (RFC 5321 4.2.4.2)
    Row("ehlo", "SMTPHeloError", r"\((?P<code>5\d\d),"),
    # --- the connection -----------------------------------------------------------------------------------------------
    Row("peer-ssh", "SMTPConnectError", r"\(-1, .*OpenSSH|\(-1, .*2\.0-"),
    Row("peer-http", "SMTPConnectError", r"\(-1, .*(?:/1\.[01] |HTTP|<html|DOCTYPE)"),
    Row("peer-other", "SMTPConnectError", r"\(-1,"),
    Row("banner-later", "SMTPConnectError", r"\((?P<code>4\d\d),"),
    Row("banner-refused", "SMTPConnectError", r"\((?P<code>5\d\d),"),
    Row("peer-other", "SMTPResponseException", r"\(500, .*[Ll]ine too long"),
    Row("starttls-refused", "SMTPResponseException", r"\((?P<code>\d{3}),"),
    Row("no-host", "SMTPServerDisconnected", r"please run connect\(\) first"),
    Row("read-timeout", "SMTPServerDisconnected", r"timed out|[Tt]imeout"),
    Row(
        "reset", "SMTPServerDisconnected",
        r"\[Errno 104\]|Connection reset|Broken pipe|\[Errno 32\]|\[WinError 1005[34]\]|forcibly closed",
    ),
    Row("closed", "SMTPServerDisconnected", r"unexpectedly closed|not connected"),
    Row("refused", _NET, r"\[(?:Errno (?:111|61)|WinError 10061)\]|\b111, |[Cc]onnection refused", "mail"),
    Row(
        "no-local-address", _NET,
        r"\[Errno (?:99|101|97|49)\]|\b(?:99|101|97), |assign requested address|[Nn]etwork is unreachable"
        r"|Address family not supported|\[WinError 10051\]",
        "mail",
    ),
    Row("no-route", _NET, r"\[Errno (?:113|112)\]|\b(?:113|112), |unreachable|No route to host", "mail"),
    Row(
        "forbidden", "OSError|PermissionError",
        r"\[Errno (?:1|13)\] (?:Permission denied|Operation not permitted)\W{0,4}$", "mail",
    ),
    Row(
        "reset", _NET,
        r"\[Errno (?:104|103|32)\]|\[WinError 1005[34]\]|\b104, |Connection reset|Broken pipe|forcibly closed", "mail",
    ),
    Row("tls-silent", "TimeoutError|SSLError", r"handshake operation timed out", "mail"),
    Row("read-timeout", "TimeoutError|SSLError", r"(?:read|write) operation timed out", "mail"),
    Row("connect-timeout", _NET, r"timed out|\[Errno 110\]|\[WinError 10060\]|\b110, ", "mail"),
    Row("connect-timeout", "TimeoutError", r"^(?:\(\))?$", "mail"),
    Row("dns-unknown", "gaierror", r"-2\b|11001\b|Name or service not known|nodename nor servname", "mail"),
    Row("dns-address", "gaierror", r"-5\b|No address associated", "mail"),
    Row("dns-server", "gaierror", r"-3\b|-4\b|Temporary failure|Non-recoverable", "mail"),
    Row("dns-service", "gaierror", r"-8\b|Servname not supported", "mail"),
    Row("bad-host", "UnicodeError|UnicodeEncodeError", r"\bidna\b|^label (?:empty|too long)", "mail"),
    Row("no-host", "ValueError", r"^server_hostname cannot be", "mail"),
    Row("ascii", "UnicodeEncodeError", r"'ascii' codec can.t encode|^\('ascii', ", "mail"),
    # --- TLS ----------------------------------------------------------------------------------------------------------
    Row("cert-expired", _CERT, r"certificate has expired", "mail"),
    Row("cert-early", _CERT, r"certificate is not yet valid", "mail"),
    Row("cert-name", _CERT, r"[Hh]ostname mismatch|doesn't match", "mail"),
    Row("tls-unknown-name", "SSLError", r"UNRECOGNIZED_NAME|unrecognized name", "mail"),
    Row("cert-address", _CERT, r"IP address mismatch", "mail"),
    Row("cert-chain", _CERT, r"self[- ]signed certificate in certificate chain", "mail"),
    Row("cert-self-signed", _CERT, r"self[- ]signed certificate", "mail"),
    Row("cert-issuer", _CERT, r"unable to (?:get (?:local )?issuer|verify the first) certificate", "mail"),
    Row(
        "cert-strict",
        _CERT,
        r"Missing (?:Authority|Subject) Key Identifier|CA cert|Basic Constraints|key usage",
        "mail",
    ),
    Row("cert-other", _CERT, r"CERTIFICATE_VERIFY_FAILED|certificate verify failed", "mail"),
    Row(
        "ssl-on-plain",
        "SSLError",
        r"WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE|UNKNOWN_PROTOCOL|PACKET_LENGTH_TOO_LONG"
        r"|HTTP_REQUEST|wrong version number|record layer failure",
        "mail",
    ),
    Row(
        "tls-weak", "SSLError",
        r"DH_KEY_TOO_SMALL|EE_KEY_TOO_SMALL|CA_KEY_TOO_SMALL|(?:EE|CA)_MD_TOO_WEAK|(?:dh|ee|ca) key too (?:small|weak)"
        r"|md too weak|WRONG_SIGNATURE_TYPE|wrong signature type|LEGACY_SIGALG|UNSAFE_LEGACY",
        "mail",
    ),
    Row(
        "tls-version", "SSLError",
        r"UNSUPPORTED_PROTOCOL|unsupported protocol|PROTOCOL_VERSION|protocol version|NO_PROTOCOLS_AVAILABLE"
        r"|VERSION_TOO_LOW|NO_SHARED_CIPHER|no shared cipher|NO_CIPHERS_AVAILABLE",
        "mail",
    ),
    Row("tls-broken", r"SSLE\w*|SSLZeroReturnError", r"", "mail"),
    # --- what GlitchTip hands over ------------------------------------------------------------------------------------
    Row(
        "from-newline", "BadHeaderError|ValueError",
        r"newlines \(got .* for header ['\"](?P<header>[A-Za-z-]{1,20})"
        r"|^Header values may not contain (?:linefeed|newline)",
        "any",
    ),
    Row("from-empty", "ValueError|IndexError", r"^\W*Invalid address:? (?:\"\"|'')", "any"),
    Row("from-comma", "ValueError", r"^\W*Invalid address; only .* could be parsed from", "any"),
    Row("from-bad", "ValueError", r"^\W*Invalid address\b", "mail"),
    Row("old-django", "TypeError", r"unexpected keyword argument '(?:key|cert)file'"),
    Row("old-django", "AttributeError", r"^module 'ssl' has no attribute 'wrap_socket'"),
    Row("api-key-refused", "AnymailAPIError|AnymailRequestsAPIError", r"ValidServerAPIKeyNotFound|AccessDenied"),
    Row("timeout-type", "TypeError", r"'str' object cannot be interpreted as an integer", "mail"),
    Row("timeout-zero", "ValueError", r"Non-blocking socket \(timeout=0\) is not supported"),
)  # fmt: skip
"""The first row that fits counts."""
