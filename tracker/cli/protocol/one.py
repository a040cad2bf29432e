"""One episode moves to another protocol, once what that changes was shown."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tracker import episode as decisions
from tracker.audit.simulate import simulate
from tracker.cli import outcome
from tracker.cli.asking import confirm
from tracker.cli.failures import say
from tracker.cli.protocol.differing import in_words
from tracker.events import NewEvent, Recorded
from tracker.store.failures import of_all, trace

if TYPE_CHECKING:
    from projections.index import EpisodeRef
    from tracker.cli.session import Session


class Single:
    """One episode that another protocol is to judge."""

    def __init__(
        self, session: "Session", episode: str, name: str, reason: str | None, event_id: str | None
    ) -> None:
        """Raise NotFoundError without such an episode or protocol."""
        self._session = session
        self._ref: EpisodeRef = session.episode(episode)
        self._protocol = session.service().protocol(name)
        self._reason = reason
        self._id = event_id
        self._meta = session.meta(event_id=event_id)

    def adopt(self, *, yes: bool, dry_run: bool, fmt: str) -> None:
        """Show what would be other, ask, record. Raises RefusedError when leave is not given."""
        if not dry_run:
            history = self._session.service().history(self._ref.uuid)
            if self._decide(history):
                self._tell(history)
                if not yes:
                    question = f"Judge {self._ref.name} by {self._protocol.name} from now on?"
                    confirm(question, "nothing was recorded")
        outcome.record(self._session, self._ref, self._decide, dry_run, self._id, fmt)

    def _decide(self, history: list[Recorded]) -> list[NewEvent]:
        return decisions.adopt(history, self._protocol.name, self._reason, self._meta)

    def _tell(self, history: Sequence[Recorded]) -> None:
        """Say what would be other, where the question is asked: stdout is kept for the answer."""
        judge = self._session.service().judge
        try:
            now = self._session.now()
            found = simulate(history, judge.status, self._protocol, now)
            zone = judge.status(history, now).time_zone
        except Exception as error:  # moving to another protocol may be what mends it
            if of_all(error):
                raise
            say(f"What would be other in {self._ref.name} cannot be told: {trace(error)}")
            return
        if not found:
            say(f"Nothing that is owed or raised in {self._ref.name} would stand otherwise now.")
            return
        say(f"Would stand otherwise now in {self._ref.name}:")
        for line in in_words(found, zone):
            say(line)
