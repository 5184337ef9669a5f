"""The addresses of Postal's host: each name resolved under a deadline, each address private or public."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from wizard.checks.smtp.connect import is_shortage
from wizard.model.codes import Code
from wizard.model.finding import Finding
from wizard.model.international import idna_2003
from wizard.model.session import nobody
from wizard.model.untrusted import Untrusted
from wizard.model.validation import bare_host, is_address, is_loopback
from wizard.system.threads import in_daemon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.session import Session

PRIVATE: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)
"""RFC 1918, RFC 4193, loopback and link-local. Not ``is_private``: that counts documentation addresses too."""
MOST: Final = 16
"""Addresses tried of one name."""

_Family: TypeAlias = Literal["A", "AAAA"]
_NO_NAME: Final = "there is no such name (NXDOMAIN)"
_IMPOSSIBLE: Final = "no name can be written like that"
_ABSENT: Final = {_NO_NAME: Code.RESOLVE_NO_SUCH_NAME, _IMPOSSIBLE: Code.RESOLVE_INVALID_NAME}


def is_private(address: str) -> bool:
    """Whether traffic to *address* stays on a private network or this host."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return any(ip.version == network.version and ip in network for network in PRIVATE)


async def own_name(seconds: float = 1.0) -> str:
    """Return the name that GlitchTip's Django would give in EHLO on this host: ``socket.getfqdn()``, punycoded."""
    try:
        name = await in_daemon(socket.getfqdn, seconds)
    except (OSError, UnicodeError):  # TimeoutError is an OSError
        name = socket.gethostname()
    return idna_2003(name) or "localhost"


@dataclass(frozen=True, slots=True)
class Resolved:
    """The addresses in the order in which they are tried, and the verdict."""

    addresses: tuple[str, ...]
    finding: Finding


@dataclass(frozen=True, slots=True)
class _Looked:
    """What one family's look-up gave."""

    family: _Family | Literal["any"]
    addresses: tuple[str, ...] = ()
    problem: str = ""
    """What failed; empty where the answer is sure, be it that there is none."""
    absent: str = ""
    """Why there can be no address: the name does not exist, or its CNAMEs do not end."""
    late: bool = False
    short: bool = False
    """Whether this host had no file or thread left to ask with."""


async def resolve(host: str, session: Session, seconds: float = 5.0) -> Resolved:
    """Resolve *host*: by the session's resolver if there is one, else as the system does."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    name = bare_host(host)
    if is_address(name):
        words = f"{name} is an address, so no look-up is needed."
        return Resolved((name,), Finding.skip(Code.RESOLVE_NOT_APPLICABLE, name, words))
    by_system = session.resolver is None or is_loopback(name)  # RFC 6761: localhost is never a question for DNS
    if not by_system:
        looked = await _by_resolver(name, session, seconds)
        order: tuple[str, ...] = ()
    else:
        looked, order = await _by_system(name, seconds)
    addresses = order or tuple(sorted((a for one in looked for a in one.addresses), key=_preference))
    if by_system and addresses and all(map(is_loopback, addresses)) and not is_loopback(name):
        finding = _only_here(name, addresses)
    else:
        finding = _judged(name, looked, addresses)
    return Resolved(addresses[:MOST], finding.timed(loop.time() - start))


def itself(name: str, apart: Sequence[str]) -> Finding:
    """Judge a host that is written as loopback while *apart*, services of GlitchTip, have networks of their own."""
    services = ", ".join(Untrusted(service, 40) for service in apart[:6])
    return Finding.fail(
        Code.RESOLVE_LOOPBACK,
        name,
        f"{name} is this host itself, but in GlitchTip's containers ({services}) it is the container itself: GlitchTip "
        "does not reach Postal there, and no mail is sent.",
        (
            f"a network of their own: {services}",
            "GlitchTip: OSError: [Errno 99] Cannot assign requested address, or [Errno 111] Connection refused",
        ),
        remedy="Use a name or an address of Postal that the containers reach: its public name, or an address of this "
        "host that Postal listens on. With network_mode: host the services share this host's network.",
    )


def _only_here(name: str, addresses: Sequence[str]) -> Finding:
    shown = ", ".join(addresses[:MOST])
    return Finding.warn(
        Code.RESOLVE_ONLY_HERE_LOOPBACK,
        name,
        f"{name} gives {shown}, which is this host itself; GlitchTip's containers do not read this host's /etc/hosts "
        "and may get another address, or none.",
        (f"{shown} (loopback)",),
        remedy=f"Ask the name servers: dig {name} A. If they know it, delete its line from /etc/hosts and check again; "
        "otherwise publish an A record for it.",
    )


async def _by_resolver(name: str, session: Session, seconds: float) -> list[_Looked]:
    from wizard.checks.dns.resolver import Questions  # start-up: 80 ms

    ascii_name = idna_2003(name)
    if ascii_name is None:
        return [_Looked("A", absent=_IMPOSSIBLE)]
    async with Questions(session, nobody, lifetime=seconds) as questions:
        answers = await asyncio.gather(questions.ask(ascii_name, "A"), questions.ask(ascii_name, "AAAA"))
    families: tuple[_Family, ...] = ("A", "AAAA")
    return [
        _Looked(
            family,
            tuple(str(value) for value in answer.values) if answer.found else (),
            answer.words if answer.failed else "",
            absent=answer.words if answer.outcome == "loop" else _NO_NAME if answer.outcome == "nxdomain" else "",
            late="in time" in answer.words,
        )
        for family, answer in zip(families, answers, strict=True)
    ]


async def _by_system(name: str, seconds: float) -> tuple[list[_Looked], tuple[str, ...]]:
    """Ask for both families at once, as GlitchTip does, and beside it for each: that shows which of them fails."""
    both, four, six = await asyncio.gather(
        _system(name, "any", socket.AF_UNSPEC, seconds),
        _system(name, "A", socket.AF_INET, seconds),
        _system(name, "AAAA", socket.AF_INET6, seconds),
    )
    if both.addresses:
        # /etc/hosts can answer a family that the common look-up leaves out (localhost as ::1): not an address to try.
        kept = [_Looked(one.family, problem=one.problem, late=one.late) for one in (four, six)]
        return kept, both.addresses
    return [four, six], ()


async def _system(name: str, family: _Family | Literal["any"], number: int, seconds: float) -> _Looked:
    try:
        entries = await in_daemon(
            lambda: socket.getaddrinfo(name, None, socket.AddressFamily(number), socket.SOCK_STREAM), seconds
        )
    except TimeoutError:
        return _Looked(family, problem=f"no answer within {seconds:g} s", late=True)
    except UnicodeError:
        return _Looked(family, absent=_IMPOSSIBLE)
    except socket.gaierror as error:
        shortage = _files_lacking()
        if shortage is not None:
            return _Looked(family, problem=shortage.strerror or str(shortage), short=True)
        if error.errno == socket.EAI_NONAME:
            return _Looked(family, absent=_NO_NAME)
        if error.errno == getattr(socket, "EAI_NODATA", None):
            return _Looked(family)
        return _Looked(family, problem=f"{error.strerror} (socket.gaierror {error.errno})")
    except OSError as error:
        return _Looked(family, problem=error.strerror or str(error), short=is_shortage(error))
    return _Looked(family, tuple(dict.fromkeys(str(entry[4][0]) for entry in entries)))


def _files_lacking() -> OSError | None:
    """Return why the C library could not open what it needs for a look-up (files and sockets), None where it could.

    Without a descriptor glibc answers that there is no such name (EAI_NONAME), which is not true.
    """
    try:
        with contextlib.ExitStack() as stack:
            for _ in range(4):
                stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    except OSError as error:
        return error if is_shortage(error) else None
    return None


def _preference(address: str) -> tuple[bool, int]:
    """Order as RFC 6724 does in what matters here: a family without a route last, IPv6 first, but ULA behind IPv4."""
    ip = ipaddress.ip_address(address)
    try:
        with socket.socket(socket.AF_INET6 if ip.version == 6 else socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 9))  # UDP: the kernel looks for a route, nothing is sent
        unreachable = False
    except OSError:
        unreachable = True
    rank = 1 if ip.version == 4 else 2 if ip in ipaddress.ip_network("fc00::/7") else 0
    return unreachable, rank


def _judged(name: str, looked: list[_Looked], addresses: tuple[str, ...]) -> Finding:
    failed = [one for one in looked if one.problem]
    evidence = tuple(f"{one.family}: {one.problem}" for one in failed)
    if addresses:
        return _some(name, failed, addresses, evidence)
    absent = next((one.absent for one in looked if one.absent), "")
    if failed and not absent:
        late = any(one.late for one in failed)
        if any(one.short for one in failed):
            return Finding.unknown(
                Code.RESOLVE_NO_RESOURCES,
                name,
                f"{name} was not looked up: this host gives the program no more files or threads.",
                evidence,
                remedy="Close other programs or raise the limits (ulimit -n, ulimit -u), then check again.",
            )
        return Finding.unknown(
            Code.RESOLVE_TIMED_OUT if late else Code.RESOLVE_LOOKUP_FAILED,
            name,
            f"The look-up of {name} {'did not answer in time' if late else 'fails'}, so its address is not known; "
            "GlitchTip would wait and then fail.",
            evidence,
            remedy=f"Check the resolver (/etc/resolv.conf, or --resolver) with: dig {name} A. Then check again.",
        )
    return Finding.fail(
        _ABSENT.get(absent, Code.RESOLVE_CNAME_LOOP) if absent else Code.RESOLVE_NO_ADDRESS,
        name,
        f"{name} has no address; without an A or AAAA record GlitchTip cannot connect to it.",
        (absent or "the name has neither an A nor an AAAA record", *evidence),
        remedy="Check the spelling against postal.smtp_hostname on Postal's Help page, or publish an A record for "
        "this name.",
    )


def _some(name: str, failed: list[_Looked], addresses: tuple[str, ...], evidence: tuple[str, ...]) -> Finding:
    evidence = (", ".join(f"{a} ({'private' if is_private(a) else 'public'})" for a in addresses[:MOST]), *evidence)
    if len(addresses) > MOST:
        evidence = (*evidence, f"{len(addresses) - MOST} more addresses are not tried")
    words = f"{name} gives {_count(addresses)}"
    if not failed:
        return Finding.ok(Code.RESOLVE_ADDRESSES, name, f"{words}.", evidence)
    family = " and ".join(one.family for one in failed)
    return Finding.warn(
        Code.RESOLVE_ONE_FAMILY_FAILS,
        name,
        f"{words}, but the look-up for {family} fails instead of answering; every mail waits for it.",
        evidence,
        remedy=f"Ask the resolver: dig {name} {failed[0].family}. Fix the zone or the resolver: it must answer at "
        "once.",
    )


def _count(addresses: tuple[str, ...]) -> str:
    if len(addresses) == 1:
        return f"{addresses[0]}, {'private' if is_private(addresses[0]) else 'public'}"
    kinds = {is_private(address) for address in addresses}
    kind = "private and public" if len(kinds) == 2 else "all private" if kinds == {True} else "all public"
    return f"{len(addresses)} addresses, {kind}"
