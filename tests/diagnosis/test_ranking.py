"""The order follows the evidence: findings prove and exclude, and the rest of the text weighs."""

# Each row of the tables is one case and reads best on one line:
# ruff: noqa: E501

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.diagnosis.logs import mail
from wizard.diagnosis import CAUSES, CHOICES, State, as_json, as_text, diagnose, step_of
from wizard.diagnosis.leads import LEADS
from wizard.diagnosis.model import CAUSE_WIDTH, EVIDENCE_WIDTH, REMEDY_WIDTH, Sign
from wizard.diagnosis.rank import _filled, rank
from wizard.diagnosis.repair_step import _ELSEWHERE
from wizard.model.codes import Check, Code
from wizard.model.details import Login
from wizard.model.finding import Finding, Record, Verdict
from wizard.model.flow import STEP_KEYS
from wizard.postal.server import HELD

PASS, WARN, FAIL, UNKNOWN, SKIP = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.UNKNOWN, Verdict.SKIP


def f(code: Code, verdict: Verdict, summary: str, *evidence: str) -> Finding:
    detail = Login("acme/glitchtip", "acme/glitchtip", "PLAIN") if code is Code.AUTH_GRANTED else None
    remedy = "" if verdict is PASS else "Do this."
    return Finding.of(verdict, code, "subject", summary, evidence, remedy=remedy, detail=detail)


REFUSED = mail("ConnectionRefusedError: [Errno 111] Connection refused", "_get_socket")
TIMED_OUT = mail("TimeoutError: timed out", "_get_socket")
SILENT = mail("smtplib.SMTPServerDisconnected: Connection unexpectedly closed: timed out", "connect", "getreply")
CLOSED = mail("smtplib.SMTPServerDisconnected: Connection unexpectedly closed", "connect", "getreply")
NO_NAME = mail("socket.gaierror: [Errno -2] Name or service not known", "_get_socket")
NO_TLS = mail("smtplib.SMTPNotSupportedError: STARTTLS extension not supported by server.", "starttls")
EXPIRED = mail(
    "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired",
    "starttls",
)
KEY = mail("smtplib.SMTPAuthenticationError: (535, b'Invalid credential')", "login", "auth")
OTHER = mail("smtplib.SMTPAuthenticationError: (535, b'5.7.8 Authentication failed')", "login", "auth")
SUSPENDED = mail("smtplib.SMTPRecipientsRefused: {'a@example.com': (535, b'Mail server has been suspended')}", "rcpt")
ANONYMOUS = mail("smtplib.SMTPRecipientsRefused: {'a@example.com': (530, b'Authentication required')}", "rcpt")
UNVERIFIED = mail("smtplib.SMTPDataError: (530, b'From/Sender name is not valid')", "data")

CONNECTED = f(Code.CONNECT_CONNECTED, PASS, "192.0.2.5:2525 takes connections.")
REFUSES = f(
    Code.CONNECT_REFUSED, FAIL, "192.0.2.5:2525: nothing listens there (connection refused), and no address works."
)
DROPS = f(
    Code.CONNECT_SILENT,
    FAIL,
    "192.0.2.5:2525: no answer (timed out), and no address works.",
)
UNREACHABLE = f(
    Code.CONNECT_NO_ROUTE, FAIL, "[2001:db8::1]:25: this host has no route to that network (network is unreachable)."
)
POSTAL = f(Code.GREETING_POSTAL, PASS, "Postal answers as smtp.postal.example.com, trace ABCD1234.")
POSTFIX = f(
    Code.GREETING_OTHER_SERVER, WARN, "Postfix answers, not Postal: the other checks do not use Postal's rules."
)
SSH = f(
    Code.GREETING_SSH_SERVER,
    FAIL,
    'The first words are "SSH-2.0" where 220 is wanted: an SSH server listens on this port.',
)
WEB = f(
    Code.GREETING_WEB_SERVER,
    FAIL,
    'The first words are "HTTP/1.1 400" where 220 is wanted: a web server listens on this port.',
)
PROXY = f(
    Code.GREETING_PROXY_PROTOCOL, FAIL, 'The first words are "502 Proxy Error": it expects a PROXY protocol line first.'
)
BUSY = f(
    Code.GREETING_BUSY,
    FAIL,
    'The first words are "421 too many" where 220 is wanted: it takes no connection right now.',
)
LISTED = f(
    Code.GREETING_BLOCK_LISTED, FAIL, 'The first words are "554 no" where 220 is wanted: it refuses this client.'
)
NOT_OFFERED = f(
    Code.TLS_NOT_OFFERED, FAIL, "STARTTLS was chosen, but the server does not offer it; nothing is sent in plain text."
)
TLS = f(Code.TLS_VERIFIED, PASS, "TLSv1.3: the certificate is for smtp.postal.example.com and verifies.")
GONE = f(
    Code.TLS_EXPIRED,
    FAIL,
    "The certificate for smtp.postal.example.com has expired, so GlitchTip refuses the connection.",
)
STRICT = f(
    Code.TLS_STRICT_REFUSES,
    WARN,
    "The certificate verifies here, but Python 3.13 and newer refuse it: Missing Authority Key Identifier.",
)
GRANTED = f(
    Code.AUTH_GRANTED,
    PASS,
    "Granted for acme/glitchtip: the key belongs to this mail server.",
    "235 Granted for acme/glitchtip",
)
DENIED = f(
    Code.AUTH_INVALID_CREDENTIAL,
    FAIL,
    'The answer to the login is "535 Invalid credential": no SMTP credential has this key.',
)
DENIED_CRAM = f(Code.AUTH_DENIED, FAIL, 'The answer to the login is "535 Denied": CRAM-MD5 found no mail server.')
LATER = f(Code.AUTH_TEMPORARY, UNKNOWN, 'The answer to the login is "454 later": it cannot check logins right now.')
NAME = f(
    Code.USERNAME_DENIED_FIRST,
    WARN,
    "The user name is glitchtip@app, acme/glitchtip is wanted: CRAM-MD5 is denied first.",
)
TAKEN = f(Code.RECIPIENT_ACCEPTED, PASS, "you@example.net is taken as recipient.")
HALTED = f(Code.RECIPIENT_SUSPENDED, FAIL, 'The answer to the recipient is "535 Mail server has been suspended".')
NOBODY = f(
    Code.RECIPIENT_NO_LOGIN, FAIL, 'The answer to the recipient is "530 Authentication required": nobody logged in.'
)
SENT = f(Code.SENDER_ACCEPTED, PASS, "The test mail was accepted in 0.41 s; Postal may still hold it.")
SLOW = f(Code.SENDER_ACCEPTED_SLOWLY, PASS, "The test mail was accepted in 9.41 s, but 354 came only 9.1 s after DATA.")
NOT_VALID = f(Code.SENDER_FROM_NOT_VALID, FAIL, 'The answer to the test mail is "530 From/Sender name is not valid".')
TOO_LARGE = f(
    Code.SENDER_TOO_LARGE, FAIL, 'The answer to the test mail is "552 Message too large (maximum size 14MB)".'
)
MAYBE = f(Code.SENDER_DROPPED, UNKNOWN, "No answer to the test mail: it may be queued anyway.")
NXDOMAIN = f(Code.RESOLVE_NO_SUCH_NAME, FAIL, "smtp.example.com has no address: the name does not exist.")
RESOLVED = f(Code.RESOLVE_ADDRESSES, PASS, "smtp.example.com is 192.0.2.5.")
URL_OK = f(Code.EMAIL_URL_AGREES, PASS, "Both readers agree.")
URL_BAD = f(Code.EMAIL_URL_INVALID, FAIL, "GlitchTip would take org for the host.")
CONTAINER_OK = f(Code.CONTAINER_EQUAL, PASS, "The settings are equal in web and worker.")
CONTAINER = f(Code.CONTAINER_OTHER_KEY, FAIL, "EMAIL_URL in worker differs from what was written.")
NO_URL = f(Code.CONTAINER_NO_EMAIL_URL, FAIL, "EMAIL_URL is missing in worker.")
FROM_BAD = f(Code.FROM_ADDRESS_DJANGO_DEFAULT, FAIL, "The From is webmaster@localhost.")
DKIM = f(Code.DKIM_MISSING, FAIL, "There is no record at postal-a._domainkey.example.com.")
ALIGNED = f(Code.ALIGNMENT_ALIGNED, PASS, "DKIM aligns.")
DKIM_OK = f(Code.DKIM_EQUAL, PASS, "The key is the one Postal has.")

BROKEN_URL = "ValueError: Port could not be cast to integer value as 's3cr3t'"
MUTE = f(
    Code.GREETING_SILENT,
    FAIL,
    "It took the connection, but no answer came within 7 s before it introduced itself: such a silence means "
    "TLS from the first byte, a PROXY protocol, or a blocked server; GlitchTip would wait in vain.",
)
MUTE_465 = f(
    Code.GREETING_SILENT_TLS_PORT,
    FAIL,
    "It took the connection, but no answer came: 465 is the port of TLS from the first byte.",
)

UP_TO_LOGIN = (RESOLVED, CONNECTED, POSTAL, TLS)

CASES: dict[str, tuple[str | None, tuple[Finding, ...], str, State, set[str]]] = {
    # text, findings, first cause, how sure, excluded at least
    "refused here too": (REFUSED, (RESOLVED, REFUSES), "nothing-listens", State.PROVEN, {"firewall"}),
    "refused there, open here": (REFUSED, (CONNECTED, POSTAL), "empty-url", State.POSSIBLE, {"nothing-listens"}),
    "refused there, open here, container right": (REFUSED, (CONNECTED, CONTAINER_OK), "old-environment", State.LIKELY, {"nothing-listens", "empty-url"}),
    "refused there, dropped here": (REFUSED, (DROPS,), "firewall", State.PROVEN, {"nothing-listens"}),
    "refused there, container differs": (REFUSED, (CONNECTED, CONTAINER), "old-environment", State.PROVEN, {"nothing-listens"}),
    "dropped here too": (TIMED_OUT, (DROPS,), "firewall", State.PROVEN, set()),
    "dropped there, open here": (TIMED_OUT, (CONNECTED, POSTAL), "old-environment", State.LIKELY, {"firewall", "no-route"}),
    "dropped there, refused here": (TIMED_OUT, (REFUSES,), "nothing-listens", State.PROVEN, {"firewall"}),
    "dropped there, no route here": (TIMED_OUT, (UNREACHABLE,), "no-route", State.PROVEN, set()),
    "silent, SSH here": (SILENT, (CONNECTED, SSH), "ssh-port", State.PROVEN, set()),
    "silent, web here": (SILENT, (CONNECTED, WEB), "web-port", State.PROVEN, set()),
    "silent, proxy here": (SILENT, (CONNECTED, PROXY), "proxy-protocol", State.PROVEN, set()),
    "silent, Postal here": (SILENT, (CONNECTED, POSTAL), "old-environment", State.LIKELY, {"tls-port", "proxy-protocol"}),
    "closed, busy here": (CLOSED, (CONNECTED, BUSY), "busy", State.PROVEN, set()),
    "closed, listed here": (CLOSED, (CONNECTED, LISTED), "blocked-client", State.PROVEN, set()),
    "closed, Postal here": (CLOSED, (CONNECTED, POSTAL, TAKEN), "old-environment", State.LIKELY, {"proxy-closes", "banned"}),
    "no such name here too": (NO_NAME, (NXDOMAIN,), "no-such-host", State.PROVEN, set()),
    "no such name there, URL split wrongly": (NO_NAME, (RESOLVED, URL_BAD), "user-slash", State.PROVEN, {"no-such-host"}),
    "no such name there, all right here": (NO_NAME, (RESOLVED, URL_OK), "old-environment", State.LIKELY, {"no-such-host", "user-slash"}),
    "STARTTLS not offered here either": (NO_TLS, (CONNECTED, POSTAL, NOT_OFFERED), "starttls-off", State.PROVEN, set()),
    "STARTTLS offered here": (NO_TLS, UP_TO_LOGIN, "old-environment", State.LIKELY, {"starttls-off"}),
    "expired here too": (EXPIRED, (CONNECTED, POSTAL, GONE), "cert-expired", State.PROVEN, set()),
    "renewed since": (EXPIRED, UP_TO_LOGIN, "old-environment", State.LIKELY, {"cert-expired"}),
    "key wrong here too": (KEY, (*UP_TO_LOGIN, DENIED), "wrong-key", State.PROVEN, {"not-postal"}),
    "key right here": (KEY, (*UP_TO_LOGIN, GRANTED), "old-environment", State.LIKELY, {"wrong-key", "api-key", "dollar-cut"}),
    "key right here, suspended": (KEY, (*UP_TO_LOGIN, GRANTED, HALTED), "suspended", State.PROVEN, {"wrong-key", "api-key"}),
    "key right here, From refused": (KEY, (*UP_TO_LOGIN, GRANTED, TAKEN, NOT_VALID), "from-unverified", State.PROVEN, {"wrong-key"}),
    "key right here, URL mangled": (KEY, (*UP_TO_LOGIN, GRANTED, URL_BAD), "finding-email_url", State.PROVEN, {"wrong-key"}),
    "key not known yet": (KEY, (*UP_TO_LOGIN, LATER), "auth-later", State.PROVEN, set()),
    "key refused by Postfix": (KEY, (CONNECTED, POSTFIX, DENIED), "wrong-key", State.PROVEN, set()),
    "5.7.8 and Postfix": (OTHER, (CONNECTED, POSTFIX), "not-postal", State.PROVEN, set()),
    "5.7.8 and Postal here": (OTHER, (CONNECTED, POSTAL, GRANTED), "old-environment", State.LIKELY, {"not-postal", "key-encoding"}),
    "5.7.8 and Postal refuses here": (OTHER, (CONNECTED, POSTAL, DENIED), "wrong-key", State.PROVEN, {"not-postal"}),
    "suspended here too": (SUSPENDED, (*UP_TO_LOGIN, GRANTED, HALTED), "suspended", State.PROVEN, {"wrong-key"}),
    "unsuspended since": (SUSPENDED, (*UP_TO_LOGIN, GRANTED, TAKEN), "old-environment", State.LIKELY, {"suspended", "wrong-key"}),
    "anonymous here too": (ANONYMOUS, (*UP_TO_LOGIN, NOBODY), "no-login", State.PROVEN, set()),
    "logged in here": (ANONYMOUS, (*UP_TO_LOGIN, GRANTED, TAKEN), "old-environment", State.LIKELY, {"no-login"}),
    "From refused here too": (UNVERIFIED, (*UP_TO_LOGIN, GRANTED, TAKEN, NOT_VALID), "from-unverified", State.PROVEN, {"wrong-key", "suspended"}),
    "From is the default": (UNVERIFIED, (FROM_BAD,), "from-default", State.PROVEN, set()),
    "From taken here": (UNVERIFIED, (GRANTED, TAKEN, SENT), "old-environment", State.LIKELY, {"from-unverified", "from-default"}),
    "DKIM plays no part": (UNVERIFIED, (GRANTED, NOT_VALID, ALIGNED), "from-unverified", State.PROVEN, set()),
    "login still being asked": (KEY, (RESOLVED, CONNECTED), "wrong-key", State.LIKELY, set()),
    "all skipped": (KEY, (f(Code.AUTH_NOT_REACHED, SKIP, "Not reached."),), "wrong-key", State.LIKELY, set()),
    # findings alone
    "nothing but refused": (None, (REFUSES,), "nothing-listens", State.PROVEN, set()),
    "nothing but dropped": (None, (DROPS,), "firewall", State.PROVEN, set()),
    "nothing but no route": (None, (UNREACHABLE,), "no-route", State.PROVEN, set()),
    "nothing but the name": (None, (NXDOMAIN,), "no-such-host", State.PROVEN, set()),
    "nothing but SSH": (None, (CONNECTED, SSH), "ssh-port", State.PROVEN, set()),
    "nothing but HTTP": (None, (CONNECTED, WEB), "web-port", State.PROVEN, set()),
    "nothing but Proxy Error": (None, (CONNECTED, PROXY), "proxy-protocol", State.PROVEN, set()),
    "nothing but 421": (None, (CONNECTED, BUSY), "busy", State.PROVEN, set()),
    "nothing but 554": (None, (CONNECTED, LISTED), "blocked-client", State.PROVEN, set()),
    "nothing but STARTTLS": (None, (CONNECTED, POSTAL, NOT_OFFERED), "starttls-off", State.PROVEN, set()),
    "nothing but the certificate": (None, (CONNECTED, POSTAL, GONE), "cert-expired", State.PROVEN, set()),
    "nothing but a strict Python": (None, (CONNECTED, POSTAL, STRICT), "cert-strict", State.PROVEN, set()),
    "nothing but the key": (None, (*UP_TO_LOGIN, DENIED), "wrong-key", State.PROVEN, set()),
    "nothing but Denied": (None, (*UP_TO_LOGIN, DENIED_CRAM), "wrong-key", State.PROVEN, set()),
    "nothing but the user name": (None, (*UP_TO_LOGIN, GRANTED, NAME), "cram-noise", State.PROVEN, set()),
    "nothing but the suspension": (None, (GRANTED, HALTED), "suspended", State.PROVEN, set()),
    "nothing but 530 at RCPT": (None, (NOBODY,), "no-login", State.PROVEN, set()),
    "nothing but the From": (None, (GRANTED, TAKEN, NOT_VALID), "from-unverified", State.PROVEN, set()),
    "nothing but the size": (None, (GRANTED, TAKEN, TOO_LARGE), "too-large", State.PROVEN, set()),
    "nothing but a lost answer": (None, (GRANTED, TAKEN, MAYBE), "lost-after-dot", State.PROVEN, set()),
    "accepted, but slowly": (None, (GRANTED, TAKEN, SLOW), "slow-reverse-dns", State.PROVEN, set()),
    "nothing but DKIM": (None, (DKIM,), "spam-folder", State.PROVEN, set()),
    "nothing but another server": (None, (CONNECTED, POSTFIX), "not-postal", State.PROVEN, set()),
    "nothing but a URL of unknown fault": (None, (URL_BAD,), "finding-email_url", State.PROVEN, set()),
    "a URL fault with its text": (BROKEN_URL, (URL_BAD,), "unencoded-key", State.PROVEN, set()),
    "silent here too": (SILENT, (CONNECTED, MUTE), "tls-port", State.LIKELY, {"firewall"}),
    "nothing but silence": (None, (CONNECTED, MUTE), "finding-greeting", State.PROVEN, set()),
    "silent on 465": (SILENT, (CONNECTED, MUTE_465), "tls-port", State.PROVEN, set()),
    "a finding that no cause knows": (None, (f(Code.PTR_MISSING, FAIL, "192.0.2.5 has no PTR."),), "finding-ptr", State.PROVEN, set()),
    "the suspension before the DNS": (SUSPENDED, (GRANTED, HALTED, DKIM), "suspended", State.PROVEN, set()),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_findings_prove_and_exclude(name: str) -> None:
    text, findings, key, sure, excluded = CASES[name]
    found = diagnose(text, findings)
    first = found.standing[0]
    assert (first.key, first.state) == (key, sure), [(ranked.key, ranked.state.value) for ranked in found.causes]
    assert excluded <= {ranked.key for ranked in found.excluded}
    assert first.remedy


def test_the_cases_are_as_many_as_promised() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("name", CASES)
def test_proven_stands_before_likely_before_excluded(name: str) -> None:
    text, findings, *_ = CASES[name]
    states = [list(State).index(ranked.state) for ranked in diagnose(text, findings).causes]
    assert states
    assert all(before <= after for before, after in pairwise(states))


SYMPTOMS = {
    ("undelivered", ()): "held-development",
    ("undelivered", (DKIM,)): "spam-folder",
    ("undelivered", (NO_URL,)): "worker-environment",
    ("start", ()): "unencoded-key",
    ("connect", ()): "nothing-listens",
    ("connect", (DROPS,)): "firewall",
    ("connect", (REFUSES,)): "nothing-listens",
    ("connect", (NXDOMAIN,)): "no-such-host",
    ("connect", (CONNECTED, POSTAL)): "empty-url",
    ("login", ()): "wrong-key",
    ("login", (GRANTED, HALTED)): "suspended",
    ("login", (NOBODY,)): "no-login",
    ("login", (POSTFIX,)): "not-postal",
}


@pytest.mark.parametrize(("symptom", "findings"), SYMPTOMS)
def test_a_chosen_symptom_is_ranked_like_a_text(symptom: str, findings: tuple[Finding, ...]) -> None:
    assert diagnose(None, findings, symptom).standing[0].key == SYMPTOMS[symptom, findings]


def test_the_mails_that_are_held_stand_in_the_order_of_likelihood() -> None:
    shown = [ranked.key for ranked in diagnose(None, (), "undelivered").standing]
    assert len(shown) >= 10
    assert shown.index("held-development") < shown.index("held-no-worker") < shown.index("held-limit")


def test_every_reason_to_hold_a_mail_is_a_cause() -> None:
    known = {cause.sentence.rstrip(".") for cause in CAUSES.values()}
    assert HELD
    assert {held.cause for held in HELD} <= known


def test_every_choice_but_the_text_leads_somewhere() -> None:
    assert [key for key, _ in CHOICES if key != "paste" and not diagnose(None, (), key).causes] == []
    assert diagnose(None, (), "paste").causes == ()
    assert diagnose(None, (), "nonsense").causes == ()


def test_a_text_counts_more_than_the_choice() -> None:
    assert diagnose(SUSPENDED, (), "connect").standing[0].key == "suspended"


def test_every_lead_names_a_cause_and_every_cause_is_led_to() -> None:
    named = {lead.cause for leads in LEADS.values() for lead in leads}
    assert named <= CAUSES.keys()
    assert len(CAUSES) > 90
    assert {step_of(key) for key in CAUSES} <= set(STEP_KEYS)


@pytest.mark.parametrize("key", CAUSES)
def test_no_text_of_a_cause_is_cut_off(key: str) -> None:
    cause = CAUSES[key]
    assert len(_filled(cause.sentence, {})) <= CAUSE_WIDTH
    for granted in (None, "an-organisation/a-mail-server"):
        assert len(_filled(cause.remedy, {}, granted)) <= REMEDY_WIDTH
    assert cause.sentence.endswith(".")
    assert cause.remedy.rstrip().endswith((".", "'")), cause.remedy


def test_no_reason_of_a_lead_is_cut_off() -> None:
    reasons = [lead.why for leads in LEADS.values() for lead in leads]
    assert reasons
    assert [why for why in reasons if len(_filled(why, {"stage": "STARTTLS"})) > EVIDENCE_WIDTH] == []


@pytest.mark.parametrize(
    "stage", ["", "connect", "banner", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "message"]
)
def test_whatever_the_stage_a_sign_leads_to_a_cause(stage: str) -> None:
    signs = [Sign(key, facts={"stage": stage, "code": "550"}) for key in LEADS]
    assert signs
    assert [sign.key for sign in signs if not rank([sign], (), {}).standing] == []


def test_remedies_are_each_their_own() -> None:
    remedies = [cause.remedy for cause in CAUSES.values()]
    assert len(set(remedies)) == len(remedies)


def test_the_text_has_the_parts_of_the_contract_in_order() -> None:
    shown = as_text(diagnose(KEY, (*UP_TO_LOGIN, GRANTED, HALTED)))
    assert shown.startswith("1  Postal has suspended")
    head, _, tail = shown.partition("\nExcluded\n")
    assert "Proven: recipient:" in head
    assert "Granted for acme/glitchtip" in tail
    assert "/org/acme/servers/glitchtip/advanced" in head


def test_the_json_has_the_keys_of_the_contract_and_no_other() -> None:
    made = as_json(diagnose(KEY, (*UP_TO_LOGIN, GRANTED)))
    assert made["schema"] == 1
    assert made["causes"]
    for cause in made["causes"]:
        assert set(cause) == {"code", "cause", "state", "evidence", "remedy"}
        assert cause["state"] in {"proven", "likely", "possible", "excluded"}
        assert all(isinstance(value, str) and value for value in cause.values())


def test_every_cause_and_every_check_has_a_step_that_repairs_it() -> None:
    assert {step_of(key) for key in CAUSES} == {"start", "server", "credential", "sender", "target", "test_mail"}
    assert {step_of(f"finding-{check}") for check in Check} <= set(STEP_KEYS)
    assert {key: step_of(key) for key in ("wrong-key", "delivery-ptr", "firewall", "console", "held-limit")} == {
        "wrong-key": "credential", "delivery-ptr": "sender", "firewall": "server", "console": "target",
        "held-limit": "test_mail",
    }  # fmt: skip


def test_every_step_that_is_named_apart_is_of_a_cause_that_exists() -> None:
    assert {key for keys in _ELSEWHERE.values() for key in keys} <= CAUSES.keys()


@pytest.mark.parametrize("symptom", [key for key, _ in CHOICES if key != "paste"])
def test_a_chosen_symptom_alone_makes_nothing_likely(symptom: str) -> None:
    assert {ranked.state for ranked in diagnose(None, (), symptom).causes} == {State.POSSIBLE}


def test_likely_and_possible_are_two_states_and_an_older_failure_is_no_more_than_possible() -> None:
    found = diagnose(CLOSED + KEY)
    states = {ranked.key: ranked.state for ranked in found.causes}
    assert (states["wrong-key"], states["proxy-closes"]) == (State.LIKELY, State.POSSIBLE)
    assert [ranked.state for ranked in found.causes] == sorted(
        (ranked.state for ranked in found.causes), key=list(State).index
    )


def test_a_reply_without_a_speaker_makes_nothing_likely() -> None:
    (cause,) = diagnose("421 4.3.2 Service not available, closing transmission channel").causes
    assert (cause.key, cause.state) == ("held-deferred", State.POSSIBLE)


def test_a_remedy_does_not_point_below_where_no_record_follows() -> None:
    record = Record("shop.example.", "@", "TXT", "v=spf1 -all")
    missing = Finding.fail(
        Code.SPF_FROM_ABSENT, "shop.example", "There is no record.", remedy="Publish the record below.", record=record
    )
    causes = rank((), [missing], {}).causes
    assert [one.remedy for one in causes] == ["Publish the record that postal-wizard check --only dns shows."]
