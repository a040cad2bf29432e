"""Episodes whose reminders were issued by schedulers that only think, and what is found of them."""

import datetime
from collections.abc import Callable, Iterable, Sequence

from hypothesis import strategies as st

from tests.pathway.histories import in_order
from tests.pathway.observing import LONG, Observer, perfect
from tests.pathway.strategies import as_recorded, histories, instants
from tracker.audit.discrepancy import Finding, Tolerance
from tracker.audit.owing import is_issue
from tracker.audit.reconcile import Case, reconcile
from tracker.events import Recorded
from tracker.events.ledger import ReminderIssued
from tracker.history import timeline
from tracker.outbox.messages import Message
from tracker.pathway import Status, builtin_protocol, evaluate
from tracker.store.silences import Silence

Found = tuple[str, str]
"""How something was not as it should have been, and the reason."""


def judge(history: Sequence[Recorded], now: datetime.datetime) -> Status:
    """Evaluate a history by the built-in protocol."""
    return evaluate(timeline(history), builtin_protocol(), now)


def message(event: Recorded, **fields: object) -> Message:
    """Return the message of an issue, delivered at once."""
    made = Message(
        id=f"message:{event.id}", event=event.id, episode_key=1, reminder=event.data.reminder,
        channel="file", recipient=None, bundled=False, created_at=event.recorded_at,
        not_before=event.recorded_at, attempts=1, state="delivered", ended_at=event.recorded_at,
        ended_by="scheduler", reason=None, last_error=None,
    )  # fmt: skip
    return made._replace(**fields)


def messages_of(history: Iterable[Recorded]) -> list[Message]:
    """Return a delivered message for everything that was issued."""
    return [message(event) for event in history if isinstance(event.data, ReminderIssued)]


def facts_of(history: Sequence[Recorded]) -> list[Recorded]:
    """Return the history without what somebody says that a scheduler did."""
    return as_recorded([event for event in history if not is_issue(event)])


def findings(
    history: Sequence[Recorded],
    *,
    as_known: bool = False,
    silences: Sequence[Silence] = (),
    messages: Sequence[Message] | None = None,
    now: datetime.datetime | None = None,
) -> list[Finding]:
    """Return what is found of a history, a month after its last fact unless at `now`."""
    last = max(event.recorded_at for event in history if not is_issue(event))
    told = messages_of(history) if messages is None else messages
    case = Case(history, told, silences, judge, now or last + LONG, Tolerance())
    return reconcile(case, as_known=as_known)


def found(history: Sequence[Recorded], **asked: object) -> set[Found]:
    """Return how and why reminders were not as they should have been."""
    return {(finding.how, finding.reason) for finding in findings(history, **asked)}


def reminded(facts: Sequence[Recorded]) -> list[Recorded]:
    """Return a history with all that a scheduler that never sleeps put on record."""
    return perfect(facts).known


def napping(
    facts: Sequence[Recorded], asleep: datetime.datetime, awake: datetime.datetime
) -> list[Recorded]:
    """Return a history with what one put on record that slept for a while, and never else."""
    observer, now = Observer(list(facts)), facts[0].recorded_at
    until = max(awake, facts[-1].recorded_at + LONG)
    following: datetime.datetime | None = now
    while following is not None and following <= until:
        now = awake if asleep <= following < awake else following
        observer.tick(now)
        following = observer.next_at(now)
    return observer.known


def without(history: Sequence[Recorded], gone: Recorded) -> list[Recorded]:
    """Return the history without an event, as if it had never been appended."""
    return in_order([event for event in history if event is not gone])


def any_facts() -> st.SearchStrategy[list[Recorded]]:
    """Return histories in which people recorded whatever they could, and no scheduler anything."""
    return histories().map(facts_of)


def drawn(choose: Callable[[list[Recorded]], st.SearchStrategy[object]]) -> object:
    """Return facts together with something chosen from them."""
    return any_facts().flatmap(lambda facts: st.tuples(st.just(facts), choose(facts)))


def naps(
    facts: Sequence[Recorded],
) -> st.SearchStrategy[tuple[datetime.datetime, datetime.datetime]]:
    """Return stretches of some hours in which somebody might sleep."""
    hours = st.integers(1, 300).map(lambda number: datetime.timedelta(hours=number))
    return st.tuples(instants(facts), hours).map(lambda drawn: (drawn[0], drawn[0] + drawn[1]))
