"""Refusals as the servers say them, and what each is about; none needs the stage to be told apart."""

from __future__ import annotations

import timeit

import pytest

from wizard.postal.refusals import FAMILIES, refusal

SAID: dict[str, tuple[str, ...]] = {
    "helo_refused": (
        "550 5.7.1 <d2f0c1a9b8e7>: Helo command rejected: Host not found",
        "450 4.7.1 <web>: Helo command rejected: Host not found",
        "504 5.5.2 <web>: Helo command rejected: need fully-qualified hostname",
        "501 syntactically invalid EHLO argument(s)",
        "550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)",
        "501 5.0.0 Invalid domain name",
        "501 5.5.4 Invalid domain name",
        '501-5.5.4 HELO/EHLO argument "web" invalid, closing connection.',
        "550 5.5.0 Invalid EHLO domain.",
        "501 5.5.1 Invalid command: EHLO requires domain name",
        "550 HELO/EHLO name must be a fully-qualified domain name",
        "554 5.7.1 Your EHLO hostname does not resolve",
    ),
    "greylisted": (
        "450 4.2.0 <ops@example.net>: Recipient address rejected: Greylisted, see http://postgrey.example/",
        "451 4.7.1 Greylisting in action, please come back in 00:05:00",
    ),
    "sender_domain": (
        "450 4.1.8 <glitchtip@example.com>: Sender address rejected: Domain not found",
        "553 5.1.8 <a@b>... Domain of sender address a@b does not exist",
        "451 4.1.8 Domain of sender address a@b.example does not resolve",
        "550-Unrouteable address\\n550 Sender verify failed",
        "550 Sender verify failed",
        "550-Requested action not taken: mailbox unavailable\\ninvalid DNS MX or A/AAAA resource record",
        "550-Verification failed for <a@b.example>\n550-No Such User Here\n550 Sender verify failed",
        "517-Domain does not exist: b.example.",
        "550 5.1.0 <a@b.example> sender rejected: invalid sender domain",
        "550 5.1.0 <a@b.example>: sender domain has no valid MX or A record",
        (
            "550-Callback setup failed while verifying <a@b.example>\nThe initial connection, or a HELO or MAIL "
            "FROM:<> command was rejected."
        ),
    ),
    "from_not_allowed": (
        "553 5.7.1 <a@b>: Sender address rejected: not owned by user org/server",
        "552 the from address and the authenticated user must be the same email. #ERR_AUTH_FAIL",
        "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
        "554 5.2.252 SendAsDenied; glitchtip@example.com not allowed to send as other@example.com",
        "501 5.5.4 You are not allowed to send from this address.",
        "553 Mail from must equal authorized user",
        "501 Mail from address must be same as authorization user.",
        "550 5.7.1 Sender mismatch SMTP user and FROM address (#5.7.1)",
        "553 Relaying disallowed as a@b.example",
    ),
    "login_wanted": (
        "553 5.7.1 <a@b>: Sender address rejected: not logged in",
        "554 5.7.1 <anna@recipient.example>: Recipient address rejected: SMTP AUTH is required, or it is spam",
        "530 5.7.57 Client not authenticated to send mail. [SI2PR01]",
        "530-5.7.0 Authentication Required. For more information, go to",
        "503 5.5.1 You must authenticate first.",
        "530 5.5.1 Invalid command: Must issue an AUTH command first",
        "550-Please turn on SMTP Authentication in your mail client.\nhost [1.2.3.4] is not permitted to relay here.",
        "550 Unauthenticated senders not allowed",
    ),
    "from_not_verified": (
        "554 Message rejected: Email address is not verified. The following identities failed the check: a@b.example",
        "550 The from address does not match a verified Sender Identity.",
        "550 5.7.1 Unconfigured Sending Domain <b.example>",
        "550 The b.example domain is not verified. Please add and verify your domain",
    ),
    "recipient_unknown": (
        "550 5.7.1 <a@b>: Recipient address rejected: unverified address: host x said: 550 no",
        "550 5.1.1 <a@b>: Recipient address rejected: User unknown in local recipient table",
        "450 4.1.1 <a@b>: Recipient address rejected: User unknown in local recipient table",
        "550 Unrouteable address",
        "550 5.1.1 The email account that you tried to reach does not exist.",
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
        "550 5.1.1 <a@b>... User unknown",
        "550 5.1.1 Mailbox does not exist.",
        "550 Invalid recipient: <a@b>",
        "550 Requested action not taken: mailbox unavailable",
        "550 5.2.1 The email account that you tried to reach is disabled.",
        "550 sorry, no mailbox here by that name. (#5.1.1)",
        "550 5.4.1 Recipient address rejected: Access denied.",
        "554 delivery error: dd This user doesn't have a yahoo.example account (a@yahoo.example) [0]",
        "554 delivery error: dd Sorry your message cannot be delivered. This account has been disabled or discontinued",
        "550 5.1.2 Bad destination mailbox address: Host unknown",
        "550 invalid mailbox. Local mailbox a@b.example is unavailable: user not found",
    ),
    "temporary": (
        "450 4.1.1 <a@b>: Recipient address rejected: unverified address: Address verification in progress",
        "451 4.3.0 Temporary lookup failure",
        "421 4.3.2 Service shutting down",
        "454 4.7.0 Temporary authentication failure: Connection lost to authentication server",
        "421 4.7.0 Try again later, closing connection.",
        "451 4.7.1 Try again later",
        "451 Temporary local problem - please try later",
        "451 Internal resource temporarily unavailable - https://community.mimecast.com/docs/DOC-1369#451",
    ),
    "tls_wanted": (
        "530 5.7.0 Must issue a STARTTLS command first",
        "530 5.5.1 Invalid command: Must issue a STARTTLS command first",
        "538 Encryption required for requested authentication mechanism",
        "451 5.7.3 STARTTLS is required to send mail",
        "503 AUTH command used when not advertised",
        "530 5.7.10 Encryption required",
        "554 5.7.1 a secure connection is needed",
    ),
    "client_not_allowed": (
        (
            "550 5.7.1 Invalid credentials for relay [198.51.100.7]. The IP address you've\n5.7.1 registered in your "
            "Workspace SMTP Relay service doesn't match the\n5.7.1 domain of the account this email is being sent from."
        ),
        "550-5.7.0 Mail relay denied [198.51.100.7]. Invalid credentials for relay for one of the domains",
        "525 5.7.1 Unauthorized IP address",
        "421 4.7.0 IP not in whitelist for RCPT domain, closing connection.",
    ),
    "relay_denied": (
        "554 5.7.1 <a@b>: Relay access denied",
        "550 relay not permitted",
        "550 5.7.1 a@b... Relaying denied",
        "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
        "550 5.1.2 Relay not allowed.",
        "550 I cannot deliver mail for <a@b>",
        "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
        "550 5.7.64 TenantAttribution; Relay Access Denied",
        "513 Relaying denied.",
    ),
    "block_listed": (
        "554 5.7.1 Service unavailable; Client host [198.51.100.7] blocked using zen.spamhaus.org; https://x",
        "550 5.7.1 messages from [192.0.2.25] weren't sent. Part of their network is on our block list (S3140).",
        "550 5.7.606 Access denied, banned sending IP [192.0.2.25]",
        "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied",
        "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list",
        "554 Blocked - see https://ipcheck.example/?ip=192.0.2.1",
        "550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP.",
        "550 RBL Restriction: See https://x.example",
        "554 IP address is black listed",
    ),
    "ptr_missing": (
        "450 4.7.25 Client host rejected: cannot find your reverse hostname, [192.0.2.25]",
        "450 4.7.1 Client host rejected: cannot find your hostname, [1.2.3.4]",
        "550 5.7.25 [192.0.2.1] The IP address sending this message does not have a PTR record setup",
        "550 Reverse DNS lookup failed for host 192.0.2.1",
        "554 Bad DNS PTR resource record",
        "550 5.7.1 Fix reverse DNS for 192.0.2.1",
        "550-5.7.1 this message does not meet IPv6 sending guidelines regarding PTR records and\n5.7.1 authentication.",
    ),
    "rate_limited": (
        "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail. mail has been temporarily rate limited",
        "454 Throttling failure: Maximum sending rate exceeded.",
        "454 Throttling failure: Daily message quota exceeded.",
        "421 4.7.0 mx.example Error: too many connections from 1.2.3.4",
        "550 5.4.5 Daily user sending limit exceeded.",
        "451 4.4.5 Rate limit exceeded, try again later.",
        "451 4.7.500 Server busy. Please try again later from [192.0.2.1].",
        "421 4.3.2 Connection rate limit exceeded.",
        "550 5.4.5 Daily SMTP relay limit exceeded for user",
        "451 You have exceeded your messaging limits",
        "421 Too many SMTP sessions on this host",
        "550 5.4.5 Daily user sending quota exceeded.",  # Gmail: cytoscape/appstore#99; no mailbox is full
        "550 Connection frequency limited.",  # QQ: postalserver/postal#1010
        "421 4.7.1 Messages to a@b.example deferred due to excessive volume. Try again later",  # smtp.codes/icloud
        "421 Max message per connection reached, closing transmission channel",  # smtp.codes/yahoo
    ),
    "reputation": (
        "550-5.7.1 this message is likely suspicious due to the very low reputation of the sending IP address",
        "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints",
        "451 4.7.650 The mail server [192.0.2.25] has been temporarily rate limited due to IP reputation. (S775)",
    ),
    "unauthenticated": (
        "550-5.7.26 Unauthenticated email from example.com is not accepted due to DMARC policy.",
        "550 5.7.515 Access denied, sending domain example.com doesn't meet the required authentication level.",
        "550 5.7.23 SPF validation failed.",
        "550 5.7.1 <a@b>: Recipient address rejected: Message rejected due to: SPF fail - not authorized.",
        "550-Requested action not taken: mailbox unavailable\nReject due to SPF policy.",
        "550 http://www.openspf.org/Why?s=mfrom",
        (
            "550 <a@b.example>: Reject due to SPF policy. The originating IP of the message is not permitted by the "
            "domain owner"
        ),  # GMX: smtp.codes/unitedinternet
        "554 5.7.9 Message not accepted for policy reasons",  # Yahoo says what it means: help.yahoo.com/kb/SLN7253
    ),
    "too_large": (
        "552 5.3.4 Message size exceeds fixed limit",
        "552 Message size exceeds maximum permitted",
        "552 5.2.3 Message too large",
        "552 5.3.4 Message too big for system.",
        "552-5.2.3 Your message exceeded Google's message size limits.",
    ),
    "spam": (
        "554 5.7.1 Spam message rejected",
        "451 Spam email. Email Session ID: {0A}",
        "550 This message scored 12.1 spam points.",
        "554 5.7.0 Reject, id=12-3 - SPAM",
        "554 5.7.1 Message rejected under suspicion of SPAM",
        "550 5.7.1 Blocked by SpamAssassin",
        "552 5.7.0 This message was blocked because its content presents a potential security issue.",
    ),
    "mailbox_full": (
        "452 4.2.2 The email account that you tried to reach is over quota.",
        "552 5.2.2 Mailbox full",
        "452 4.2.2 <a@b.example>: Mailbox is full, try again later",
        "552 5.2.2 <a@b.example>: user is over quota",
        "550 User has too many messages on the server.",  # web.de: sitepackage.de, an ISP's list
        "550 User has exhausted allowed storage space.",
    ),
    "account_suspended": (
        "554 Sending paused for this account.",
        "550 5.1.8 Access denied, bad outbound sender. AS(42004)",
        "535 Mail server has been suspended",
        "550 5.7.1 Your account has been disabled",
        "502 5.7.0 Your SMTP account is not yet activated.",
        "550 5.7.705 Access denied, tenant has exceeded threshold",  # Exchange Online's codes 5.7.700 to 5.7.750
        "554 Sending suspended for this account",
    ),
    # GMX (postmaster.gmx.net, hitobito#2671), IONOS's list, iCloud (chatmail/core#6547), Gmail's list (gcdp),
    # Mimecast's list, Microsoft's list of NDR codes (5.7.133), Postfix access(5)
    "policy": (
        "554-Transaction failed\nReject due to policy restrictions.\nFor explanation visit https://postmaster.example/case",
        "450 Reject due to policy violations.",
        "550-Requested action not taken: mailbox unavailable\nReject due to policy restrictions.",
        "554 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137",
        "550 5.7.1 This message violates example.com email policy. - gcdp a1 - gsmtp",
        "550 Rejected by header based Anti-Spoofing policy: a@b.example - https://community.mimecast.com/docs/DOC-1369#550",
        "550 Rejected by header based manually Blocked Senders: a@b.example",
        "421 Sender address blocked",
        "554 Email rejected due to security policies",
        "550 5.7.1 Message rejected due to content restrictions",
        "550 Administrative prohibition - envelope blocked",
        "550 Administrative prohibition",
        (
            "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction "
            "check failed because the sender was not authenticated when sending to this group"
        ),
        "554 5.7.1 <a@b.example>: Recipient address rejected: Access denied",
    ),
    # Postfix (wader/postfix-relay#7), RFC 3463 X.3.1, Exim's smtp_in.c, Sendmail's MinFreeBlocks, Exchange
    "server_full": (
        "452 4.3.1 Insufficient system storage",
        "452 4.3.1 Insufficient system resources (UsedDiskSpace)",
        "452 Space shortage, please try later",
        "452 4.4.5 Insufficient disk space; try again later",
        "452 4.3.1 Out of memory",
    ),
    # smtp.codes/icloud, smtp.codes/exchangeonline
    "domain_listed": (
        (
            "550 5.7.1 Your email was rejected due to having a domain present in the Spamhaus DBL -- see "
            "https://www.spamhaus.org/dbl/"
        ),
        "550 5.7.1 Service unavailable, Helo domain is listed in Spamhaus. (S8001)",
    ),
    # Spamhaus's help for users of its public mirrors: return code 127.255.255.254
    "list_unreadable": (
        (
            "554 5.7.1 Service unavailable; Client host [192.0.2.25] blocked using zen.spamhaus.org; Error: open "
            "resolver; https://www.spamhaus.org/returnc/pub/192.0.2.53"
        ),
    ),
    # Exchange Online, Postfix (cleanup, smtp), Sendmail
    "mail_loop": (
        "554 5.4.14 Hop count exceeded - possible mail loop ATTR34",
        "554 5.4.6 Too many hops",
        "554 5.4.6 Error: too many hops",
        "550 5.4.6 mail for shop.example loops back to myself",
    ),
    # Gmail, Postfix (smtpd_forbid_bare_newline), Exchange Online, GMX
    "message_malformed": (
        (
            "550 5.7.1 [192.0.2.25] Our system has detected that this message is not RFC 5322 compliant: 'From' "
            "header is missing."
        ),
        "550 5.7.1 [192.0.2.25] Messages missing a valid Message-ID header are not accepted.",
        "550 5.5.2 bare <LF> received",
        "521 5.5.2 mx.shop.example Error: bare <LF> received",
        "550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal; message contains bare linefeeds, which cannot be sent via DATA",
        "554 5.7.5 multiple From headers",
    ),
    "recipient_suppressed": ("554 Message rejected: Address blacklisted.",),
    "plain_login_off": (
        "534 5.7.9 Application-specific password required.",
        "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant",
    ),
    "sender_refused": ("554 5.7.1 <a@b>: Sender address rejected: Access denied",),
    "sender_malformed": (
        "501 5.1.7 Bad sender address syntax",
        "504 5.5.2 <webmaster>: Sender address rejected: need fully-qualified address",
    ),
}
SAYS_NOTHING = (
    "503 EHLO/HELO first please",
    "503 5.5.1 Error: send HELO/EHLO first",
    "503 5.0.0 Polite people say HELO first",
    "450 4.2.0 mailbox unavailable",
    "535 5.7.8 Error: authentication failed",
    "535 5.7.3 Authentication unsuccessful",
    "550 No",
    "554 Transaction failed",
    "500 5.5.2 Error: bad syntax",
    "550 Loop detected",
    "550 5.7.1 Access denied",
    "451 4.3.0 Error: queue file write error",
    "535 Incorrect authentication data",
    "554 5.7.1 You are not allowed to connect.",
    "535 Authentication Credentials Invalid",
    "502 5.5.1 Command not implemented",
    # Addresses with the digits of status codes:
    "550 Message from 203.5.2.2 refused",
    "550 Connection from 10.4.3.1 closed",
    "550 Goodbye [5.2.2.10]",
    "550 Mail from 5.1.1.7 not taken",
    "550 192.5.7.25 is not welcome",
    "550 Refused for 4.1.8.8",
    "550 10.5.7.26 has to leave",
)
"""Words that are about something else, or about nothing that could be told."""


@pytest.mark.parametrize(("family", "reply"), [(family, reply) for family, said in SAID.items() for reply in said])
def test_the_words_name_what_is_refused(family: str, reply: str) -> None:
    found = refusal(int(reply[:3]), reply[4:])
    assert found is not None
    assert found.suffix == family


@pytest.mark.parametrize("reply", SAYS_NOTHING)
def test_words_that_say_nothing_name_nothing(reply: str) -> None:
    assert refusal(int(reply[:3]), reply[4:]) is None


def test_a_reply_in_a_traceback_reads_as_on_the_wire() -> None:
    for family, said in SAID.items():
        for reply in said:
            shown = repr(reply[4:].encode())[2:-1]
            found = refusal(int(reply[:3]), shown)
            assert found is not None, reply
            assert found.suffix == family


def test_no_acceptance_is_a_refusal() -> None:
    for said in SAID.values():
        for reply in said:
            assert refusal(250, reply[4:]) is None
            assert refusal(-1, reply[4:]) is None


def test_every_family_has_words_here_and_a_remedy_and_a_cause_of_its_own() -> None:
    assert set(SAID) == set(FAMILIES)
    assert len({family.cause for family in FAMILIES.values()}) == len(FAMILIES)
    assert len({family.remedy for family in FAMILIES.values()}) == len(FAMILIES)


def test_waiting_helps_only_where_the_words_ask_for_it() -> None:
    assert {family.suffix for family in FAMILIES.values() if family.waits} == {
        "greylisted",
        "rate_limited",
        "server_full",
        "temporary",
    }


@pytest.mark.parametrize(
    "text", ["sender " * 200, "address domain " * 100, "a" * 100_000, "\n" * 50_000, "1." * 50_000]
)
def test_no_reply_takes_long_to_read(text: str) -> None:
    assert min(timeit.repeat(lambda: refusal(550, text), number=1, repeat=3)) < 0.2


def test_postals_own_refusals_are_not_taken_for_another_servers() -> None:
    """Postal's words are judged by replies.py first; of these the classifier may know only what is meant alike."""
    own = {
        (535, "Mail server has been suspended"): "account_suspended",
        (530, "Authentication required"): "login_wanted",
        (552, "Message too large (maximum size 14MB)"): "too_large",
        (530, "From/Sender name is not valid"): None,
        (535, "Invalid credential"): None,
        (550, "Loop detected"): None,
        (503, "EHLO/HELO first please"): None,
    }
    for (code, text), family in own.items():
        found = refusal(code, text)
        assert (found.suffix if found else None) == family, text
