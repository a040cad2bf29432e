"""The queue: each message is one process's at a time, and none is lost with it."""

import datetime
import random

import pytest

from tests.faults import heedless
from tests.outbox.conftest import MINUTE, NOW, Box, entry
from tracker.outbox import backoff, entries, queue
from tracker.outbox.entries import URGENT

LATER = NOW + 20 * MINUTE


def ids(parcels: list[queue.Parcel]) -> list[str]:
    """Return the ids of all rows in parcels."""
    return [id_ for parcel in parcels for id_ in parcel.ids]


def test_what_one_claimed_no_other_gets(box: Box) -> None:
    """Two processes share the work."""
    box.put(entry("a"), entry("b"))
    assert ids(box.claim("one", limit=1)) == ["a"]
    assert ids(box.claim("two")) == ["b"]
    assert box.claim("two") == []


def test_a_dead_ones_claim_is_free_after_the_lease(box: Box) -> None:
    """Another takes it over, under the same message id."""
    box.put(entry("a"))
    (first,) = box.claim("one")
    box.clock.now = NOW + queue.LEASE - MINUTE
    assert box.claim("two") == []
    box.clock.now = NOW + queue.LEASE
    (second,) = box.claim("two")
    assert (second.message, second.first.attempts) == (first.message, 2)


INSTANT = datetime.timedelta(milliseconds=1)


def claims_of_a_clock_that_is_behind(box: Box) -> list[queue.Parcel]:
    """Claim, and claim again by a clock that is a little behind."""
    box.put(entry("a"))
    box.clock.now = NOW + 5 * INSTANT
    box.claim("one")
    box.clock.now = NOW + INSTANT
    return box.claim("two")


def test_a_clock_that_is_behind_sees_a_fresh_claim(box: Box) -> None:
    """No two clocks agree, and time passes between looking at one and having the lock."""
    assert claims_of_a_clock_that_is_behind(box) == []


def test_twin_that_trusts_no_longer_claim_than_its_own_is_caught(box: Box, monkeypatch) -> None:
    """A claim that ends later than one made now is then everybody's."""
    monkeypatch.setattr(queue, "unclaimed", heedless.unclaimed_by_own_clock)
    assert ids(claims_of_a_clock_that_is_behind(box)) == ["a"]


def test_a_lease_that_is_renewed_lasts(box: Box) -> None:
    """Who is slow and alive keeps what it claimed."""
    box.put(entry("a"))
    box.claim("one")
    with box.service.database.writing() as conn:
        assert queue.renew(conn, "one", ["a"], LATER) == {"a"}
        assert queue.renew(conn, "two", ["a"], LATER) == set()
    box.clock.now = NOW + queue.LEASE
    assert box.claim("two") == []


def test_nothing_goes_before_its_time(box: Box) -> None:
    """Quiet hours end when they end."""
    box.put(entry("a", first_attempt_at=NOW + MINUTE))
    assert box.claim() == []
    box.clock.now = NOW + MINUTE
    assert ids(box.claim()) == ["a"]


def test_what_is_urgent_goes_first(box: Box) -> None:
    """However long the others have waited."""
    box.put(entry("a"), entry("b", priority=URGENT))
    assert ids(box.claim()) == ["b", "a"]


def test_a_channel_can_be_left_alone(box: Box) -> None:
    """What fails again and again holds up nobody else."""
    box.put(entry("a", channel="mail"), entry("b"))
    assert ids(box.claim()) == ["b"]


def test_what_is_released_keeps_its_attempts(box: Box) -> None:
    """Nobody tried to send it."""
    box.put(entry("a"))
    box.claim("one")
    with box.service.database.writing() as conn:
        queue.release(conn, "one", ["a"])
    assert box.items()["a"].attempts == 0
    assert ids(box.claim("two")) == ["a"]


def test_what_failed_comes_back_later(box: Box) -> None:
    """With what went wrong on record."""
    box.put(entry("a"))
    box.claim("one")
    with box.service.database.writing() as conn:
        queue.failed(conn, "one", ["a"], "no route", NOW + MINUTE)
    assert box.claim() == []
    box.clock.now = NOW + MINUTE
    assert box.claim()[0].first.last_error == "no route"


def test_who_lost_its_claim_cannot_fail_it(box: Box) -> None:
    """What the new one does counts."""
    box.put(entry("a"))
    box.claim("one")
    box.clock.now = LATER
    box.claim("two")
    with box.service.database.writing() as conn:
        queue.died(conn, "one", ["a"], "late", LATER)
    assert box.items()["a"].state == "pending"


def test_who_lost_its_claim_can_still_say_that_it_delivered(box: Box) -> None:
    """It is a fact, and saves a repetition."""
    box.put(entry("a"))
    box.claim("one")
    with box.service.database.writing() as conn:
        queue.delivered(conn, "one", ["a"], LATER)
    assert (box.items()["a"].state, box.items()["a"].ended_at) == ("delivered", LATER)


def test_what_was_delivered_after_all_was_not_dropped(box: Box) -> None:
    """It was withdrawn while it was on its way: the reason is gone, and nobody holds it before."""
    box.put(entry("a"))
    box.claim("one")
    with box.service.database.appending() as conn:
        entries.withdraw(conn, "event-a", NOW, "scheduler", "withdrawn: its window has moved")
    left = box.items()["a"]
    assert (left.state, left.claimed_by, left.claimed_until) == ("dropped", None, None)
    with box.service.database.writing() as conn:
        queue.delivered(conn, "one", ["a"], LATER)
    assert (box.items()["a"].state, box.items()["a"].reason) == ("delivered", None)


def test_a_bundle_is_one_message_for_each_recipient(box: Box) -> None:
    """What fell due in an outage goes out together."""
    box.put(*(entry(name, bundled=True) for name in "abc"), entry("d", "mail", bundled=True))
    found = box.claim(limit=1)
    assert [parcel.ids for parcel in found] == [["a", "b", "c"]]
    assert ids(box.claim(channel="mail")) == ["d"]


def test_a_bundle_stays_together(box: Box) -> None:
    """Sent again it has the same id and the same rows, whatever came since."""
    box.put(entry("a", bundled=True), entry("b", bundled=True))
    (first,) = box.claim("one")
    box.put(entry("c", bundled=True))
    box.clock.now = LATER
    found = {parcel.message: parcel.ids for parcel in box.claim("two")}
    assert found.pop(first.message) == ["a", "b"]
    assert list(found.values()) == [["c"]]


def test_closing_lets_bundles_go(box: Box) -> None:
    """They wait for the end of the tick, not for the end of the hold."""
    box.put(entry("a", bundled=True, first_attempt_at=NOW + queue.HOLD))
    assert box.claim() == []
    with box.service.database.writing() as conn:
        queue.close_bundles(conn)
    assert ids(box.claim()) == ["a"]


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 30), (2, 60), (5, 480), (40, 3600)])
def test_waits_double_up_to_an_hour(attempts: int, seconds: int) -> None:
    """Give or take a quarter, so that those who failed together do not come back together."""
    waits = {backoff.wait(attempts, random.Random(seed)) for seed in range(50)}
    assert len(waits) > 40
    assert min(waits) >= datetime.timedelta(seconds=seconds * 0.75)
    assert max(waits) <= datetime.timedelta(seconds=seconds * 1.25)


def test_what_a_clock_that_was_ahead_has_put_off_is_sent(box: Box) -> None:
    """A try noted for next year, or a claim until then, was never meant."""
    year = datetime.timedelta(days=365)
    box.put(entry("later", first_attempt_at=NOW + year), entry("claimed"))
    box.clock.now = NOW + year
    box.claim("ahead")
    box.clock.now = NOW
    assert sorted(p.first.id for p in box.claim("right")) == ["claimed", "later"]
