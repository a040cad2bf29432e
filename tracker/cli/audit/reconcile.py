"""`tracker audit reconcile`: reminders that were issued and delivered, against those owed."""

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from tracker.cli import every_episode
from tracker.cli.clocks import site_zone
from tracker.cli.every_episode import processes_option
from tracker.cli.failures import say
from tracker.cli.options import format_option, limit_option, optional_episode_argument
from tracker.cli.render import Column, emit, plain
from tracker.cli.session import Session, pass_session
from tracker.cli.streaming import emit_streamed
from tracker.errors import AuditError, TrackerError, UsageError
from tracker.pathway.wording import counted

if TYPE_CHECKING:
    from tracker.audit.reconciling import Answer, Question, Reconciled

COLUMNS = [
    Column(key, key)
    for key in (
        "episode", "reference", "how", "reason", "also", "why", "kind", "reminder", "phases",
        "owed_at", "known_at", "told_at", "until", "late_seconds", "lasts", "event", "because",
        "source", "message", "channel", "recipient",
    )
]  # fmt: skip
COUNTS = [
    Column("how", "Found"),
    Column("reason", "Because of"),
    Column("number", "Number", "number"),
]
_NAMED = 10
"""Erased episodes that are named on stderr; the document names all."""
_MINUTES = click.IntRange(0, 525_600)


@click.command()
@optional_episode_argument
@click.option("--all", "everything", is_flag=True, help="Every episode.")
@click.option("--since", metavar="TIME", help="Only what had not ended by that time.")
@click.option(
    "--as-known",
    is_flag=True,
    help="Judge each time by what was known then: only faults of the system remain.",
)
@click.option(
    "--issued-within",
    type=_MINUTES,
    default=5,
    show_default=True,
    metavar="MINUTES",
    help="What is issued later than that, once owed and known, is late.",
)
@click.option(
    "--delivered-within",
    type=_MINUTES,
    default=15,
    show_default=True,
    metavar="MINUTES",
    help="A message delivered later than that, once it may go out, is late.",
)
@processes_option("judge")
@limit_option
@format_option
@pass_session
def reconcile(
    session: Session,
    episode: str | None,
    everything: bool,
    since: str | None,
    as_known: bool,
    issued_within: int,
    delivered_within: int,
    processes: int,
    limit: int,
    fmt: str,
) -> None:
    """Hold the reminders that were issued and delivered against those the history implies.

    Judged by what is finally known of an episode, reminders can have been missing, late, wrong or
    unneeded because somebody entered something late, corrected or voided it. With --as-known what
    is left are faults of the system; if there are any the exit code is 6. An episode that was
    erased can be judged by nobody: it is named, and asked for alone the exit code is 1. A table
    shows as many episodes as --limit says; other formats show all.
    """
    from tracker.audit.discrepancy import Tolerance
    from tracker.audit.reconciling import question

    if everything == (episode is not None):
        raise UsageError("name an episode, or --all", hint="tracker audit reconcile --all")
    service = session.service()
    minutes = (datetime.timedelta(minutes=m) for m in (issued_within, delivered_within))
    zone = site_zone(session)
    asked = question(
        service.database,
        session.now(),
        as_known=as_known,
        since=None if since is None else session.instant(since, zone),
        tolerance=Tolerance(*minutes),
    )
    tally = _Tally()
    found = tally.count(tally.note_erased(_asked(session, episode, asked, processes)))
    _show(found, tally, asked, limit, fmt)
    _conclude(tally, asked, everything)


def _asked(
    session: Session, episode: str | None, asked: "Question", processes: int
) -> "Iterator[Answer]":
    from tracker.audit.reconciling import of_all, of_episode

    if episode is None:
        yield from every_episode.answers(session, of_all, asked, processes)
        return
    key = session.recorded_episode(episode).key
    service = session.service()
    yield of_episode(service.database, service.judge, key, asked)


@dataclass
class _Tally(every_episode.Tally["Reconciled"]):
    """What was found so far, in numbers."""

    concerned: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    erased: list[str] = field(default_factory=list)
    """Episodes that nobody can judge any more."""

    def note_erased(self, answers: "Iterable[Answer]") -> "Iterator[Answer]":
        """Pass on answers, noting which episodes were erased."""
        for answer in answers:
            self.erased += answer.erased
            yield answer

    def add(self, one: "Reconciled") -> None:
        """Count what was found of an episode."""
        self.concerned += 1
        self.counts.update((f.how, f.reason) for f in one.findings)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """How often each was found, for each reason."""
        ordered = sorted(self.counts.items())
        return [{"how": how, "reason": reason, "number": n} for (how, reason), n in ordered]

    @property
    def of_the_system(self) -> int:
        """How many findings only the system is to blame for."""
        from tracker.audit.discrepancy import OF_THE_SYSTEM

        return sum(n for (_, reason), n in self.counts.items() if reason in OF_THE_SYSTEM)


def _show(
    found: "Iterator[Reconciled]", tally: _Tally, asked: "Question", limit: int, fmt: str
) -> None:
    if fmt == "table":
        from tracker.cli.audit.reckoning import episode_lines

        every_episode.tell(found, limit, episode_lines)
        emit(fmt, tally.rows, COUNTS)
    else:
        tail = partial(_tail, tally)
        emit_streamed(fmt, _rows(found), COLUMNS, name="findings", head=_head(asked), tail=tail)


def _rows(found: "Iterable[Reconciled]") -> Iterator[dict[str, Any]]:
    for one in found:
        for finding in one.findings:
            fields = plain(finding)
            late = finding.late_by
            late_seconds = None if late is None else late.total_seconds()
            named = {"episode": one.episode, "reference": one.reference}
            yield named | fields | {"late_seconds": late_seconds}


def _head(asked: "Question") -> dict[str, Any]:
    return {
        "now": asked.now,
        "as_known": asked.as_known,
        "since": asked.since,
        "issued_within_seconds": asked.tolerance.issue.total_seconds(),
        "delivered_within_seconds": asked.tolerance.delivery.total_seconds(),
    }


def _tail(tally: _Tally) -> dict[str, Any]:
    return {
        "episodes": tally.episodes,
        "concerned": tally.concerned,
        "counts": tally.rows,
        "of_the_system": tally.of_the_system,
        "failed": tally.failures,
        "erased": tally.erased,
    }


def _conclude(tally: _Tally, asked: "Question", everything: bool) -> None:
    """Say what it comes to. Raises AuditError for faults that stand by what was known.

    Raises TrackerError for an episode that could not be judged. One that was erased will never be:
    that is said, and is an error only where it was asked for by name.
    """
    tally.say_failed()
    if tally.erased and not everything:
        raise TrackerError(
            f"{tally.erased[0]} was erased: nobody can judge its reminders any more",
            hint="tracker audit verify still shows that nothing of the log was changed",
        )
    if tally.erased:
        say(_erased(tally.erased))
    number = sum(tally.counts.values())
    of = f" in {tally.concerned} of {counted(tally.episodes, 'episode')}" if everything else ""
    told = f"{counted(number, 'finding')}{of}"
    if asked.as_known and number:
        raise AuditError(
            f"{told}, by what was known at each time: the system failed there",
            hint="tracker audit reconcile, without --as-known, has what was learned since",
        )
    if tally.failed:
        raise TrackerError(f"{told}; {counted(len(tally.failed), 'episode')} could not be judged")
    how = "by what was known at each time" if asked.as_known else "by what is known now"
    system = "" if asked.as_known else f", {tally.of_the_system} of them faults of the system"
    say(f"{told}, {how}{system}.")


def _erased(names: list[str]) -> str:
    were = "was" if len(names) == 1 else "were"
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    listed = ", ".join(names[:_NAMED])
    return (
        f"{counted(len(names), 'episode')} {were} erased and cannot be judged any more:"
        f" {listed}{more}."
    )
