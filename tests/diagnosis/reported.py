"""Texts of the kinds that people paste into questions, in our own words: who says what, and the cause that is true.

The wordings of servers are those of their sources and manuals (Postfix smtpd_check.c, Exim's smtp_in.c and Debian's
ACLs, Sendmail's proto.m4, OpenSMTPD, Exchange's and Gmail's public lists of errors, SES, Mailgun, Haraka, Stalwart);
the frames around them those of Python, Django, Celery, Postal 2 and 3, docker compose and syslog.
"""

# Each row is one case and reads best on one line; lines of logs are as they are:
# ruff: noqa: E501

from __future__ import annotations

from typing import Final

from tests.diagnosis.logs import docker, mail, task


def rcpt(code: int, words: str, to: str = "kim@shop.example") -> str:
    return f"smtplib.SMTPRecipientsRefused: {{'{to}': ({code}, b'{words}')}}"


def sender(code: int, words: str, address: str = "tip@errors.shop.example") -> str:
    return f"smtplib.SMTPSenderRefused: ({code}, b'{words}', '{address}')"


def data(code: int, words: str) -> str:
    return f"smtplib.SMTPDataError: ({code}, b'{words}')"


def page(status: str, details: str, output: str) -> str:
    """What Postal shows of a delivery, as it is selected and pasted."""
    return f"{status}\n{details}\n{output}\nTime: 1.73s\nSupport Ref: QX7ZK2M9\n"


HARD: Final = "Permanent SMTP delivery error when sending to mx2.partner.example (198.51.100.40)"
SOFT: Final = "Temporary SMTP delivery error when sending to mx2.partner.example (198.51.100.40)"
TRIED: Final = "No SMTP servers were available for partner.example. Tried mx2.partner.example"
WORKER: Final = "component=worker thread=work1 original_queued_message=812 queued_message=812"


def worker(level: str, words: str) -> str:
    return f"postal-worker-1  | 2026-11-24 08:01:07 +0000 {level:<6} {words} log_id=QX7ZK2M9 {WORKER}\n"


REPORTED: Final[tuple[tuple[str, str, str], ...]] = (
    # --- K1: the name in EHLO -----------------------------------------------------------------------------------------
    ("helo", "ehlo-name", docker(task(rcpt(504, "5.5.2 <3f9c0a7be1d2>: Helo command rejected: need fully-qualified hostname"), "sendmail"), "worker-1")),
    ("helo", "ehlo-name", mail(rcpt(550, "Access denied - Invalid HELO name (See RFC2821 4.1.1.1)"), "sendmail")),
    ("helo", "ehlo-name", "".join(f"27.12.2026 17:26:55{line}\n" for line in mail(rcpt(504, "5.5.2 <5c632f939fd4>: Helo command rejected: need fully-qualified hostname"), "sendmail").splitlines())),
    ("helo", "ehlo-name", sender(550, "5.7.1 <3f9c0a7be1d2>: Helo command rejected: You are not me")),
    ("helo", "ehlo-name", mail("smtplib.SMTPHeloError: (501, b'5.0.0 Invalid domain name')", "ehlo_or_helo_if_needed")),
    ("helo", "ehlo-name", "450 4.7.1 <3f9c0a7be1d2>: Helo command rejected: Host not found"),
    ("helo", "ehlo-name", "Nov 24 08:01:07 relay postfix/smtpd[1177]: NOQUEUE: reject: RCPT from unknown[10.0.4.9]: 450 4.7.1 <3f9c0a7be1d2>: Helo command rejected: Host not found; from=<tip@errors.shop.example> to=<kim@shop.example> proto=ESMTP helo=<3f9c0a7be1d2>"),
    # --- K2, K3: the sender, put off to a later command or under another code ------------------------------------------
    ("sender", "from-default", docker(mail(rcpt(504, "5.5.2 <webmaster@localhost>: Sender address rejected: need fully-qualified address"), "sendmail"))),
    ("sender", "from-default", sender(553, "5.1.8 Domain of sender address webmaster@localhost does not exist", "webmaster@localhost")),
    ("sender", "from-default", "SMTPSenderRefused at /accounts/password/reset/\n(501, b'Sender address must contain a domain', 'webmaster@localhost')\nRequest Method: POST\n"),
    ("sender", "from-not-owned", task(sender(553, "5.7.1 <tip@errors.shop.example>: Sender address rejected: not owned by user relay7"), "sendmail")),
    ("sender", "from-not-owned", sender(501, "Mail from address must be same as authorization user.")),
    ("sender", "from-not-owned", sender(553, "Relaying disallowed as tip@errors.shop.example")),
    ("sender", "from-not-owned", data(554, "5.2.252 SendAsDenied; relay7@shop.example not allowed to send as tip@errors.shop.example")),
    ("sender", "from-not-owned", sender(550, "5.7.60 SMTP; Client does not have permissions to send as this sender")),
    ("sender", "sender-domain", rcpt(450, "4.1.8 <tip@errors.shop.example>: Sender address rejected: Domain not found")),
    ("sender", "sender-domain", rcpt(550, "Sender verify failed")),
    ("sender", "sender-domain", sender(553, "5.1.8 <tip@errors.shop.example>... Domain of sender address tip@errors.shop.example does not exist")),
    ("sender", "sender-refused", rcpt(554, "5.7.1 <tip@errors.shop.example>: Sender address rejected: Access denied")),
    ("sender", "from-malformed", sender(501, "5.1.7 Bad sender address syntax", "GlitchTip")),
    ("sender", "too-large", data(552, "5.3.4 Message size exceeds fixed limit")),
    # --- Postal's own words at another step than its own: a relay or another client in between shows them there ---------
    ("postal", "from-unverified", sender(530, "From/Sender name is not valid")),
    ("postal", "from-unverified", docker(task(rcpt(530, "From/Sender name is not valid"), "sendmail"), "worker-1")),
    ("postal", "suspended", data(535, "Mail server has been suspended")),
    ("postal", "suspended", sender(535, "Mail server has been suspended")),
    ("postal", "recipient-postal", data(550, "Invalid server token")),
    ("relay", "relay-denied", rcpt(550, "5.7.1 kim@shop.example... Relaying denied. IP name lookup failed [10.0.4.9]")),
    ("relay", "relay-denied", rcpt(550, "5.7.1 kim@shop.example... Relaying denied. IP name possibly forged [10.0.4.9]")),
    # --- K4, K5, K6: what the recipient's server says to Postal --------------------------------------------------------
    ("delivery", "delivery-relay", page("HardFail", HARD, "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain")),
    ("delivery", "delivery-relay", page("HardFail", HARD, "530 5.7.57 Client not authenticated to send mail")),
    ("delivery", "delivery-relay", worker("ERROR", "Net::SMTPFatalError: 550 5.7.1 Relaying denied. Proper authentication required.")),
    ("delivery", "delivery-relay", page("HardFail", HARD, "553 sorry, that domain is not in my list of allowed rcpthosts (#5.7.1)")),
    ("delivery", "delivery-relay", '{"status": "HardFail", "details": "Permanent SMTP delivery error when sending to mx2.partner.example (198.51.100.40)", "output": "550 Authentication is required for relay", "sent_with_ssl": true}'),
    ("delivery", "delivery-return-path", page("SoftFail", SOFT, "451 4.1.8 Domain of sender address k2j4@psrp.errors.shop.example does not resolve")),
    ("delivery", "delivery-return-path", page("HardFail", HARD, "550 Verification failed for <k2j4@psrp.errors.shop.example>\n550 Sender verify failed")),
    ("delivery", "delivery-return-path", worker("ERROR", "Net::SMTPServerBusy: 450 4.1.8 <k2j4@rp.postal.shop.example>: Sender address rejected: Domain not found")),
    ("delivery", "delivery-return-path", page("HardFail", HARD, "553 5.1.8 <k2j4@psrp.errors.shop.example>... Domain of sender address k2j4@psrp.errors.shop.example does not exist")),
    ("delivery", "delivery-return-path", '{"event": "MessageDeliveryFailed", "payload": {"status": "HardFail", "output": "550 5.1.0 <k2j4@psrp.errors.shop.example> sender rejected: invalid sender domain"}}'),
    ("delivery", "delivery-ptr", page("SoftFail", TRIED, "421 mx2 refused: no PTR record for [192.0.2.61]")),
    ("delivery", "delivery-ptr", page("HardFail", HARD, "550-5.7.25 [192.0.2.61] The IP address sending this message does not have a PTR\n550-5.7.25 record setup, or the corresponding forward DNS entry does not match the\n550 5.7.25 sending IP. - gsmtp")),
    ("delivery", "delivery-ptr", worker("ERROR", "Net::SMTPFatalError: 554 5.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.61]")),
    ("delivery", "delivery-ptr", "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.61]"),
    ("delivery", "delivery-listed", page("HardFail", HARD, "554 5.7.1 Service unavailable; Client host [192.0.2.61] blocked using zen.spamhaus.org")),
    ("delivery", "delivery-listed", page("SoftFail", SOFT, "421 4.7.0 [TSS04] Messages from 192.0.2.61 temporarily deferred due to unexpected volume or user complaints")),
    ("delivery", "delivery-listed", page("HardFail", HARD, "553 5.3.0 flpd575 DNSBL:RBL 521< 192.0.2.61 >_is_blocked.For assistance forward this error to abuse_rbl@abuse-att.net")),
    ("delivery", "delivery-listed", page("HardFail", HARD, "550 5.7.1 Unfortunately, messages from [192.0.2.61] were not sent. Part of their network is on our block list (S3150).")),
    ("delivery", "delivery-recipient", page("HardFail", HARD, "550 5.1.1 <kim@partner.example>: Recipient address rejected: User unknown in virtual mailbox table")),
    ("delivery", "delivery-recipient", worker("ERROR", "Net::SMTPFatalError: 550 No such user here")),
    ("delivery", "delivery-recipient", "Final-Recipient: rfc822; kim@partner.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 The email account that you tried to reach does not exist"),
    ("delivery", "delivery-mailbox-full", page("SoftFail", SOFT, "452 4.2.2 The email account that you tried to reach is over quota")),
    ("delivery", "delivery-unauthenticated", page("HardFail", HARD, "550 5.7.509 Access denied, sending domain errors.shop.example does not pass DMARC verification")),
    ("delivery", "delivery-unauthenticated", page("HardFail", HARD, "550-5.7.26 Your email has been blocked because the sender is unauthenticated.\n550-5.7.26 SPF and DKIM did not pass. - gsmtp")),
    ("delivery", "delivery-greylisted", page("SoftFail", SOFT, "450 4.2.0 <kim@partner.example>: Recipient address rejected: Greylisted for 300 seconds")),
    ("delivery", "delivery-rate", page("SoftFail", SOFT, "421-4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP\n421 4.7.28 address.")),
    ("delivery", "delivery-tls", page("HardFail", HARD, "530 5.7.0 Must issue a STARTTLS command first")),
    ("delivery", "delivery-tls", page("SoftFail", SOFT, "454 4.7.10 Encryption required: this server accepts mail over TLS only")),
    ("delivery", "delivery-spam", page("HardFail", HARD, "554 5.7.1 Message rejected: it looks like spam")),
    ("delivery", "delivery-helo", page("HardFail", HARD, "550 5.7.1 <postal>: Helo command rejected: Host not found")),
    ("delivery", "held-deferred", page("SoftFail", SOFT, "451 4.3.0 Temporary lookup failure, please try again later")),
    # --- K6: whether anybody was reached -------------------------------------------------------------------------------
    ("reached", "held-port-25", page("SoftFail", TRIED, "execution expired")),
    ("reached", "held-port-25", worker("ERROR", "Cannot connect to 198.51.100.40:25 (mx2.partner.example) (Net::OpenTimeout: Timeout while connecting)")),
    ("reached", "held-port-25", f"{TRIED}\nexecution expired"),
    ("reached", "delivery-refused-there", page("SoftFail", TRIED, 'Connection refused - connect(2) for "198.51.100.40" port 25')),
    ("reached", "delivery-certificate", page("SoftFail", TRIED, "SSL_connect returned=1 errno=0 state=error: certificate verify failed (certificate has expired)")),
    ("reached", "delivery-certificate", worker("ERROR", 'Cannot connect to 198.51.100.40:25 (mx2.partner.example) (OpenSSL::SSL::SSLError: hostname "mx2.partner.example" does not match the server certificate)')),
    ("reached", "delivery-no-hosts", page("SoftFail", "No SMTP servers were available for partnr.example. No hosts to try.", "")),
    ("reached", "delivery-silent", worker("ERROR", "Net::ReadTimeout: Net::ReadTimeout with #<TCPSocket:(closed)>")),
    ("reached", "delivery-tried", f"SoftFail\n{TRIED}\n"),
    # --- K7: Postal's own words ---------------------------------------------------------------------------------------
    ("Postal's words", "reused", mail(sender(503, "EHLO/HELO first please"), "sendmail")),
    ("Postal's words", "reused", "[2026-11-24 08:01:07,001: ERROR/ForkPoolWorker-3] Task apps.alerts.tasks.send_notification[77] raised unexpected: SMTPSenderRefused(503, b'EHLO/HELO first please', 'tip@errors.shop.example')"),
    ("Postal's words", "reused", "C: MAIL FROM:<tip@errors.shop.example>\nS: 503 EHLO/HELO first please\n"),
    ("Postal's words", "out-of-order", mail(data(503, "HELO/EHLO, MAIL FROM and RCPT TO before sending data"), "sendmail")),
    ("Postal's words", "recipient-postal", mail(rcpt(550, "Invalid server token", "x@rp.postal.shop.example"), "sendmail")),
    # --- K8: nobody but the container itself ---------------------------------------------------------------------------
    ("errno", "container-itself", docker(task("OSError: [Errno 99] Cannot assign requested address", "_get_socket"), "worker-1")),
    ("errno", "container-itself", "OSError: [Errno 97] Address family not supported by protocol"),
    ("errno", "container-itself", "socket.error: [Errno 99] Cannot assign requested address"),
    ("errno", "container-itself", "Error: [Errno 99] Cannot assign requested address while sending e-mail"),
    ("errno", "container-itself", "smtp: ConnectionRefusedError: [Errno 111] Connect call failed ('127.0.0.1', 25)"),
    ("errno", "container-itself", "aiosmtplib.errors.SMTPConnectError: Error connecting to localhost on port 25: [Errno 111] Connect call failed"),
    ("errno", "localhost", "EMAIL_HOST=localhost\nEMAIL_PORT=25\n" + mail("OSError: [Errno 99] Cannot assign requested address", "_get_socket")),
    ("errno", "localhost", '{"EMAIL_URL": "smtp://u:p@127.0.0.1:2525"}\nOSError: [Errno 99] Cannot assign requested address'),
    ("errno", "empty-url", "EMAIL_URL=\n" + mail("OSError: [Errno 99] Cannot assign requested address", "_get_socket")),
    ("errno", "no-route", "EMAIL_URL=smtp://u:p@postal.shop.example:2525\n" + mail("OSError: [Errno 101] Network is unreachable", "_get_socket")),
    # --- K9: a relay's own rules ---------------------------------------------------------------------------------------
    ("relay", "from-not-verified-there", mail(data(554, "Message rejected: Email address is not verified. The following identities failed the check in region US-EAST-1: tip@errors.shop.example"), "sendmail")),
    ("relay", "from-not-verified-there", data(550, "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.")),
    ("relay", "from-not-verified-there", sender(550, "5.7.1 Sender domain errors.shop.example is not verified")),
    ("relay", "relay-client", sender(550, "5.7.1 Mail relay denied [203.0.113.40]. Invalid credentials for relay")),
    ("relay", "relay-client", rcpt(550, "5.7.1 Your IP address is not authorized to use this relay")),
    ("relay", "relay-denied", rcpt(550, "relay not permitted")),
    ("relay", "relay-denied", rcpt(554, "5.7.1 <kim@shop.example>: Relay access denied")),
    ("relay", "relay-denied", "2026-11-24 08:01:07 H=(3f9c0a7be1d2) [10.0.4.9] F=<tip@errors.shop.example> rejected RCPT <kim@shop.example>: relay not permitted"),
    ("relay", "relay-login", "Nov 24 08:01:07 relay postfix/smtp[412]: 9C1D24E0: to=<kim@partner.example>, relay=smtp.provider.example[198.51.100.8]:587, dsn=5.7.0, status=bounced (host smtp.provider.example[198.51.100.8] said: 530 5.7.0 Authentication Required. (in reply to MAIL FROM command))"),
    ("relay", "no-login-elsewhere", sender(530, "5.5.1 Authentication Required. Learn more at")),
    ("relay", "no-login-elsewhere", rcpt(550, "5.7.1 Client was not authenticated")),
    ("relay", "no-login-elsewhere", sender(530, "5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM")),
    ("relay", "auth-needs-tls", sender(530, "5.7.0 Must issue a STARTTLS command first.")),
    ("relay", "auth-needs-tls", mail("smtplib.SMTPAuthenticationError: (538, b'5.7.11 Encryption required for requested authentication mechanism')", "login", "auth")),
    ("relay", "auth-plain-off", mail("smtplib.SMTPAuthenticationError: (535, b'5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant')", "login", "auth")),
    ("relay", "rate-limited", mail("smtplib.SMTPAuthenticationError: (451, b'Authentication failed: Maximum credits exceeded')", "login", "auth")),
    ("relay", "rate-limited", mail(data(454, "Throttling failure: Daily message quota exceeded."), "data")),
    ("relay", "from-not-owned", mail(data(550, "5.7.0 From address is not one of your addresses"), "data")),
    ("relay", "from-not-owned", mail(sender(501, "5.5.4 You are not allowed to send from this address."), "sendmail")),
    ("relay", "no-login-elsewhere", mail(rcpt(503, "5.5.1 You must authenticate first."), "sendmail")),
    ("Postal's words", "from-unverified", "2026-11-24 08:01:07 1nVVkU-0000Ii-Fq ** kim@partner.example P=<tip@errors.shop.example> R=smarthost T=remote_smtp H=smtp.postal.shop.example [192.0.2.25]:25: SMTP error from remote mail server after end of data: 530 From/Sender name is not valid"),
    ("Postal's words", "suspended", "Nov 24 08:01:07 relay postfix/smtp[1177]: 4C2: to=<kim@partner.example>, relay=smtp.postal.shop.example[192.0.2.25]:25, dsn=5.0.0, status=bounced (host smtp.postal.shop.example[192.0.2.25] said: 535 Mail server has been suspended (in reply to RCPT TO command))"),
    # --- K10: another program in Postal's place -------------------------------------------------------------------------
    ("in its place", "intercepted", mail("smtplib.SMTPConnectError: (554, b'5.7.1 Mail blocked: spam suspected')", "connect")),
    ("in its place", "intercepted", "SMTPConnectError at /settings/\n(451, b'Spam email. Email Session ID: {11111111-1-00000-00000000}')\n"),
    ("in its place", "busy", mail("smtplib.SMTPHeloError: (421, b'4.7.0 Try again later, closing connection.')", "ehlo_or_helo_if_needed")),
    ("in its place", "not-postal", mail("smtplib.SMTPAuthenticationError: (535, b'5.7.3 Authentication unsuccessful')", "login", "auth")),
    ("in its place", "web-port", mail("smtplib.SMTPConnectError: (-1, b'/1.1 400 Bad Request')", "connect")),
    ("in its place", "ssh-port", "smtplib.SMTPConnectError: (-1, b'2.0-OpenSSH_9.2p1 Debian-2+deb12u3')"),
    # --- K11, K12: what the text shows, and what it does not ------------------------------------------------------------
    ("evidence", "tls-port", "EMAIL_PORT: 465\nEMAIL_USE_TLS: 'True'\n[2026-11-24 08:01:37 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:9)\n"),
    ("evidence", "tls-port", "EMAIL_URL=smtp://u:p@mail.shop.example:465\n" + mail("smtplib.SMTPServerDisconnected: Connection unexpectedly closed: timed out", "connect", "getreply")),
    ("evidence", "closed-somewhere", "smtplib.SMTPServerDisconnected: Server not connected"),
    ("evidence", "closed-somewhere", "[2026-11-24 08:01:07,001: ERROR/ForkPoolWorker-3] Task apps.users.tasks.x[8] raised unexpected: SMTPServerDisconnected('Connection unexpectedly closed')"),
    ("evidence", "cut-at-starttls", mail("smtplib.SMTPServerDisconnected: Connection unexpectedly closed: [WinError 10054] An existing connection was forcibly closed by the remote host", "starttls", "getreply")),
    ("evidence", "postal-exception", mail("smtplib.SMTPServerDisconnected: Connection unexpectedly closed", "login", "auth", "getreply")),
    # --- K13: which setting -------------------------------------------------------------------------------------------
    ("setting", "unencoded-key", 'Traceback (most recent call last):\n  File "/code/glitchtip/settings.py", line 447, in <module>\n    vars().update(env.email_url("EMAIL_URL"))\n  File "/usr/local/lib/python3.8/site-packages/environ/environ.py", line 560, in email_url_config\nValueError: invalid literal for int() with base 10: \'Xk\'\n'),
    ("setting", "unencoded-key", 'Traceback (most recent call last):\n  File "/code/glitchtip/settings.py", line 447, in <module>\n    vars().update(env.email_url("EMAIL_URL"))\nValueError: Port could not be cast to integer value as \'Xk\'\n'),
    ("setting", "timeout-word", 'Traceback (most recent call last):\n  File "/code/glitchtip/settings.py", line 455, in <module>\n    EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=None)\nValueError: invalid literal for int() with base 10: \'10s\'\n'),
    ("setting", "quoted-url", "django.core.exceptions.ImproperlyConfigured: Invalid email schema "),
    ("setting", "email-disabled", '{"socialApps": [], "enableUserRegistration": true, "enabledFeatures": ["uptime", "logs"], "version": "6.0.2"}'),
    ("setting", "no-celery", 'Error response from daemon: failed to create task for container: exec: "celery": executable file not found in $PATH: unknown'),
    # --- what the image does not have -------------------------------------------------------------------------------------
    ("command", "no-celery", 'Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "celery": executable file not found in $PATH: unknown\n'),
    ("command", "no-celery", 'ERROR: for worker  Cannot start service worker: invalid header field value "oci runtime error: container_linux.go:247: starting container process caused \\"exec: \\\\\\"celery\\\\\\": executable file not found in $PATH\\"\\n"'),
    ("command", "no-celery", "worker-1  | /bin/sh: 1: celery: not found\nworker-1 exited with code 127\n"),
    ("command", "no-celery", "worker-1  | ./bin/run-celery-with-beat.sh: line 4: exec: celery: not found\n"),
    ("command", "no-celery", "bash: celery: command not found"),
    ("command", "no-celery", "worker-1  | exec /usr/local/bin/celery: no such file or directory\n"),
    ("command", "no-celery", "Error: crun: executable file `celery` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found"),
    ("command", "no-celery", "error: Failed to spawn: `celery`\n  Caused by: No such file or directory (os error 2)"),
    ("command", "no-celery", "worker-1  | /usr/local/bin/python: No module named celery\n"),
    ("command", "no-celery", 'worker-1  | Traceback (most recent call last):\nworker-1  |   File "/code/glitchtip/jobs.py", line 4, in <module>\nworker-1  |     from celery import Celery\nworker-1  | ModuleNotFoundError: No module named \'celery\'\n'),
    ("command", "no-celery", "ModuleNotFoundError: No module named 'celery'"),
    ("command", "command-gone", 'Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "uwsgi": executable file not found in $PATH\n'),
    ("command", "command-gone", 'Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "./bin/run-worker.sh": stat ./bin/run-worker.sh: no such file or directory: unknown'),
    ("command", "command-gone", "web-1  | /bin/sh: 1: ./bin/run-granian.sh: not found\n"),
    ("command", "command-gone", "worker-1  | Unknown command: 'runworker'\nworker-1  | Type 'manage.py help' for usage.\n"),
    ("setting", "docker-permission", 'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.47/containers/json": dial unix /var/run/docker.sock: connect: permission denied'),
    ("setting", "compose-yaml", "services.web.environment must be a mapping"),
    ("Infisical", "infisical-no-login", "You must be logged in to run this command. To login, run [infisical login]\n\nIf this issue continues, get support at https://infisical.com/slack"),
    ("Infisical", "infisical-role", 'error: CallGetRawSecretsV3: Unsuccessful response [GET https://secrets.shop.example/api/v3/secrets/raw] [status-code=403] [response={"statusCode":403,"message":"You are not allowed to read on secrets","error":"PermissionDenied"}]'),
    ("Infisical", "infisical-login", 'error: CallUniversalAuthLogin: Unsuccessful response [POST https://secrets.shop.example/api/v1/auth/universal-auth/login] [status-code=401] [response={"statusCode":401,"message":"Invalid credentials","error":"UnauthorizedError"}]'),
    ("Infisical", "infisical-unreachable", 'error: Unable to reach Infisical: Post "https://secrets.shop.example/api/v1/auth/universal-auth/login": dial tcp: lookup secrets.shop.example: no such host'),
    ("Infisical", "infisical-place", '{"statusCode":404,"message":"Folder with path \'/glitchtip/app\' in environment with slug \'prod\' not found","error":"NotFound"}'),
    # --- K14, K15: TLS, and a host that is none -------------------------------------------------------------------------
    ("TLS", "tls-weak", mail("ssl.SSLError: [SSL: EE_KEY_TOO_SMALL] ee key too small (_ssl.c:3900)", "starttls")),
    ("TLS", "tls-weak", "ssl.SSLError: [SSL: DH_KEY_TOO_SMALL] dh key too small (_ssl.c:1131)\n"),
    ("TLS", "cert-name", mail("ssl.SSLError: [SSL: TLSV1_UNRECOGNIZED_NAME] tlsv1 unrecognized name (_ssl.c:1006)", "starttls")),
    ("TLS", "tls-version", mail("ssl.SSLError: [SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version (_ssl.c:1131)", "starttls")),
    ("TLS", "no-host", mail("ValueError: server_hostname cannot be an empty string or start with a leading dot.", "starttls")),
    ("TLS", "bad-host-name", mail("UnicodeError: encoding with 'idna' codec failed (UnicodeError: label too long)", "_get_socket")),
    # --- K16, K17: other frames, other programs -------------------------------------------------------------------------
    ("frames", "old-django", mail("TypeError: SMTP.starttls() got an unexpected keyword argument 'certfile'", "starttls")),
    ("frames", "old-django", "TypeError: starttls() got an unexpected keyword argument 'keyfile'"),
    ("frames", "console", "Subject: You are invited to Shop\nFrom: tip@errors.shop.example\nTo: kim@shop.example\nDate: Tue, 24 Nov 2026 08:01:07 -0000\nMessage-ID: <179550846700.19.5512308821@3f9c0a7be1d2>\n\nHello"),
    ("frames", "console", docker('Content-Type: multipart/alternative;\n boundary="===============12=="\nMIME-Version: 1.0\nSubject: New issue\nFrom: webmaster@localhost\nTo: kim@shop.example\nDate: Tue, 24 Nov 2026 08:01:07 -0000\nMessage-ID: <179550846700.19.5512308821@3f9c0a7be1d2>\n\nHello\n', "worker-1")),
    ("frames", "api-key-refused", 'anymail.exceptions.AnymailRequestsAPIError: Sending a message to kim@shop.example from tip@errors.shop.example\nPostal API response 200 (OK):\n{"status": "error", "data": {"code": "InvalidServerAPIKey"}}'),
    ("frames", "from-unverified", '<html><body><h1>SMTPDataError at /reset/</h1><pre class="exception_value">(530, b&#39;From/Sender name is not valid&#39;)</pre></body></html>'),
    ("frames", "wrong-key", '{"level": "error", "exc_type": "SMTPAuthenticationError", "exc_message": "(535, b\'Invalid credential\')"}'),
    ("frames", "relay-denied", '{"exception": {"values": [{"type": "SMTPRecipientsRefused", "value": "{\'kim@shop.example\': (554, b\'5.7.1 <kim@shop.example>: Relay access denied\')}"}]}}'),
    ("frames", "from-unverified", "Traceback (most recent call last):\nFile \"/usr/local/lib/python3.13/smtplib.py\", line 909, in sendmail\nraise SMTPDataError(code, resp)\nsmtplib.SMTPDataError: (530, b'From/Sender name is not valid')"),
    ("frames", "not-postal", 'Traceback (most recent call last):\n  File "/usr/local/lib/python3.11/smtplib.py", line 662, in auth\n    raise SMTPAuthenticationError(code, resp)\n  smtplib.SMTPAuthenticationError: (535, b\'5.7.8 Error: authentication failed: UGFzc3dvcmQ6\')'),
    ("frames", "no-login-elsewhere", "SMTPRecipientsRefused at /accounts/password/reset/\n{u'kim@shop.example': (553, '5.7.1 <kim@shop.example>: Recipient address rejected: Authentication required')}\n"),
    ("frames", "database-column", "worker_2  | [12] [2026-11-24T08:01:07.353] ERROR -- : [KJH7GF5DSA] [76::411 5231] Mysql2::Error: Data too long for column 'details' at row 1"),
    ("frames", "ehlo-name", "SMTPException: {'kim@shop.example': (450, b'4.7.1 <3f9c0a7be1d2>: Helo command rejected: Host not found')}"),
    ("frames", "ehlo-name", "worker-1  | [ERROR] mail: could not send (550, b'5.7.1 <3f9c0a7be1d2>: Helo command rejected: Invalid name')"),
    ("frames", "delivery-return-path", "550-Verification failed for <k2j4@psrp.errors.shop.example>\n550-Unrouteable address\n550 Sender verify failed"),
    ("frames", "tls-broken", "[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure (_ssl.c:1131)"),
    ("frames", "url-not-set", "django.core.exceptions.ImproperlyConfigured: Set the EMAIL_URL environment variable"),
    ("frames", "utf8-address", "smtplib.SMTPNotSupportedError: SMTPUTF8 not supported by server"),
    ("frames", "worker-database", "postal-worker-1  | ActiveRecord::ConnectionNotEstablished: Can't connect to server on '10.0.4.2' (111)"),
    ("frames", "worker-database", worker("ERROR", "Mysql2::Error::ConnectionError: Lost connection to MySQL server during query")),
    ("delivery", "delivery-listed", page("HardFail", HARD, "554 IP=192.0.2.61 - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.)")),
    ("delivery", "delivery-unauthenticated", page("HardFail", HARD, "550 5.7.515 Access denied, sending domain SHOP.EXAMPLE doesn't meet the required authentication level.")),
    ("delivery", "delivery-mailbox-full", page("SoftFail", SOFT, "452-4.2.2 The recipient's inbox is out of storage space.")),
    ("frames", "delivery-spf", "Received-SPF: fail (receiver.example: domain of k2j4@psrp.errors.shop.example does not designate 192.0.2.61 as permitted sender) client-ip=192.0.2.61;"),
    ("frames", "delivery-spf", "Authentication-Results: mx.partner.example; dkim=none; spf=softfail smtp.mailfrom=k2j4@psrp.errors.shop.example"),
    # --- docker compose -----------------------------------------------------------------------------------------------
    ("compose", "compose-duplicate", "services.web.environment array items[3,7] must be unique"),
    ("compose", "compose-duplicate", "ERROR: The Compose file './docker-compose.yml' is invalid because:\nservices.worker.environment contains non-unique items, please remove duplicates from ['EMAIL_URL']"),
    ("compose", "compose-no-service", "no such service: glitchtip-web"),
    ("compose", "compose-yaml", "yaml: line 14: mapping values are not allowed in this context"),
    ("compose", "compose-yaml", "parsing /srv/glitchtip/compose.yaml: yaml: line 9: did not find expected key"),
    ("compose", "compose-no-file", "no configuration file provided: not found"),
    ("compose", "env-syntax", 'failed to read /srv/glitchtip/.env: line 6: unexpected character "!" in variable name "EMAIL!URL=x"'),
    # --- what is tried by hand ------------------------------------------------------------------------------------------
    ("by hand", "not-postal", "< 220 mx.hoster.example ESMTP Exim 4.97\n> EHLO desk\n< 250-AUTH PLAIN LOGIN\n< 250 HELP\n> AUTH PLAIN\n< 535 Incorrect authentication data\n* Closing connection\ncurl: (67) Login denied\n"),
    ("by hand", "wrong-key", "< 220 postal.shop.example ESMTP Postal/QX7ZK2M9\n> EHLO desk\n< 250 AUTH CRAM-MD5 PLAIN LOGIN\n> AUTH PLAIN\n< 535 Invalid credential\ncurl: (67) Login denied\n"),
    ("by hand", "from-unverified", "> RCPT TO:<kim@partner.example>\n< 250 OK\n> DATA\n< 354 Go ahead\n< 530 From/Sender name is not valid\ncurl: (55) Failed sending data to the peer\n"),
    ("by hand", "proxy-closes", "$ telnet smtp.postal.shop.example 25\nTrying 192.0.2.25...\nConnected to smtp.postal.shop.example.\nEscape character is '^]'.\nConnection closed by foreign host.\n"),
    ("by hand", "proxy-closes", "=== Trying smtp.postal.shop.example:25...\n=== Connected to smtp.postal.shop.example.\n*** Remote host closed connection unexpectedly.\n"),
    ("by hand", "cert-issuer", "    Timeout   : 7200 (sec)\n    Verify return code: 21 (unable to verify the first certificate)\n---\n250 AUTH CRAM-MD5 PLAIN LOGIN\n"),
    ("by hand", "cert-expired", "    Verify return code: 10 (certificate has expired)\n---\n"),
    ("by hand", "implicit-tls", "CONNECTED(00000003)\n40A7E1D2C37F0000:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl/record/ssl3_record.c:354:\n---\nno peer certificate available\n"),
    ("by hand", "not-postal", "Got: 220 relay.provider.example ESMTP\nSent: AUTH LOGIN\nGot: 535 5.7.8 Error: authentication failed\n"),
    ("by hand", "auth-needs-tls", "SMTP[DATA]: > MAIL FROM:<tip@errors.shop.example>\nSMTP[DATA]: < 530 5.7.0 Must issue a STARTTLS command first\n"),
    # --- a reply behind what a program says before it -------------------------------------------------------------------
    ("labelled", "relay-denied", "Antwort des Servers: 550 5.7.1 Unable to relay\n"),
    ("labelled", "relay-denied", "Respuesta del servidor: 454 4.7.1 <kim@partner.example>: Relay access denied\n"),
    ("labelled", "not-postal", "Password command failed: 535 Wrong user name or password\n"),
    ("labelled", "delivery-recipient", '{"code":"EENVELOPE","response":"550 5.1.1 <kim@partner.example>... User unknown","responseCode":550,"command":"RCPT TO"}\n'),
    ("labelled", "wrong-key", '{"msg":"Invalid login: 535 Invalid credential","code":"EAUTH","response":"535 Invalid credential"}\n'),
    ("labelled", "delivery-listed", "The error is:\n4.7.650 The mail server [192.0.2.61] has been temporarily rate limited due to IP reputation.\n"),
    ("labelled", "delivery-spam", '[WARN] sending failed, message: ["5.7.1 [2] Message rejected under suspicion of SPAM; see https://help.provider.example"]\n'),
    ("labelled", "from-not-owned", "SMTP server error: 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException; Failed to process message\n"),
    ("labelled", "no-login-elsewhere", "The server response was: 5.7.0 Authentication Required.\n"),
    # --- other programs on the way to the same server ---------------------------------------------------------------------
    ("other programs", "nothing-listens", 'level=error msg="test failed" error="dial tcp 192.0.2.25:2525: connect: connection refused"\n'),
    ("other programs", "firewall", "2026/11/24 08:01:07 dial tcp 192.0.2.25:587: i/o timeout\n"),
    ("other programs", "nothing-listens", "Unable to connect to smtp.postal.shop.example:587 (Connection refused)\n"),
    ("other programs", "cert-issuer", "failed to send email: x509: certificate signed by unknown authority\n"),
    ("other programs", "firewall", "A connection attempt failed because the connected party did not properly respond after a period of time 192.0.2.25:25\n"),
    # --- a relay on the way, and bounces without a code -----------------------------------------------------------------
    ("relay's log", "held-port-25", "Nov 24 08:01:07 relay postfix/smtp[412]: connect to mx2.partner.example[198.51.100.40]:25: Operation timed out\n"),
    ("relay's log", "delivery-refused-there", "Nov 24 08:01:07 relay postfix/smtp[412]: connect to mx2.partner.example[198.51.100.40]:25: Connection refused\n"),
    ("relay's log", "delivery-no-hosts", "Nov 24 08:01:07 relay postfix/smtp[412]: 4C2: to=<kim@partnr.example>, relay=none, dsn=5.4.4, status=bounced (Host or domain name not found. Name service error for name=partnr.example type=AAAA: Host not found)\n"),
    ("relay's log", "delivery-no-hosts", "2026-11-24 08:01:07 1nVVkU-0000Ii-Fq ** kim@partner.example: all relevant MX records point to non-existent hosts\n"),
    ("relay's log", "delivery-no-hosts", "  278   == kim@partner.example R=dnslookup defer (-1): host lookup did not complete\n"),
    ("relay's log", "delivery-ptr", "mta: 0x6710: <<< 554-mx2.partner.example Nemesis ESMTP Service not available\nmta: 0x6710: <<< 554 Bad DNS PTR resource record.\n"),
    ("relay's log", "held-deferred", "  308   SMTP<< 451 Internal resource temporarily unavailable, see https://help.partner.example\n"),
    ("relay's log", "delivery-relay", "MTA out3.provider.example received this response from the destination host IP - 198.51.100.40 - 530 , 530 Error: authentication Required\n"),
    ("relay's log", "delivery-spam", "Final-Recipient: rfc822; kim@partner.example\nAction: failed\nStatus: 5.7.1\nDiagnostic-Code: X-Postfix; Spam message rejected\n"),
    ("relay's log", "delivery-greylisted", "Action: delayed\nStatus: 4.2.0\nDiagnostic-Code: smtp; Recipient address rejected: Greylisted, try again later\n"),
    # --- who does not run -----------------------------------------------------------------------------------------------
    ("not running", "held-no-worker", " * worker.1 is not running (Failed)\n * requeuer.1 is not running (Failed)\n\n|| web\n|| => web.1            Running      17:08\n"),
    ("not running", "postal-smtp-down", " * smtp.1 is not running (Unknown)\n"),
    ("not running", "held-no-worker", "NAME              IMAGE          SERVICE   STATUS\npostal-web-1      postal:3.3.6   web       Up 2 hours\npostal-worker-1   postal:3.3.6   worker    Restarting (1) 8 seconds ago\n"),
    ("not running", "worker-down", 'CONTAINER ID   IMAGE                 COMMAND                  STATUS                     NAMES\n5e6e6509a8eb   glitchtip/glitchtip   "./bin/run-celery-wi"   Exited (1) 3 minutes ago   glitchtip_worker_1\n977c7d599b44   glitchtip/glitchtip   "./bin/start.sh"         Up 6 minutes               glitchtip_web_1\n'),
    ("not running", "worker-down", "glitchtip_web_1       ./bin/start.sh                   Up       0.0.0.0:8000->8000/tcp\nglitchtip_worker_1    ./bin/run-celery-with-beat.sh    Exit 1\n"),
    ("not running", "container-down", "glitchtip-web-1   glitchtip/glitchtip   web   Restarting (3) 5 seconds ago\n"),
    ("not running", "worker-down", "NAME              STATUS\napp-worker-1      Exited (137) 2 hours ago\n"),
    ("not running", "postal-smtp-down", 'smtp.1 | => Errno::EACCES: Permission denied - bind(2) for "::" port 25\n'),
    ("not running", "postal-smtp-down", 'smtp-1  | Address already in use - bind(2) for "::" port 25 (Errno::EADDRINUSE)\n'),
    ("not running", "postal-smtp-down", "Error response from daemon: driver failed programming external connectivity on endpoint postal-smtp-1: Bind for 0.0.0.0:25 failed: port is already allocated\n"),
)  # fmt: skip

SILENT: Final[dict[str, str]] = {
    "a refused cache, as asyncio names it": "worker-1  | ConnectionRefusedError: [Errno 111] Connect call failed ('172.20.0.3', 6379)",
    "another program that is not there": 'OCI runtime exec failed: exec failed: unable to start container process: exec: "curl": executable file not found in $PATH',
    "another module that is not there": "ModuleNotFoundError: No module named 'celery_once'",
    "a proxy that does not reach the web service": 'traefik  | time="2026-11-24T08:00:00Z" level=debug msg="\'502 Bad Gateway\' caused by: dial tcp 172.18.0.4:8000: connect: connection refused"',
    "a certificate of the web server": "certbot  | Certificate has expired or is not yet valid for errors.shop.example",
    "a shipper of logs": "vector  | ERROR sink: Connection refused (os error 111)",
    "a database beside it": "postgres-1  | LOG:  could not connect: Connection refused",
    "a client of Sentry": "[sentry_sdk.errors] ERROR: Connection reset by peer\n",
    "a store of files": "botocore.exceptions.ConnectionClosedError: Connection was closed before we received a valid response\n",
    "a directory of people": "ldap.SERVER_DOWN: connection refused\n",
    "a delivered mail": worker("INFO", "Accepted by 198.51.100.40:25 (mx2.partner.example) for kim@partner.example"),
    "all passes": "Authentication-Results: mx.partner.example; dkim=pass header.d=errors.shop.example; spf=pass smtp.mailfrom=k2j4@psrp.errors.shop.example; dmarc=pass header.from=errors.shop.example",
    "spf passes": "Received-SPF: pass (receiver.example: domain of k2j4@psrp.errors.shop.example designates 192.0.2.61 as permitted sender)",
    "a killed web process without a word of mail": "web-1  | [2026-11-24 08:01:07 +0000] [7] [INFO] GET /api/0/issues/\nweb-1  | [2026-11-24 08:01:37 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:7)\n",
    "HTTP codes": "504 Gateway Time-out\n503 Service Unavailable\n429 Too Many Requests, try again later",
    "counts": "550 spam messages were deleted\n452 users are over quota in this report",
    "a web proxy": 'connect() failed (111: Connection refused) while connecting to upstream, client: 203.0.113.9, server: _, request: "GET / HTTP/1.1"',
    "a directory": "web-1  | PermissionError: [Errno 13] Permission denied: '/code/uploads'",
    "a certificate elsewhere": "web-1  | ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1006) while fetching https://git.shop.example",
    "a web code": "HTTP 530: Authentication required",
    "a verification": "Your email address is not verified. Please verify it",
    "a disk": "OSError: [Errno 28] No space left on device",
    "migrations": "django.db.migrations.exceptions.NodeNotFoundError: Migration alerts.0009 dependencies reference nonexistent parent node",
    "strangers at Postal": "".join(
        f"2026-11-24 08:0{n}:07 +0000 DEBUG  Client identified as 203.0.113.{n} trace_id=AAAAAAA{n} component=smtp-server\n2026-11-24 08:0{n}:08 +0000 WARN   Authentication failure for 203.0.113.{n} trace_id=AAAAAAA{n} component=smtp-server\n"
        for n in range(1, 6)
    ),
    "a client that left": "2026-11-24 08:01:07 +0000 DEBUG  Connection opened from 203.0.113.7 trace_id=QWERTY12 component=smtp-server\n2026-11-24 08:01:07 +0000 DEBUG  Connection closed trace_id=QWERTY12 component=smtp-server\n",
    "features with e-mail": '{"enabledFeatures": ["email", "uptime"]}',
    "a received mail's head": "Received: from mx by partner.example\nSubject: Hi\nFrom: kim@shop.example\nTo: lee@partner.example\nDate: Tue, 24 Nov 2026 08:01:07 -0000\nMessage-ID: <179550846700.19.5512308821@3f9c0a7be1d2>\n",
    "postgres of compose": 'db-1  | 2026-11-24 08:01:07.353 UTC [31] FATAL:  password authentication failed for user "glitchtip"',
    "a sentry client": "urllib3.exceptions.MaxRetryError: HTTPSConnectionPool(host='errors.shop.example', port=443): Max retries exceeded",
    "an npm warning": "npm WARN deprecated mailgun-js@0.22.0: Package no longer supported",
    "an invitation": '10.0.4.9 - - [24/Nov/2026:08:01:07 +0000] "POST /accept/invite/ HTTP/1.1" 200 41',
    "a login of telnet": "Connected to smtp.postal.shop.example.\nEscape character is '^]'.\n220 smtp.postal.shop.example ESMTP Postal/QX7ZK2M9\nQUIT\n221 Closing Connection\nConnection closed by foreign host.\n",
    "a certificate that verifies": "    Timeout   : 300 (sec)\n    Verify return code: 0 (ok)\n---\n250 AUTH CRAM-MD5 PLAIN LOGIN\n",
    "a job that has ended": "NAME                  SERVICE   STATUS\nglitchtip-worker-1    worker    Up 3 days\nglitchtip-migrate-1   migrate   Exited (0) 3 days ago\n",
    "a worker that restarts a process": "[2026-11-24 08:01:07,113: INFO/MainProcess] Restarting celery worker (/usr/local/bin/celery)\n",
    "a minute that reads like a port": "worker-1  | 08:01:25 redis: connection refused, retrying in 5 s\n",
    "another port": "Bind for 0.0.0.0:8000 failed: port is already allocated",
    "a relay's second try": "Nov 24 08:01:07 relay postfix/smtp[412]: connect to mx2.partner.example[2001:db8::40]:25: Connection timed out\nNov 24 08:01:09 relay postfix/smtp[412]: 4C2: to=<kim@partner.example>, relay=mx2.partner.example[198.51.100.40]:25, dsn=2.0.0, status=sent (250 OK)\n",
    "versions": "5.1.1 mailbox settings: too many requests no longer break the page\n",
    "a count of logins": "web-1  | sent: 535 messages, invalid user names were left out\n",
    "a metric": 'postal_smtp_server_client_errors{error="invalid-credentials"} 0.0',
}
"""Nothing is wrong with mail in these, or nothing can be told."""
