"""Each channel has a lane of its own, and no send outlasts its bound."""

import threading
from collections.abc import Callable, Iterator

import pytest

from tests.outbox.conftest import NOW, Box, entry
from tests.outbox.test_deliver import Fakes, Recorder, refusing
from tracker.channels.base import DeliveryError
from tracker.errors import StoreError
from tracker.outbox import deliver as delivery
from tracker.outbox import lane, memory, queue
from tracker.outbox.attempt import Attempt
from tracker.outbox.deliver import Delivered, Pace, deliver
from tracker.outbox.entries import URGENT
from tracker.outbox.items import Parcel
from tracker.outbox.memory import Memory
from tracker.store.errors import CollisionError, LockedError, LostError

SHORT = 0.2
"""Seconds that a message may take here."""
LONG = 20.0


class Hanging(Recorder):
    """A channel whose receiver answers only when it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        super().__init__(lambda: None if self.go.wait(LONG) else DeliveryError("never let go"))


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    """A channel that hangs until the test ends."""
    channel = Hanging()
    yield channel
    channel.go.set()


def run(
    box: Box,
    *,
    seconds: float = SHORT,
    stopping: Callable[[], bool] = lambda: False,
    kept: Memory | None = None,
    done: Delivered | None = None,
    **channels: Recorder,
) -> Delivered:
    """Deliver once, with so long for a message."""
    pace, fakes = Pace(tries=1, one_send=seconds, grace=SHORT), Fakes(**channels)
    return deliver(box.service, fakes, "one", pace=pace, stopping=stopping, memory=kept, done=done)


def let_go(hanging: Hanging) -> Recorder:
    """Return a channel that lets another one go when it has sent something."""
    return Recorder(hanging.go.set)


def test_a_channel_that_hangs_holds_up_no_other(box: Box, hanging: Hanging) -> None:
    """The other's message goes out while the first one's hangs."""
    box.put(entry("a", "a-mail"), entry("b", "file"))
    done = run(box, seconds=LONG, **{"a-mail": hanging, "file": let_go(hanging)})
    assert (done.sent, done.failed) == (2, [])


def test_twin_one_after_the_other(
    box: Box, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one lane for all, the second waits until the first is given up."""
    monkeypatch.setattr(threading.Thread, "start", inline(threading.Thread.start))
    box.put(entry("a", "a-mail"), entry("b", "file"))
    done = run(box, **{"a-mail": hanging, "file": let_go(hanging)})
    assert [told[1] for told in done.failed] == ["a-mail"]


def inline(start: Callable[[threading.Thread], None]) -> Callable[[threading.Thread], None]:
    """Return what runs a lane where it is begun."""

    def begin(thread: threading.Thread) -> None:
        start(thread)
        if thread.name.startswith("to "):
            thread.join()

    return begin


def test_what_comes_for_another_channel_does_not_wait(
    box: Box, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked for while a lane hangs, not when it has ended."""
    monkeypatch.setattr(delivery, "_GLANCE", 0.01)
    box.put(entry("a", "a-mail"))
    box.service.now = putting(box, entry("b", "file"), when=lambda: hanging.tried == 1)
    assert run(box, seconds=LONG, **{"a-mail": hanging, "file": let_go(hanging)}).sent == 2


def putting(box: Box, late: object, *, when: Callable[[], bool]):
    """Return a clock that puts an entry into the outbox once something is so."""
    left = [late]

    def now():
        if left and when():
            box.put(left.pop())
        return NOW

    return now


def test_what_is_urgent_is_looked_for_between_messages(box: Box) -> None:
    """It does not wait for the rest of what was claimed before it came."""
    file = Recorder()
    file.fail = lambda: box.put(urgent) if file.tried == 1 else None
    urgent = entry("z", priority=URGENT)
    box.put(entry("a"), entry("b"), entry("c"))
    assert run(box, file=file).sent == 4
    assert file.sent == ["a", "z", "b", "c"]


def test_twin_who_does_not_look_sends_it_last(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a batch is claimed, it goes out before anything else."""
    file = Recorder()
    file.fail = lambda: box.put(urgent) if file.tried == 1 else None
    urgent = entry("z", priority=URGENT)
    looks = lane.Lane._waits
    monkeypatch.setattr(
        lane.Lane, "_waits", lambda s, urgent: not urgent and looks(s, urgent=False)
    )
    box.put(entry("a"), entry("b"), entry("c"))
    run(box, file=file)
    assert file.sent == ["a", "b", "c", "z"]


def test_a_send_that_hangs_is_given_up(box: Box, hanging: Hanging) -> None:
    """It counts as a failure, and it is said that the message may have gone out."""
    box.put(entry("a"))
    done = run(box, file=hanging)
    assert [told[2] for told in done.failed] == ["not done within 0.2 s; it may have gone out"]
    assert (box.items()["a"].state, box.items()["a"].attempts) == ("pending", 1)


def test_twin_without_the_bound_it_hangs_on(
    box: Box, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waits for the send itself waits as long as the receiver likes."""
    wait = Attempt.wait
    monkeypatch.setattr(Attempt, "wait", lambda s, _t, hurry, grace: wait(s, LONG, hurry, grace))
    box.put(entry("a"))
    ended = threading.Event()
    threading.Thread(target=lambda: (run(box, file=hanging), ended.set())).start()
    assert not ended.wait(3 * SHORT)
    hanging.go.set()
    assert ended.wait(LONG)


def ends_later(box: Box, hanging: Hanging, error: Exception | None = None) -> list[str]:
    """Let a send that was left come to its end; return what the next turn sends."""
    kept, file = Memory(), Recorder()
    hanging.fail = lambda: hanging.go.wait(LONG) and error
    box.put(entry("a"))
    run(box, kept=kept, file=hanging)
    hanging.go.set()
    while kept.hanging("file"):
        pass
    box.clock.now = NOW + queue.LEASE
    run(box, kept=kept, file=file)
    return file.sent


def test_what_went_out_after_all_is_not_sent_again(box: Box, hanging: Hanging) -> None:
    """The process that had left it to itself records it before anything else."""
    assert ends_later(box, hanging) == []
    assert (box.items()["a"].state, hanging.sent) == ("delivered", ["a"])


def test_what_failed_after_all_is_sent_again(box: Box, hanging: Hanging) -> None:
    """It did not go out."""
    assert ends_later(box, hanging, DeliveryError("no route")) == ["a"]


def test_twin_who_does_not_look_at_what_it_left_sends_it_again(
    box: Box, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receiver gets it twice, from a process that lived all the while."""
    monkeypatch.setattr(Memory, "_look_at", lambda *_: None)
    assert ends_later(box, hanging) == ["a"]
    assert hanging.sent == ["a"]


def test_who_is_to_stop_does_not_wait_for_what_hangs(box: Box, hanging: Hanging) -> None:
    """The message gets a little while yet, then it is left to itself and to others."""
    box.put(entry("a"), entry("b"))
    done = run(box, seconds=LONG, stopping=lambda: hanging.tried > 0, file=hanging)
    assert [told[2] for told in done.left] == ["not done when it was to stop; it may have gone out"]
    assert [item.claimed_by for item in box.items().values()] == [None, None]


def test_sends_that_hang_do_not_pile_up(box: Box, hanging: Hanging) -> None:
    """While three hang in a channel, this process begins no fourth."""
    kept = Memory()
    box.put(*(entry(f"m{n}") for n in range(6)))
    run(box, kept=kept, file=hanging)
    box.clock.now = NOW + queue.LEASE
    run(box, kept=kept, file=hanging)
    assert hanging.tried == lane.PATIENCE
    hanging.go.set()
    while kept.hanging("file"):
        pass
    box.clock.now += queue.LEASE
    assert run(box, kept=kept, file=Recorder()).sent == 6 - lane.PATIENCE
    assert {item.state for item in box.items().values()} == {"delivered"}


def test_a_channel_that_rests_says_why_in_each_row(box: Box) -> None:
    """What was not tried counts no attempt, and tells what stands in its way."""
    box.put(*(entry(f"m{n:02}") for n in range(30)))
    done = run(box, file=refusing())
    assert (len(done.failed), done.put_off) == (lane.PATIENCE, 27)
    last = box.items()["m29"]
    assert (last.attempts, last.next_attempt_at > NOW) == (0, True)
    assert last.last_error == "not tried: 3 others failed in a row, the last with: busy"


def locked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let nothing be recorded as delivered; return what is tried."""
    tried: list[str] = []

    def refuse(_conn: object, _who: str, ids: tuple[str, ...], _now: object) -> None:
        tried.extend(ids)
        raise LockedError("locked")

    monkeypatch.setattr(memory.queue, "delivered", refuse)
    return tried


def test_a_lane_that_breaks_off_hides_nothing_of_the_others(box: Box, monkeypatch) -> None:
    """What they sent and what failed is known, whoever hears of the error."""
    box.put(entry("a", "hook"), entry("b", "mail"), entry("c"))
    done, overtaken = Delivered(), lane.overtaken

    def broken(service: object, parcel: Parcel) -> dict[str, str]:
        if parcel.first.channel == "hook":
            raise StoreError("the disk failed")
        return overtaken(service, parcel)

    monkeypatch.setattr(lane, "overtaken", broken)
    with pytest.raises(StoreError):
        run(box, done=done, hook=Recorder(), mail=refusing(), file=Recorder())
    assert (done.sent, [told[1] for told in done.failed]) == (1, ["mail"])


@pytest.mark.parametrize("error", [LockedError, CollisionError, LostError])
def test_what_passes_does_not_end_a_lane(box: Box, monkeypatch, error: type[StoreError]) -> None:
    """A server that was away for a moment, or took a transaction back, is asked again."""
    deliver, errors = queue.delivered, [error("passing"), error("passing")]

    def passing(*told: object) -> None:
        if errors:
            raise errors.pop()
        deliver(*told)

    monkeypatch.setattr(memory.queue, "delivered", passing)
    box.put(entry("a"), entry("b"))
    assert run(box, file=Recorder()).sent == 2


def test_what_could_not_be_recorded_is_not_sent_again(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that sent it records it before anything else."""
    file, kept = Recorder(), Memory()
    box.put(entry("a"), entry("b"))
    with monkeypatch.context() as broken:
        tried = locked(broken)
        with pytest.raises(LockedError):
            run(box, kept=kept, file=file)
    assert tried == ["a"] * lane.RECORD_TRIES
    box.clock.now = NOW + queue.LEASE
    assert run(box, kept=kept, file=file).sent == 1
    assert file.sent == ["a", "b"]
    assert box.items()["a"].ended_at == NOW


def test_twin_who_forgets_sends_it_again(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without that memory the message goes out once more when its lease has ended."""
    file = Recorder()
    box.put(entry("a"))
    with monkeypatch.context() as broken:
        locked(broken)
        with pytest.raises(LockedError):
            run(box, file=file)
    box.clock.now = NOW + queue.LEASE
    run(box, file=file)
    assert file.sent == ["a", "a"]


def test_the_usual_pace_fits_into_its_lease() -> None:
    """One send takes at most half of it."""
    from tracker.reminders.urgent import COMMAND

    for pace in (Pace(), COMMAND):
        assert pace.one_send <= pace.lease.total_seconds() / 2
