"""What an audit found, for eyes and for programs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tracker.cli.render import Column, emit
from tracker.errors import AuditError

if TYPE_CHECKING:
    from tracker.audit.checkpoint import Signed
    from tracker.audit.faults import Fault

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

    Raises AuditError when there are faults.
    """
    found = {
        "faults": [fault._asdict() for fault in faults],
        "remarks": [remark._asdict() for remark in remarks],
    }
    whole = {"ok": not faults, **document, **found}
    emit(fmt, _rows(faults, remarks, told), COLUMNS, document=whole)
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise AuditError(
            f"the record does not stand up: {faults[0].part}, {faults[0]}{more}",
            "change nothing, take a copy of it all, and compare it with backups and checkpoints",
        )


def _rows(
    faults: "Sequence[Fault]", remarks: "Sequence[Fault]", told: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return a line for each part, then what was found."""
    from tracker.audit.faults import PARTS

    failed = {fault.part for fault in faults}
    rows: list[dict[str, Any]] = [
        {"part": part, "state": "failed" if part in failed else "ok", "text": told[part]}
        for part in PARTS
        if part in told
    ]
    for state, found in (("failed", faults), ("warning", remarks)):
        rows += [{**fault._asdict(), "state": state} for fault in found]
    return rows


def of_checkpoints(signed: "Sequence[Signed]") -> dict[str, str]:
    """Say how many checkpoints there are, and how far the newest goes; nothing without one."""
    if not signed:
        return {}
    newest = signed[-1].checkpoint
    covers = f"covers {newest.events.size} events"
    return {"checkpoint": f"{len(signed)}; that of {newest.time:%Y-%m-%d %H:%M:%S}Z {covers}"}


def checkpoint_documents(signed: "Sequence[Signed]") -> list[dict[str, Any]]:
    """Return checkpoints for programs."""
    return [
        {"name": s.name, "size": s.checkpoint.events.size, "time": s.checkpoint.time}
        for s in signed
    ]
