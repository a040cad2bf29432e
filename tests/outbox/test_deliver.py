"""Delivery: claimed, sent, recorded; at least once, and under one id."""

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.outbox.conftest import MINUTE, NOW, Box, entry
from tracker.channels.base import DeliveryError, Message
from tracker.channels.scheduling import Scheduling
from tracker.channels.settings import Site
from tracker.errors import UsageError
from tracker.outbox import backoff, lane, queue, settling
from tracker.outbox.deliver import Delivered, Pace, deliver
from tracker.outbox.entries import URGENT
from tracker.reminders.points import CLAIMED, SENDING, SENT


class Killed(BaseException):
    """The process ended here."""


class Recorder:
    """A channel that keeps what it was given, and fails when told to."""

    def __init__(self, fail: Callable[[], Exception | None] = lambda: None) -> None:
        self.sent: list[str] = []
        self.tried = 0
        self.fail = fail

    def send(self, message: Message) -> None:
        """Take a message."""
        self.tried += 1
        if (error := self.fail()) is not None:
            raise error
        self.sent.append(message.id)


class Fakes:
    """Channels of a site by name, as `Channels` has them; it sends one by one."""

    def __init__(self, **channels: Recorder) -> None:
        self.channels = channels
        scheduling = Scheduling(max_attempts=3, bundle_above=1000)
        self.site = Site(directory=Path(), time_zone="UTC", scheduler=scheduling)

    def get(self, name: str) -> Recorder:
        """Return one."""
        return self.channels[name]

    def template(self, _name: str):
        """Return the default words."""
        from tracker.channels.template import DEFAULT

        return DEFAULT


def run(
    box: Box, *, tries: int = 1, at=lambda _: None, stopping=lambda: False, **channels
) -> Delivered:
    """Deliver once through channels."""
    return deliver(
        box.service, Fakes(**channels), "one", pace=Pace(tries=tries), at=at, stopping=stopping
    )


def killing(point: str) -> Callable[[str], None]:
    """Return what ends the process at a point."""

    def at(passed: str) -> None:
        if passed == point:
            raise Killed

    return at


def refusing() -> Recorder:
    """Return a channel that always fails."""
    return Recorder(lambda: DeliveryError("busy"))


def test_what_waits_is_sent_once(box: Box) -> None:
    """And that is on record."""
    file = Recorder()
    box.put(entry("a"), entry("b"))
    assert run(box, file=file).sent == 2
    assert run(box, file=file).sent == 0
    assert file.sent == ["a", "b"]
    assert {item.state for item in box.items().values()} == {"delivered"}


def test_more_than_a_batch_is_sent(box: Box) -> None:
    """It goes on until nothing waits."""
    file = Recorder()
    box.put(*(entry(f"m{n:03}") for n in range(2 * lane.BATCH + 1)))
    run(box, file=file)
    assert len(set(file.sent)) == len(file.sent) == 2 * lane.BATCH + 1


@pytest.mark.parametrize(("point", "repeats"), [(CLAIMED, 1), (SENDING, 1), (SENT, 2)])
def test_who_dies_loses_nothing(box: Box, point: str, repeats: int) -> None:
    """Only between sending and recording is a message repeated, and under the same id."""
    file = Recorder()
    box.put(entry("a"))
    with box.service.database.writing() as conn:
        (parcel,) = queue.claim(conn, "dead", NOW, channel="file", limit=1)
        queue.release(conn, "dead", parcel.ids)
    with pytest.raises(Killed):
        run(box, file=file, at=killing(point))
    box.clock.now = NOW + queue.LEASE
    run(box, file=file)
    assert file.sent == ["a"] * repeats


def test_a_failure_is_tried_again_later(box: Box) -> None:
    """Not in the same round, and then it goes out."""
    file = Recorder(lambda: DeliveryError("busy") if file.tried == 1 else None)
    box.put(entry("a"))
    done = run(box, file=file)
    assert [told[1:] for told in done.failed] == [("file", "busy")]
    box.clock.now = NOW + MINUTE
    assert run(box, file=file).sent == 1


def test_a_second_try_at_once(box: Box) -> None:
    """A hiccup of the network does not put a message off."""
    file = Recorder(lambda: DeliveryError("hiccup") if file.tried == 1 else None)
    box.put(entry("a"))
    assert run(box, tries=2, file=file).sent == 1


def test_who_asks_to_be_left_alone_is(box: Box) -> None:
    """No second try at once, and none before the time it named."""
    hour = datetime.timedelta(hours=1)
    file = Recorder(lambda: DeliveryError("429", retry_after=hour))
    box.put(entry("a"))
    run(box, tries=2, file=file)
    assert file.tried == 1
    assert box.items()["a"].next_attempt_at == NOW + hour


def test_after_the_last_attempt_it_is_dead(box: Box) -> None:
    """With what went wrong; nobody tries again unless asked to."""
    box.put(entry("a"))
    for _ in range(3):
        done = run(box, file=refusing())
        box.clock.now += datetime.timedelta(hours=2)
    assert [told[2] for told in done.dead] == ["busy"]
    assert box.items()["a"].state == "dead"
    assert run(box, file=Recorder()).sent == 0


@pytest.mark.parametrize(
    ("asked", "longest"),
    [(None, backoff.LONGEST_URGENT), (datetime.timedelta(days=1), backoff.LONGEST)],
)
def test_what_is_urgent_does_not_die_of_what_can_be_mended(
    box: Box, asked: datetime.timedelta | None, longest: datetime.timedelta
) -> None:
    """However often it failed it is tried again soon, also if the receiver wants to be left."""
    box.put(entry("a", priority=URGENT))
    for _ in range(20):
        run(box, file=Recorder(lambda: DeliveryError("no", retry_after=asked)))
        waiting = box.items()["a"]
        assert waiting.next_attempt_at <= box.clock.now + longest
        box.clock.now += longest
    assert (waiting.state, waiting.attempts) == ("pending", 20)
    assert run(box, file=Recorder()).sent == 1


def test_what_is_refused_for_good_is_dead_at_once(box: Box) -> None:
    """Trying again would not help."""
    box.put(entry("a"))
    done = run(box, file=Recorder(lambda: DeliveryError("no such user", temporary=False)))
    assert len(done.dead) == 1


def test_a_broken_channel_holds_up_no_other(box: Box) -> None:
    """After three failures in a row the rest of it waits for the next round."""
    mail, file = refusing(), Recorder()
    box.put(*(entry(f"a{n}", "mail") for n in range(10)), *(entry(f"b{n}") for n in range(10)))
    run(box, mail=mail, file=file)
    assert mail.tried == lane.PATIENCE
    assert len(file.sent) == 10


def test_a_channel_with_a_bug_is_a_failure(box: Box) -> None:
    """Its words may hold anything, so that only its kind is kept."""
    box.put(entry("a"))
    done = run(box, file=Recorder(lambda: ValueError("CANARY")))
    assert [told[2] for told in done.failed] == ["the channel failed: ValueError"]


def test_stopping_gives_back_what_was_claimed(box: Box) -> None:
    """The message that is being sent is finished, and the others are free at once."""
    file = Recorder()
    box.put(entry("a"), entry("b"), entry("c"))
    run(box, file=file, stopping=lambda: file.tried > 0)
    assert file.sent == ["a"]
    assert run(box, file=file).sent == 2
    assert {item.attempts for item in box.items().values()} == {1}


def test_a_slow_round_keeps_its_claims(box: Box) -> None:
    """Before the lease ends it is prolonged, so that nobody sends the same meanwhile."""

    def slow() -> None:
        box.clock.now += queue.LEASE * 0.6
        if file.tried > 1:
            assert box.claim("two") == []

    file = Recorder(slow)
    box.put(*(entry(name) for name in "abcd"))
    assert run(box, file=file).sent == 4
    assert file.sent == list("abcd")


def test_who_lacks_a_secret_leaves_it_to_the_schedulers(box: Box) -> None:
    """A command that tells at once counts no attempt and puts nothing off for long."""

    class Locked(Fakes):
        def get(self, name: str) -> Recorder:
            raise UsageError("the environment has no MAIL_PASSWORD")

    box.put(entry("a"))
    done = deliver(box.service, Locked(), "anna", events=["event-a"])
    assert (len(done.left), done.failed) == (1, [])
    assert box.items()["a"].attempts == 0
    box.clock.now = NOW + settling.LEFT
    assert run(box, file=Recorder()).sent == 1


def test_a_message_that_cannot_be_written_stops_no_other(box: Box) -> None:
    """It counts as a failure and is tried later; what stands behind it goes out."""
    file = Recorder()
    box.put(entry("broken", content=b"{"), entry("sound"))
    assert run(box, file=file).sent == 1
    assert file.sent == ["sound"]
    assert box.items()["broken"].attempts == 1
