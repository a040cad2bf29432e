"""What a reconciliation found, in words and in the zone of the patient."""

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from tracker.cli.clocks import in_zone
from tracker.pathway.wording import elapsed
from tracker.times import local

if TYPE_CHECKING:
    from tracker.audit.discrepancy import Finding
    from tracker.audit.reconciling import Reconciled


_HOW = len("delivered late") + 2


def episode_lines(episode: "Reconciled") -> Iterator[str]:
    """Yield an episode and what was found of it."""
    yield "  ".join(filter(None, [episode.episode, episode.reference]))
    zone = episode.time_zone
    for (reasons, why), together in groupby(episode.findings, key=lambda f: (_reasons(f), f.why)):
        for finding in together:
            about = f"{finding.kind} {', '.join(finding.phases)}".strip()
            yield f"  {finding.how.replace('-', ' '):<{_HOW}}{about}: {_when(finding, zone)}"
        yield f"  {'':<{_HOW}}{reasons}: {in_zone(why, zone)}"


def _reasons(found: "Finding") -> str:
    reasons = filter(None, [found.reason, found.also])
    return ", also ".join(reason.replace("-", " ") for reason in reasons)


def _when(found: "Finding", zone: str) -> str:
    owed = local(found.owed_at, zone, precise=False) if found.owed_at else ""
    told = local(found.told_at, zone, precise=False) if found.told_at else ""
    late = elapsed(found.late_by) if found.late_by is not None else ""
    if found.how in ("not-delivered", "delivered-late"):
        to = f" to {found.recipient}" if found.recipient else ""
        by = f"by {found.channel}{to} " if found.channel else ""
        end = f"delivered {told}, {late} late" if told else "not delivered"
        return f"{by}from {owed}, {end}"
    if found.how in ("wrong", "unneeded"):
        return f"issued {told}"
    if told:
        return f"owed {owed}, issued {told}, {late} late"
    if found.lasts:
        return f"owed since {owed} and still not issued, {late} late"
    return f"owed {owed}, never issued"
