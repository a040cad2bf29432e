"""What an audit found, for eyes and for programs."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tracker.cli.render import Column, emit
from tracker.errors import AuditError, StoreError, TrackerError
from tracker.pathway.wording import counted

if TYPE_CHECKING:
    from tracker.audit.checkpoint import Signed
    from tracker.audit.faults import Fault
    from tracker.audit.verify import Report

COLUMNS = [
    Column("part", "Part"),
    Column("state", "State", "state"),
    Column("position", "Position", "number"),
    Column("code", "Code", csv_only=True),
    Column("text", "What"),
]


def show(
    faults: "Sequence[Fault]",
    remarks: "Sequence[Fault]",
    told: Mapping[str, str],
    document: Mapping[str, Any],
    fmt: str,
) -> None:
    """Show what was found; `told` says of each part how much was looked at.

    Raises AuditError when there are faults, StoreError when all of them are that a bundle holds no
    proof for a checkpoint.
    """
    found = {
        "faults": [fault._asdict() for fault in faults],
        "remarks": [remark._asdict() for remark in remarks],
    }
    whole = {"ok": not faults, **document, **found}
    emit(fmt, _rows(faults, remarks, told), COLUMNS, document=whole)
    if faults:
        raise _failure(faults)


def _failure(faults: "Sequence[Fault]") -> TrackerError:
    from tracker.audit.faults import NO_PROOF

    changed = [fault for fault in faults if fault.code != NO_PROOF]
    told = changed or faults
    more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
    first = f"{told[0].part}, {told[0]}{more}"
    if not changed:
        return StoreError(
            f"against a checkpoint it cannot be checked: {first}",
            "where the record is: tracker audit export EPISODE (or --all) --out DIR --checkpoint"
            " THAT_ONE; what was found tells neither of a change nor of none",
        )
    if all(fault.code in ("signature", "note") for fault in changed):
        keyless = any(fault.code == "signature" for fault in changed)
        key = "see that the public key is the right one, by another way than from beside the record"
        file = "take another copy of that checkpoint, or save the note alone"
        return AuditError(
            f"what is signed proves nothing of the record: {first}",
            key if keyless else file,
        )
    return AuditError(
        f"the record does not stand up: {first}",
        "change nothing, take a copy of it all, and compare it with backups and checkpoints",
    )


def _rows(
    faults: "Sequence[Fault]", remarks: "Sequence[Fault]", told: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return a line for each part, then what was found."""
    from tracker.audit.faults import NO_PROOF, PARTS

    failed = {fault.part for fault in faults if fault.code != NO_PROOF}
    unproven = {fault.part for fault in faults} - failed
    rows: list[dict[str, Any]] = [
        {"part": part, "state": _state(part, failed, unproven), "text": told[part]}
        for part in PARTS
        if part in told
    ]
    for fault in faults:
        state = "unproven" if fault.code == NO_PROOF else "failed"
        rows.append({**fault._asdict(), "state": state})
    return rows + [{**remark._asdict(), "state": "warning"} for remark in remarks]


def _state(part: str, failed: Collection[str], unproven: Collection[str]) -> str:
    if part in failed:
        return "failed"
    return "unproven" if part in unproven else "ok"


def of_events(report: "Report", *, ends: bool = False) -> str:
    """Say which part of the log was looked at, and up to where it stands up.

    `ends`: whether more was asked for than there is, so that it is said where the log ends.
    """
    part = report.bounds
    positions = f"positions {part.first} to {part.last}{', where the log ends' if ends else ''}"
    told = f"{positions}; episodes: {report.episodes}"
    wrong = [f.position for f in report.faults if f.part == "events" and f.position is not None]
    if not wrong:
        return told
    first = min(wrong)
    sound = f"{part.first} to {first - 1} stand up" if first > part.first else "none stands up"
    return f"{positions}; {sound}"


def of_checkpoints(signed: "Sequence[Signed]", *, part: bool = False) -> dict[str, str]:
    """Say how many checkpoints there are, and how far the newest goes; nothing without one.

    `part`: whether only a part of the log was verified.
    """
    if not signed:
        return {}
    newest = signed[-1].checkpoint
    sizes = (counted(newest.events.size, "event"), counted(newest.accesses.size, "look"))
    covers = f"covers {' and '.join(sizes)}"
    told = f"{len(signed)} well signed; that of {newest.time:%Y-%m-%d %H:%M:%S}Z {covers}"
    return {"checkpoint": f"{told}; their trees were not computed" if part else told}


def checkpoint_documents(signed: "Sequence[Signed]") -> list[dict[str, Any]]:
    """Return checkpoints for programs."""
    return [
        {"name": s.name, "size": s.checkpoint.events.size, "time": s.checkpoint.time}
        for s in signed
    ]
