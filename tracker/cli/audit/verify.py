"""`tracker audit verify`: whether the record stands up."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli import rights
from tracker.cli.audit import findings
from tracker.cli.options import format_option
from tracker.cli.progress import progress
from tracker.cli.session import Session, pass_session
from tracker.cli.signed import checkpoint_option, public_key_option, signed
from tracker.errors import UsageError
from tracker.pathway.wording import counted

if TYPE_CHECKING:
    from tracker.service import Service

_POSITION = click.IntRange(min=1)


@click.command("verify")
@click.option("--from", "first", type=_POSITION, metavar="P", help="From this position of the log.")
@click.option("--to", "last", type=_POSITION, metavar="P", help="Up to this position.")
@checkpoint_option
@public_key_option
@click.option(
    "--bundle", metavar="DIR", help="Verify a bundle of audit export instead of the database."
)
@click.option("--deep", is_flag=True, help="Also read every event and build every list anew.")
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    metavar="N",
    help="How many processes check; default: two for a long log.",
)
@format_option
@pass_session
def verify(
    session: Session,
    first: int | None,
    last: int | None,
    checkpoints: tuple[str, ...],
    public_keys: tuple[str, ...],
    bundle: str | None,
    deep: bool,
    processes: int | None,
    fmt: str,
) -> None:
    """Recompute the hash chain and check every stored column against it.

    Names the first position that does not stand up, and what is wrong there; exit code 6. What was
    cut off the end or written anew as a whole shows only against a checkpoint kept elsewhere.
    """
    from tracker.audit.verify import part_of
    from tracker.audit.verify import verify as verified

    if bundle is not None:
        if first or last or deep or processes:
            raise UsageError("--bundle takes no --from, --to, --deep and --processes")
        _verify_bundle(Path(bundle), checkpoints, public_keys, fmt)
        return
    service = _opened(session, fmt)
    if deep:
        rights.require(service, "audit verify --deep")
    trusted, unsigned = signed(session, checkpoints, public_keys)
    if first and last and last < first:
        raise UsageError("--to is before --from", hint="give the earlier position first")
    part = part_of(service.database, first, last)
    if part.first > max(part.head, 1):
        raise UsageError(f"the log ends at position {part.head}", hint="give an earlier --from")
    count = processes or min(2, os.cpu_count() or 1)
    with progress(part.last - part.first + 1, "events") as step:
        report = verified(service.database, part, trusted, step, count, session.now())
    deepened = deep and not report.faults
    if deepened:
        from tracker.audit import deep as deeper

        with progress(report.episodes, "episodes") as step:
            report.faults.extend(deeper.verify(service, part, step, count))
    part = report.bounds
    document = {
        "from": part.first,
        "to": part.last,
        "events": part.last - part.first + 1,
        "episodes": report.episodes,
        "accesses": report.accesses,
        "protocols": report.protocols,
        "checkpoints": findings.checkpoint_documents(trusted),
        "deep": deepened,
    }
    asked = "tables, triggers and indexes" if part.whole else "tables and triggers"
    told = {
        "schema": f"{asked} of the logs as they are to be",
        "events": findings.of_events(report, ends=last is not None and last > part.head),
        "protocols": f"{report.protocols}",
        "access": counted(report.accesses, "look"),
        **findings.of_checkpoints(trusted, part=not part.whole),
        **({"read-models": "built anew and compared"} if deepened else {}),
    }
    findings.show([*report.faults, *unsigned], report.remarks, told, document, fmt)


def _opened(session: Session, fmt: str) -> "Service":
    """Open the database; that its version was changed is a fault of the record."""
    from tracker.audit.faults import Fault
    from tracker.store.errors import ChangedVersionError

    try:
        return session.service()
    except ChangedVersionError as error:
        nothing = dict.fromkeys(("events", "episodes", "accesses", "protocols"), 0)
        fault = Fault("schema", None, "schema", error.message)
        findings.show([fault], [], {}, nothing, fmt)
        raise


def _verify_bundle(folder: Path, paths: tuple[str, ...], keys: tuple[str, ...], fmt: str) -> None:
    from tracker.audit import kept
    from tracker.audit.bundle.check import verify as verified
    from tracker.audit.keys import public_keys

    trusted = public_keys(keys, None, os.environ) if keys or paths else []
    outside, unsigned = kept.load(kept.named(paths), trusted)
    report = verified(folder, trusted, outside)
    # Those in it are the word of whoever exported: how far it is covered, others tell.
    own = f"; its own checkpoints, not counted as coverage: {len(report.checkpoints)}"
    document: dict[str, Any] = {"checkpoints": findings.checkpoint_documents(outside)}
    told = findings.of_checkpoints(kept.in_order(outside))
    if report.about is not None:
        document["bundle"] = report.about
        events, looks = report.about.events, report.about.accesses
        told["events"] = f"{events.included} of {events.size}"
        told["access"] = f"{counted(looks.included, 'look')} of {looks.size}"
    told["bundle"] = f"its files, and who signed them{own if report.checkpoints else ''}"
    findings.show([*report.faults, *unsigned], report.remarks, told, document, fmt)
