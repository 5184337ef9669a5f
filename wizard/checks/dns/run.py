"""All DNS checks of one run: what can be asked at once is, each finding is told as soon as it is decided."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any, Final

from wizard.checks.dns import alignment, dkim, dmarc, dmarc_policy, domain, mx_and_ptr, postal_view, return_path, spf
from wizard.checks.dns.names import Zone, lacks, unknown, zone_of
from wizard.checks.dns.propagation import Authorities
from wizard.checks.dns.resolver import Questions
from wizard.model.finding import Finding, Verdict
from wizard.model.session import Listener, Session, nobody

if TYPE_CHECKING:
    from collections.abc import Coroutine

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
_FALL_WITH_THE_DOMAIN: Final = frozenset({"spf_from", "dkim", "dmarc", "alignment", "return_path", "mx"})
_MOOT_WITHOUT_IT: Final = frozenset({"spf_mailfrom", "rp_mx"})


async def check(
    draft: Draft,
    session: Session,
    on_event: Listener = nobody,
    *,
    only: frozenset[str] | None = None,
    lifetime: float = 5.0,
) -> list[Finding]:
    """Judge the DNS of the draft's domain; *only* names the check ids wanted, *lifetime* (seconds) bounds all of it.

    Returns at least one finding per id, in the order of ``IDS``. Cancelling ends all at once.
    """
    ids = [one for one in IDS if only is None or one in only]
    zone = zone_of(draft)
    if not zone.domain:
        findings = [lacks(one, "", "domain.name", "the From domain") for one in ids]
        for finding in findings:
            on_event(finding)
        return findings
    async with Questions(session, on_event, lifetime) as questions:
        gc.freeze()  # or a collection of all that is loaded falls into the run: a third of a round trip
        authorities = Authorities(questions, zone.domain, session.authoritative_port)
        run = _Run(zone, questions, authorities, on_event)
        try:
            each = await asyncio.gather(*(run.told(one) for one in ids))
        finally:
            await run.stop()
            await authorities.stop()
            dmarc_policy.forget_suffixes()
            gc.unfreeze()
    return [finding for findings in each for finding in findings]


class _Run:
    """One run: each check is a task of its own, started once, awaited by whoever builds on it."""

    def __init__(self, zone: Zone, questions: Questions, authorities: Authorities, on_event: Listener) -> None:
        self._zone = zone
        self._questions = questions
        self._ask = questions.ask
        self._versions = authorities.versions
        self._heard = on_event
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        loop = asyncio.get_running_loop()
        self._now = loop.time
        self._start = loop.time()
        for name in (zone.spf_include.lower(), zone.rp):
            if name:  # almost certainly wanted, and known before anybody said so: one round less each
                self._once(f"early {name}", questions.ask(name, "TXT"))

    async def stop(self) -> None:
        """End every check that is still under way."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _once(self, name: str, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        self._tasks[name] = asyncio.create_task(work)
        return self._tasks[name]

    async def told(self, check: str) -> list[Finding]:
        """Run one check and tell what it found."""
        found = await self.findings(check)
        for finding in found:
            self._heard(finding)
        return found

    async def findings(self, check: str) -> list[Finding]:
        """Return what one check found, running it once however many want to know."""
        task = self._tasks.get(check) or self._once(check, self._timed(check))
        found: list[Finding] = await asyncio.shield(task)
        return found

    async def _timed(self, check: str) -> list[Finding]:
        found = await self._judged(check)
        return [finding.timed(self._now() - self._start) for finding in found]

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
                return await spf.spf_from(zone, ask, versions)
            case "spf_mailfrom":
                return await spf.spf_mailfrom(zone, ask)
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
                # alignment asks for the tree walk itself; the two findings it rests on come meanwhile.
                key, mailfrom = await asyncio.gather(self.findings("dkim"), self.findings("spf_mailfrom"))
                return await alignment.check(zone, ask, key[0], mailfrom[0])

    async def _rp_mx(self) -> Finding:
        zone = self._zone
        if not zone.rp:
            return lacks("rp_mx", zone.psrp, "domain.return_path_target", "Postal's return-path host")
        cname, _ = await asyncio.gather(self._ask(zone.psrp, "CNAME"), self._ask(zone.rp, "MX"))
        if cname.failed:
            return unknown("rp_mx", zone.psrp, f"the CNAME at {zone.psrp}: {cname.words}")
        return await mx_and_ptr.rp_mx(zone, self._ask, spf.envelope(zone, cname))

    def _without_domain(self, check: str) -> Finding:
        zone = self._zone
        subject = {"dkim": zone.dkim_name or zone.domain, "return_path": zone.psrp, "rp_mx": zone.psrp}
        about = subject.get(check, zone.psrp if check == "spf_mailfrom" else zone.domain)
        if check in _MOOT_WITHOUT_IT:
            return Finding(check, about, Verdict.SKIP, f"Does not apply: {zone.shown} does not exist.")
        return Finding(
            check,
            about,
            Verdict.FAIL,
            f"{zone.shown} does not exist, so nothing can be published there; wanted is a registered domain: receivers "
            "refuse the mail.",
            remedy="Mend the domain row first.",
        )
