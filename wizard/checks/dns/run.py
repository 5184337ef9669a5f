"""All DNS checks of one run: what can be asked at once is, each finding is reported as soon as it is decided."""

from __future__ import annotations

import asyncio
import gc
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from wizard.checks.dns import (
    alignment,
    dkim,
    dmarc,
    dmarc_policy,
    domain,
    mx_and_ptr,
    postal_view,
    return_path,
    spf_from,
    spf_mailfrom,
    worlds,
)
from wizard.checks.dns.names import Zone, zone_of
from wizard.checks.dns.outcomes import lookup_failed, no_value
from wizard.checks.dns.propagation import Authorities
from wizard.checks.dns.resolver import Questions
from wizard.model.codes import Code
from wizard.model.finding import Finding, Verdict
from wizard.model.session import Listener, Session, nobody

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable

    from wizard.model.details import Signature
    from wizard.model.draft import Draft

IDS: Final = (
    "domain",
    "ownership",
    "spf_from",
    "spf_mailfrom",
    "dkim",
    "dmarc",
    "alignment",
    "return_path",
    "rp_mx",
    "mx",
    "ptr",
    "postal_view",
)
"""The check ids, in the order they are shown."""
_NO_DOMAIN: Final = {
    "spf_from": Code.SPF_FROM_NO_DOMAIN,
    "dkim": Code.DKIM_NO_DOMAIN,
    "dmarc": Code.DMARC_NO_DOMAIN,
    "alignment": Code.ALIGNMENT_NO_DOMAIN,
    "return_path": Code.RETURN_PATH_NO_DOMAIN,
    "mx": Code.MX_NO_DOMAIN,
}
"""What fails with a domain that does not exist."""
_NOT_APPLICABLE: Final = {"spf_mailfrom": Code.SPF_MAILFROM_NOT_APPLICABLE, "rp_mx": Code.RP_MX_NOT_APPLICABLE}
"""What does not apply to a domain that does not exist."""


async def check(
    draft: Draft,
    session: Session,
    on_event: Listener = nobody,
    *,
    only: frozenset[str] | None = None,
    lifetime: float = 5.0,
    signature: Signature | None = None,
) -> list[Finding]:
    """Judge the DNS of the draft's domain; *only* names the check ids to run, *lifetime* (seconds) bounds all of it.

    *signature* is what the headers of the received mail show: the best proof of how Postal signs. Returns at least one
    finding per id, in the order of ``IDS``. Cancelling ends all at once.
    """
    ids = [one for one in IDS if only is None or one in only]
    age = datetime.now(UTC) - session.status_when if session.status_when is not None else None
    zone = zone_of(draft, signature, age)
    if not zone.domain:
        findings = [no_value(Code(f"{one}.no_value"), "", "app.from") for one in ids]
        for finding in findings:
            on_event(finding)
        return findings
    async with Questions(session, on_event, lifetime) as questions:
        gc.freeze()  # or a collection of all that is loaded falls into the run: a third of a round trip
        authorities = Authorities(questions, zone.domain, session.authoritative_port)
        run = _Run(zone, questions, authorities, on_event, ids)
        try:
            each = await asyncio.gather(*(run.report(one) for one in ids))
        finally:
            await run.stop()
            await authorities.stop()
            dmarc_policy.forget_suffixes()
            gc.unfreeze()
    return [finding for findings in each for finding in findings]


class _Run:
    """One run: each check is a task of its own, started once, awaited by whoever builds on it."""

    def __init__(
        self, zone: Zone, questions: Questions, authorities: Authorities, on_event: Listener, ids: Iterable[str]
    ) -> None:
        self._zone = zone
        self._ask = questions.ask
        self._versions = authorities.versions
        self._on_event = on_event
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        loop = asyncio.get_running_loop()
        self._now = loop.time
        self._start = loop.time()
        self._foresee(frozenset(ids))

    def _foresee(self, ids: frozenset[str]) -> None:
        """Ask what *ids* almost certainly need and what is known before any answer is there: one round less each."""
        zone, ask = self._zone, self._ask
        if zone.spf_include and ids & {"spf_from", "spf_mailfrom", "alignment"}:
            self._once("early include", ask(zone.spf_include.lower(), "TXT"))
        if ids & {"spf_mailfrom", "alignment"}:
            self._once("early envelope", spf_mailfrom.early(zone, ask))
        if "alignment" in ids:
            self._once("early fallback", alignment.early(zone, ask))

    async def stop(self) -> None:
        """End every check that is still under way."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _once(self, name: str, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        self._tasks[name] = asyncio.create_task(work)
        return self._tasks[name]

    async def report(self, check: str) -> list[Finding]:
        """Run one check and report what it found."""
        findings = await self.findings(check)
        for finding in findings:
            self._on_event(finding)
        return findings

    async def findings(self, check: str) -> list[Finding]:
        """Return what one check found, running it once however many ask for it."""
        task = self._tasks.get(check) or self._once(check, self._timed(check))
        findings: list[Finding] = await asyncio.shield(task)
        return findings

    async def _timed(self, check: str) -> list[Finding]:
        findings = await self._judged(check)
        return [finding.timed(self._now() - self._start) for finding in findings]

    async def _judged(self, check: str) -> list[Finding]:
        zone, ask, versions = self._zone, self._ask, self._versions
        if check == "domain":
            return [await domain.domain(zone, ask)]
        if check == "ptr":
            return await mx_and_ptr.ptr(zone, ask)
        if check == "ownership":
            return [await domain.ownership(zone, ask, versions)]
        if check == "postal_view":
            return [await postal_view.check(zone, ask, versions)]
        work = asyncio.create_task(self._of_the_domain(check))
        try:
            if (await self.findings("domain"))[0].verdict is Verdict.FAIL:
                return [self._without_domain(check)]
            return [await work]
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _of_the_domain(self, check: str) -> Finding:
        zone, ask, versions = self._zone, self._ask, self._versions
        match check:
            case "spf_from":
                return await spf_from.check(zone, ask, versions)
            case "spf_mailfrom":
                return await spf_mailfrom.check(zone, ask, await self._signing())
            case "dkim":
                return await dkim.check(zone, ask, versions)
            case "dmarc":
                return await dmarc.check(zone, ask, versions)
            case "return_path":
                return await return_path.check(zone, ask, versions)
            case "mx":
                return await mx_and_ptr.mx(zone, ask)
            case "rp_mx":
                return await self._rp_mx()
            case _:
                return await self._alignment()

    async def _signing(self) -> worlds.Signing:
        """Return how Postal signs and sends, derived once a run."""
        task = self._tasks.get("signing") or self._once(
            "signing", worlds.signing(self._zone, self._ask, self._versions)
        )
        signed: worlds.Signing = await asyncio.shield(task)
        return signed

    async def _alignment(self) -> Finding:
        zone = self._zone
        # alignment asks for the tree walk itself; what it rests on comes meanwhile.
        key, signed, envelope = await asyncio.gather(
            self.findings("dkim"), self._signing(), self.findings("spf_mailfrom")
        )

        async def mailfrom(name: str) -> Finding:
            if name == envelope[0].subject or envelope[0].verdict is Verdict.SKIP:
                return envelope[0]
            return await spf_mailfrom.at(zone, self._ask, name, signed.why)

        return await alignment.check(zone, self._ask, signed, key[0], mailfrom)

    async def _rp_mx(self) -> Finding:
        zone = self._zone
        if not zone.rp:
            return no_value(Code.RP_MX_NO_VALUE, zone.psrp, "domain.return_path_target")
        signed, _ = await asyncio.gather(self._signing(), self._ask(zone.rp, "MX"))
        if signed.psrp is None:
            return lookup_failed(Code.RP_MX_LOOKUP_FAILED, zone.psrp, signed.path_problem, evidence=[signed.why])
        envelope = zone.psrp if signed.psrp else zone.rp
        holder = await spf_mailfrom.holder_of(zone, self._ask, envelope)
        return await mx_and_ptr.rp_mx(zone, self._ask, envelope, holder, signed.why)

    def _without_domain(self, check: str) -> Finding:
        zone = self._zone
        subject = {
            "dkim": zone.dkim_name or zone.domain,
            "return_path": zone.psrp,
            "rp_mx": zone.psrp,
            "spf_mailfrom": zone.psrp,
        }.get(check, zone.domain)
        if check in _NOT_APPLICABLE:
            return Finding.skip(_NOT_APPLICABLE[check], subject, f"Does not apply: {zone.shown} does not exist.")
        return Finding.fail(
            _NO_DOMAIN[check],
            subject,
            f"{zone.shown} does not exist, so nothing can be published there. It should be a registered domain: "
            "receivers refuse the mail.",
            remedy="Fix the domain first.",
        )
