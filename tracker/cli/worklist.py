"""`tracker worklist`: what is owed, the most pressing first."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, get_args
from uuid import UUID

import click
import msgspec

from tracker import times
from tracker.cli import rights
from tracker.cli.failures import say
from tracker.cli.mine import own_coordinator
from tracker.cli.options import format_option, limit_option
from tracker.cli.render import Column, emit
from tracker.cli.session import Session, pass_session
from tracker.cli.sites import say_unknown_site
from tracker.cli.topics import Word
from tracker.pathway.status import Stage

if TYPE_CHECKING:
    from tracker.service import Filters, Page

STAGES: tuple[str, ...] = get_args(Stage)
COLUMNS = [
    Column("episode", "Episode"),
    Column("reference", "Reference"),
    Column("patient", "Patient"),
    Column("stage", "Stage"),
    Column("mark", "!", "state"),
    Column("due_at", "Due", "time"),
    Column("due_kind", "What", csv_only=True),
    Column("next_step", "Next step", "told"),
    Column("owner", "Who", csv_only=True),
    Column("alerts", "Alerts", "number"),
    Column("coordinator", "Coordinator"),
    Column("leak", "Leak", csv_only=True),
    Column("urgent", "Urgent", csv_only=True),
    Column("overdue", "Overdue", csv_only=True),
    Column("reminders", "Reminders", "number", csv_only=True),
    Column("site", "Site", csv_only=True),
    Column("incomplete", "Incomplete", csv_only=True),
]


@click.command()
@click.option("--overdue", is_flag=True, help="Only what is overdue.")
@click.option("--due-within", metavar="TIME", help="Only what is due within 48h, 3d ...")
@click.option("--stage", type=Word(STAGES), metavar="STAGE", help=", ".join(STAGES) + ".")
@click.option("--urgent", is_flag=True, help="Only urgent episodes.")
@click.option("--mine", is_flag=True, help="Only episodes that you coordinate.")
@click.option("--coordinator", metavar="NAME", help="Only episodes of this coordinator.")
@click.option("--site", metavar="NAME", help="Only episodes of this site.")
@limit_option
@click.option("--all", "everything", is_flag=True, help="All of it, whatever the limit.")
@click.option("--watch", is_flag=True, help="Draw it again and again until Ctrl-C.")
@click.option(
    "--interval",
    type=click.IntRange(1, 3600),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="How often --watch draws.",
)
@format_option
@pass_session
def worklist(
    session: Session,
    overdue: bool,
    due_within: str | None,
    stage: str | None,
    urgent: bool,
    mine: bool,
    coordinator: str | None,
    site: str | None,
    limit: int,
    everything: bool,
    watch: bool,
    interval: int,
    fmt: str,
) -> None:
    """List episodes in care: urgent ones first, then by what is due next."""
    if overdue and due_within is not None:
        raise click.UsageError("--overdue and --due-within exclude each other")
    if mine and coordinator is not None:
        raise click.UsageError("--mine and --coordinator exclude each other")
    if watch and fmt != "table":
        raise click.UsageError("--watch is for eyes: it draws tables only")
    within = None if due_within is None else times.duration(due_within)
    if mine:
        coordinator = own_coordinator(session)

    def filters() -> "Filters":
        from tracker.service import Filters
        from tracker.store.instants import micros

        before = None if within is None else micros(session.now() + within)
        return Filters(overdue, before, stage, urgent, coordinator, site)

    rights.require_site(session.service(), site)
    shown = None if everything else limit

    def read() -> "Page":
        return session.service().worklist(filters(), limit=shown)

    if watch:
        _watch(session, read, coordinator, site, interval)
    else:
        page = read()
        session.looks.listed(len(page.rows), coordinator=coordinator)
        _write(page, fmt)
        say_unknown_site(session.service(), site, found=page.totals.episodes)
        _say_left_out(session)


def _watch(
    session: Session,
    read: Callable[[], "Page"],
    coordinator: str | None,
    site: str | None,
    interval: int,
) -> None:
    """Draw until Ctrl-C, which is how one leaves and no failure.

    It is a look whenever it shows other episodes than before.
    """
    seen: set[int] | None = None
    with suppress(KeyboardInterrupt):
        while True:
            page = read()
            if seen != (now := {row.key for row in page.rows}):
                session.looks.listed(len(page.rows), coordinator=coordinator)
                seen = now
            session.looks.record()
            click.clear()
            _write(page, "table")
            say_unknown_site(session.service(), site, found=page.totals.episodes)
            _say_left_out(session)
            time.sleep(interval)


def _say_left_out(session: Session) -> None:
    """Say what may be missing, and why there are no names where the keys cannot be used."""
    rights.say_missing(session.service())
    why = getattr(session.service().database.seals, "why", None)
    if why is not None:
        hint = f" Try: {why.hint}" if why.hint else ""
        say(f"No references and patients are shown: {why.message}.{hint}")


def _write(page: "Page", fmt: str) -> None:
    emit(fmt, (_row(row, fmt) for row in page.rows), COLUMNS)
    totals = page.totals
    shown = f"{len(page.rows)} of " if page.more else ""
    more = "; --all shows them all" if page.more else ""
    if fmt == "table" or page.more:
        say(
            f"{shown}{totals.episodes} in care, {totals.urgent} urgent, "
            f"{totals.overdue} overdue{more}"
        )
    lagging = [row.short_id or row.uuid for row in page.rows if row.incomplete]
    if lagging:
        say(f"Incomplete: {', '.join(lagging)} (tracker projections status)")


def _row(row: Any, fmt: str) -> dict[str, Any]:
    fields = msgspec.structs.asdict(row)
    del fields["key"], fields["listed"], fields["short_id"]
    fields["uuid"] = str(UUID(row.uuid))
    name = row.short_id or row.reference or row.uuid
    found = {"episode": name} | fields
    if fmt == "table":
        marks = [word for word in ("urgent", "overdue", "incomplete") if fields[word]]
        found["mark"] = marks[0] if len(marks) == 1 else " ".join(marks)
    return found
