"""What is back: a channel that works again, and people whose quiet hours are others now."""

import pytest

from tests.outbox.conftest import MINUTE, Box, entry
from tests.outbox.test_deliver import Fakes, Recorder, refusing
from tests.outbox.test_revising import PEOPLE, configure, rows, tick, told, waiting
from tests.scheduler.conftest import Tracker, clock, patched, tracker
from tracker.channels.base import DeliveryError
from tracker.outbox import lane, revising
from tracker.outbox.deliver import Delivered, Pace, deliver
from tracker.outbox.entries import URGENT
from tracker.outbox.memory import Memory

__all__ = ["clock", "patched", "tracker", "waiting"]


def run(box: Box, channel: Recorder, kept: Memory | None = None) -> Delivered:
    """Deliver once."""
    return deliver(box.service, Fakes(file=channel), "one", pace=Pace(tries=1), memory=kept)


def after_an_outage(box: Box) -> list[str]:
    """Let an urgent message fail until it waits minutes; return what goes when the next comes."""
    box.put(entry("old", priority=URGENT))
    for _ in range(3):
        run(box, refusing())
        box.clock.now += 3 * MINUTE
    run(box, refusing())
    box.put(entry("new"))
    works = Recorder()
    run(box, works)
    return sorted(works.sent)


def test_a_success_lets_what_failed_go_at_once(box: Box) -> None:
    """Nobody waits for a time that was chosen while the channel was out."""
    assert after_an_outage(box) == ["new", "old"]


def test_twin_it_waits_for_its_time(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the success taken for one of that message alone, the urgent one would wait."""
    monkeypatch.setattr(lane.Lane, "_wake", lambda *_: None)
    assert after_an_outage(box) == ["new"]


class Picky(Recorder):
    """A channel that takes everything but one message."""

    def send(self, message) -> None:
        """Take it, or not."""
        self.tried += 1
        if message.id == "bad":
            raise DeliveryError("not this one")
        self.sent.append(message.id)


def test_what_fails_by_itself_is_not_tried_at_each_success(box: Box) -> None:
    """Once after a success, then it waits for its time."""
    kept, channel = Memory(), Picky()
    box.put(entry("bad"))
    run(box, channel, kept)
    for number in range(5):
        box.put(entry(f"good{number}"))
        run(box, channel, kept)
    assert (len(channel.sent), channel.tried) == (5, 7)


NIGHT = "08:00-12:00"


@pytest.mark.parametrize(("hours", "at"), [("none", "11:01"), ("08:00-11:30", "11:30")])
def test_other_quiet_hours_hold_no_longer(waiting: Tracker, hours: str, at: str) -> None:
    """What was held until noon goes when it is quiet no more by what is configured now."""
    configure(waiting, PEOPLE.replace(NIGHT, hours))
    tick(waiting, "11:01")
    tick(waiting, at)
    assert told(waiting, "anna") == ["observation-end"]


def test_the_same_quiet_hours_hold_as_long(waiting: Tracker) -> None:
    """Until noon."""
    tick(waiting, "11:59")
    assert (told(waiting, "anna"), len(rows(waiting))) == ([], 1)


def test_twin_held_until_the_old_end(waiting: Tracker, monkeypatch) -> None:
    """Were the time that was noted believed, changed quiet hours would change nothing."""
    monkeypatch.setattr(revising._Revision, "_is_held_too_long", lambda *_: False)
    configure(waiting, PEOPLE.replace(NIGHT, "none"))
    tick(waiting, "11:01")
    assert told(waiting, "anna") == []
