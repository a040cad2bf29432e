"""How messages stand that are not delivered: due, held, failing, dead."""

import datetime

import pytest

from tests.outbox.conftest import MINUTE, NOW, Box, entry
from tracker.errors import ConflictError
from tracker.outbox import listing, mending, queue
from tracker.outbox.entries import URGENT
from tracker.outbox.standing import Overview, overview

HOUR = 60 * MINUTE


def words(box: Box, limit: int = 100) -> dict[str, str]:
    """Return how each row stands now."""
    with box.service.database.reading() as conn:
        return {row.item.id: row.standing for row in listing.listed(conn, box.clock.now, (), limit)}


def seen(box: Box) -> Overview:
    """Return how all of them stand now."""
    with box.service.database.reading() as conn:
        return overview(conn, box.clock.now)


def fail(box: Box, error: str = "busy", channel: str = "file") -> None:
    """Let what waits for a channel fail, to be tried again in a minute."""
    for parcel in box.claim(channel=channel):
        with box.service.database.writing() as conn:
            queue.failed(conn, "one", parcel.ids, error, NOW + MINUTE)


def test_what_may_go_out_now_is_due(box: Box) -> None:
    """Also while somebody sends it."""
    box.put(entry("a"))
    assert words(box) == {"a": "due"}
    box.claim()
    assert words(box) == {"a": "due"}


def test_what_waits_for_the_end_of_quiet_hours_is_held(box: Box) -> None:
    """Until they end; then it is due."""
    box.put(entry("a", not_before=NOW + HOUR, first_attempt_at=NOW + HOUR))
    assert (words(box), seen(box).held_until) == ({"a": "held"}, NOW + HOUR)
    box.clock.now = NOW + HOUR
    assert words(box) == {"a": "due"}


def test_what_waits_for_its_bundle_is_held(box: Box) -> None:
    """The tick that issues it has not ended."""
    box.put(entry("a", bundled=True, first_attempt_at=NOW + queue.HOLD))
    assert words(box) == {"a": "held"}


def test_what_failed_is_failing_also_when_it_is_to_be_tried_now(box: Box) -> None:
    """It is not merely on its way, and it is not held on purpose."""
    box.put(entry("a"))
    fail(box)
    assert words(box) == {"a": "failing"}
    box.clock.now = NOW + MINUTE
    assert words(box) == {"a": "failing"}


def test_what_failed_and_waits_for_the_end_of_quiet_hours_is_held(box: Box) -> None:
    """Nobody may try it now, whether its channel works or not."""
    box.put(entry("a", not_before=NOW + HOUR, first_attempt_at=NOW))
    (parcel,) = box.claim()
    with box.service.database.writing() as conn:
        queue.failed(conn, "one", parcel.ids, "busy", NOW + HOUR)
    assert words(box) == {"a": "held"}


def test_what_is_put_off_with_its_channel_is_failing(box: Box) -> None:
    """Nobody tried it because others before it failed."""
    box.put(entry("a"))
    with box.service.database.writing() as conn:
        queue.put_off(conn, NOW, "file", NOW + MINUTE, "others failed")
    assert words(box) == {"a": "failing"}


def test_what_waits_behind_what_failed_is_failing(box: Box) -> None:
    """Three to the same recipient did not get through: nobody tries the fourth by itself."""
    box.put(*(entry(name, reminder=name) for name in "abc"))
    fail(box)
    box.put(entry("d", reminder="d"), entry("e", "mail"))
    assert words(box) == dict.fromkeys("abcd", "failing") | {"e": "due"}
    assert box.claim() == []
    assert seen(box).channels[0].next_try_at == NOW + MINUTE


def test_what_a_clock_that_had_gone_ahead_put_off_is_due(box: Box) -> None:
    """As the queue takes it: nothing waits for years."""
    box.put(entry("a", first_attempt_at=NOW + datetime.timedelta(days=365)))
    assert words(box) == {"a": "due"}
    assert [parcel.message for parcel in box.claim()] == ["a"]


def test_a_channel_that_fails_is_told_with_its_last_error(box: Box) -> None:
    """Since when, how many, how often, and when it is tried next."""
    early = entry("a", "mail", not_before=NOW - HOUR, priority=URGENT)
    box.put(early, entry("b", "mail"), entry("c"))
    fail(box, "no route", "mail")
    (mail,) = seen(box).channels
    assert (mail.messages, mail.urgent) == (2, 1)
    assert (mail.channel, mail.messages, mail.since) == ("mail", 2, NOW - HOUR)
    assert (mail.tries, mail.next_try_at, mail.last_error) == (1, NOW + MINUTE, "no route")


def test_the_oldest_that_could_go_out_counts_and_not_what_is_held(box: Box) -> None:
    """What is held cannot be late."""
    later = {"not_before": NOW + HOUR, "first_attempt_at": NOW + HOUR, "created_at": NOW - HOUR}
    box.put(entry("a", **later), entry("b", not_before=NOW - MINUTE))
    assert seen(box).waiting_since == NOW - MINUTE
    assert seen(box).urgent_since is None


def test_what_is_urgent_is_counted_by_itself(box: Box) -> None:
    """Waiting, and given up."""
    box.put(entry("a", priority=URGENT), entry("b", "mail", priority=URGENT), entry("c"))
    with box.service.database.writing() as conn:
        queue.claim(conn, "one", NOW, channel="mail", limit=9)
        queue.died(conn, "one", ["b"], "gone", NOW)
    assert (seen(box).urgent_since, seen(box).urgent_dead) == (NOW, 1)
    assert seen(box).counts == {"due": 2, "held": 0, "failing": 0, "dead": 1}


def test_an_empty_outbox_has_nothing(box: Box) -> None:
    """No number, no instant, no channel."""
    assert seen(box) == Overview(
        {"failing": 0, "dead": 0, "due": 0, "held": 0}, None, None, None, 0, ()
    )


@pytest.mark.parametrize("urgent", [True, False])
def test_the_list_begins_with_what_needs_somebody(box: Box, *, urgent: bool) -> None:
    """What fails comes before what is due, and among it what is urgent."""
    box.put(entry("a"), entry("b", priority=URGENT if urgent else 1))
    fail(box)
    box.put(entry("c", priority=URGENT, created_at=NOW + MINUTE))
    assert list(words(box)) == (["b", "a", "c"] if urgent else ["a", "b", "c"])


def test_many_are_taken_up_again_each_with_its_own_past(box: Box) -> None:
    """At once, however many; each is held as long as it is quiet for it."""
    box.put(*(entry(f"m{n:04}") for n in range(2 * listing._AT_ONCE + 1)))
    with box.service.database.writing() as conn:
        queue.claim(conn, "one", NOW, channel="file", limit=3)
        queue.died(conn, "one", ["m0001", "m0002"], "gone", NOW)
        rows = [row.item for row in listing.listed(conn, NOW + HOUR, (), 9999)]
        mending.retry(conn, rows, NOW + HOUR, "kim", lambda row: (
            NOW + 2 * HOUR if row.id == "m0001" else None
        ))  # fmt: skip
        states = {row.id: listing.retried(conn, row)[0].state for row in rows}
    box.clock.now = NOW + HOUR
    assert {id_ for id_, state in states.items() if state == "dead"} == {"m0001", "m0002"}
    assert [id_ for id_, word in words(box, 9999).items() if word == "held"] == ["m0001"]


def test_what_changed_meanwhile_is_left_alone(box: Box) -> None:
    """It was delivered after it was read."""
    box.put(entry("a"))
    with box.service.database.writing() as conn:
        row = listing.find(conn, "a", NOW).item
        queue.delivered(conn, "one", ["a"], NOW)
        with pytest.raises(ConflictError):
            mending.retry(conn, [row], NOW, "kim")
