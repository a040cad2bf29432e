"""Shell completion of what is in the data; a completion never fails, it only offers nothing."""

from collections.abc import Callable, Iterable, Iterator

import click
from click.shell_completion import CompletionItem

from tracker.cli.session import Session
from tracker.cli.text import visible
from tracker.events import EVENT_TYPES

Offer = Callable[[Session, click.Context, str], Iterable[tuple[str, str]]]
Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _completes(offer: Offer) -> Complete:
    """Make what click calls from a function that offers words and what they mean."""

    def complete(
        ctx: click.Context, _param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        options = ctx.find_root().params
        session = Session(
            options.get("home"), options.get("database"), access=options.get("access_database")
        )
        session.looks.during = "completion"
        try:
            offered = offer(session, ctx, incomplete)
            items = [
                CompletionItem(w, help=visible(h))
                for w, h in offered
                if w.startswith(incomplete) and w == visible(w)  # no name that a shell would obey
            ]
            session.looks.record()
            return items
        except Exception:  # noqa: BLE001  a failing completion would garble the prompt
            return []
        finally:
            session.close()

    return complete


def _episodes(session: Session, _ctx: click.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    service = session.service()
    names = [*service.short_ids(incomplete, 50), *service.references(incomplete, 50)]
    if names:
        session.looks.listed(len(names), text=incomplete)
    yield from ((name, "") for name in names)


def _events(session: Session, ctx: click.Context, _text: str) -> Iterator[tuple[str, str]]:
    uuid = session.episode(ctx.params["episode"]).uuid
    for event in session.service().history(uuid):
        yield event.id, event.topic


def _owed(session: Session, ctx: click.Context, _text: str) -> Iterator[tuple[str, str]]:
    status = session.service().status(session.episode(ctx.params["episode"]).uuid)
    for reminder in status.reminders:
        if reminder.live:
            yield reminder.kind, reminder.status
    for alert in status.alerts:
        if alert.active:
            yield alert.rule, alert.severity


def _topics(_session: Session, _ctx: click.Context, _text: str) -> Iterator[tuple[str, str]]:
    for topic, cls in EVENT_TYPES.items():
        yield topic, (cls.__doc__ or "").splitlines()[0]


def _explainable(session: Session, ctx: click.Context, _text: str) -> Iterator[tuple[str, str]]:
    service = session.service()
    status = service.status(session.episode(ctx.params["episode"]).uuid)
    protocol = service.protocol(status.protocol)
    yield "stage", status.stage
    for kind, words in protocol.reminders.items():
        yield kind, words.text
    for rule, text in protocol.rules.items():
        yield rule, text.text


complete_episode = _completes(_episodes)
"""Short ids and references."""
complete_event = _completes(_events)
"""Ids of the events of the episode on the command line."""
complete_owed = _completes(_owed)
"""What can be acknowledged in the episode on the command line."""
complete_event_topic = _completes(_topics)
"""Topics of events."""
complete_topic = _completes(_explainable)
"""What can be explained."""
