"""Causes in what GlitchTip, docker compose and Infisical make of the settings: most of them before anything starts."""

from __future__ import annotations

from typing import Final

from wizard.diagnosis.model import Cause
from wizard.diagnosis.rules import passes, proven, upheld_by, upholds
from wizard.model.codes import Check, Code

CAUSES: Final[tuple[Cause, ...]] = (
    Cause(
        "scheme",
        "GlitchTip does not know the scheme of EMAIL_URL, so it does not start.",
        'Write smtp:// (and EMAIL_USE_TLS: "True" for STARTTLS). GlitchTip also knows smtp+tls:// and '
        "consolemail://, but not submission://, console:// or postal://. Then {restart}.",
        (upheld_by(Check.EMAIL_URL), passes(Check.EMAIL_URL)),
    ),
    Cause(
        "quoted-url",
        "EMAIL_URL begins with a quote or has no scheme: quotes became part of the value, so GlitchTip does not start.",
        "docker run --env-file and infisical export keep quotes: write EMAIL_URL=smtp://... bare, "
        "percent-encoded, without any. postal-wizard url explain shows what GlitchTip reads.",
        (
            upholds(Code.COMPOSE_QUOTES_KEPT, Code.ENVIRONMENT_QUOTES_IN_VALUE),
            upheld_by(Check.EMAIL_URL),
            passes(Check.EMAIL_URL),
        ),
    ),
    Cause(
        "unencoded-key",
        "The key or user name in EMAIL_URL contains / ? or # unencoded, so GlitchTip does not start; part of it "
        "is in this log.",
        "Make a new key, because the log shows the beginning of the old one ({new_credential}), and make the "
        "line with postal-wizard url encode. Then {restart}.",
        (upheld_by(Check.EMAIL_URL), passes(Check.EMAIL_URL)),
    ),
    Cause(
        "text-after-port",
        "A blank or other text follows the port in EMAIL_URL, so GlitchTip does not start.",
        "End the line in .env right after the port: EMAIL_URL=smtp://USER:KEY@HOST:2525, no blank, no comment "
        "behind it.",
        (upheld_by(Check.EMAIL_URL), passes(Check.EMAIL_URL)),
    ),
    Cause(
        "port-range",
        "The port in EMAIL_URL is not between 0 and 65535.",
        "Give Postal's SMTP port after the last colon: 25, or 2525 where the deployment maps it.",
        (upheld_by(Check.EMAIL_URL), passes(Check.EMAIL_URL)),
    ),
    Cause(
        "brackets",
        "The key or user name in EMAIL_URL contains [ or ] unencoded, which reads as an IPv6 address; GlitchTip "
        "does not start.",
        "Encode them (%5B and %5D): postal-wizard url encode makes the whole line. Around a real IPv6 address the"
        " brackets stay.",
        (upheld_by(Check.EMAIL_URL), passes(Check.EMAIL_URL)),
    ),
    Cause(
        "wide-character",
        "EMAIL_URL contains a full-width or compatibility character, so GlitchTip does not start; the whole login"
        " is in this log.",
        "Replace the key, because this log shows it ({new_credential}), and type it as plain letters and digits; "
        "most often the character is a full-width @ or :. Then {restart}.",
        (upheld_by(Check.EMAIL_URL), passes(Check.EMAIL_URL)),
    ),
    Cause(
        "dollar-reference",
        "A value that begins with $ is read as a reference to another variable, so GlitchTip does not start.",
        "Write $ as %24 in EMAIL_URL; a DEFAULT_FROM_EMAIL or key must not begin with $. In docker-compose.yml, "
        "${{EMAIL_URL}} is for compose; in .env itself give the value, not a reference.",
        (proven(Code.ENVIRONMENT_DOLLAR_REFERENCE), upheld_by(Check.EMAIL_URL), passes(Check.EMAIL_URL)),
    ),
    Cause(
        "timeout-word",
        "EMAIL_TIMEOUT is not a plain number of seconds, so GlitchTip does not start.",
        'Write EMAIL_TIMEOUT: "10", digits only, no s and no quotes inside the value. Then {restart}.',
        (proven(Code.ENVIRONMENT_TIMEOUT_INVALID), passes(Check.ENVIRONMENT)),
    ),
    Cause(
        "timeout-type",
        "This image is older than January 2024 and takes EMAIL_TIMEOUT as text, which fails at each mail.",
        "Pull a newer glitchtip/glitchtip image, or remove the EMAIL_TIMEOUT row; then {restart}.",
        (proven(Code.ENVIRONMENT_TIMEOUT_TOO_NEW), passes(Check.ENVIRONMENT)),
    ),
    Cause(
        "timeout-zero",
        "EMAIL_TIMEOUT is 0, so GlitchTip does not wait at all.",
        'Set EMAIL_TIMEOUT: "10", or "30" if Postal is slow at DATA; without the row there is no limit.',
        (upholds(Code.ENVIRONMENT_TIMEOUT_INVALID), passes(Check.ENVIRONMENT)),
    ),
    Cause(
        "old-django",
        "This image has a Django older than 4.2 on Python 3.12 or newer, which cannot use STARTTLS at all.",
        "Pull a newer glitchtip/glitchtip image (docker compose pull), then {restart}. No e-mail setting "
        "changes this; without STARTTLS (smtp:// and no EMAIL_USE_TLS row) mail goes out all the same.",
    ),
    Cause(
        "email-disabled",
        "This GlitchTip (6 or newer) has e-mail switched off: no mail transport is set, so nothing is sent and "
        "nothing fails.",
        "Give web and worker EMAIL_URL (smtp://org%2Fserver:KEY@HOST:PORT) and DEFAULT_FROM_EMAIL, then "
        "{restart}. GET /api/settings/ must then list email in enabledFeatures.",
    ),
    Cause(
        "no-celery",
        "This GlitchTip image (6 or newer) has no celery, so a worker that starts with celery does not start.",
        "Set the worker's command to ./bin/run-worker.sh (or leave command: out, as the current sample does), "
        "remove a beat service that runs celery, then {restart}.",
        (upholds(Code.COMPOSE_CELERY_GONE), passes(Check.CONTAINER)),
    ),
    Cause(
        "command-gone",
        "The service's command is not in this GlitchTip image, so it does not start: compose file and image are of "
        "different years.",
        "Take both from one release: with a new image leave command: out or write ./bin/run-web.sh and "
        "./bin/run-worker.sh, as its own compose sample has them; or go back to the image that the file was made for. "
        "Then {restart}.",
        (passes(Check.CONTAINER),),
    ),
    Cause(
        "compose-duplicate",
        "Docker compose refuses the file: a variable is listed twice under environment: of one service.",
        "Remove the second line of the variable it names (the list form, - NAME=value, must not repeat a "
        "name). docker compose config -q prints nothing when the file is right. Then {restart}.",
    ),
    Cause(
        "compose-no-service",
        "The project has no service of the name in the command, so docker compose recreated nothing.",
        "docker compose config --services lists the names; use those of GlitchTip's web and worker. The "
        "running containers still have the old settings.",
        (proven(Code.COMPOSE_SERVICE_ABSENT), passes(Check.COMPOSE)),
    ),
    Cause(
        "compose-yaml",
        "Docker compose cannot read the compose file: its YAML or a key in it is wrong, so nothing is changed.",
        "Correct the line it names: indentation with blanks only, and quotes around a value with ': ' or ' #' "
        "in it. docker compose config -q prints nothing when the file is right.",
        (upholds(Code.COMPOSE_UNREADABLE),),
    ),
    Cause(
        "compose-no-file",
        "Docker compose found no compose file in this directory.",
        "Change to the directory of GlitchTip's docker-compose.yml, or name it: docker compose -f PATH up -d. The"
        " running containers keep their settings.",
    ),
    Cause(
        "docker-permission",
        "This user has no permission to use docker: the command changed nothing; the containers keep their settings.",
        "Run the command with sudo, or add the user to the group docker and log in again (that group has the rights of "
        "root). Then {restart}.",
    ),
    Cause(
        "links",
        "Links in GlitchTip's mails lead elsewhere: GLITCHTIP_DOMAIN is wrong, or not set for the service that sends.",
        "Set GLITCHTIP_DOMAIN: https://glitchtip.example.com under environment: of web and worker, and {restart}. The "
        "worker makes the links of alerts, web those of password resets.",
        (upholds(Code.COMPOSE_NO_LINK_DOMAIN, Code.FLOW_LINKS_NOT_SET, Code.FLOW_LINKS_DIFFER),),
    ),
    Cause(
        "domain-scheme",
        "GLITCHTIP_DOMAIN does not begin with http:// or https://, so GlitchTip does not start.",
        "Set GLITCHTIP_DOMAIN: https://glitchtip.example.com for web and worker; links in mails are made from it."
        " Then {restart}.",
        (proven(Code.ENVIRONMENT_LINK_WITHOUT_SCHEME), passes(Check.ENVIRONMENT)),
    ),
    Cause(
        "mailers",
        "Django's MAILERS setting and the EMAIL_* settings are both there, or a mailer has no host; newer Django "
        "refuses that.",
        "GlitchTip uses EMAIL_URL only: remove MAILERS from your own settings file, or go back to the previous image.",
    ),
    Cause(
        "env-syntax",
        "Docker compose cannot parse the .env file, so nothing starts: a quote or a character in it is wrong.",
        "Correct the line it names (the message shows part of a value: do not post it). EMAIL_URL is written "
        "bare and percent-encoded, a From with a name in single quotes. docker compose config -q prints "
        "nothing when the file is right.",
        (proven(Code.COMPOSE_ENV_REFUSED, Code.ENVIRONMENT_REFUSED_BY_COMPOSE), passes(Check.COMPOSE)),
    ),
    Cause(
        "env-missing",
        "The env_file that docker-compose.yml names is not there, so nothing starts.",
        "Compare the path under env_file: with the directory docker compose runs in (docker compose config -q), "
        "and create the file with mode 0600.",
        (proven(Code.COMPOSE_ENV_FILE_MISSING), passes(Check.COMPOSE)),
    ),
    Cause(
        "compose-interpolation",
        "Docker compose reads a $ in docker-compose.yml as a variable, and cannot parse it.",
        "Write $$ for each $ in docker-compose.yml; better keep EMAIL_URL in .env, percent-encoded, and refer to "
        "it as ${{EMAIL_URL}}.",
        (upholds(Code.COMPOSE_REFUSED_VALUE), passes(Check.COMPOSE)),
    ),
    Cause(
        "url-not-set",
        "EMAIL_URL is not set where docker compose runs: GlitchTip gets an empty one and tries localhost:25.",
        "Put EMAIL_URL=smtp://... into the .env beside docker-compose.yml, or start through infisical run "
        "--env=ENV --path=PATH (both options are needed). Then {restart}.",
        (upholds(Code.COMPOSE_NO_EMAIL_URL, Code.CONTAINER_NO_EMAIL_URL), passes(Check.CONTAINER)),
    ),
    Cause(
        "mail-variable-not-set",
        "A mail setting that docker-compose.yml refers to is not set and becomes empty.",
        "Set it in .env or remove its row: EMAIL_URL replaces EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER and "
        "EMAIL_HOST_PASSWORD.",
        (passes(Check.CONTAINER),),
    ),
    Cause(
        "from-not-set",
        "DEFAULT_FROM_EMAIL is not set where docker compose runs and becomes empty, so every mail fails.",
        "Put DEFAULT_FROM_EMAIL=glitchtip@DOMAIN into .env, with a domain verified at {domains}; then {restart}.",
        (
            upholds(
                Code.FROM_ADDRESS_MISSING,
                Code.FROM_ADDRESS_DJANGO_DEFAULT,
                Code.COMPOSE_NO_FROM,
                Code.CONTAINER_NO_FROM,
            ),
            passes(Check.FROM_ADDRESS),
        ),
    ),
    Cause(
        "from-newline",
        "A header has a line break in it: DEFAULT_FROM_EMAIL_FILE ends with a newline, which becomes part of the From.",
        "Write the file without one: printf %s 'glitchtip@DOMAIN' > FILE; or use DEFAULT_FROM_EMAIL instead of "
        "the file.",
        (proven(Code.ENVIRONMENT_FROM_FILE_NEWLINE, Code.CONTAINER_FROM_LINE_BREAK), passes(Check.CONTAINER)),
    ),
    Cause(
        "from-empty",
        "DEFAULT_FROM_EMAIL is empty, and an empty value is taken as it is.",
        "Give it an address or remove its row: DEFAULT_FROM_EMAIL: glitchtip@DOMAIN for web and worker, then "
        "{restart}.",
        (proven(Code.ENVIRONMENT_FROM_EMPTY), upholds(Code.FROM_ADDRESS_MISSING), passes(Check.FROM_ADDRESS)),
    ),
    Cause(
        "from-comma",
        "DEFAULT_FROM_EMAIL has an unquoted comma in the display name, so it reads as two addresses.",
        'Write the name in double quotes, "Glitch, Tip" <gt@DOMAIN>, and all of it in single quotes in '
        ".env; or leave out the comma.",
        (
            upholds(Code.FROM_ADDRESS_INVALID, Code.FROM_ADDRESS_NEEDS_QUOTES, Code.ENVIRONMENT_FROM_INVALID),
            passes(Check.FROM_ADDRESS),
        ),
    ),
    Cause(
        "no-nc",
        "GlitchTip's image has no nc, so this says nothing about the mail.",
        'Try the port with Python: docker compose exec -T web python -c "import socket; '
        "print(socket.create_connection(('HOST', 2525), 5).recv(99))\". It prints ESMTP Postal/ and a trace id if "
        "all is well.",
    ),
    Cause(
        "old-environment",
        "The fault does not show from this host: the containers have other settings, or a network of their own.",
        "{Restart}, then send from inside: docker compose exec web python manage.py sendtestemail ADDRESS, and "
        "the same in worker. If it still fails: the container's resolver, routes or CA bundle.",
        (
            proven(
                Code.CONTAINER_OTHER_KEY,
                Code.CONTAINER_OTHER_SERVER,
                Code.CONTAINER_OTHER_USER,
                Code.CONTAINER_OTHER_TLS,
                Code.CONTAINER_OTHER_FROM,
                Code.CONTAINER_NO_ADDRESS,
                Code.CONTAINER_NO_CONNECTION,
                Code.CONTAINER_NO_GREETING,
            ),
            passes(Check.CONTAINER),
        ),
    ),
    Cause(
        "infisical-login",
        "Infisical refuses the login: client id or client secret is wrong, expired or used up.",
        "Use the client ID of the Universal Auth method (not the identity's) and a new client secret, without "
        "blanks, and the right site (INFISICAL_DOMAIN: app, eu or your own). Three wrong tries lock it for 5 "
        "minutes.",
    ),
    Cause(
        "infisical-locked",
        "Infisical has locked this identity after three failed logins.",
        "Wait 5 minutes without trying, then log in once with the right client secret.",
    ),
    Cause(
        "infisical-token",
        "The Infisical token has expired or was revoked.",
        "Log in again (never renew): infisical login --method=universal-auth --plain --silent, and give it as "
        "INFISICAL_TOKEN.",
    ),
    Cause(
        "infisical-member",
        "The machine identity is not a member of the Infisical project.",
        "In Infisical: the project, Access Control, Machine Identities, Add identity, with a role that may read "
        "secrets of this folder.",
    ),
    Cause(
        "infisical-role",
        "The machine identity may log in to Infisical, but not read the secrets of this folder.",
        "In Infisical: the project, Access Control, Machine Identities, this identity: give it a role that may read "
        "secrets of this environment and path.",
    ),
    Cause(
        "infisical-no-login",
        "The Infisical CLI has no login here: infisical run does not log in a machine identity.",
        'export INFISICAL_TOKEN="$(infisical login --method=universal-auth --plain --silent)", with client ID and '
        "secret in INFISICAL_UNIVERSAL_AUTH_CLIENT_ID and _CLIENT_SECRET; then infisical run with --projectId, --env "
        "and --path.",
    ),
    Cause(
        "infisical-place",
        "Infisical has no folder or environment of this name.",
        "Give the environment's slug (dev, staging, prod: case counts) and a path with a leading slash: infisical"
        " run --env=prod --path=/glitchtip/application -- COMMAND.",
    ),
    Cause(
        "infisical-unreachable",
        "Infisical is not reachable, so its secrets are missing and GlitchTip starts without them or not at all.",
        "Check INFISICAL_DOMAIN and the connection to it: curl -sS https://HOST/api/status. The running "
        "containers keep their old values.",
    ),
)
