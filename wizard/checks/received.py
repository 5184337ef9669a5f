"""What the headers of the received test mail say: whose it is, who signed it, who vouched for it, how it travelled.

The receiving server's Authentication-Results (RFC 8601) is the one judgement that no check from here can replace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wizard.checks import mail_headers
from wizard.checks.mail_headers import FALLBACK_SELECTOR, Headers, Hop, Result
from wizard.model.codes import Check, Code
from wizard.model.details import Signature
from wizard.model.finding import Finding, Verdict
from wizard.postal import web_ui

if TYPE_CHECKING:
    from wizard.model.draft import Draft

CHECK: Final = Check.RECEIVED
_SLOW: Final = 60.0
"""Seconds between two hops from which on it is a warning."""
_NOTHING: Final = Result("", {})


def judge(text: str, draft: Draft, sent: str = "", server: str | None = None) -> list[Finding]:
    """Return what pasted headers say; one finding that says so where they are none, or another mail's.

    *sent* is the Message-ID of the mail that was sent, with or without its brackets: with it the headers prove that
    very mail, and those of another mail prove nothing. *server* is ``org/server``, for the paths in remedies.
    """
    headers = mail_headers.read(text)
    if not headers.all("received") and not headers.judged:
        return [
            Finding.unknown(
                Code.RECEIVED_NO_HEADERS, "headers", "This text has no Received and no Authentication-Results header.",
                remedy="Paste the mail's whole source: in the mail program Show original, View source or Ctrl+U.",
                proven_from="mail",
            )
        ]  # fmt: skip
    whose = _whose(headers, sent)
    if whose is not None and whose.verdict is not Verdict.PASS:
        return [whose]
    results = headers.results()
    return [
        *([whose] if whose is not None else []),
        _signed(headers, results, draft, server),
        _spf(results, draft),
        _dmarc(results),
        _envelope(headers, draft, server),
        _way(headers.hops()),
    ]


def signature(text: str, draft: Draft, sent: str = "") -> Signature | None:
    """Return who signed the received mail and its envelope; None where the headers are none, or another mail's."""
    headers = mail_headers.read(text)
    whose = _whose(headers, sent)
    if whose is not None and whose.verdict is not Verdict.PASS:
        return None
    found = _signature(headers, draft)
    return found if found.domain or found.envelope else None


def _finding(verdict: Verdict, code: Code, subject: str, summary: str, *args: Any, **more: Any) -> Finding:
    return Finding.of(verdict, code, subject, summary, *args, proven_from="mail", **more)


def _whose(headers: Headers, sent: str) -> Finding | None:
    """Judge whether this is the mail that was sent; None where nobody says which that was."""
    wanted, found = sent.strip().strip("<>"), headers.message_id
    if not wanted:
        return None
    if found == wanted:
        words = "These are the headers of the test mail: it arrived."
        return _finding(Verdict.PASS, Code.RECEIVED_THIS_MAIL, "Message-ID", words, (f"Message-ID: <{found}>",))
    evidence = (f"sent: <{wanted}>", f"pasted: {f'<{found}>' if found else 'no Message-ID'}")
    if not found:
        return _finding(
            Verdict.UNKNOWN, Code.RECEIVED_NO_MESSAGE_ID, "Message-ID",
            "These headers have no Message-ID, so they prove nothing about the test mail.", evidence,
            remedy="Paste the mail's whole source, from its first line on.",
        )  # fmt: skip
    return _finding(
        Verdict.UNKNOWN, Code.RECEIVED_ANOTHER_MAIL, "Message-ID",
        "These are the headers of another mail: its Message-ID is not that of the test mail.", evidence,
        remedy="Open the newest test mail, the one with the code that the wizard shows, and paste its source.",
    )  # fmt: skip


def _signature(headers: Headers, draft: Draft) -> Signature:
    """Return Postal's own signature: the domain's, else the fallback, else the undermost."""
    tags = headers.signatures()
    own = next((one for one in tags if _domain(one) == draft.domain_name), None)
    fallback = next((one for one in tags if _is_fallback(one, draft)), None)
    chosen = own or fallback or (tags[-1] if tags else {})
    return Signature(_domain(chosen), chosen.get("s", ""), headers.envelope)


def _domain(tags: dict[str, str]) -> str:
    return tags.get("d", "").lower().rstrip(".")


def _is_fallback(tags: dict[str, str], draft: Draft) -> bool:
    """Whether *tags* are those of the installation's key: Postal's identifier without a suffix (dkim_header.rb)."""
    identifier = draft.domain.dkim_selector.rpartition("-")[0] or FALLBACK_SELECTOR
    target = draft.domain.return_path_target.lower()
    return tags.get("s", "").lower() in {identifier.lower(), FALLBACK_SELECTOR} or _domain(tags) == target != ""


def _press(server: str | None) -> str:
    place = web_ui.place("domains", server)
    return f'Press "Check my records are correct" on the domain\'s DNS Setup page: {place}.'


def _signed(headers: Headers, results: dict[str, list[Result]], draft: Draft, server: str | None) -> Finding:
    said = _verdicts(headers, results.get("dkim", []))
    evidence = tuple(f"d={domain} s={selector}: {word}" for (domain, selector), word in said.items())
    found = _signature(headers, draft)
    domain, selector = draft.domain_name, draft.domain.dkim_selector

    def finding(verdict: Verdict, code: Code, summary: str, remedy: str = "") -> Finding:
        return _finding(verdict, code, "dkim", summary, evidence, remedy=remedy, detail=found)

    if not found.domain and not headers.is_whole and results.get("dkim", [_NOTHING])[0].word != "none":
        return Finding.skip(Code.RECEIVED_DKIM_NOT_APPLICABLE, "dkim", "No DKIM-Signature header was pasted.")
    if not found.domain:
        return finding(
            Verdict.FAIL, Code.RECEIVED_DKIM_UNSIGNED, "The mail arrived without a DKIM signature.",
            "Postal signs every mail: check that GlitchTip sends through it. A mailing list or a gateway may have "
            "removed the signature.",
        )  # fmt: skip
    word = said.get((found.domain, found.selector), "")
    if found.domain == domain:
        if word == "pass":
            other = selector and found.selector.lower() not in {"", selector.lower()}
            note = f", with the selector {found.selector} and not {selector}" if other else ""
            words = f"Postal signed with the key of {domain}{note}, and the receiver verified it."
            return finding(Verdict.PASS, Code.RECEIVED_DKIM_OWN, words)
        if not word:
            return finding(
                Verdict.UNKNOWN, Code.RECEIVED_DKIM_OWN_NOT_JUDGED,
                f"Postal signed with the key of {domain}; the receiver does not say whether the signature is right.",
                "The step Sender compares the DKIM record with Postal's.",
            )  # fmt: skip
        return finding(
            Verdict.UNKNOWN if word == "temperror" else Verdict.FAIL, Code.RECEIVED_DKIM_OWN_FAILED,
            f"Postal signed with the key of {domain}; for the receiver the signature is {word}.",
            "The step Sender compares the DKIM record with Postal's.",
        )  # fmt: skip
    if _is_fallback({"d": found.domain, "s": found.selector}, draft):
        return finding(
            Verdict.WARN, Code.RECEIVED_DKIM_FALLBACK,
            f"Postal signed with its fallback key (d={found.domain}, s={found.selector}), not with that of {domain}.",
            f"{_press(server)} Postal uses the domain's own key only after that check has passed.",
        )  # fmt: skip
    return finding(
        Verdict.WARN, Code.RECEIVED_DKIM_OTHER, f"{found.domain} signed the mail, and {domain} did not.",
        "Check that GlitchTip sends through Postal: this signature is not one of Postal's.",
    )  # fmt: skip


def _verdicts(headers: Headers, results: list[Result]) -> dict[tuple[str, str], str]:
    """Return each signature, as (domain, selector), with the receiver's word for it; empty where it has none."""
    said = {(_domain(tags), tags.get("s", "")): "" for tags in headers.signatures()}
    for result in results:
        domain = result.properties.get("header.d", result.properties.get("header.i", "").rpartition("@")[2]).lower()
        selector = result.properties.get("header.s", "")
        known = next((one for one in said if one[0] == domain and selector in {"", one[1]}), None)
        if known is not None and not said[known]:
            said[known] = result.word
    return said


def _spf(results: dict[str, list[Result]], draft: Draft) -> Finding:
    result = (results.get("spf") or [_NOTHING])[0]
    name = result.properties.get("smtp.mailfrom", result.properties.get("smtp.helo", "")).rpartition("@")[2]
    where = f" at {name}" if name else ""
    if not result.word:
        return Finding.skip(Code.RECEIVED_SPF_NOT_APPLICABLE, "spf", "The receiver gives no SPF result.")
    if result.word == "pass":
        return _finding(Verdict.PASS, Code.RECEIVED_SPF_PASS, "spf", f"SPF passed for the envelope sender{where}.")
    temporary = result.word == "temperror"
    host = draft.domain.return_path_target or "the return-path host"
    return _finding(
        Verdict.UNKNOWN if temporary else Verdict.FAIL,
        Code.RECEIVED_SPF_TEMPERROR if temporary else Code.RECEIVED_SPF_FAIL,
        "spf", f"SPF is {result.word} for the envelope sender{where}.",
        remedy=f"Its SPF record must allow Postal's sending IP; psrp.{draft.domain_name} takes it from {host}.",
    )  # fmt: skip


def _dmarc(results: dict[str, list[Result]]) -> Finding:
    result = (results.get("dmarc") or [_NOTHING])[0]
    name = result.properties.get("header.from", "the From domain")
    if not result.word:
        return Finding.skip(Code.RECEIVED_DMARC_NOT_APPLICABLE, "dmarc", "The receiver gives no DMARC result.")
    if result.word == "pass":
        return _finding(Verdict.PASS, Code.RECEIVED_DMARC_PASS, "dmarc", f"DMARC passed for {name}.")
    if result.word in {"none", "bestguesspass"}:
        return _finding(
            Verdict.WARN, Code.RECEIVED_DMARC_NONE, "dmarc", f"{name} publishes no DMARC policy.",
            remedy="Publish one: the step Sender shows the record to paste.",
        )  # fmt: skip
    temporary = result.word == "temperror"
    return _finding(
        Verdict.UNKNOWN if temporary else Verdict.FAIL,
        Code.RECEIVED_DMARC_TEMPERROR if temporary else Code.RECEIVED_DMARC_FAIL,
        "dmarc", f"DMARC is {result.word} for {name}.",
        remedy="Neither DKIM nor SPF aligned with the From: DMARC result in the step Sender says why.",
    )  # fmt: skip


def _envelope(headers: Headers, draft: Draft, server: str | None) -> Finding:
    name = headers.envelope
    domain, target = draft.domain_name, draft.domain.return_path_target.lower()
    if not name:
        return Finding.skip(
            Code.RECEIVED_ENVELOPE_NOT_APPLICABLE, "return path", "No header names the envelope sender."
        )
    if name == target:
        return _finding(
            Verdict.WARN, Code.RECEIVED_ENVELOPE_FALLBACK, "return path",
            f"Postal used its own return path {name} and not psrp.{domain}: bounces go there, and receivers "
            "check SPF there.",
            remedy=f"Publish the return path as the step Sender shows it. {_press(server)}",
        )  # fmt: skip
    if domain and (name == domain or name.endswith(f".{domain}")):
        words = f"The envelope sender is at {name}, which belongs to {domain}."
        return _finding(Verdict.PASS, Code.RECEIVED_ENVELOPE_OWN, "return path", words)
    return _finding(
        Verdict.WARN, Code.RECEIVED_ENVELOPE_OTHER, "return path",
        f"The envelope sender is at {name}, which belongs neither to {domain} nor to Postal.",
        remedy="Check whether the mail was forwarded, and that GlitchTip sends through Postal.",
    )  # fmt: skip


def _way(hops: list[Hop]) -> Finding:
    evidence: list[str] = []
    slowest, before = (0.0, ""), None
    for hop in hops:
        delay: float | None = (hop.when - before).total_seconds() if hop.when and before else None
        before = hop.when or before
        if delay is not None and delay > slowest[0]:
            slowest = (delay, hop.by)
        took = f", {delay:.0f} s after the hop before" if delay is not None else ""
        evidence.append(f"{hop.by}: {'with TLS' if hop.tls else 'no TLS named'}{took}")
    if not hops:
        return Finding.skip(Code.RECEIVED_HOPS_NOT_APPLICABLE, "way", "No Received header was pasted.")
    if slowest[0] > _SLOW:
        return _finding(
            Verdict.WARN, Code.RECEIVED_SLOW, "way", f"The mail waited {slowest[0]:.0f} s before {slowest[1]} took it.",
            evidence, remedy="Look into that server's log: greylisting, a queue, or a wrong clock.",
        )  # fmt: skip
    noun = "hop" if len(hops) == 1 else "hops"
    summary = f"{len(hops)} {noun}, none slower than {_SLOW:.0f} s."
    return _finding(Verdict.PASS, Code.RECEIVED_HOPS, "way", summary, evidence)
