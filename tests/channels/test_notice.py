"""A reminder that was issued, as a message."""

import datetime

from tests.channels.conftest import NOW
from tracker.channels.template import IDENTIFYING, PLACEHOLDERS, Template
from tracker.reminders.message import Notice

NOTICE = Notice(
    id="event-1",
    episode="E-7K3QF",
    kind="early-review",
    phase="overdue",
    text="Review the patient",
    opens_at=NOW - datetime.timedelta(hours=48),
    due_at=NOW - datetime.timedelta(hours=24),
    time_zone="Europe/Berlin",
    source="L121",
    command="tracker record review-completed E-7K3QF --review early ...",
    issued_at=NOW,
)


def test_a_message_says_what_is_owed() -> None:
    """It has the short id, what is owed, by when, and the command to run."""
    message = NOTICE.message()
    assert message.subject == "E-7K3QF: early-review overdue"
    for words in (NOTICE.text, "was due 2026-03-04 10:00 +01:00 Europe/Berlin", NOTICE.command):
        assert words in message.body
    assert message.line == NOTICE.line()


def test_a_message_is_its_notice_for_programs() -> None:
    """Its data is the notice, its id that of the event unless it has one of its own."""
    assert NOTICE.message().id == "event-1"
    own = NOTICE.message(id="message-1", to="a@example.org", urgent=True)
    assert (own.id, own.to, own.urgent) == ("message-1", "a@example.org", True)
    assert own.document()["kind"] == "early-review"
    assert own.document()["id"] == "message-1"


def test_values_for_every_placeholder() -> None:
    """A notice itself has a value for each placeholder but those of the episode's own record.

    Only what is urgent has grounds of its own.
    """
    values = NOTICE.values()
    assert set(PLACEHOLDERS) - values.keys() == IDENTIFYING | {"coordinator", "site"}
    assert [name for name, value in values.items() if not value] == ["because"]


def test_words_of_the_site() -> None:
    """A template may say more, from what is given to it."""
    template = Template("$patient", "$coordinator: $due")
    message = NOTICE.message(template, more={"patient": "MRN1", "coordinator": "anna"})
    assert (message.subject, message.body) == ("MRN1", "anna: 2026-03-04 10:00 +01:00")
