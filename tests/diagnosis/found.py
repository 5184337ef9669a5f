"""Wordings that operators have pasted in public, or that providers list, with the cause that is true.

Each row names where its words are from: an issue, a provider's own page, or a public list of replies. Addresses and
names are changed to those of examples; the frames around the words are those of Postal, Python and docker compose.
"""

# Each row is one case and reads best on one line; lines of logs are as they are:
# ruff: noqa: E501, RUF001

from __future__ import annotations

from typing import Final

from tests.diagnosis.logs import docker, mail
from tests.diagnosis.reported import HARD, SOFT, TRIED, data, page, rcpt, sender

AT_GMX: Final = "554-Transaction failed\n554-Reject due to policy restrictions.\n554 For explanation visit https://postmaster.gmx.net/de/case?c=r0735&i=ip&v=192.0.2.25"
BOUNCED: Final = (
    "<kim@icloud.example>: host mx02.mail.icloud.example[198.51.100.25] said: 554\n"
    "    5.7.1 [HM08] Message rejected due to local policy. Please visit\n"
    "    https://support.apple.com/en-us/HT204137 (in reply to end of DATA command)\n"
)

FOUND: Final[tuple[tuple[str, str, str], ...]] = (
    # --- policies -----------------------------------------------------------------------------------------------------
    ("hitobito/hitobito#2671", "delivery-policy", page("HardFail", HARD, AT_GMX)),
    (
        "NetEase's list of codes",
        "delivery-spam",
        page("HardFail", HARD, "554 DT:SPM mx25, see http://mail.partner.example/help"),
    ),
    (
        "NetEase's list of codes, rate",
        "delivery-rate",
        page("SoftFail", SOFT, "421 HL:IFC mx8, see http://mail.partner.example/help"),
    ),
    (
        "NetEase's list of codes, reputation",
        "delivery-listed",
        page("SoftFail", SOFT, "421 HL:REP mx8, see http://mail.partner.example/help"),
    ),
    ("Sina's list of codes", "delivery-helo", page("HardFail", HARD, "555 helohost error")),
    ("QQ's reply", "delivery-return-path", page("HardFail", HARD, "550 Domain may not exist or DNS check failed")),
    ("rspamd/rspamd#5343, with no second code", "delivery-spam", "554 message rejected by anti-spam engine"),
    (
        "postalserver/postal#1838",
        "delivery-certificate",
        page("SoftFail", TRIED, "SSL_connect SYSCALL returned=5 errno=0 state=SSLv3/TLS write client hello"),
    ),
    ("hitobito/hitobito#2671, bare", "delivery-policy", AT_GMX),
    (
        "jlawyerorg/j-lawyer-org#904",
        "delivery-policy",
        "Diagnostic-Code: smtp; 554-Transaction failed 554-Reject due to policy\n    restrictions. 554 For explanation visit\n    https://www.gmx.net/mail/senderguidelines?ip=192.0.2.25&c=hi\n",
    ),
    (
        "nextcloud/mail#6497",
        "delivery-policy",
        "198.51.100.9 failed after I sent the message.\nRemote host said: 554-Transaction failed\n554-Reject due to policy restrictions.\n554 For explanation visit https://www.gmx.net/mail/senderguidelines?ip=192.0.2.25&c=hi\n",
    ),
    (
        "homematic-community/hm_email#13",
        "policy-refused",
        mail(
            "smtplib.SMTPDataError: (554, b'Transaction failed\\nReject due to policy restrictions.\\nFor explanation visit https://postmaster.1und1.de/de/case?c=hi&i=ip&v=192.0.2.25')",
            "sendmail",
        ),
    ),
    ("IONOS: SMTP-Fehlermeldungen", "delivery-policy", page("SoftFail", SOFT, "450 Reject due to policy violations.")),
    (
        "chatmail/core#6547",
        "delivery-policy",
        page(
            "HardFail",
            HARD,
            "554 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137",
        ),
    ),
    ("chatmail/core#6547, as Postfix folds it", "delivery-policy", BOUNCED),
    (
        "minosiants/pencil#57",
        "policy-refused",
        data(
            554,
            "5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137",
        ),
    ),
    (
        "Gmail's list of errors, gcdp",
        "delivery-policy",
        page("HardFail", HARD, "550 5.7.1 This message violates example.com email policy. - gcdp a1-20020a - gsmtp"),
    ),
    (
        "Mimecast's list of SMTP codes",
        "delivery-policy",
        page(
            "HardFail",
            HARD,
            "550 Rejected by header based Anti-Spoofing policy: tip@shop.example - https://community.mimecast.com/docs/DOC-1369#550 [abc]",
        ),
    ),
    (
        "Mimecast's list, a rule of the company",
        "delivery-policy",
        page(
            "HardFail",
            HARD,
            "550 Administrative prohibition - envelope blocked - https://community.mimecast.com/docs/DOC-1369#550 [abc]",
        ),
    ),
    (
        "Mimecast's list, a list of the company",
        "delivery-policy",
        page(
            "HardFail",
            HARD,
            "550 Rejected by header based manually Blocked Senders: tip@shop.example - https://community.mimecast.com/docs/DOC-1369#550",
        ),
    ),
    (
        "Microsoft's list of NDR codes, 5.7.133",
        "delivery-policy",
        page(
            "HardFail",
            HARD,
            "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed because the sender was not authenticated when sending to this group",
        ),
    ),
    (
        "Postfix access(5) at the recipient's",
        "delivery-policy",
        page("HardFail", HARD, "554 5.7.1 <k2j4@psrp.errors.shop.example>: Sender address rejected: Access denied"),
    ),
    (
        "Postfix access(5) at a relay",
        "policy-refused",
        mail(rcpt(554, "5.7.1 <kim@shop.example>: Recipient address rejected: Access denied"), "sendmail"),
    ),
    # --- a full disk --------------------------------------------------------------------------------------------------
    (
        "wader/postfix-relay#7",
        "server-full",
        docker(mail(sender(452, "4.3.1 Insufficient system storage"), "sendmail"), "worker-1"),
    ),
    ("wader/postfix-relay#7, by hand", "server-full", "452 4.3.1 Insufficient system storage"),
    (
        "muquit/mailsend#15",
        "server-full",
        "[2026-11-23 10:00:02,113: ERROR/ForkPoolWorker-1] Task apps.alerts.tasks.send_email[1] raised unexpected: SMTPSenderRefused(452, b'4.3.1 Insufficient system storage', 'tip@shop.example')\n",
    ),
    ("Exim's smtp_in.c", "server-full", sender(452, "Space shortage, please try later")),
    ("Sendmail's MinFreeBlocks", "server-full", sender(452, "4.4.5 Insufficient disk space; try again later")),
    (
        "Postfix's own warning",
        "server-full",
        "Nov 24 08:01:07 relay postfix/smtpd[1177]: warning: not enough free space in mail queue: 1234944 bytes < 1.5*message size limit\n",
    ),
    (
        "svthalia/concrexit#238",
        "delivery-server-full",
        "Dec 11 21:50:15 relay postfix/smtp[1336]: 0157C346021: to=<kim@partner.example>, relay=partner.example[198.51.100.73]:25, delay=0.19, dsn=4.3.1, status=deferred (host partner.example[198.51.100.73] said: 452 4.3.1 Insufficient system storage (in reply to MAIL FROM command))\n",
    ),
    (
        "spambrella.com: common delivery codes",
        "delivery-server-full",
        page("SoftFail", SOFT, "452 4.3.1 Insufficient system resources"),
    ),
    (
        "postalserver/postal#415",
        "postal-disk-full",
        "smtp-1  | An error occurred while processing data from a client.\nsmtp-1  | Errno::ENOSPC: No space left on device @ rb_sysopen\n",
    ),
    ("MariaDB's error 1114", "postal-disk-full", "worker-1  | Mysql2::Error: The table 'queued_messages' is full\n"),
    # --- lists of domains, and lists that do not answer ---------------------------------------------------------------
    (
        "smtp.codes/icloud",
        "delivery-domain-listed",
        page(
            "HardFail",
            HARD,
            "550 5.7.1 Your email was rejected due to having a domain present in the Spamhaus DBL -- see https://www.spamhaus.org/dbl/",
        ),
    ),
    (
        "smtp.codes/exchangeonline",
        "delivery-domain-listed",
        page("HardFail", HARD, "550 5.7.1 Service unavailable, Helo domain is listed in Spamhaus. (S8001)"),
    ),
    (
        "Spamhaus on its public mirrors",
        "delivery-list-unreadable",
        page(
            "HardFail",
            HARD,
            "554 5.7.1 Service unavailable; Client host [192.0.2.25] blocked using zen.spamhaus.org; Error: open resolver; https://www.spamhaus.org/returnc/pub/192.0.2.53",
        ),
    ),
    # --- loops, and messages that are not as they should be -----------------------------------------------------------
    (
        "Exchange Online's list of 5.4.14",
        "delivery-loop",
        page("HardFail", HARD, "554 5.4.14 Hop count exceeded - possible mail loop ATTR34"),
    ),
    (
        "Gmail's list of 5.7.1",
        "delivery-malformed",
        page(
            "HardFail",
            HARD,
            "550 5.7.1 [192.0.2.25] Messages missing a valid Message-ID header are not accepted. For more information, go to https://support.google.com/mail/?p=RfcMessageNonCompliant",
        ),
    ),
    (
        "Postfix, smtpd_forbid_bare_newline",
        "delivery-malformed",
        page("HardFail", HARD, "550 5.5.2 bare <LF> received"),
    ),
    # --- words that were taken for something else ---------------------------------------------------------------------
    (
        "cytoscape/appstore#99",
        "rate-limited",
        mail(data(550, "5.4.5 Daily user sending quota exceeded. v7sm11267272pjk.37 - gsmtp"), "sendmail"),
    ),
    (
        "sitepackage.de, web.de",
        "delivery-mailbox-full",
        page(
            "HardFail",
            HARD,
            "550 Benutzer hat zuviele Mails auf dem Server. / User has too many messages on the server.",
        ),
    ),
    (
        "sitepackage.de, web.de by size",
        "delivery-mailbox-full",
        page(
            "HardFail",
            HARD,
            "550 Benutzer hat das Speichervolumen ueberschritten. / User has exhausted allowed storage space.",
        ),
    ),
    (
        "sitepackage.de, web.de unknown",
        "delivery-recipient",
        page("HardFail", HARD, "550 Benutzer nicht bekannt/User unknown"),
    ),
    (
        "sitepackage.de, Yahoo",
        "delivery-recipient",
        page(
            "HardFail",
            HARD,
            "554 delivery error: dd This user doesn't have a yahoo.example account (kim@yahoo.example) [0]",
        ),
    ),
    (
        "smtp.codes/unitedinternet",
        "delivery-unauthenticated",
        page(
            "HardFail",
            HARD,
            "550 <kim@gmx.example>: Reject due to SPF policy. The originating IP of the message is not permitted by the domain owner",
        ),
    ),
    (
        "help.yahoo.com/kb/SLN7253",
        "delivery-unauthenticated",
        page(
            "HardFail",
            HARD,
            "554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes",
        ),
    ),
    (
        "Microsoft's 4.7.650",
        "delivery-listed",
        page(
            "SoftFail",
            SOFT,
            "451 4.7.650 The mail server [192.0.2.25] has been temporarily rate limited due to IP reputation. (S775)",
        ),
    ),
    (
        "postalserver/postal#546",
        "delivery-return-path",
        "Net::SMTPServerBusy: 451 <ok4mpa@psrp.shop.example> unable to verify address",
    ),
    (
        "postalserver/postal#1010",
        "delivery-rate",
        page("HardFail", HARD, "550 Connection frequency limited. http://service.mail.example/cgi-bin/help"),
    ),
    (
        "smtp.codes/icloud, volume",
        "delivery-rate",
        page(
            "SoftFail",
            SOFT,
            "421 4.7.1 Messages to kim@icloud.example deferred due to excessive volume. Try again later - https://support.apple.com/en-us/HT204137",
        ),
    ),
    (
        "Gmail's list of errors, unusual rate",
        "delivery-rate",
        page(
            "SoftFail",
            SOFT,
            "421 4.7.0 Our system has detected an unusual rate of unsolicited mail originating from your IP address. To protect our users from spam, mail sent from your IP address has been temporarily blocked.",
        ),
    ),
    (
        "Gmail's list of errors, a gateway before it",
        "delivery-relay",
        page("SoftFail", SOFT, "421 4.7.0 IP not in whitelist for RCPT domain, closing connection."),
    ),
    (
        "Exim's callout",
        "delivery-return-path",
        page(
            "HardFail",
            HARD,
            "550-Callback setup failed while verifying <k2j4@psrp.shop.example>\n550-The initial connection, or a HELO or MAIL FROM:<> command was rejected.\n550 Sender verify failed",
        ),
    ),
    (
        "postmaster.comcast.net, BL000001",
        "delivery-listed",
        page(
            "HardFail",
            HARD,
            "554 resimta-po-12v.sys.comcast.example comcast 192.0.2.25 found on one or more DNSBLs, see http://postmaster.comcast.net/smtp-error-codes.php#BL000001",
        ),
    ),
    (
        "postmaster.comcast.net, BL000010",
        "delivery-listed",
        page(
            "HardFail",
            HARD,
            "554 imta25.comcast.example comcast 192.0.2.25 Comcast BL000010 Blocked for spam. Please see http://postmaster.comcast.net/smtp-error-codes.php#BL000010",
        ),
    ),
    (
        "omega8cc/boa#532, quoted",
        "delivery-ptr",
        "> kim@partner.example: host postrelay1.partner.example[198.51.100.22]\n>     said: 550 5.7.1 Client host rejected: cannot find your hostname,\n>    [192.0.2.25](in reply to RCPT TO command)\n",
    ),
    (
        "sisimai/p5-sisimai#312",
        "delivery-recipient",
        "Final-recipient: RFC822; kim@partner.example\nAction: failed\nStatus: 5.0.0\nRemote-MTA: dns; sub.mail.protection.outlook.example\nX-Supplementary-Info: <sub.mail.protection.outlook.example #5.0.0 smtp;\n 550 5.4.1 [kim@partner.example]: Recipient address rejected: Access\n denied [xxx.eop-APC01.prod.protection.outlook.example]>\n",
    ),
    (
        "frappe/frappe#8514",
        "recipient-unknown",
        "SMTPRecipientsRefused: {u'admin@example.com': (501, '5.1.5 Recipient address reserved by RFC 2606')}\n",
    ),
    (
        "Amavis's banned files",
        "delivery-policy",
        page("HardFail", HARD, "554 5.7.0 Bounce, id=12345-01 - BANNED: .exe"),
    ),
    # --- what was right before, and has to stay so --------------------------------------------------------------------
    (
        "postmaster.gmx.com",
        "delivery-listed",
        page(
            "HardFail",
            HARD,
            "554-gmx.example (mxgmx104) Nemesis ESMTP Service not available\n554-No SMTP service\n554-IP address is block listed.\n554 For explanation visit https://postmaster.gmx.net/en/case?c=r0201&i=ip&v=198.51.100.42",
        ),
    ),
    (
        "EDSM-NET/FrontEnd#21",
        "delivery-ptr",
        page(
            "SoftFail",
            "No SMTP servers were available for web.example. Tried mx-ha03.web.example",
            "554-web.example (mxweb010) Nemesis ESMTP Service not available\n554-No SMTP service\n554-Bad DNS PTR resource record.\n554 For explanation visit https://web.de/email/senderguidelines?ip=192.0.2.25&c=rdns",
        ),
    ),
    (
        "docker-mailserver#22",
        "delivery-listed",
        page("HardFail", HARD, "550 5.7.0 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi?ip=192.0.2.25"),
    ),
    (
        "spamresource.com, T-Online",
        "delivery-listed",
        page(
            "HardFail",
            HARD,
            "554 IP=192.0.2.25 - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.) (BL)",
        ),
    ),
    (
        "getconversio/email-deep-validator#20",
        "delivery-listed",
        page(
            "HardFail",
            HARD,
            "554-Service unavailable; Client host [192.0.2.25] blocked using\n554-Barracuda Reputation;\n554 http://www.barracudanetworks.com/reputation/?r=1&ip=192.0.2.25",
        ),
    ),
    (
        "postalserver/postal#367",
        "delivery-listed",
        page(
            "HardFail",
            HARD,
            "550-5.7.1 [192.0.2.25 19] Our system has detected that this message is 550-5.7.1 likely suspicious due to the very low reputation of the sending 550-5.7.1 domain. To best protect our users from spam, the message has been 550-5.7.1 blocked.",
        ),
    ),
    ("postalserver/postal#576", "held-deferred", page("SoftFail", SOFT, "451 4.7.1 Try again later")),
    (
        "Mimecast's list, greylisting",
        "held-deferred",
        page(
            "SoftFail",
            SOFT,
            "451 Internal resource temporarily unavailable - https://community.mimecast.com/docs/DOC-1369#451 [abc]",
        ),
    ),
    (
        "mandarons/icloud-docker#163",
        "spam-refused",
        "ERROR :: root :: notify.py :: 45 :: Failed to send email: (550, b'5.7.1 message content rejected').",
    ),
    (
        "Ecotrust/forestplanner#220",
        "relay-denied",
        "SMTPRecipientsRefused at /auth/signup/\n{'kim@shop.example': (550, '5.7.1 Unable to relay')}\n",
    ),
    ("glitchtip's compose sample", "console", "services:\n  web:\n    environment:\n      EMAIL_URL: consolemail://\n"),
)

SAID: Final[tuple[tuple[str, str], ...]] = (
    ("where-it-stops", "glitchtip does not send emails"),
    ("where-it-stops", "Why does GlitchTip not send emails?"),
    ("where-it-stops", "No emails from GlitchTip"),
    ("where-it-stops", "Can't send any Mails"),
    ("where-it-stops", "I'm not receiving forgot password email"),
    ("where-it-stops", "invitation email never arrives"),
    ("where-it-stops", "Invitation emails are not sent."),
    ("where-it-stops", "Alert emails are not sent to some users"),
    ("where-it-stops", "email not working"),
    ("where-it-stops", "Sending mail works from postal but not from glitchtip"),
    (
        "where-it-stops",
        "We invited three people, but none of them got the invitation mail. Postal shows nothing in Messages.",
    ),
    (
        "where-it-stops",
        "Hi all, I set up GlitchTip with Postal yesterday. The password reset page says that a mail was sent, but nothing ever arrives in my inbox, also not in spam. What can I do?",
    ),
    ("where-it-stops", "EMAIL_URL=smtp://a:b@postal.shop.example:25\n\nglitchtip does not send emails"),
    ("localhost", "EMAIL_URL=smtp://localhost:25\n\nglitchtip does not send emails"),
    ("where-it-stops", "postal dont send email"),
    ("where-it-stops", "Mail worked on first attempt then stopped working."),
    ("where-it-stops", "Hi, i don\N{ACUTE ACCENT}t get an E-Mail."),
    ("where-it-stops", "GlitchTip alerts not working"),
    ("where-it-stops", "Cannot reset password, no email"),
    ("where-it-stops", "glitchtip verschickt keine mails"),
    ("where-it-stops", "E-Mails kommen nicht an"),
    ("where-it-stops", "Einladung kommt nicht an"),
    ("where-it-stops", "les emails ne partent pas"),
    ("where-it-stops", "no se envían los correos"),
    ("spam-folder", "password reset mail goes to spam"),
    ("spam-folder", "All my mails end up in the junk folder of hotmail"),
    ("spam-folder", "Mails landen im Spam"),
    ("spam-folder", "It sends fine, but goes to spam at Gmail"),
    (
        "spam-folder",
        "Every password reset is delivered straight to the junk folder of Outlook; Postal's page has all in green.",
    ),
    ("spam-folder", "Invitations are landing in junk"),
    ("spam-folder", "gmail flags our mail as spam since the move"),
    ("spam-folder", "de e-mails komen in de spamfolder"),
    ("spam-folder", "wiadomo\u015bci trafiaj\u0105 do spamu"),
    ("held-development", "The mails are not in spam, they never arrive"),
    ("links", "The links in our invitation mails lead to http://localhost:8000"),
    ("from-default", "Our mails come from webmaster@localhost"),
    ("from-default", "The sender of the mails is wrong"),
    ("from-unverified", "Postal still says that the domain is not verified, the TXT record is there"),
    ("held-port-25", "our provider blocks outgoing port 25"),
    ("cert-issuer", "There is a certificate error when GlitchTip talks STARTTLS to Postal"),
    ("delivery-dkim", "Gmail says DKIM fails, Postal's page is all green"),
    ("delivery-spf", "SPF gives a perm error for mail from Postal"),
    ("spam-folder", "DMARC does not pass for the mails of our GlitchTip"),
    ("old-environment", "I changed EMAIL_URL and restarted, and GlitchTip still uses the old mail server"),
    ("wrong-key", "Since we rotated the credential GlitchTip cannot send mail, authentication fails"),
    ("unencoded-key", "The web container keeps restarting since I set EMAIL_URL"),
    ("held-development", "Password reset emails never received"),
    ("held-no-worker", "Emails are stuck in queue"),
    ("held-no-worker", "Messages pending in the queue."),
    ("held-no-worker", "How to send pending mails?????"),
    ("held-refused", "i can't send mail it shows hard fail ,,,help me please"),
    ("held-deferred", "I keep receiving a soft fail error"),
    ("held-development", "Postal says Held"),
    ("delivery-greylisted", "mail takes 20 minutes to arrive"),
    ("wrong-key", "535"),
    # --- in other languages ----------------------------------------------------------------------------------------------
    ("where-it-stops", "Seit Montag erhält niemand mehr eine Mail."),
    ("where-it-stops", "Das Team bekommt keine Benachrichtigung per Mail, der Testversand geht."),
    ("where-it-stops", "Nos collègues ne reçoivent jamais le mail d’invitation."),
    ("where-it-stops", "aucun mail n'est envoyé"),
    ("where-it-stops", "A los usuarios no les llega el correo con la contraseña."),
    ("where-it-stops", "O e-mail do convite não chega"),
    ("where-it-stops", "Nessuno riceve la mail di invito."),
    ("where-it-stops", "De meldingen per e-mail komen niet aan."),
    ("where-it-stops", "Письма с приглашением не доходят"),
    ("where-it-stops", "почта перестала отправляться"),
    ("where-it-stops", "Zaproszenia nie dochodzą, maile z hasłem też nie."),
    ("where-it-stops", "招待のメールがチームに届かない。"),
    ("where-it-stops", "アラートのメールが送信されません"),
    ("where-it-stops", "团队收不到邀请邮件"),
    ("where-it-stops", "告警邮件没有发送。"),
    ("where-it-stops", "password reset links aren't reaching anybody"),
    ("where-it-stops", "the test mail is fine but it doesnt mail for invites"),
    ("spam-folder", "Le mail arrive toujours dans les spams."),
    ("spam-folder", "Os e-mails caem na caixa de spam"),
    ("spam-folder", "Письма попадают в спам"),
    ("spam-folder", "邮件总是进垃圾箱"),
    ("nothing-listens", "SMTP Error: Could not connect to SMTP host."),
)
"""Reports without an error, in the words of titles of issues; all they lead to is possible."""

NOT_ABOUT_MAIL: Final = (
    "our emails are not being marked as spam any more",
    "emails don't go to spam",
    "how do I stop postal from rejecting spam",
    "SPF, DKIM and DMARC all pass",
    "port 25 is not blocked here, and emails arrive",
    "Users cannot log in, the password is wrong; mail is not affected",
    "We use a self made link shortener in our mails",
    "my glitchtip is slow",
    "How do I delete a project?",
    "the dashboard shows no issues",
    "How do I change the email of a user?",
    "how do I configure email in glitchtip?",
    "Notification settings cannot be saved",
    "No invitations are pending",
    "emails work now, thanks",
    "Thanks, now all emails arrive.",
    "email is not required for login",
    "Email addresses are not shown in the issue list",
    "We never had a problem with mail",
    "the web page does not load, mail works",
    "mail arrives, nothing in spam",
    "Danke, die Einladungen kommen jetzt an.",
    "Die Mails sind nicht im Spam.",
    "Wo stelle ich den Absender der Mails ein?",
    "La mail è arrivata, nessun problema",
    "Je ne sais pas où changer l'adresse mail",
    "No encuentro la opción para cambiar el correo",
    "Где изменить адрес почты?",
    "メールアドレスを変更したいです",
    "现在可以收到邮件了",
    "there is no way to set a second email",
    "how do spam filters treat mails",
    "[2026-11-23 10:00:02,113: ERROR/ForkPoolWorker-2] Task apps.uptime.tasks.dispatch_checks[f7e0] raised unexpected: ConnectionRefusedError(111, 'Connection refused')",
    "sidekiq-1  | Errno::ENOSPC: No space left on device @ io_write - /var/log/puma.log",
)
"""Reports of something else, and of nothing."""
