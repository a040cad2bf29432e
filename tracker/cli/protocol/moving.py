"""All episodes in flight move to another protocol, once what that changes was shown."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tracker.adopting import Adopted, adopt_all
from tracker.audit.simulating import Answer, Question, Simulated
from tracker.cli.asking import confirm
from tracker.cli.failures import say
from tracker.cli.progress import progress
from tracker.cli.protocol.differing import COLUMNS, COUNTS, Tally, rows, tell
from tracker.cli.render import emit
from tracker.cli.session import Session
from tracker.cli.streaming import emit_streamed
from tracker.cli.telling import Telling
from tracker.errors import RefusedError, TrackerError
from tracker.pathway.wording import counted

if TYPE_CHECKING:
    from tracker.service import Appended


class Move:
    """Episodes in flight that another protocol is to judge, and whether anybody wants that."""

    def __init__(
        self, session: Session, name: str, reason: str | None, *, yes: bool, dry_run: bool
    ) -> None:
        """Raise RefusedError without a reason, NotFoundError without such a protocol."""
        if not reason and not dry_run:
            raise RefusedError("moving every episode needs a reason", hint="add --reason TEXT")
        self._session = session
        self._protocol = session.service().protocol(name)
        self._reason = reason or ""
        self._yes = yes
        self._dry_run = dry_run
        self._tally = Tally()
        self._episodes: list[UUID] = []
        self._adopted = Adopted()

    @property
    def episodes(self) -> int:
        """How many it was about, once that was shown."""
        return len(self._episodes)

    def question(self, site: str | None) -> Question:
        """Return what is asked of each episode before it moves."""
        return Question(self._protocol, self._session.now(), to_move=True, site=site)

    def show(self, answers: Iterable[Answer], limit: int, fmt: str) -> None:
        """Show what would be other, then ask and move. Raises TrackerError if some did not."""
        found = self._noted(self._tally.count(answers))
        if fmt == "table":
            tell(found, limit)
            emit(fmt, self._tally.rows, COUNTS)
        else:
            head = {"protocol": self._protocol.name, "dry_run": self._dry_run}
            emit_streamed(
                fmt, rows(found), COLUMNS, name="differences", head=head, tail=self._moved
            )
        if fmt != "json":  # whose tail tells of the move
            self._go_on()
        self._conclude()

    def _noted(self, found: Iterable[Simulated]) -> Iterator[Simulated]:
        for one in found:
            self._episodes.append(one.uuid)
            yield one

    def _moved(self) -> dict[str, Any]:
        self._go_on()
        failed = [{"episode": str(uuid), "what": what} for uuid, what in self._adopted.failed]
        numbers = {"to_move": len(self._episodes), "moved": self._adopted.moved}
        return self._tally.document() | numbers | {"not_moved": failed}

    def _go_on(self) -> None:
        tally, number = self._tally, len(self._episodes)
        tally.say_failed()
        verb = "Would move" if self._dry_run else "To move"
        of = counted(number, "episode")
        say(f"{verb}: {of}, {tally.differing} of which would stand otherwise now.")
        if self._dry_run or not number:
            return
        if not self._yes:
            confirm(f"Move {of} to {self._protocol.name}?", "nothing was moved")
        self._move()

    def _move(self) -> None:
        session, name, telling = self._session, self._protocol.name, Telling(self._session)
        with progress(len(self._episodes), "episodes") as step:

            def done(appended: "list[Appended]") -> None:
                telling.issue(appended)
                step(len(appended))

            self._adopted = adopt_all(
                session.service(), self._episodes, name, self._reason, session.meta(), done
            )
        telling.send()
        say(f"Moved {counted(self._adopted.moved, 'episode')} to {name}.")

    def _conclude(self) -> None:
        adopted = self._adopted
        if adopted.incomplete:
            say(f"{adopted.incomplete} of them are shown as incomplete for now.")
        for uuid, what in adopted.failed:
            say(f"{self._session.service().episode(uuid).name} could not be moved: {what}")
        if adopted.failed:
            raise TrackerError(
                f"{counted(len(adopted.failed), 'episode')} could not be moved;"
                f" {adopted.moved} were",
                "see to what is wrong with them, then run it again: it goes on with the rest",
            )
