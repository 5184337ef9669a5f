"""From signs to causes: what each sign points to, how strongly, and what it rules out.

``given`` weighs the rest of the evidence: facts of the sign, and of the whole text (``url_tls``, ``url_host``,
``url_slash``, ``url_empty`` from an EMAIL_URL in it, ``dollar`` where compose cut one). A sign without a row here names
its cause by its own key.
"""

from __future__ import annotations

from typing import Final

from wizard.diagnosis.leads_words import WORDS
from wizard.diagnosis.model import Lead
from wizard.diagnosis.symptom_menu import CHOSEN

_BEFORE_GREETING: Final = (("stage", "connect|banner"),)
_NOT_TOLD: Final = (("stage", ""),)
_NO_SETTINGS: Final = (("url_host", ""), ("url_empty", ""))
_AT_LOGIN: Final = (("stage", "AUTH|MAIL|RCPT|DATA|message"),)

_GRANTED: Final = Lead("wrong-key", 0, "RCPT comes after the login was granted")
_TAKEN: Final = Lead("nothing-listens", 0, "the connection was accepted first")
_ANSWERED: Final = Lead("firewall", 0, "an answer came back")
_KNOWN_KEY: Final = Lead("wrong-key", 0, "Postal checks the From only after the login")

LEADS: Final[dict[str, tuple[Lead, ...]]] = {
    **CHOSEN,
    **WORDS,
    # --- the settings, before any mail is tried: GlitchTip, docker compose, Infisical ---------------------------------
    "scheme-empty": (Lead("quoted-url", 90, "the value has no scheme where one is needed"),),
    "port-cast": (
        Lead("unencoded-key", 80, "what follows the host's colon is not a port"),
        Lead("text-after-port", 25, "a comment behind the port reads the same"),
    ),
    "port-tail": (
        Lead("text-after-port", 90, "the port is followed by a blank"),
        Lead("unencoded-key", 0, "the port itself was found"),
    ),
    "ipv6-url": (Lead("brackets", 90, "a bracket was read as an IPv6 address"),),
    "nfkc": (Lead("wide-character", 90, "a character changes under normalisation"),),
    "dollar": (Lead("dollar-reference", 85, "a value was read as the name of a variable"),),
    "unset-url": (Lead("url-not-set", 95, "compose says that EMAIL_URL is not set"),),
    "unset-from": (Lead("from-not-set", 90, "compose says that DEFAULT_FROM_EMAIL is not set"),),
    "unset-mail": (Lead("mail-variable-not-set", 80, "compose says that a mail setting is not set"),),
    "dollar-cut": (Lead("dollar-cut", 80, "compose read something as a variable that is not one of yours"),),
    "from-bad": (Lead("from-malformed", 85, "the address does not parse"),),
    "infisical-place": (Lead("infisical-place", 90, "Infisical knows no such folder or environment"),),
    "infisical-reach": (Lead("infisical-unreachable", 85, "the connection to Infisical failed"),),
    # --- the connection -----------------------------------------------------------------------------------------------
    "refused": (
        Lead("container-itself", 90, "the text shows a connection to localhost", (("to_itself", "."),)),
        Lead("nothing-listens", 70, "the connection was refused: the host answered, but nothing listens"),
        Lead("empty-url", 50, "the same is seen when EMAIL_URL is empty in the container"),
        Lead("localhost", 95, "the EMAIL_URL in this text names localhost", (("url_host", "local"),)),
        Lead("empty-url", 97, "the text shows that EMAIL_URL is empty", (("url_empty", "."),)),
        Lead("firewall", 0, "a refusal is an answer: nothing drops the packets"),
        Lead("wrong-key", 0, "no login was reached"),
    ),
    "connect-timeout": (
        Lead("firewall", 75, "the connection attempt got no answer at all"),
        Lead("nothing-listens", 0, "a port without a listener refuses at once"),
        Lead("tls-port", 0, "TLS on the wrong port shows only after the connection was accepted"),
        Lead("no-route", 30, "an address without a route looks the same"),
        Lead(
            "postal-blocked", 60, "the connection was accepted and then nothing came",
            (("stage", "banner|EHLO|AUTH|MAIL|RCPT"),),
        ),
    ),
    "read-timeout": (
        Lead("tls-port", 97, "the text names port 465 or smtps://", (("url_tls", "."),)),
        Lead("tls-port", 70, "the connection was accepted, and then no greeting came", _BEFORE_GREETING),
        Lead("tls-port", 55, "the connection was accepted, and then an answer did not come", _NOT_TOLD),
        Lead("proxy-protocol", 45, "a Postal that waits for a PROXY line is silent like this", _BEFORE_GREETING),
        Lead("postal-blocked", 50, "the server accepted the connection and stayed silent", _BEFORE_GREETING),
        Lead("postal-blocked", 45, "a server that is blocked is silent like this", _NOT_TOLD),
        Lead("starttls-refused", 70, "silence after STARTTLS", (("stage", "STARTTLS"),)),
        Lead(
            "postal-blocked", 80, "silence at {stage}, in the middle of the dialogue",
            (("stage", "EHLO|AUTH|MAIL|RCPT"),),
        ),
        Lead("slow-reverse-dns", 90, "silence between DATA and 354", (("stage", "DATA"),)),
        Lead("lost-after-dot", 90, "silence after the message was sent", (("stage", "message"),)),
        Lead("slow-reverse-dns", 60, "the answer to the message came too late", (("stage", "message"),)),
        Lead("slow-reverse-dns", 30, "EMAIL_TIMEOUT can also run out between DATA and 354", _NOT_TOLD),
        _TAKEN,
        Lead("firewall", 0, "the connection was accepted, so nothing drops the packets"),
    ),
    "closed": (
        Lead("closed-somewhere", 55, "closed; the step is not in the text", _NOT_TOLD),
        Lead("proxy-closes", 70, "closed before any greeting", _BEFORE_GREETING),
        Lead("banned", 50, "a ban shows like this", _BEFORE_GREETING),
        Lead("postal-exception", 40, "Postal closes like this after an exception of its own", _BEFORE_GREETING),
        Lead("proxy-closes", 60, "closed at {stage}", (("stage", "EHLO"),)),
        Lead("postal-exception", 55, "closed at {stage} without a reply", (("stage", "EHLO"),)),
        Lead("postal-exception", 80, "closed at {stage}, in the middle of the dialogue, without a reply", _AT_LOGIN),
        Lead("banned", 40, "some bans act on the running connection", _AT_LOGIN),
        Lead("starttls-refused", 80, "closed at STARTTLS", (("stage", "STARTTLS"),)),
        Lead("tls-port", 35, "a TLS port may close instead of waiting", _BEFORE_GREETING),
        Lead("postal-exception", 40, "Postal closes like this after an exception of its own", _NOT_TOLD),
        _TAKEN,
    ),
    "reset": (
        Lead("closed-somewhere", 55, "reset; the step is not in the text", _NOT_TOLD),
        Lead("banned", 70, "the connection was reset before any greeting", _BEFORE_GREETING),
        Lead("proxy-closes", 60, "a proxy without its backend resets as well", _BEFORE_GREETING),
        Lead("banned", 60, "reset at {stage}", (("stage", "EHLO"),)),
        Lead("proxy-closes", 55, "a proxy without its backend resets as well", (("stage", "EHLO"),)),
        Lead("postal-exception", 75, "reset at {stage}, in the middle of the dialogue", _AT_LOGIN),
        Lead("proxy-closes", 50, "a proxy can reset in the middle of the dialogue", _AT_LOGIN),
        Lead("cut-at-starttls", 75, "reset at STARTTLS", (("stage", "STARTTLS"),)),
        Lead("starttls-refused", 60, "reset at STARTTLS", (("stage", "STARTTLS"),)),
        Lead("banned", 40, "a ban shows like this", _NOT_TOLD),
        _TAKEN,
    ),
    "no-local-address": (
        Lead("localhost", 97, "the settings in this text name localhost", (("url_host", "local"),)),
        Lead("empty-url", 97, "the text shows that EMAIL_URL is empty", (("url_empty", "."),)),
        Lead("container-itself", 75, "the container's own localhost ends like this", _NO_SETTINGS),
        Lead("no-route", 80, "the text names another host than localhost", (("url_host", "other"),)),
        Lead("no-route", 45, "an IPv6 address without IPv6 ends like this as well", _NO_SETTINGS),
    ),
    "no-route": (Lead("no-route", 80, "the system names the route"),),
    "dns-unknown": (
        Lead("user-slash", 95, "the EMAIL_URL in this text has an unencoded / in the user name", (("url_slash", "."),)),
        Lead("no-such-host", 75, "the look-up said that the name does not exist"),
        Lead("user-slash", 50, "with org/server unencoded, org becomes the host"),
        Lead("nothing-listens", 0, "no connection was tried"),
        Lead("resolver-down", 0, "the resolver did answer"),
    ),
    "dns-address": (
        Lead("no-address", 85, "the name exists without a usable address"),
        Lead("no-such-host", 0, "the name exists"),
    ),
    "dns-server": (
        Lead("resolver-down", 85, "the look-up failed for the moment: no resolver answered"),
        Lead("no-such-host", 0, "nobody said that the name does not exist"),
    ),
    "dns-service": (Lead("port-text", 90, "the port was looked up as a service name"),),
    "bad-host": (Lead("bad-host-name", 90, "the name cannot be written in DNS"),),
    "peer-ssh": (Lead("ssh-port", 95, "the first words were SSH's"), _TAKEN),
    "peer-http": (Lead("web-port", 95, "the first words were a web server's"), _TAKEN),
    "intercepted": (Lead("intercepted", 85, "the greeting was {code} and about spam"), _TAKEN),
    "peer-other": (
        Lead("no-smtp", 80, "the first words were not an SMTP reply"),
        Lead("tls-port", 30, "an alert of TLS is not an SMTP reply either"),
        _TAKEN,
    ),
    "peer-proxy": (Lead("proxy-protocol", 95, "502 is Postal's answer to a client that sends no PROXY line"),),
    "banner-later": (Lead("busy", 85, "the greeting was {code}"), _TAKEN, Lead("wrong-key", 0, "no login was reached")),
    "banner-refused": (
        Lead("blocked-client", 85, "the greeting was {code}"),
        Lead("not-postal", 60, "Postal never greets with {code}"),
        _TAKEN,
    ),
    "ehlo": (Lead("ehlo-name", 85, "EHLO and HELO were answered with {code}"),),
    # --- TLS ----------------------------------------------------------------------------------------------------------
    "starttls-absent": (
        Lead("starttls-off", 90, "the server's EHLO reply has no STARTTLS"),
        Lead("wrong-key", 0, "no login was reached"),
    ),
    "starttls-refused": (Lead("starttls-refused", 85, "STARTTLS was not carried out"),),
    "ssl-on-plain": (
        Lead("implicit-tls", 90, "the server answered in plain text where TLS was begun"),
        Lead("cert-other", 0, "no certificate was seen"),
    ),
    "tls-by-hand": (
        Lead("implicit-tls", 50, "openssl began with TLS and met plain text; with -starttls smtp it tests STARTTLS"),
        _TAKEN,
    ),
    "tls-silent": (
        Lead("implicit-tls", 80, "TLS was begun at once and the server waited"),
        Lead("postal-blocked", 40, "a blocked server stays silent as well"),
    ),
    "tls-unknown-name": (
        Lead("cert-name", 80, "the server says that it has no certificate for the name it was called by"),
        Lead("tls-broken", 30, "the handshake ended without a certificate to judge"),
    ),
    "tls-broken": (Lead("tls-broken", 80, "the handshake ended without a certificate to judge"),),
    "postal-tls-expired": (Lead("cert-expired", 90, "the client said so to Postal when TLS began"),),
    "postal-tls-version": (Lead("tls-version", 58, "Postal and its client found nothing in common"),),
    "postal-tls-issuer": (Lead("cert-unknown-ca", 80, "the client said unknown ca to Postal when TLS began"),),
    "postal-tls-name": (
        Lead("cert-name", 65, "clients say bad certificate where the name does not match"),
        Lead("cert-other", 50, "bad certificate has other reasons as well"),
    ),
    "postal-tls": (
        Lead("cert-other", 80, "the client ended Postal's TLS handshake over the certificate"),
        Lead("tls-broken", 50, "Postal logged that the handshake failed"),
    ),
    "postal-tls-files": (Lead("tls-broken", 95, "Postal cannot read its certificate or key"),),
    "both-tls": (
        Lead("both-tls", 95, "Django refuses both at once"),
        Lead("starttls-off", 0, "no connection was tried"),
    ),
    # --- the login ----------------------------------------------------------------------------------------------------
    "auth-535-postal": (
        Lead("wrong-key", 75, "Postal answered {code}: no SMTP credential has this key"),
        Lead("dollar-cut", 95, "compose says that it read a $ as a variable", (("dollar", "."),)),
        Lead("api-key", 55, "a key of type API gives the same answer"),
        Lead("dollar-cut", 40, "a key cut at $ gives the same answer"),
        Lead("key-encoding", 30, "a key changed on its way gives the same answer"),
        Lead("suspended", 0, "a suspended server still grants the login"),
        Lead("not-postal", 0, "these words are Postal's own"),
    ),
    "auth-535-cram": (
        Lead("cram-only", 85, "Postal answers Denied only to CRAM-MD5"),
        Lead("wrong-key", 40, "the key may be wrong as well"),
        Lead("not-postal", 0, "this word is Postal's own"),
    ),
    "auth-535-protocol": (Lead("login-protocol", 90, "Postal could not read the login"),),
    "auth-535-other": (
        Lead("not-postal", 85, "the answer to the login was {code}, and not in Postal's words"),
        Lead("key-encoding", 30, "if that is the right server, the login itself is wrong there"),
        Lead("suspended", 0, "Postal says that at RCPT"),
        Lead("firewall", 0, "a mail server answered"),
    ),
    "auth-tls-first": (
        Lead("auth-needs-tls", 85, "the answer to the login was {code}"),
        Lead("not-postal", 60, "Postal never asks for TLS first"),
        Lead("wrong-key", 0, "the key was not checked"),
    ),
    "auth-later": (
        Lead("auth-later", 85, "the answer to the login was {code}"),
        Lead("wrong-key", 0, "4xx says nothing about the key"),
    ),
    "auth-absent": (
        Lead("auth-absent", 85, "the EHLO reply offers no AUTH"),
        Lead("ascii", 25, "a NUL in the key makes smtplib say the same"),
        Lead("wrong-key", 0, "the key was not checked"),
    ),
    "auth-mechanism": (
        Lead("auth-mechanism", 85, "no mechanism in common"),
        Lead("wrong-key", 0, "the key was not checked"),
    ),
    "utf8-address": (Lead("utf8-address", 90, "the server does not offer SMTPUTF8"),),
    "ascii": (
        Lead("ascii", 85, "the login could not be written in ASCII"),
        Lead("from-malformed", 90, "an address could not be written in ASCII", (("stage", "MAIL|RCPT"),)),
        Lead("wrong-key", 0, "the key was never sent"),
    ),
    "login-failed": (
        Lead("wrong-key", 58, "Postal logged a failed login by PLAIN or LOGIN"),
        Lead("api-key", 45, "a key of type API is logged in the same way"),
        Lead("dollar-cut", 40, "a key cut at $ is logged in the same way"),
        Lead("suspended", 0, "a suspended server still grants the login"),
    ),
    "metric-login": (
        Lead("wrong-key", 50, "Postal counts failed logins"),
        Lead("cram-noise", 45, "this also counts GlitchTip's CRAM-MD5 attempt for every mail"),
        Lead("api-key", 30, "a key of type API is counted here as well"),
    ),
    "cram-noise": (
        Lead("wrong-key", 0, "the login was granted by another mechanism", (("granted", "."),)),
        Lead("cram-noise", 80, "Postal denied CRAM-MD5 because of the user name; PLAIN ignores it"),
        Lead("wrong-key", 15, "if mail fails too, the key is wrong as well"),
    ),
    # --- after the login ----------------------------------------------------------------------------------------------
    "rcpt-530": (
        Lead("user-slash", 90, "the EMAIL_URL in this text has an unencoded / in the user name", (("url_slash", "."),)),
        Lead("no-login", 80, "RCPT was answered with {code}: nobody logged in"),
        Lead("wrong-key", 0, "a wrong key is refused at the login, before RCPT"),
        Lead("from-unverified", 0, "Postal checks the From only after the message"),
    ),
    "rcpt-suspended": (Lead("suspended", 95, "RCPT was answered with {code}, after the login"), _GRANTED, _ANSWERED),
    "rcpt-token": (Lead("recipient-postal", 90, "RCPT was answered with {code} about a token"), _GRANTED),
    "rcpt-malformed": (Lead("recipient-malformed", 85, "RCPT was answered with {code}"), _GRANTED),
    "rcpt-route": (Lead("recipient-route", 90, "RCPT was answered with {code} about a route"), _GRANTED),
    "rcpt-unknown": (
        Lead("recipient-unknown", 58, "RCPT was answered with {code}"),
        Lead("not-postal", 50, "Postal accepts every recipient after a login"),
    ),
    "rcpt-later": (
        Lead("recipient-later", 58, "RCPT was answered with {code}"),
        Lead("not-postal", 50, "Postal never defers a recipient"),
    ),
    "mail-530": (
        Lead("no-login-elsewhere", 85, "MAIL was answered with {code}"),
        Lead("no-login", 50, "no login was sent"),
    ),
    "mail-malformed": (
        Lead("from-malformed", 85, "MAIL was answered with {code}"),
        Lead("not-postal", 40, "Postal accepts every MAIL"),
    ),
    "mail-later": (
        Lead("sender-later", 58, "MAIL was answered with {code}"),
        Lead("not-postal", 50, "Postal never says that at MAIL"),
    ),
    "mail-refused": (
        Lead("sender-refused", 58, "MAIL was answered with {code}"),
        Lead("not-postal", 50, "Postal accepts every envelope sender"),
    ),
    "data-from": (
        Lead("from-default", 97, "the refused sender is webmaster@localhost", (("localhost_from", "."),)),
        Lead("from-unverified", 90, "Postal refused the From after the message"),
        Lead("from-default", 40, "without DEFAULT_FROM_EMAIL the From is webmaster@localhost"),
        _KNOWN_KEY,
        Lead("suspended", 0, "RCPT was accepted"),
        Lead("spam-folder", 0, "SPF and DKIM do not matter for this refusal"),
    ),
    "reused": (Lead("reused", 90, "503 with these words is Postal's own"),),
    "data-size": (Lead("too-large", 90, "the message was refused for its size"), _KNOWN_KEY),
    "data-loop": (Lead("loop", 90, "Postal counted its own Received lines"),),
    "data-order": (Lead("out-of-order", 80, "DATA was answered with {code}"),),
    "data-later": (Lead("message-later", 58, "the message was answered with {code}"), _GRANTED),
    "data-refused": (
        Lead("message-refused", 58, "the message was answered with {code}"),
        Lead("not-postal", 50, "Postal has no such answer"),
        Lead("from-unverified", 0, "Postal has other words for that"),
    ),
    # --- Postal's own log ---------------------------------------------------------------------------------------------
    "postal-smtp-down": (Lead("postal-smtp-down", 90, "a process could not open the port for mail"),),
    "mail-port-taken": (Lead("postal-smtp-down", 58, "docker could not publish a port for mail: it is in use"),),
    "worker-stopped": (
        Lead("held-no-worker", 85, "the list shows that Postal's worker does not run", (("program", "postal"),)),
        Lead("worker-down", 85, "the list shows that GlitchTip's worker does not run", (("program", "glitchtip"),)),
        Lead("worker-down", 55, "the list shows a worker that does not run", (("program", ""),)),
        Lead("held-no-worker", 50, "Postal's worker has the same name", (("program", ""),)),
    ),
    "smtp-stopped": (Lead("postal-smtp-down", 85, "the list shows that the SMTP process does not run"),),
    "web-stopped": (
        Lead("container-down", 85, "the list shows that GlitchTip's web does not run", (("program", "glitchtip"),)),
        Lead("container-down", 50, "the list shows a web service that does not run", (("program", ""),)),
    ),
    "postal-crash": (Lead("postal-exception", 95, "Postal logged an exception while it served a client"),),
    "banned": (Lead("banned", 95, "fail2ban logged a ban for the mail service"),),
    "worker-lost": (
        Lead("tls-port", 95, "port 465, and a web process was killed while it waited", (("url_tls", "."),)),
        Lead("firewall", 40, "a web process was killed while it waited, as without EMAIL_TIMEOUT", (("url_tls", ""),)),
        Lead("postal-blocked", 35, "a silent server holds it for ever without EMAIL_TIMEOUT", (("url_tls", ""),)),
    ),
}  # fmt: skip
