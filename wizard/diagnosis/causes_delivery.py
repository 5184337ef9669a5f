"""Causes behind Postal: what the recipient's server says to it. GlitchTip, EMAIL_URL and the key are right in all."""

from __future__ import annotations

from typing import Final

from wizard.diagnosis.model import Cause
from wizard.diagnosis.rules import passes, proven, upheld_by, upholds
from wizard.model.codes import Check, Code

CAUSES: Final[tuple[Cause, ...]] = (
    Cause(
        "delivery-return-path",
        "The recipient's server cannot resolve the return path that Postal sends with ({return_path}).",
        "Publish the CNAME from psrp.DOMAIN to Postal's return-path host, and give that host an A and an MX "
        'record: postal-wizard check --only dns shows both. Then press "Check my records are correct" at '
        "{domains}, and Postal tries again.",
        (upheld_by(Check.RETURN_PATH, Check.RP_MX), passes(Check.RETURN_PATH)),
    ),
    Cause(
        "delivery-ptr",
        "The recipient's server finds no matching reverse DNS (PTR) for Postal's sending address.",
        "Have Postal's provider set the PTR record of the sending address to Postal's HELO name, which must "
        "resolve back to that address (for IPv6 as well). postal-wizard check --only dns shows both.",
        (upholds(Code.PTR_MISSING, Code.PTR_OTHER_NAME, Code.PTR_UNCONFIRMED), passes(Check.PTR)),
    ),
    Cause(
        "delivery-listed",
        "The recipient's server refuses Postal's sending address: a block list, or its reputation.",
        "Look up Postal's sending address at the list or page that the reply names, and ask for its removal "
        "there. Set PTR, SPF and DKIM first (postal-wizard check --only dns); a new address gains its reputation "
        "slowly.",
    ),
    Cause(
        "delivery-list-unreadable",
        "The recipient's server gets no answers from its block list (open resolver) and refuses every address.",
        "Look up Postal's sending address at the list. If it is not listed, the fault is the recipient's: send their "
        "postmaster the whole reply. Their server needs a resolver of its own; nothing here has to change.",
    ),
    Cause(
        "delivery-domain-listed",
        "A domain in the mail (From, HELO or a link) is on a block list; Postal's sending address is not the reason.",
        "Look up the From domain, the domain of GLITCHTIP_DOMAIN and Postal's HELO name at the list that the reply "
        "names (in the delivery, {messages}), and ask for removal there.",
    ),
    Cause(
        "delivery-policy",
        "The recipient's server refuses the mail by a rule of its own: a policy, a filter, or its operator's list.",
        "Open the delivery in {messages}: a page or code in its reply names the rule. Run postal-wizard check --only "
        "dns and publish what it names. If all passes, send the reply to that provider's postmaster, or have the "
        "recipient's admin allow the From.",
    ),
    Cause(
        "delivery-unauthenticated",
        "The recipient's server refuses the mail because SPF, DKIM or DMARC does not pass for the From domain.",
        'Run postal-wizard check --only dns and publish what it names. Press "Check my records are correct" '
        "once at {domains}: until then Postal signs with its own key, which does not pass DMARC for this "
        "domain.",
        (upheld_by(Check.ALIGNMENT, Check.DKIM, Check.SPF_MAILFROM), passes(Check.ALIGNMENT)),
    ),
    Cause(
        "delivery-spf",
        "SPF does not pass: the record of the return path does not name Postal's sending address.",
        "Publish the CNAME from psrp.DOMAIN to Postal's return-path host, and add the sending address to the SPF "
        "record of that host (its include: or ip4:). postal-wizard check --only dns shows which address is "
        "missing.",
        (upheld_by(Check.SPF_MAILFROM), passes(Check.SPF_MAILFROM)),
    ),
    Cause(
        "delivery-dkim",
        "The receiver could not verify the DKIM signature: the published key is missing or another one.",
        "Compare the DKIM record with Postal's Setup page (postal-wizard check --only dns shows the first "
        'difference), then press "Check my records are correct" at {domains}.',
        (upheld_by(Check.DKIM), passes(Check.DKIM)),
    ),
    Cause(
        "delivery-recipient",
        "The recipient's server has no such mailbox; the mail itself was right.",
        "Correct the address in the user's GlitchTip account. After repeated hard fails Postal suppresses the "
        "address for 30 days: {suppressions}.",
    ),
    Cause(
        "delivery-mailbox-full",
        "The recipient's mailbox is full.",
        "Have the recipient free some space, or use another address; Postal tries again where the reply was a 4xx.",
    ),
    Cause(
        "delivery-server-full",
        "The recipient's server has no room for the mail: its disk is full, or another of its resources is used up.",
        "Its operator has to free space there. Postal tries again, up to 18 times, and nothing here has to change. "
        "Where that server is a relay of yours: df -h on it, and delete no queued mail.",
    ),
    Cause(
        "delivery-relay",
        "The server that Postal reached for the recipient's domain does not accept mail for it, or requires a login.",
        "Compare the MX records of the recipient's domain (dig MX DOMAIN) with the server named in the "
        "delivery: one of them is not that domain's mail server. GlitchTip's own login does not matter here.",
    ),
    Cause(
        "delivery-no-hosts",
        "Postal found no mail server for the recipient's domain: it does not exist, or has no MX and no address.",
        "Check the spelling of the recipient's domain (dig MX DOMAIN). If it is right, Postal's own resolver "
        "does not answer: test it on Postal's host. Postal connected to nothing, so a blocked port is not the "
        "reason.",
        (proven(Code.ARRIVAL_NO_HOSTS),),
    ),
    Cause(
        "delivery-refused-there",
        "The recipient's mail server refuses connections on port 25: nothing listens there, or its firewall rejects.",
        "Compare the server in the delivery with dig MX DOMAIN: an old or private MX is usual. Test from Postal's"
        " host: nc -vz THAT-SERVER 25. A refusal is an answer, so outgoing port 25 is not blocked.",
        (proven(Code.ARRIVAL_CONNECTION_REFUSED),),
    ),
    Cause(
        "delivery-tried",
        "Postal could not use any mail server of the recipient's domain; the reason is in the delivery's output.",
        "Open the message at {queue} and read the output of its last delivery. A time-out: outgoing port 25 is "
        "blocked (Hetzner does that for new accounts). Connection refused: that server is down.",
    ),
    Cause(
        "delivery-silent",
        "The recipient's server accepted Postal's connection and then did not answer in time.",
        "Postal tries again later. If it happens again, test from Postal's host (nc -v THAT-SERVER 25) and "
        "look for a firewall that filters SMTP on the way, or a reverse lookup of Postal's address that hangs "
        "there.",
    ),
    Cause(
        "delivery-certificate",
        "Postal reached the recipient's server, but could not agree on TLS: its certificate does not match or "
        "verify, or the connection was cut.",
        "On Postal's host, openssl s_client -starttls smtp -connect THAT-SERVER:25 shows the certificate. Its "
        "owner has to renew it; Postal tries again until then. GlitchTip's own TLS settings do not matter "
        "here.",
    ),
    Cause(
        "delivery-tls",
        "The recipient's server accepts mail over TLS only, and Postal's delivery did not use it.",
        "Postal uses STARTTLS where the server offers it, so look at the delivery in {messages}: a firewall on "
        "the way may strip STARTTLS. Test: openssl s_client -starttls smtp -connect THAT-SERVER:25 on Postal's "
        "host.",
    ),
    Cause(
        "delivery-loop",
        "The servers of the recipient's domain pass the mail around in a circle until one of them refuses it.",
        "Compare the MX records of the recipient's domain (dig MX DOMAIN) with the server that keeps its mailboxes: "
        "an MX, a forwarding or a route leads back. If the domain is not yours, send its postmaster the whole reply. "
        "GlitchTip and Postal need no change.",
    ),
    Cause(
        "delivery-malformed",
        "The recipient's server says that the message breaks a rule of mail: a header is missing or doubled, or its "
        "lines end wrongly.",
        "Send the wizard's test mail to the same recipient: its headers are complete. If it arrives, a relay or filter "
        "on the way changes GlitchTip's mail. If it is refused too, send that server's whole reply to its postmaster.",
    ),
    Cause(
        "delivery-helo",
        "The recipient's server does not accept the name by which Postal introduces itself (HELO).",
        "Set dns.helo_hostname in postal.yml to a full name that resolves to the sending address and is its "
        "PTR, then restart Postal's worker. GlitchTip's host name does not matter here.",
        (upholds(Code.PTR_OTHER_NAME, Code.PTR_UNCONFIRMED),),
    ),
    Cause(
        "delivery-size",
        "The message is larger than the recipient's server accepts.",
        "GlitchTip's own mails have a few kB: look at what was sent in {messages}. The limit is the recipient's.",
    ),
    Cause(
        "delivery-spam",
        "The recipient's server takes the mail for spam.",
        "Check SPF, DKIM, DMARC and PTR first (postal-wizard check --only dns). Then look at the links in the "
        "mail: GLITCHTIP_DOMAIN must be a real name with https://.",
    ),
    Cause(
        "delivery-greylisted",
        "The recipient's server greylists Postal: it asks a sender that it does not know to try again later.",
        "Wait: Postal tries again after 5 minutes and more, up to 18 times, and the mail then passes. The "
        "delivery shows it at {queue}.",
    ),
    Cause(
        "delivery-rate",
        "The recipient's server limits how much Postal may send at a time.",
        "Postal tries again later. Send less at once: lower the number of alerts in GlitchTip, and set SPF, DKIM "
        "and PTR, which raise the limit at large providers.",
    ),
    Cause(
        "database-column",
        "Postal's worker could not store the result of the delivery: a column of its database is too small.",
        "Upgrade Postal and run postal upgrade, which changes its tables; until then a long reply of the "
        "recipient's server ends the delivery. GlitchTip's settings do not matter here.",
    ),
    Cause(
        "postal-disk-full",
        "A disk of Postal or of its database is full: its log shows that a write failed.",
        "df -h on Postal's host and on MariaDB's shows which. Free space or enlarge it; delete nothing in MariaDB's "
        "folder by hand, because the queued mails are in it. Then postal restart, and look at {queue}.",
    ),
    Cause(
        "worker-database",
        "Postal's worker cannot use its database, so accepted mail stays in the queue.",
        "On Postal's host: postal status, and the log of MariaDB. Start or free the database, then postal start; "
        "the worker sends what waits in {queue}.",
    ),
    Cause(
        "relay-login",
        "The relay between GlitchTip and the recipient does not log in at its next server, which requires a login.",
        "Give that relay the user name and password of its next server (Postfix: relayhost, "
        "smtp_sasl_password_maps), or put Postal's host and port into EMAIL_URL: then you need no relay.",
    ),
)
