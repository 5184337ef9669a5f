"""Causes on the way to Postal: names, routes, ports, who answers, and connections that end too early."""

from __future__ import annotations

from typing import Final

from wizard.diagnosis.model import Cause
from wizard.diagnosis.rules import excluded, passes, proven, upheld_by, upholds
from wizard.model.codes import Check, Code

CAUSES: Final[tuple[Cause, ...]] = (
    Cause(
        "empty-url",
        "EMAIL_URL is empty in the container, so GlitchTip silently tries localhost:25 there.",
        'Check that web and worker have it: docker compose exec -T web python -c "import os; '
        "print(bool(os.getenv('EMAIL_URL')))\". If it prints False: write EMAIL_URL: ${{EMAIL_URL}} under "
        "environment: and its value into .env, then {restart}.",
        (proven(Code.CONTAINER_NO_EMAIL_URL), upholds(Code.COMPOSE_NO_EMAIL_URL), passes(Check.CONTAINER)),
    ),
    Cause(
        "container-itself",
        "GlitchTip connects to localhost, which is its own container: EMAIL_URL is empty there, or names localhost.",
        'Look in that container: docker compose exec -T web python -c "import os; '
        "print(bool(os.getenv('EMAIL_URL')))\" (the same for worker). False: pass EMAIL_URL on under environment:."
        " True: it must name Postal's host, not localhost. Then {restart}.",
        (
            upholds(Code.CONTAINER_NO_EMAIL_URL, Code.COMPOSE_NO_EMAIL_URL, Code.RESOLVE_LOOPBACK),
            passes(Check.CONTAINER),
        ),
    ),
    Cause(
        "nothing-listens",
        "Nothing listens on the host and port of EMAIL_URL: the connection is refused.",
        "On Postal's host: postal status, and ss -ltn to see the port. Postal listens on 25; 2525 needs "
        "smtp_server.default_port, a process with PORT=2525 or a container mapping 2525:25. Then put the port "
        "that listens into EMAIL_URL.",
        (proven(Code.CONNECT_REFUSED), passes(Check.CONNECT), excluded(Code.CONNECT_SILENT, Code.CONNECT_NO_ROUTE)),
    ),
    Cause(
        "postal-smtp-down",
        "Postal's SMTP process does not run or could not open its port, so nobody can hand mail to Postal.",
        "On Postal's host: postal status, and postal logs smtp for the reason. If the address is already in use, "
        "ss -ltnp shows by which program (often Postfix or Exim of the same host): stop and disable it, then postal "
        "restart. Permission denied: ports below 1024 need root or CAP_NET_BIND_SERVICE.",
        (upholds(Code.CONNECT_REFUSED), passes(Check.CONNECT)),
    ),
    Cause(
        "localhost",
        "EMAIL_URL names localhost, and inside a container that is the container itself.",
        "Put Postal's own name into EMAIL_URL. If Postal runs on the same host: extra_hosts: "
        '["host.docker.internal:host-gateway"] in docker-compose.yml and host.docker.internal as the host, or a '
        "common network.",
        (proven(Code.RESOLVE_LOOPBACK), excluded(Code.RESOLVE_ADDRESSES)),
    ),
    Cause(
        "firewall",
        "The connection attempt gets no answer: a firewall drops the packets, or there is nothing at this address.",
        "Open TCP to Postal's port for this host, at Postal's host and at its provider (Hetzner blocks outgoing "
        "25 and 465 of new accounts: have Postal listen on 2525 too). A longer EMAIL_TIMEOUT changes nothing "
        "here.",
        (proven(Code.CONNECT_SILENT), passes(Check.CONNECT), excluded(Code.CONNECT_REFUSED)),
    ),
    Cause(
        "no-such-host",
        "The host name in EMAIL_URL does not exist in DNS.",
        "Compare the host of EMAIL_URL with SMTP Server Address at {help}. Look it up where GlitchTip runs: "
        "docker compose exec -T web python -c \"import socket; print(socket.getaddrinfo('NAME', 25))\".",
        (proven(Code.RESOLVE_NO_SUCH_NAME), passes(Check.RESOLVE)),
    ),
    Cause(
        "user-slash",
        "An unencoded / in the user name of EMAIL_URL: the part before it became the host.",
        "Write Postal's user name org/server as org%2Fserver (or org_server): postal-wizard url encode --username"
        " org/server --host HOST --port PORT makes the line, with the key on standard input. Then {restart}.",
        (upheld_by(Check.EMAIL_URL), passes(Check.EMAIL_URL)),
    ),
    Cause(
        "no-address",
        "The host name exists, but has no address that the container can use: only MX, or only AAAA.",
        "Publish an A record for exactly this name (an MX record does not count), or use the name that the MX "
        "points to. Docker networks have no IPv6 unless enable_ipv6 is set.",
        (proven(Code.RESOLVE_NO_ADDRESS), passes(Check.RESOLVE)),
    ),
    Cause(
        "resolver-down",
        "The container's resolver gives no answer, so no name resolves there.",
        'Try another name in the container: docker compose exec -T web python -c "import socket; '
        "print(socket.gethostbyname('example.com'))\". If that fails too: repair /etc/resolv.conf of the "
        "host, set dns: for the service, or remove it from a network with internal: true.",
        (proven(Code.RESOLVE_TIMED_OUT, Code.RESOLVE_LOOKUP_FAILED), passes(Check.RESOLVE)),
    ),
    Cause(
        "port-text",
        "The port is not a number, so it was looked up as the name of a service.",
        "Set EMAIL_PORT to digits only, or better drop EMAIL_HOST and EMAIL_PORT and give EMAIL_URL with the port"
        " after the last colon.",
    ),
    Cause(
        "bad-host-name",
        "The host name in EMAIL_URL is malformed: two dots in a row, or a part longer than 63 characters.",
        "Type the host again as Postal's Help page shows it ({help}); a key pasted in the place of the host looks"
        " like this as well.",
        (proven(Code.RESOLVE_INVALID_NAME), passes(Check.RESOLVE)),
    ),
    Cause(
        "no-route",
        "The container has no route to the address: an IPv6 address without IPv6, or an internal network.",
        "Use a host name with an address that the container can reach (IPv4 where Docker has no IPv6). A network "
        "with internal: true has no way out: put the service on a second network. On the host: ip route get "
        "ADDRESS.",
        (proven(Code.CONNECT_NO_ROUTE), passes(Check.CONNECT)),
    ),
    Cause(
        "forbidden",
        "This host's own firewall forbids the connection (permission denied).",
        "Look at outgoing rules on GlitchTip's host: nft list ruleset, iptables -S OUTPUT and DOCKER-USER, and "
        "allow TCP to Postal's port.",
        (proven(Code.CONNECT_FORBIDDEN), passes(Check.CONNECT)),
    ),
    Cause(
        "no-host",
        "EMAIL_URL has no host, or one that begins with a dot, so there is nothing to connect to.",
        "Write the whole URL, smtp://USER:KEY@HOST:PORT, with user and key percent-encoded: a key that begins "
        "with # or contains / hides the host. postal-wizard url explain shows what GlitchTip reads.",
        (upheld_by(Check.EMAIL_URL), passes(Check.EMAIL_URL)),
    ),
    Cause(
        "tls-port",
        "The port expects TLS from the first byte (as 465 does) and both sides wait for each other.",
        "Postal has no implicit TLS. Use smtp:// (smtps:// means STARTTLS to GlitchTip, also on 465) with "
        "Postal's own port, 25 or 2525, and EMAIL_USE_TLS only if Postal offers STARTTLS. A longer "
        "EMAIL_TIMEOUT does not help.",
        (proven(Code.GREETING_SILENT_TLS_PORT, Code.GREETING_IMPLICIT_TLS), passes(Check.GREETING)),
    ),
    Cause(
        "proxy-protocol",
        "Postal expects a PROXY protocol line first (smtp_server.proxy_protocol is true).",
        "Point EMAIL_URL at the load balancer that adds the line, or set smtp_server.proxy_protocol: false in "
        "postal.yml and restart Postal's smtp process.",
        (proven(Code.GREETING_PROXY_PROTOCOL), passes(Check.GREETING)),
    ),
    Cause(
        "postal-blocked",
        "The server does not answer in time: in Postal one loop serves all connections, and one of them can block it.",
        "On Postal's host: postal status; postal logs smtp. One dead resolver there blocks every connection 9 s "
        "at each mail: test the servers of its /etc/resolv.conf. Then load and brute force on port 25.",
        (  # A silence later in the dialogue counts more than the greeting before it.
            proven(Code.AUTH_SILENT, Code.RECIPIENT_SILENT),
            passes(Check.GREETING),
        ),
    ),
    Cause(
        "slow-reverse-dns",
        "Postal looks up this host's name between DATA and 354, and its resolver is dead or slow.",
        "Fix /etc/resolv.conf on Postal's host (one dead resolver costs 9 s a mail, two 18 s). Until then "
        'EMAIL_TIMEOUT: "60" for web and worker, or Privacy mode at {advanced}.',
        (proven(Code.SENDER_ACCEPTED_SLOWLY), excluded(Code.SENDER_ACCEPTED)),
    ),
    Cause(
        "lost-after-dot",
        "The message was handed over and no answer to it came: it may be queued anyway.",
        "Look for it at {messages} before you send again: nothing is sent a second time without you. Then raise "
        "EMAIL_TIMEOUT above the time that Postal takes (30 s is safe).",
        (proven(Code.SENDER_DROPPED), passes(Check.SENDER)),
    ),
    Cause(
        "proxy-closes",
        "Something in front of Postal accepts the connection and closes it: a load balancer or port mapping "
        "with no Postal behind it.",
        "On Postal's host: postal status, then docker ps and ss -ltnp for the port. If postal logs smtp shows no "
        "connection at that second, the mapping or the balancer's backend is wrong.",
        (upholds(Code.GREETING_CLOSED), passes(Check.GREETING)),
    ),
    Cause(
        "banned",
        "Postal's host bans this address: fail2ban or a block list reacts to failed logins.",
        "On Postal's host: fail2ban-client status, then fail2ban-client set JAIL unbanip ADDRESS. Use org/server "
        "as the user name: with any other, GlitchTip's CRAM-MD5 attempt logs one failed login for every mail.",
        (upholds(Code.GREETING_CLOSED), passes(Check.GREETING, Check.AUTH)),
    ),
    Cause(
        "closed-somewhere",
        "The server closed the connection before the mail was sent; at which step is not in this text.",
        "Send the whole traceback, or look at postal logs smtp at that second: no line means that something in "
        "front of Postal closed it, An error occurred means Postal itself. Between two mails, sending again is "
        "enough.",
        (passes(Check.RECIPIENT),),
    ),
    Cause(
        "intercepted",
        "Another program answers instead of Postal: a spam filter, antivirus or provider on the way accepts "
        "the connection.",
        "Compare the greeting with Postal's (220 ... ESMTP Postal/): postal-wizard check --only smtp shows it. "
        "Postal's own log has no connection at that second. Use another port (2525), or switch mail scanning off "
        "on the way.",
        (proven(Code.GREETING_SPAM), passes(Check.GREETING)),
    ),
    Cause(
        "postal-exception",
        "The connection was closed in the middle of the dialogue without a reply: usually an internal error of Postal.",
        "Read what it says at that second: postal logs smtp (look for An error occurred while processing "
        "data). Most often its database is down (postal status) or dns.timeout is below 2.",
        (proven(Code.AUTH_DROPPED, Code.RECIPIENT_DROPPED), passes(Check.RECIPIENT)),
    ),
    Cause(
        "ssh-port",
        "An SSH server answers on this port, not Postal.",
        "The port in EMAIL_URL is SSH's (22, or a forwarded one). Use Postal's SMTP port: 25, or 2525 where the "
        "deployment maps it.",
        (proven(Code.GREETING_SSH_SERVER), passes(Check.GREETING)),
    ),
    Cause(
        "web-port",
        "A web server answers on this port, not Postal's SMTP server.",
        "EMAIL_URL has the port of Postal's web interface or of a proxy (80, 443, 5000). Use the SMTP port: 25, "
        "or 2525 where the deployment maps it.",
        (proven(Code.GREETING_WEB_SERVER), passes(Check.GREETING)),
    ),
    Cause(
        "no-smtp",
        "What answers on this port is not an SMTP server.",
        "See what it is, on its host: ss -ltnp, the row of this port. Postal's SMTP server greets with 220 and "
        "ESMTP Postal.",
        (proven(Code.GREETING_NOT_SMTP, Code.GREETING_EHLO_NOT_SMTP, Code.GREETING_FLOODED), passes(Check.GREETING)),
    ),
    Cause(
        "busy",
        "The server accepts no more connections right now (a 4xx greeting): a rate or connection limit.",
        "Postal itself has no such limit, so it is a proxy or another mail server: raise its limit for "
        "GlitchTip's address, or wait some minutes and try docker compose exec web python manage.py sendtestemail"
        " ADDRESS.",
        (proven(Code.GREETING_BUSY), passes(Check.GREETING)),
    ),
)
