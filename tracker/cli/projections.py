"""`tracker projections`: how far the read models have come; build them anew."""

from typing import TYPE_CHECKING, Any

import click

from tracker.cli.every_episode import processes_option
from tracker.cli.failures import say
from tracker.cli.group import NounGroup
from tracker.cli.options import format_option
from tracker.cli.progress import progress
from tracker.cli.render import Column, emit
from tracker.cli.session import Session, pass_session
from tracker.errors import AuditError
from tracker.pathway.wording import counted

if TYPE_CHECKING:
    from tracker.service import Service

COLUMNS = [Column("name", "What"), Column("value", "State")]
PARKED = [
    Column("episode", "Parked episode"),
    Column("position", "Since position", "number"),
    Column("reason", "Why"),
    Column("parked_at", "Since", "time"),
]


@click.group(cls=NounGroup)
def projections() -> None:
    """Read models: what the lists are made from. The log is the truth; these can be rebuilt."""


@projections.command()
@format_option
@pass_session
def status(session: Session, fmt: str) -> None:
    """Show how far the read models have come, and which episodes are parked."""
    from tracker.cli import rights

    service = session.service()
    state: dict[str, Any] = service.projections()._asdict()
    if rights.limit(service) is not None:
        # What the log tells is of every site.
        episodes = service.statistics().get("episodes", 0)
        state |= {"position": None, "head": None, "episodes": episodes}
    names = parked_names(service)
    parked = [
        {"episode": names.get(item.episode_key)} | item._asdict() for item in service.parked()
    ]
    if parked:
        session.looks.listed(len(parked))
    rows = [{"name": name, "value": value} for name, value in state.items()]
    if fmt == "csv" or fmt == "table":
        emit(fmt, rows, COLUMNS)
        if parked and fmt == "table":
            emit(fmt, parked, PARKED)
    else:
        emit(fmt, [state | {"parked": parked}], COLUMNS, document=state | {"parked": parked})
    for item in parked:
        say(f"Parked: {item['episode']}: {item['reason']}")


def parked_names(service: "Service") -> dict[int, str]:
    """Return what each parked episode is called; the log knows what the index lacks."""
    keys = [item.episode_key for item in service.parked()]
    return {key: service.name_of(key) for key in keys}


@projections.command()
@click.option("--verify", is_flag=True, help="Only compare with what is there; change nothing.")
@processes_option("evaluate")
@format_option
@pass_session
def rebuild(session: Session, verify: bool, processes: int, fmt: str) -> None:
    """Build every read model anew from the log, beside the live ones, then swap.

    With --verify nothing is swapped: what differs is listed, and the exit code is 6 if any does.
    """
    service = session.service()
    total = service.projections().episodes
    if verify:
        with progress(total, "episodes") as step:
            differences = service.verify(step, processes=processes)
        if differences:
            session.looks.listed(len(differences))
        _compared(total, [difference._asdict() for difference in differences], fmt)
        return
    with progress(total, "episodes") as step:
        built = service.rebuild(step, processes=processes)
    emit(fmt, [{"name": "episodes", "value": built}], COLUMNS, document={"episodes": built})


def _compared(total: int, rows: list[dict[str, Any]], fmt: str) -> None:
    columns = [Column(key, key) for key in rows[0]] if rows else COLUMNS
    emit(fmt, rows, columns, document={"episodes": total, "differences": rows})
    if rows:
        raise AuditError(
            f"the read models differ from the log in {len(rows)} places",
            hint="tracker projections rebuild",
        )
    say(f"The read models of {counted(total, 'episode')} are what the log says.")
