"""Zone files served in this process: a resolver for questions with RD, the zones' own name server for those without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zone

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_CHAIN: Final = 12


class Zones:
    """A handler for ``fake``: answers from zones as a resolver and as their name server do."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._zones = {}
        for text in texts:
            zone = dns.zone.from_text(text, relativize=False, check_origin=False)
            assert zone.origin is not None
            self._zones[zone.origin] = zone

    def __call__(self, query: dns.message.Message, tcp: bool) -> list[bytes]:
        asked = query.question[0]
        recursive = bool(query.flags & dns.flags.RD)
        answer = dns.message.make_response(query, recursion_available=recursive)
        name = asked.name
        first = self._holder(name)
        if first is None and not recursive:
            answer.set_rcode(dns.rcode.REFUSED)
            return [answer.to_wire()]
        if not recursive:
            answer.flags |= dns.flags.AA
        for _ in range(_LONGEST_CHAIN):
            zone = self._holder(name)
            if zone is None or (not recursive and zone is not first):
                if recursive:
                    answer.set_rcode(dns.rcode.NXDOMAIN)
                break
            node, exists = self._node(zone, name)
            found = None if node is None else node.get_rdataset(dns.rdataclass.IN, asked.rdtype)
            alias = None if node is None else node.get_rdataset(dns.rdataclass.IN, dns.rdatatype.CNAME)
            chosen = found or alias
            if chosen is None:
                if not exists:
                    answer.set_rcode(dns.rcode.NXDOMAIN)
                self._deny(answer, zone)
                break
            answer.answer.append(dns.rrset.from_rdata_list(name, chosen.ttl, list(chosen)))
            if found is not None or alias is None:
                break
            name = alias[0].target
        wire = answer.to_wire(max_size=65535)
        if not tcp and len(wire) > 1232:
            cut = dns.message.make_response(query)
            cut.flags |= dns.flags.TC
            return [cut.to_wire()]
        return [wire]

    def _holder(self, name: dns.name.Name) -> dns.zone.Zone | None:
        while name != dns.name.root:
            if name in self._zones:
                return self._zones[name]
            name = name.parent()
        return None

    @staticmethod
    def _node(zone: dns.zone.Zone, name: dns.name.Name) -> tuple[dns.node.Node | None, bool]:
        """Return the node of *name*, by a wildcard if need be, and whether the name exists (RFC 4592)."""
        if (node := zone.get_node(name)) is not None:
            return node, True
        if any(other.is_subdomain(name) for other in zone.nodes):
            return None, True
        closest = name.parent()
        while closest != zone.origin and not any(other.is_subdomain(closest) for other in zone.nodes):
            closest = closest.parent()
        wildcard = zone.get_node(dns.name.Name([b"*", *closest.labels]))
        return wildcard, wildcard is not None

    @staticmethod
    def _deny(answer: dns.message.Message, zone: dns.zone.Zone) -> None:
        assert zone.origin is not None
        soa = zone.get_rdataset(zone.origin, "SOA")
        assert soa is not None
        answer.authority.append(dns.rrset.from_rdata_list(zone.origin, soa.ttl, list(soa)))
