"""What none of its channels delivers goes to the fallback, once."""

import datetime

import msgspec
import pytest

from tests.outbox.conftest import NOW, Box, entry
from tests.outbox.test_deliver import Fakes, Recorder, refusing
from tracker.channels.base import DeliveryError
from tracker.channels.scheduling import Scheduling
from tracker.outbox import fallback, listing, mending
from tracker.outbox.deliver import Delivered, Pace, deliver
from tracker.outbox.entries import READDRESSED, URGENT, Entry, message_id

SCHEDULING = Scheduling(max_attempts=2, fallback="file")
LATER = datetime.timedelta(hours=2)


def of_one(name: str, channel: str, **fields: object) -> Entry:
    """Return an entry of an issue that goes to several."""
    return entry(name, channel, event="issue", **fields)


def final() -> Recorder:
    """Return a channel that refuses every message for good."""
    return Recorder(lambda: DeliveryError("no such recipient", temporary=False))


def run(box: Box, **channels: Recorder) -> Delivered:
    """Deliver once."""
    fakes = Fakes(**channels)
    fakes.site = msgspec.structs.replace(fakes.site, scheduler=SCHEDULING)
    return deliver(box.service, fakes, "one", pace=Pace(tries=1))


def fallen(box: Box) -> list[str]:
    """Return how the rows of the fallback stand."""
    return [item.state for item in box.items().values() if item.channel == "file"]


def test_what_dies_everywhere_falls_back(box: Box) -> None:
    """The same words, once, when the last of its rows is dead."""
    file = Recorder()
    box.put(of_one("a", "mail"), of_one("b", "hook"))
    run(box, mail=final(), hook=refusing(), file=file)
    assert file.sent == []
    box.clock.now += LATER
    run(box, mail=final(), hook=refusing(), file=file)
    assert file.sent == [message_id("issue", "file", None)]


def test_what_got_out_somewhere_does_not(box: Box) -> None:
    """Somebody was told."""
    box.put(of_one("a", "mail"), of_one("b", "hook"))
    run(box, hook=Recorder(), mail=final(), file=Recorder())
    box.put(of_one("c", "mail"))
    run(box, mail=final(), file=Recorder())
    assert fallen(box) == []


@pytest.mark.parametrize(
    ("reason", "states"), [("told by phone", []), (f"{READDRESSED}: a new address", ["delivered"])]
)
def test_what_was_dropped_is_settled_unless_others_got_it(
    box: Box, reason: str, states: list[str]
) -> None:
    """A row that was given to others is no hope of its own."""
    box.put(of_one("a", "mail"), of_one("b", "hook"))
    with box.service.database.writing() as conn:
        found = listing.find(conn, "a", NOW).item
        mending.drop(conn, found, NOW, "anna", reason)
    run(box, hook=final(), file=Recorder())
    assert fallen(box) == states


def test_what_is_urgent_falls_back_while_it_is_tried_on(box: Box) -> None:
    """After three attempts it is there too, once, and still goes out when its channel works."""
    file = Recorder()
    box.put(of_one("a", "mail", priority=URGENT))
    for _ in range(fallback.HOPELESS + 2):
        run(box, mail=refusing(), file=file)
        box.clock.now += LATER
    assert len(file.sent) == 1
    assert run(box, mail=Recorder(), file=file).sent == 1


def test_what_is_routine_is_tried_first(box: Box) -> None:
    """One failure is no reason yet."""
    box.put(of_one("a", "mail"))
    run(box, mail=refusing(), file=Recorder())
    assert fallen(box) == []


def test_a_fallback_that_fails_has_no_fallback(box: Box) -> None:
    """It dies like any other, and is seen."""
    box.put(of_one("a", "file"))
    run(box, file=final())
    assert fallen(box) == ["dead"]


def test_every_row_of_a_bundle_falls_back(box: Box) -> None:
    """Each by itself, under its own id."""
    file = Recorder()
    box.put(*(entry(name, "mail", bundled=True, event=f"issue-{name}") for name in "ab"))
    run(box, mail=final(), file=file)
    assert len(fallen(box)) == 2


def test_twin_without_a_fallback_it_is_nowhere(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is dead, and only the outbox has it."""
    monkeypatch.setattr("tests.outbox.test_fallback.SCHEDULING", Scheduling(max_attempts=2))
    file = Recorder()
    box.put(of_one("a", "mail"))
    run(box, mail=final(), file=file)
    assert (file.sent, [item.state for item in box.items().values()]) == ([], ["dead"])
