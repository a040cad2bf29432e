"""The scheduler's log, and what a tick says, name nobody.

Canaries in every text that anybody can type stay out of them.
"""

import datetime
import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from freezegun import freeze_time

from tests.channels.servers import mail_server
from tracker.cli import main
from tracker.config import Location
from tracker.events import EVENT_TYPES, NewEvent, Role
from tracker.events.lifecycle import EpisodeOpened
from tracker.scheduler import Scheduler
from tracker.scheduler.journal import failure, journal
from tracker.scheduler.work import Work
from tracker.service import Service

NOW = datetime.datetime(2026, 3, 5, 9, 0, tzinfo=datetime.UTC)
CANARY = "canarybird"
CONFIG = f"""
coordinator = "{CANARY}"
site = "{CANARY}"
[channels.{CANARY}]
kind = "smtp"
host = "{CANARY}.invalid"
port = 9
sender = "{CANARY}@example.org"
security = "none"
timeout_seconds = 0.5
[channels.{CANARY}2]
kind = "file"
path = "{CANARY}/none/such.jsonl"
[[recipients]]
channel = "{CANARY}"
to = "{CANARY}@example.org"
coordinator = "{CANARY}"
[[recipients]]
channel = "{CANARY}2"
[quiet_hours.coordinators]
{CANARY} = "01:00-02:00"
[scheduler]
ping_url_env = "{CANARY}"
"""


def filled(cls: type) -> Any:
    """Return an event with a canary in every text field that takes one."""
    fields: dict[str, Any] = {}
    for field in msgspec.structs.fields(cls):
        for value in (CANARY, [CANARY], {"note": CANARY}):
            try:
                made = msgspec.convert({field.name: value}, dict[str, Any])
                msgspec.convert(made[field.name], field.type)
            except msgspec.ValidationError:
                continue
            fields[field.name] = value
            break
    try:
        return msgspec.convert(fields, cls)
    except msgspec.ValidationError:
        return None


def events(*topics: str, short_id: str = "E-7K3QF", reference: str = CANARY) -> list[NewEvent]:
    """Return an opening and one event of each topic that canaries alone can fill."""
    opening = EpisodeOpened(
        patient=CANARY, reference=reference, short_id=short_id, coordinator=CANARY, site=CANARY,
        protocol="csf-leak-post-spine-surgery@1", time_zone="UTC", another_reason=CANARY,
    )  # fmt: skip
    made = [
        filled(cls)
        for topic, cls in EVENT_TYPES.items()
        if Role.SCHEDULER not in cls.role and (not topics or topic in topics)
    ]
    data = [opening, *(d for d in made if d is not None and not isinstance(d, EpisodeOpened))]
    return [
        NewEvent(
            id=f"{CANARY}{number}", occurred_at=NOW - datetime.timedelta(days=3),
            recorded_at=NOW - datetime.timedelta(days=3), actor=CANARY, on_behalf_of=CANARY,
            source=CANARY, data=one,
        )
        for number, one in enumerate(data)
    ]  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A database and a configuration that are full of canaries."""
    with Service.open(Location(tmp_path / "home", None), lambda: NOW, create=True) as service:
        service.append(None, lambda _: events())
        owing = events("blood-patch-performed", short_id="E-AAAAA", reference=f"{CANARY}2")
        service.append(None, lambda _: owing)
    (tmp_path / "home" / "config.toml").write_text(CONFIG)
    return tmp_path / "home"


def worked(home: Path, form: str) -> str:
    """Return the log of every job, run once."""
    stream = io.StringIO()
    scheduler = Scheduler(
        lambda: Service.open(Location(home, None), lambda: NOW), "ward",
        write=lambda _: None, log=journal(stream, form),
    )  # fmt: skip
    for name in ("tick", "deliver", "catch_up"):
        scheduler._guarded(name, getattr(scheduler, name))
    return stream.getvalue()


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_canary_is_in_the_log(home: Path, form: str) -> None:
    """Although reminders were issued and could not be delivered, for reasons that quote them."""
    log = worked(home, form)
    assert "delivery failed" in log
    assert "ping" in log
    assert CANARY not in log.lower()


def test_the_log_is_json_by_the_line(home: Path) -> None:
    """With what happened, how bad it is, and when."""
    lines = [json.loads(line) for line in worked(home, "json").splitlines()]
    ticked = next(line for line in lines if line["event"] == "ticked")
    assert ticked["issued"] >= 1
    assert {"level", "timestamp"} <= ticked.keys()


def test_a_failure_that_quotes_what_was_typed_is_told_by_its_kind(home: Path) -> None:
    """A wrong configuration names the place on the command line, and not in the log."""
    (home / "config.toml").write_text(f'[channels.x]\nkind = "{CANARY}"\n')
    log = worked(home, "json")
    assert "UsageError" in log
    assert CANARY not in log


def test_the_twin_that_logs_words_would_be_caught(home: Path) -> None:
    """The canaries are where a careless log would show them."""
    (home / "config.toml").write_text(f'[channels.x]\nkind = "{CANARY}"\n')
    with (
        Service.open(Location(home, None), lambda: NOW) as service,
        pytest.raises(Exception, match=CANARY) as caught,
    ):
        Work(service, "ward", write=lambda _: None)
    assert CANARY not in str(failure(caught.value))


def test_every_event_that_takes_text_is_there() -> None:
    """Most topics can be filled; those that cannot take no free text alone."""
    topics = {event.data.topic for event in events()}
    assert len(topics) > len(EVENT_TYPES) // 3


def ticked(home: Path, *options: str) -> Result:
    """Return what one tick says and shows."""
    with freeze_time(NOW):
        result = CliRunner().invoke(main, ["--home", str(home), "scheduler", "tick", *options])
    assert "the program has a fault" not in result.output
    return result


@pytest.mark.parametrize("form", ["table", "json", "ndjson", "csv"])
def test_no_canary_is_in_what_a_tick_says(home: Path, form: str) -> None:
    """A timer's output goes into logs and mails."""
    result = ticked(home, "--format", form)
    assert (result.exit_code, "Not all is well" in result.stderr) == (1, True)
    assert CANARY not in result.output.lower()


def test_a_receiver_that_repeats_what_it_was_sent_is_not_quoted(home: Path) -> None:
    """The outbox has its answer, for the person who asks; the tick has a count."""
    (home / "words.txt").write_text("Subject: $patient\n\n$patient\n")
    with mail_server() as box:
        box.answers["DATA"] = f"451 no room for: Subject: {CANARY}"
        (home / "config.toml").write_text(
            '[channels.mail]\nkind = "smtp"\nhost = "127.0.0.1"\nsecurity = "none"\n'
            f'port = {box.port}\nsender = "a@example.org"\ntemplate = "words.txt"\n'
            '[[recipients]]\nchannel = "mail"\nto = "ward@example.org"\n'
        )
        result = ticked(home)
    assert "0 sent, 0 dropped, " in result.stderr
    assert CANARY not in result.output.lower()
    with freeze_time(NOW):
        listed = CliRunner().invoke(main, ["--home", str(home), "outbox", "list"])
    assert f"Subject: {CANARY}" in listed.stdout


def test_a_fault_in_a_tick_is_told_by_its_kind_and_place(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its words may be a patient's."""

    def broken(_: Work) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr(Work, "deliver", broken)
    result = ticked(home)
    assert (result.exit_code, "ValueError" in result.stderr) == (1, True)
    assert CANARY not in result.output.lower()
