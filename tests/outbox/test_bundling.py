"""What piled up goes out in one message; what is urgent does not, and no message changes its id."""

import datetime

import pytest
from sqlalchemy import true

from tests.outbox.conftest import MINUTE, NOW, Box, entry
from tracker.outbox import bundling, listing, mending, queue
from tracker.outbox.entries import DAILY, URGENT, Entry
from tracker.outbox.items import Parcel

HOUR = 60 * MINUTE


def pile(number: int, prefix: str = "p", **fields: object) -> list[Entry]:
    """Return so many routine entries for one recipient."""
    return [entry(f"{prefix}{n}", **fields) for n in range(number)]


def sizes(parcels: list[Parcel]) -> list[int]:
    """Return how many rows each message has."""
    return [len(parcel.items) for parcel in parcels]


def fail(box: Box, parcel: Parcel, until: datetime.datetime, who: str = "one") -> None:
    """Note that a message could not be sent."""
    with box.service.database.writing() as conn:
        queue.failed(conn, who, parcel.ids, "no route", until)


def deliver(box: Box, parcel: Parcel, who: str = "one") -> None:
    """Note that a message was sent."""
    with box.service.database.writing() as conn:
        queue.delivered(conn, who, parcel.ids, box.clock.now)


def test_a_few_go_one_by_one(box: Box) -> None:
    """Each under its own id."""
    box.put(*pile(bundling.ABOVE))
    assert sizes(box.claim()) == [1] * bundling.ABOVE


def test_more_than_a_few_go_in_one_message(box: Box) -> None:
    """Whatever made them pile up."""
    box.put(*pile(bundling.ABOVE + 1))
    assert sizes(box.claim()) == [bundling.ABOVE + 1]


def test_each_recipient_has_a_pile_of_its_own(box: Box) -> None:
    """What another gets bundles nothing for one who gets little."""
    box.put(*pile(8), *pile(2, "q", recipient="ben"))
    assert sorted(sizes(box.claim())) == [1, 1, 8]


def test_what_waits_for_its_time_does_not_count(box: Box) -> None:
    """Only what could go out now is a pile."""
    box.put(*pile(4), *pile(4, "q", first_attempt_at=NOW + MINUTE, not_before=NOW + MINUTE))
    assert sizes(box.claim()) == [1] * 4


def test_the_site_says_what_a_few_are(box: Box) -> None:
    """Its limit is given to the claim."""
    box.put(*pile(3))
    with box.service.database.writing() as conn:
        assert sizes(queue.claim(conn, "one", NOW, channel="file", limit=20, above=2)) == [3]


@pytest.mark.parametrize("alone", [{"priority": URGENT}, {"form": DAILY}])
def test_what_is_urgent_and_a_daily_digest_go_by_themselves(box: Box, alone) -> None:
    """Neither hides among others, and neither makes a pile."""
    box.put(*pile(5), entry("x", **alone))
    assert sizes(box.claim()) == [1] * 6
    box.put(*pile(6, "q"), entry("y", **alone))
    assert sorted(sizes(box.claim())) == [1, 6]


def test_a_pile_that_does_not_fit_goes_in_several(box: Box, monkeypatch) -> None:
    """None is left behind and none goes alone."""
    monkeypatch.setattr(bundling, "LARGEST", 10)
    box.put(*pile(26))
    assert [sizes(box.claim()) for _ in range(4)] == [[10], [10], [6], []]


def died_in_the_middle(box: Box) -> tuple[str, list[str]]:
    """Let a process die with a message in hand while others come; return its id, and the next."""
    box.put(entry("p0"))
    (first,) = box.claim("dead")
    box.put(*pile(8)[1:])
    box.clock.now = NOW + queue.LEASE
    return first.message, [parcel.message for parcel in box.claim("two")]


def test_what_was_tried_alone_keeps_its_id(box: Box) -> None:
    """Whoever died may have sent it: in a bundle it would come twice under two ids."""
    message, later = died_in_the_middle(box)
    assert message in later


def test_twin_what_was_tried_comes_under_another_id(box: Box, monkeypatch) -> None:
    """Were a row put into a bundle although somebody had it in hand, its id would change."""
    monkeypatch.setattr(bundling, "fresh", lambda: true())
    message, later = died_in_the_middle(box)
    assert message not in later


def reminded(name: str, at: datetime.datetime, **fields: object) -> Entry:
    """Return an entry of a reminder that was issued at an instant."""
    of = {"episode_key": 1, "reminder": "early-review:op"}
    times = {"created_at": at, "not_before": at, "first_attempt_at": at}
    return entry(name, **{**of, **times, **fields})


def test_a_later_notice_stands_for_an_earlier_one(box: Box) -> None:
    """The recipient is told once, of how it is, and the row says why it was dropped."""
    box.put(reminded("open", NOW - HOUR), reminded("overdue", NOW))
    assert [parcel.ids for parcel in box.claim()] == [["overdue"]]
    assert box.items()["open"].state == "dropped"
    assert box.items()["open"].reason == "superseded: overdue tells of the same reminder later"


@pytest.mark.parametrize(
    "other",
    [{"recipient": "ben"}, {"channel": "mail"}, {"reminder": "wound:op"}, {"episode_key": 2}],
)
def test_only_a_notice_of_the_same_to_the_same_stands_for_it(box: Box, other) -> None:
    """Another recipient, channel, reminder or episode does not."""
    box.put(reminded("open", NOW - HOUR), reminded("other", NOW, **other))
    claimed = [*box.claim(), *box.claim(channel="mail")]
    assert {parcel.first.id for parcel in claimed} == {"open", "other"}


def waits_itself(box: Box) -> list[str]:
    """Let the later notice be held when the earlier one may go; return what goes."""
    later = NOW + HOUR
    box.put(reminded("open", NOW - HOUR), reminded("overdue", NOW, first_attempt_at=later))
    return [parcel.first.id for parcel in box.claim()]


def test_a_notice_that_has_to_wait_stands_for_nothing(box: Box) -> None:
    """Else nobody would be told until then."""
    assert waits_itself(box) == ["open"]


def test_twin_what_waits_silences_what_could_go(box: Box, monkeypatch) -> None:
    """Were held rows looked at too, nothing would go out."""
    monkeypatch.setattr(queue, "_free", lambda _now: queue.t.c.state == "pending")
    assert waits_itself(box) == ["overdue"]
    assert box.items()["overdue"].next_attempt_at > NOW


def test_superseded_ones_do_not_end_a_claim(box: Box) -> None:
    """However many are dropped, what stands for them is claimed."""
    earlier = [reminded(f"a{n}", NOW - HOUR + n * MINUTE) for n in range(30)]
    box.put(*earlier, reminded("last", NOW))
    assert [parcel.first.id for parcel in box.claim(limit=5)] == ["last"]


def out(box: Box, failing: int = bundling.FAILING) -> list[Parcel]:
    """Let so many messages fail, and more come meanwhile; return those that failed."""
    box.put(*pile(failing, "f"))
    failed = box.claim()
    for parcel in failed:
        fail(box, parcel, NOW + 30 * MINUTE)
    box.clock.now = NOW + MINUTE
    at = box.clock.now
    box.put(*pile(6, created_at=at, not_before=at, first_attempt_at=at))
    return failed


def test_while_a_channel_is_out_the_rest_waits_to_go_together(box: Box) -> None:
    """When one gets through what piled up comes in one message."""
    first, *_ = out(box)
    assert box.claim() == []
    box.clock.now = NOW + 30 * MINUTE
    deliver(box, first)
    assert sorted(sizes(box.claim())) == [1, 1, 6]


def test_what_is_urgent_waits_for_no_other(box: Box) -> None:
    """It is tried whatever has failed."""
    out(box)
    box.put(entry("x", priority=URGENT))
    assert [parcel.first.id for parcel in box.claim()] == ["x"]


def test_one_message_that_cannot_be_sent_holds_up_nobody(box: Box) -> None:
    """A few may fail for reasons of their own."""
    out(box, bundling.FAILING - 1)
    assert sizes(box.claim()) == [6]


def test_nobody_waits_for_long_because_others_fail(box: Box) -> None:
    """After an hour it is tried, as one message."""
    box.put(*pile(bundling.FAILING, "f"))
    for parcel in box.claim():
        fail(box, parcel, NOW + 5 * HOUR)
    box.put(*pile(6))
    box.clock.now = NOW + bundling.PATIENCE - MINUTE
    assert box.claim() == []
    box.clock.now = NOW + bundling.PATIENCE
    assert sizes(box.claim()) == [6]


def test_one_of_a_dead_bundle_that_is_sent_again_has_an_id_of_its_own(box: Box) -> None:
    """Under that of the bundle the rest would be taken for a repetition of it."""
    box.put(*pile(8))
    (bundle,) = box.claim()
    with box.service.database.writing() as conn:
        queue.died(conn, "one", bundle.ids, "no such user", NOW)
    dead = box.items()["p3"]
    with box.service.database.writing() as conn:
        mending.retry(conn, [dead], NOW, "anna")
    (alone,) = box.claim()
    assert (alone.message, alone.ids) == ("p3", ["p3"])


def test_a_dead_bundle_that_is_sent_again_is_the_same(box: Box) -> None:
    """All of it together is the message that it was."""
    box.put(*pile(8))
    (bundle,) = box.claim()
    with box.service.database.writing() as conn:
        queue.died(conn, "one", bundle.ids, "no such user", NOW)
        for row in listing.dead(conn):
            mending.retry(conn, [row], NOW, "anna")
    assert [parcel.message for parcel in box.claim()] == [bundle.message]
