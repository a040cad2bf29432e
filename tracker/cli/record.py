"""`tracker record EVENT EPISODE`: one sub-command per event, made from its declaration."""

from typing import Any

import click

from tracker.cli.group import NounGroup
from tracker.cli.options import dry_run_option, episode_argument, format_option, id_option
from tracker.cli.session import Session
from tracker.cli.topics import build, given
from tracker.events import EVENT_TYPES, EventData, NewEvent, Recorded, Role
from tracker.times import GRAMMAR


class RecordGroup(NounGroup):
    """Sub-commands by topic, each built when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every topic."""
        return list(EVENT_TYPES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Build the command of a topic."""
        cls = EVENT_TYPES.get(cmd_name)
        return None if cls is None else build(cls, run, _common())

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the topics with what each tells, without building their commands."""
        lines = [(topic, (cls.__doc__ or "").splitlines()[0]) for topic, cls in EVENT_TYPES.items()]
        with formatter.section("Events"):
            formatter.write_dl(lines)


def _common() -> list[click.Parameter]:
    """Return what every such command takes: the episode first, the options last."""

    def nothing() -> None: ...

    at = click.option("--at", metavar="TIME", help=f"When it was true; default now: {GRAMMAR}.")
    command = episode_argument(at(id_option(dry_run_option(format_option(nothing)))))
    params: list[click.Parameter] = list(reversed(command.__click_params__))  # type: ignore[attr-defined]
    return params


@click.group(cls=RecordGroup)
def record() -> None:
    """Record what happened, one command per event.

    A true event is always recorded; what departs from the protocol raises an alert.
    """


def run(
    topic: str,
    *,
    episode: str,
    at: str | None,
    event_id: str | None,
    dry_run: bool,
    fmt: str,
    **values: Any,
) -> None:
    """Record one event and say what it changed."""
    from tracker import episode as decisions
    from tracker.cli import assignments, outcome

    session = click.get_current_context().ensure_object(Session)
    ref = session.episode(episode)
    instant = session.instants_of(ref.uuid)
    if values.get("changes"):
        target = decisions.find_event(session.service().history(ref.uuid), values["target"])
        values["target"] = target.id
        values["changes"] = assignments.changes(target.topic, values["changes"], instant)
    data = decisions.checked(topic, given(topic, values, instant))
    meta = session.meta(None if at is None else instant(at, "past"), event_id)
    meta = session.limited(meta, topic)
    judge = session.judge()

    def decide(history: list[Recorded]) -> list[NewEvent]:
        block = _blocks(session, history, data)
        return decisions.record(history, data, meta, judge=judge, block=block)

    outcome.record(session, ref, decide, dry_run, event_id, fmt)


def _blocks(session: Session, history: list[Recorded], data: EventData) -> bool:
    """Whether the protocol refuses early and rebound orders instead of asking for a reason."""
    if Role.ORDER not in data.role:
        return False
    return session.protocol_of(history).settings.early_patch_order == "block"
