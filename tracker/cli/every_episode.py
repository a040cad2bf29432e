"""A question that is asked of every episode, and what was found of each of them, as it comes."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import click

from tracker.cli.failures import say
from tracker.cli.progress import progress
from tracker.cli.render import print_line

if TYPE_CHECKING:
    from projections.ranging import JudgeOf
    from tracker.cli.session import Session
    from tracker.store.database import Database

_F = TypeVar("_F", bound=Callable[..., Any])
_Question = TypeVar("_Question")
_Found = TypeVar("_Found")
_Found_co = TypeVar("_Found_co", covariant=True)


class Answer(Protocol[_Found_co]):
    """What was found of some episodes."""

    @property
    def episodes(self) -> int:
        """That the question was about."""

    @property
    def read(self) -> int:
        """Episodes that were read for it."""

    @property
    def found(self) -> Sequence[_Found_co]:
        """Those of which there is something to show."""

    @property
    def failed(self) -> list[tuple[str, str]]:
        """Episodes that could not be judged, and why."""


_Answer = TypeVar("_Answer", bound=Answer[Any])
OfAll = Callable[["Database", "JudgeOf", _Question, int], Iterator[_Answer]]
"""Asks a question of every episode of a database, by a number of processes."""


def processes_option(does: str) -> Callable[[_F], _F]:
    """Return the option for how many processes do it; `does` is what each of them does."""
    return click.option(
        "--processes",
        type=click.IntRange(1, 64),
        default=1,
        show_default=True,
        metavar="N",
        help=f"How many processes {does}.",
    )


def answers(
    session: "Session", of_all: OfAll[_Question, _Answer], asked: _Question, processes: int
) -> Iterator[_Answer]:
    """Yield what is found, with a progress bar; it is a look at every episode."""
    from tracker.judging import judge_for

    total = session.service().projections().episodes
    session.looks.listed(total)
    with progress(total, "episodes") as step:
        for answer in of_all(session.service().database, judge_for, asked, processes):
            yield answer
            step(answer.read)


@dataclass
class Tally(ABC, Generic[_Found]):
    """What was found so far, in numbers."""

    episodes: int = 0
    """That were asked about."""
    failed: list[tuple[str, str]] = field(default_factory=list)
    """Episodes that could not be judged, and why."""

    @abstractmethod
    def add(self, one: _Found) -> None:
        """Count what was found of an episode."""

    def count(self, answers: Iterable[Answer[_Found]]) -> Iterator[_Found]:
        """Yield each episode of which something was found, counting."""
        for answer in answers:
            self.episodes += answer.episodes
            self.failed += answer.failed
            for one in answer.found:
                self.add(one)
                yield one

    @property
    def failures(self) -> list[dict[str, str]]:
        """The episodes that could not be judged, as JSON shows them."""
        return [{"episode": where, "what": what} for where, what in self.failed]

    def say_failed(self) -> None:
        """Name the episodes that could not be judged."""
        for where, what in self.failed:
            say(f"{where} could not be judged: {what}")


def tell(found: Iterable[_Found], limit: int, lines: Callable[[_Found], Iterable[str]]) -> None:
    """Write the lines of up to `limit` episodes, and how many more there are."""
    more = 0
    shown = False
    for number, one in enumerate(found):
        if number >= limit:
            more += 1
            continue
        shown = True
        for line in lines(one):
            print_line(line)
    if more:
        print_line(f"and {more} more episodes; --format ndjson shows them all")
    if shown:
        print_line("")
