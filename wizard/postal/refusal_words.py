"""The words of refusals, as mail servers say them, by what they are about.

Sources: Postfix smtpd_check.c and postscreen, Exim's smtp_in.c, verify.c and Debian's ACLs, Sendmail's
cf/m4/proto.m4, OpenSMTPD smtp_session.c, Haraka's connection.js and plugins, Stalwart's crates/smtp/src/inbound;
Microsoft's, Google's, Amazon's, Mailgun's, Yahoo's, GMX's, IONOS's, Mimecast's and T-Online's public lists of SMTP
errors; NetEase's list of its codes (DT:SPM and so on). Every repetition is bounded: a reply is text from outside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Row:
    """Words that name a family."""

    family: str
    """The suffix of a ``Family`` in refusals.py."""
    words: re.Pattern[str]
    codes: str = "[45].."
    """A regular expression over the three digits."""


def _row(family: str, *words: str, codes: str = "[45]..") -> Row:
    return Row(family, re.compile("|".join(words), re.IGNORECASE), codes)


def _status(digits: str) -> str:
    """Return a regular expression for an enhanced status code; the same digits in an IPv4 address are none."""
    return rf"(?<![\d.]){digits}(?!\.?\d)"


ROWS: Final = (
    # Greylisting uses the words of whatever it delays, so it goes first.
    _row("greylisted", r"gr[ae]y-?list", r"postgrey", r"not yet authori[sz]ed to deliver", codes="4.."),
    # Exim's callout speaks of HELO, too, where the sender cannot be verified.
    _row("sender_domain", r"callback setup failed|could not complete sender verify callout"),
    _row(
        "helo_refused",
        r"helo command rejected",
        r"\b(?:he|eh)lo\b.{0,60}\b(?:invalid|reject\w*|refus\w*|denied|not (?:allowed|accept\w*|valid|permitted"
        r"|resolv\w*|found)|do(?:es)? ?n.t (?:resolve|match|exist)|does not (?:resolve|match|exist)|mismatch"
        r"|must (?:be|contain)|requires|bogus|forged|fqdn|fully.qualified)",
        r"\b(?:invalid|bad|bogus|malformed|unresolvable|forged|illegal|unacceptable|numeric)\b.{0,30}\b(?:he|eh)lo\b",
        r"\bhelohost\b",
        r"^(?:5\.\d{1,3}\.\d{1,3} )?invalid (?:domain name|hostname|host name)",
        codes=r"4..|50[0124-9]|5[1-9].",
    ),
    _row(
        "ptr_missing",
        r"reverse (?:dns|host ?name|lookup|mapping|record|name)",
        r"\bptr\b",
        r"\b(?:fc)?rdns\b",
        r"cannot find your (?:reverse )?host ?name",
        _status(r"[45]\.7\.25"),
        r"(?<!relaying denied\. )ip name (?:lookup|possibly)",  # Sendmail relays for nobody else either
    ),
    _row("reputation", r"\brate.?limited due to (?:ip|domain|sender) reputation"),
    _row(
        "rate_limited",
        _status(r"[45]\.7\.28"),
        r"\bunusual rate of",
        r"temporarily rate.?limited",
        r"\b(?:sending|relay) (?:limit|quota)",
    ),
    _row("recipient_suppressed", r"suppression list", r"address blacklisted"),
    _row(
        "account_suspended",
        r"bad outbound sender",
        r"sending (?:is )?(?:paused|suspended|disabled)",
        r"tenant has exceeded|account is not (?:yet )?activated",
    ),
    _row(
        "reputation",
        r"reputation",
        r"\bTS[SU]\d\d\b",
        r"due to (?:user complaints|unexpected volume)",
        r"^ip=[\d.]{7,15} - ",
        r"\bHL:REP\b",
    ),
    _row(
        "mail_loop",
        r"\bhop count\b|\btoo many (?:lost )?hops\b|\btoo many .{0,10}received\b",
        r"\b(?:mail|routing|forwarding|message)(?: forwarding)? loop|\bloops? back to\b",
        _status(r"[45]\.4\.(?:6|14)"),
    ),
    _row(
        "message_malformed",
        r"\bbare (?:<)?(?:lf|cr|line ?feeds?|new ?lines?|carriage returns?)\b|\bstray linefeed",
        r"\bnot RFC ?(?:2822|5322) compliant|\bviolates? RFC ?(?:2822|5322)|\bRFC ?(?:2822|5322) violation",
        r"\b(?:missing|no(?: valid)?|without(?: an?)?|duplicate|multiple|more than one|invalid|malformed)\b.{0,20}"
        r"\b(?:message-?id|date|from)\b.{0,10}\bheader",
        r"\b(?:message-?id|date)\b.{0,10}\bheader\b.{0,20}\b(?:missing|required|invalid|not present)",
        codes="5..",
    ),
    _row("list_unreadable", r"\berror: open resolver|spamhaus\.org/returnc/"),
    _row(
        "domain_listed",
        r"\b(?:dbl|surbl|uribl)\b",
        r"\b(?:helo|sender|from|envelope) domain\b.{0,20}\blisted\b",
        r"\b(?:url|uri|link)s?\b.{0,40}\b(?:black|block)[ -]?list",
    ),
    _row(
        "block_listed",
        r"\b(?:dns[bw]l|rbl)s?\b|\bBL0000\d\d\b",
        r"blocked using",
        r"(?:black|block|deny)[ -]?list(?!ed sender address)",
        r"spamhaus|spamcop|barracudacentral|\bsorbs\b|uceprotect|abuseat|invaluement",
        r"\bS3(?:140|150)\b",
        r"banned sending ip|banned sender\[|traffic not accepted from|blocked - see",
        r"client host (?:\S{1,120} )?(?:rejected|blocked)",
        r"\b(?:your|this|client|sending) (?:ip|host|network)\b.{0,60}\b(?:block|ban|reject|list)(?:ed|ned)\b",
        r"\[\d{1,3}(?:\.\d{1,3}){3}\] (?:is )?(?:blocked|banned|listed)",
    ),
    _row(
        "unauthenticated",
        r"\breject\w* due to spf\b|not permitted by the domain owner|sender policy framework",
        r"\b5\.7\.9 message not accepted for policy",  # Yahoo: failed SPF, DKIM or DMARC
    ),
    _row("policy", r"\bRESOLVER\.RST\.|delivery restriction check"),
    _row(
        "client_not_allowed",
        r"credentials for relay",
        r"mail relay denied \[",
        r"unauthori[sz]ed ip|\bip not in whitelist",
        r"\bip(?: address)?\b.{0,60}\b(?:not|isn.t) (?:registered|allowed|permitted|authori[sz]ed|on the allow)",
    ),
    _row(
        "tls_wanted",
        r"\bmust issue (?:a )?starttls",
        r"\b(?:starttls|tls|ssl|encryption)\b.{0,40}\b(?:required|needed|mandatory|first)\b",
        r"\b(?:requires?|needs?|must use|use|without)\b.{0,20}\b(?:starttls|tls|ssl|encryption)\b",
        r"\b(?:encrypted|secure) (?:connection|session|channel)",
        r"auth command used when not advertised",
    ),
    _row(
        "plain_login_off",
        r"application-specific password|app(?:lication)? password",
        _status(r"5\.7\.14"),
        r"log in (?:via|with) your web browser",
        r"(?:smtp)?client ?auth\w* is disabled|basic auth\w* (?:is )?(?:disabled|not)",
    ),
    _row(
        "unauthenticated",
        r"\bdmarc\b|openspf",
        r"unauthenticated (?:e-?)?mail",
        r"\bspf\b.{0,60}\b(?:fail\w*|reject\w*|not (?:authori[sz]ed|permitted|designated|allowed)|softfail|error)",
        r"\b(?:fail\w*|reject\w*|pass)\b.{0,60}\b(?:spf|dkim)\b",
        r"\bdkim\b.{0,40}\b(?:fail\w*|reject\w*|invalid|missing|required|not valid)",
        r"authentication (?:level|information|checks)",
        _status(r"[45]\.7\.(?:2[03467]|29|30|515)"),
    ),
    _row(
        "from_not_verified",
        r"verified sender identity|sender signature|unconfigured sending domain|validate your sender",
        r"\b(?:address|domain|sender|identit(?:y|ies)|from)\b(?!.{0,20}rejected: unverified).{0,80}"
        r"\b(?:not (?:yet )?|un)(?:verified|validated|confirmed)\b(?! address)",
        r"\bunverified (?:domain|sender|from)\b",
    ),
    _row(
        "from_not_allowed",
        r"not owned by (?:auth(?:enticated)? )?user",
        r"\bsend ?as(?: ?denied|.{0,20}\bsender\b)",
        r"\b(?:from|sender)\b.{0,60}\bmust (?:be (?:the )?same|equal|match)",
        r"\bnot (?:allowed|permitted|authori[sz]ed) to (?:send|use)\b.{0,30}\b(?:from|as|sender|address)\b",
        r"sender address (?:is )?not allowed",
        r"relaying disallowed as",
        r"\b(?:from|sender)\b.{0,60}\b(?:does not|doesn.t|not) match\b.{0,60}\b(?:auth\w*|login|user|account)",
        r"not local sender|sender mismatch|\bfrom (?:address|header)\b.{0,20}\bnot one of your",
    ),
    _row(
        "login_wanted",
        r"\bauth\w* (?:is )?(?:required|needed|mandatory)",
        r"\bmust (?:first )?(?:authenticate|log ?in)|\bmust issue an auth",
        r"\bplease (?:authenticate|log ?in|turn on smtp auth)|\bneeds? to (?:authenticate|log ?in)",
        r"\brequires? (?:smtp )?auth|unauthenticated senders?",
        r"\bnot (?:been )?(?:authenticated|logged in)\b",
        r"\bunless (?:you )?auth|\bonly auth\w* (?:users|clients)|\bafter auth|\bauth(?:enticate)? first\b",
        r"\bcheck(?:ed)? (?:your )?mail (?:first|before)|pop before smtp",
    ),
    _row(
        "sender_malformed",
        r"sender address rejected: need fully",
        r"(?:bad|malformed|invalid) sender(?:.s)?(?: mailbox)?(?: address)? syntax|sender address syntax",
        r"syntax error in mail|mail from.{0,20}syntax|malformed (?:mail from|sender|from)",
        r"domain name required for sender|sender address must contain a domain",
        _status(r"5\.1\.7"),
    ),
    _row(
        "sender_domain",
        r"sender address rejected: (?:domain not found|malformed dns|undeliverable|unverified)",
        r"domain of sender(?: address)?\b.{0,260}\b(?:does not|doesn.t|can.t|cannot|not)\b",
        r"sender (?:verify|verification|address verification|domain verify) failed|could not verify sender",
        r"\bdomain may \w{3} exist\b|\bdns check failed\b",
        r"no mx for your from|invalid dns mx|\bdns mx or a\b|\binvalid sender domain",
        r"sender(?:.s)? domain\b.{0,60}\b(?:not|doesn.t|invalid|unknown|must|has no)\b",
        _status(r"[45]\.1\.8"),
    ),
    _row("sender_domain", r"domain does not exist", codes="517"),  # Courier has a code of its own for it
    _row("policy", r"\bblocked senders?\b|\bsender address blocked"),
    # Postfix's own actions DEFER say "rejected" too; without a reason beside it, waiting is all that is asked.
    _row("temporary", r"rejected: (?:please )?try again", codes="4.."),
    _row(
        "sender_refused",
        r"sender address rejected",
        r"\bsender\b(?: address)?(?: \S{1,260})?(?: is| was)? (?:rejected|denied|refused|blocked)\b",
        r"\bsender\b(?: address)?(?: \S{1,260})? (?:is |was )?not (?:accepted|allowed)",
        r"\bmail from\b.{0,60}\b(?:rejected|refused|denied|not (?:allowed|accepted))",
        r"\b(?:bad|invalid|unknown) sender\b|\bsender (?:unknown|invalid)",
    ),
    _row(
        "relay_denied",
        r"\brelay(?:ing)?\b.{0,20}\b(?:denied|prohibited|disallowed|refused|not (?:allowed|permitted|authori[sz]ed))",
        r"\bunable to relay|\b(?:not|no|don.t|won.t|cannot)\b.{0,20}\brelay",
        r"\brcpthosts\b|i cannot deliver mail for",
    ),
    _row(
        "server_full",
        r"\binsufficient (?:system |disk )?(?:storage|space|resources)|\bno space left on device",
        r"\bspace shortage\b|\b(?:disk|spool|queue|file ?system) (?:is )?full\b",
        r"\bout of (?:disk )?space\b",
        _status(r"[45]\.3\.1"),
    ),
    _row(
        "mailbox_full",
        r"\buser has (?:too many messages|exhausted)",
        r"\bmailbox\b.{0,20}\bfull\b|\b(?:mailbox|inbox|user|account|recipient)\b.{0,40}\b(?:over ?quota|quota"
        r"|out of storage)|\bover (?:disk )?quota\b|\bquota exceeded for (?:user|mailbox)",
        _status(r"[45]\.2\.2"),
    ),
    _row(
        "recipient_unknown",
        r"that you tried to reach|disabled or discontinued|reserved by RFC 2606",
        r"\buser\b.{0,20}\b(?:doesn.t|does not) have an?\b.{0,40}\baccount",
    ),
    # Postfix says so for a rule of its own; Exchange says it with 5.4.1 of a mailbox that it does not have.
    _row("policy", _status(r"[45]\.7\.\d{1,3}") + r".{0,300}\brecipient address rejected: access denied"),
    _row(
        "too_large",
        r"message (?:is |was )?too (?:large|big|long)|message (?:size|length) (?:exceed|is larger|limit)",
        r"\b(?:exceeds?|exceeded|over|larger than|maximum)\b.{0,40}\b(?:message )?size\b",
        r"\bsize (?:limit|exceed)|\bmax(?:imum)? (?:message|mail) size",
        _status(r"5\.3\.4"),
        _status(r"5\.2\.3"),
    ),
    _row(
        "account_suspended",
        r"\b(?:account|tenant|organi[sz]ation|domain|server|client)\b.{0,40}"
        r"\b(?:suspended|disabled|deactivated|locked|terminated|blocked from sending|on hold)\b",
        r"(?:suspended|disabled|locked) (?:account|domain)",
    ),
    _row(
        "rate_limited",
        r"\bcredits? (?:is |are )?exceed|rate[ -]?limit|throttl|slow down|concurrency limit|server busy",
        r"too many (?!(?:lost )?hops|received)",
        r"\b(?:daily|hourly|sending|message|recipient|connection|session)s?\b.{0,30}\b(?:rate|limits?|quota)\b.{0,40}"
        r"\b(?:exceed\w*|reached|over)",
        r"\b(?:exceed\w*|reached|above|over)\b.{0,60}\b(?:rate|limits?|quota)\b",
        r"\bfrequency (?:is )?limited|\bexcessive (?:volume|rate)|\bper connection reached",
        r"\bHL:I[CF]C\b|\bMI:(?:DMC|SFQ)\b|\bRP:(?:DRC|QRC)\b",
        r"\btoo (?:fast|quickly|much mail)|unusual rate|receiving mail (?:at a rate|too)",
    ),
    _row(
        "spam",
        r"\bspam\b|spam ?assassin|\bunsolicited\b|\bjunk mail\b|\bUCE\b|virus|malware|phish",
        r"\bcontent\b.{0,20}\b(?:reject\w*|denied|not accept\w*|filter\w*|block\w*)|\bspammy\b",
        r"\bblocked because (?:of )?its content|\bDT:SPM\b|\bMI:SPB\b",
    ),
    _row(
        "policy",
        r"\b(?:reject|refus|block|den|prohibit)\w*\b.{0,60}\bpolic(?:y|ies)\b",
        r"\bpolic(?:y|ies)\b.{0,40}\b(?:reject|refus|block|den|prohibit|restrict|violat)\w*",
        r"\bviolat\w*\b.{0,60}\bpolic(?:y|ies)\b|\bfor policy reasons?\b",
        r"\badministrative (?:prohibition|policy)\b|\benvelope blocked\b|\bcontent restrictions?\b|\bBANNED: ",
    ),
    _row("temporary", r"verification in progress", codes="4.."),
    _row(
        "recipient_unknown",
        r"\b(?:user|recipient|mailbox|address|account|alias)\b.{0,20}\bunknown\b|\bunknown (?:user|recipient|mailbox)",
        r"\bno such (?:user|recipient|mailbox|person|address|account|local)|\bno mailbox\b|\bunrouteable address",
        r"\b(?:recipient|mailbox|user|address|account|rcpt)\b.{0,60}\b(?:not found|not exist|doesn.t exist"
        r"|undeliverable|disabled|inactive|no longer)",
        r"\binvalid (?:recipient|mailbox|rcpt|user)|recipient (?:address )?(?:was |is )?(?:rejected|denied|refused)"
        r"|unverified address|\bhost unknown\b|bad destination",
        _status(r"[45]\.1\.(?:1|10)"),
    ),
    _row("recipient_unknown", r"mailbox (?:is )?unavailable(?!.{0,40}\b(?:policy|reject|restrict))", codes="5.."),
    _row(
        "temporary",
        r"\btry(?:ing)? (?:again|it|this)?\b.{0,20}\b(?:later|again)|\btry again\b|come back|\btemporar(?:y|ily)\b"
        r"|at this time|right now|service (?:is )?(?:currently )?(?:unavailable|not available)|shutting down"
        r"|local (?:error|problem)|\bbusy\b",
        codes="4..",
    ),
)
"""The first row that fits counts: what names one thing for sure goes before what many refusals say."""
