"""Importing files: what is appended, what is refused, what a second import adds."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.interchange.conftest import Tracker, Write, line
from tracker.cli import main
from tracker.interchange import imports
from tracker.service import Service

OP = line("surgery-performed", "op", "2026-03-01T08:00:00Z", level="L4-L5")
HEAD = line("headache-assessed", "head", "2026-03-02T08:00:00Z", posture="orthostatic")
BAD = line("leak-suspcted", "bad")


def ids(tracker: Tracker, episode: str = "case-1") -> list[str]:
    """Return the ids of an episode's events in recorded order."""
    return [event["id"] for event in tracker.json("timeline", episode)]


def test_a_new_reference_opens_an_episode(tracker: Tracker, file: Write) -> None:
    """The implied opening is as early as the first fact and knows the reference."""
    done = tracker.json("import", file(HEAD, OP))
    assert (done["imported"], done["opened"]) == (2, 1)
    shown = tracker.json("show", "case-1")
    assert shown["reference"] == "case-1"
    assert shown["events"][0]["occurred_at"] == "2026-03-01T08:00:00Z"


def test_importing_twice_adds_nothing(tracker: Tracker, file: Write) -> None:
    """The second time every event is there already."""
    name = file(OP, HEAD)
    tracker.ok("import", name)
    done = tracker.json("import", name)
    assert (done["imported"], done["already"], done["opened"]) == (0, 2, 0)


def test_importing_twice_adds_nothing_after_amendments(tracker: Tracker, file: Write) -> None:
    """Corrections and voidings made since do not make the lines new."""
    patch = line("blood-patch-performed", "p", "2026-03-03T08:00:00Z", volume_ml=18)
    fix = line("event-corrected", "c", target="p", changes={"volume_ml": 19}, reason="typo")
    undo = line("event-voided", "v", target="head", reason="other patient")
    name = file(OP, HEAD, patch, fix, undo)
    tracker.ok("import", name)
    tracker.ok("correct", "case-1", "p", "--set", "volume_ml=20", "--reason", "typo again")
    assert tracker.json("import", name)["imported"] == 0


def test_the_actor_is_kept_as_on_behalf_of(tracker: Tracker, file: Write) -> None:
    """Who imports is the actor; who said it stands beside."""
    tracker.ok("import", file({**OP, "actor": "Dr B"}))
    event = tracker.json("timeline", "case-1")[-1]
    assert (event["actor"], event["on_behalf_of"]) == ("anna", "Dr B")


def test_recorded_at_is_the_systems(tracker: Tracker, file: Write) -> None:
    """A file cannot say when we learned something."""
    tracker.ok("import", file({**OP, "recorded_at": "2026-03-01T09:00:00Z"}))
    assert tracker.json("timeline", "case-1")[-1]["recorded_at"] == "2026-03-05T09:00:00Z"


def test_an_opening_line_gives_patient_and_zone(tracker: Tracker, file: Write) -> None:
    """What the opening tells is shown of the episode."""
    opened = line("episode-opened", "o", patient="P1", time_zone="Asia/Tokyo", short_id="E-AAAAA")
    tracker.ok("import", file(opened, OP))
    shown = tracker.json("show", "E-AAAAA")
    assert (shown["patient"], shown["time_zone"]) == ("P1", "Asia/Tokyo")


def test_an_opening_line_may_come_late(tracker: Tracker, file: Write) -> None:
    """After an implied opening it fills what is missing, and twice adds nothing."""
    opened = line("episode-opened", "o", patient="P1", time_zone="Asia/Tokyo")
    name = file(OP, opened)
    tracker.ok("import", name)
    shown = tracker.json("show", "case-1")
    assert (shown["patient"], shown["time_zone"]) == ("P1", "Asia/Tokyo")
    assert tracker.json("import", name)["imported"] == 0


def test_ids_are_the_episodes_own(tracker: Tracker, file: Write) -> None:
    """Two episodes may use the same event ids."""
    done = tracker.json("import", file(OP, {**HEAD, "id": "op", "episode": "case-2"}))
    assert (done["imported"], done["opened"]) == (2, 2)


def test_a_target_may_stand_earlier_in_the_file(tracker: Tracker, file: Write) -> None:
    """Lines of an episode are appended in the order of the file."""
    undo = line("event-voided", "v", target="head", reason="other patient")
    tracker.ok("import", file(OP, HEAD, undo))
    voided = [e["id"] for e in tracker.json("timeline", "case-1") if e["voided"]]
    assert voided == ["head"]


def test_a_target_that_comes_later_is_refused(tracker: Tracker, file: Write) -> None:
    """What is voided must be known."""
    undo = line("event-voided", "v", target="head", reason="other patient")
    code, said = tracker.refused("import", file(OP, undo, HEAD))
    assert code == 3
    assert "line 2: the episode has no event 'head'" in said


def test_one_bad_line_keeps_everything_out(tracker: Tracker, file: Write) -> None:
    """Up to the batch size a file goes in all or nothing; each bad line is named."""
    tracker.ok("init")
    code, said = tracker.refused("import", file(OP, BAD, "", "{", line("x", "y", episode="b")))
    assert code == 2
    assert [n for n in range(1, 6) if f"line {n}:" in said] == [2, 4, 5]
    assert "nothing was imported" in said
    assert tracker.run("show", "case-1").exit_code == 3


def test_keep_going_imports_the_rest(tracker: Tracker, file: Write) -> None:
    """Good lines go in, bad ones are named, and the exit code tells."""
    result = tracker.run("import", "--keep-going", file(OP, BAD, HEAD))
    assert result.exit_code == 1
    assert "line 2: unknown event 'leak-suspcted' (did you mean leak-suspected?)" in result.stderr
    assert ids(tracker)[-2:] == ["op", "head"]


def test_a_dry_run_changes_nothing(tracker: Tracker, file: Write) -> None:
    """It says what it would do, and does not."""
    tracker.ok("init")
    done = tracker.json("import", "--dry-run", file(OP, HEAD))
    assert (done["imported"], done["dry_run"]) == (2, True)
    assert tracker.run("show", "case-1").exit_code == 3


@pytest.mark.parametrize("dry_run", [[], ["--dry-run"]])
def test_it_says_how_many_reminders_stay_silent(
    tracker: Tracker, file: Write, dry_run: list[str]
) -> None:
    """What was overdue already is counted as the scheduler will skip it, and how to be reminded."""
    answer = tracker.ok("import", *dry_run, file(OP, HEAD))
    tracker.ok("import", file(OP, HEAD))
    skipped = len(tracker.json("scheduler", "tick")["skipped"])
    assert skipped > 0
    assert f"{skipped} reminders w" in answer
    assert "--remind-since TIME" in answer


@pytest.mark.parametrize(
    ("since", "told"),
    [
        ([], "2 reminders were overdue already, or too late to be of use: "),
        (
            ["--remind-since", "2026-03-01T00:00Z"],
            "1 reminder was overdue already before 2026-03-01T00:00Z, or too late to be of use: ",
        ),
    ],
)
def test_one_reminder_is_told_of_as_one(
    tracker: Tracker, file: Write, since: list[str], told: str
) -> None:
    """And one that is too late to be of use is not said to be older than it is."""
    patch = line("blood-patch-performed", "patch", "2026-03-03T08:00:00Z")
    assert told in tracker.ok("import", *since, file(patch))


def test_who_asks_to_be_reminded_has_no_silent_reminders(tracker: Tracker, file: Write) -> None:
    """Nothing is said of reminders that will be issued."""
    done = tracker.json("import", "--remind-since", "2026-01-01T00:00Z", file(OP, HEAD))
    assert done["silent_reminders"] == 0


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("options", [[], ["--keep-going"]])
def test_a_refused_file_leaves_no_directory_behind(
    tracker: Tracker, file: Write, options: list[str]
) -> None:
    """A directory is made for what is imported, not for what is not."""
    assert "line 1: unknown event" in tracker.run("import", *options, file(BAD)).stderr
    assert not tracker.home.exists()


def test_a_dry_run_where_nothing_is_yet(tracker: Tracker, file: Write) -> None:
    """A file can be looked at before there is a data directory, and there is none after it."""
    done = tracker.json("import", "--dry-run", file(OP, HEAD))
    assert (done["imported"], done["opened"], done["dry_run"]) == (2, 1, True)
    assert not tracker.home.exists()


@pytest.mark.backends("sqlite")
def test_the_first_import_makes_the_directory(tracker: Tracker, file: Write) -> None:
    """What was checked without it goes into it, and it is said that it was made."""
    result = tracker.run("import", file(OP, HEAD))
    assert "Created the data directory" in result.stderr
    assert ids(tracker)[-2:] == ["op", "head"]


def test_the_same_id_with_other_content_conflicts(tracker: Tracker, file: Write) -> None:
    """Within one file as against the database."""
    other = {**OP, "occurred_at": "2026-03-01T09:00:00Z"}
    code, said = tracker.refused("import", file(OP, other))
    assert (code, "line 2: event op is already recorded" in said) == (5, True)
    tracker.ok("import", file(OP))
    assert tracker.refused("import", file(other))[0] == 5


def test_a_time_in_the_future_is_refused(tracker: Tracker, file: Write) -> None:
    """Now is when it is imported."""
    code, said = tracker.refused("import", file({**OP, "occurred_at": "2026-03-05T09:00:01Z"}))
    assert (code, "in the future" in said) == (2, True)


def test_a_protocol_that_is_not_there_is_refused(tracker: Tracker, file: Write) -> None:
    """An episode that nothing can judge is not opened."""
    opened = line("episode-opened", "o", protocol="site@9")
    code, said = tracker.refused("import", file(opened, OP))
    assert (code, "line 1: there is no protocol site@9" in said) == (3, True)


def test_standard_input_is_read(tracker: Tracker, file: Write) -> None:
    """- reads lines from standard input."""
    lines = Path(file(OP)).read_bytes()
    result = CliRunner().invoke(main, ["import", "-"], input=lines, env=tracker.environ)
    assert result.exit_code == 0, result.output
    assert ids(tracker)[-1] == "op"


def test_an_early_order_and_a_bare_closing_are_accepted(tracker: Tracker, file: Write) -> None:
    """An import is not asked for reasons; the alerts stand."""
    order = line("blood-patch-ordered", "or", "2026-03-02T08:00:00Z")
    patch = line("blood-patch-performed", "p", "2026-03-02T09:00:00Z")
    closing = line("episode-closed", "cl", "2026-03-03T09:00:00Z")
    tracker.ok("import", file(OP, order, patch, closing))
    active = {a["rule"] for a in tracker.json("show", "case-1")["alerts"] if a["active"]}
    assert active >= {"patch-too-early", "closed-with-open-follow-up"}


@pytest.mark.parametrize("name", ["short", "uuid", "reference"])
def test_an_episode_is_found_by_each_of_its_names(tracker: Tracker, file: Write, name: str) -> None:
    """A stored episode may be called by short id, uuid or reference."""
    tracker.ok("import", file(OP))
    shown = tracker.json("show", "case-1")
    called = {"short": shown["episode"], "uuid": shown["uuid"], "reference": "case-1"}[name]
    done = tracker.json("import", file({**HEAD, "episode": called}, {**OP, "episode": "case-1"}))
    assert (done["imported"], done["already"], done["opened"]) == (1, 1, 0)


def test_a_big_file_goes_in_batches(
    tracker: Tracker, file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the batch size each batch is one transaction; a rerun completes it."""
    monkeypatch.setattr(imports, "BATCH", 2)
    lines = [{**OP, "episode": f"case-{n}"} for n in range(5)]
    assert tracker.json("import", file(*lines[:3]))["imported"] == 3
    done = tracker.json("import", file(*lines))
    assert (done["imported"], done["already"]) == (2, 3)


def test_an_interrupted_import_is_completed_by_a_rerun(
    tracker: Tracker, file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in is in, what is not comes with the next run."""
    monkeypatch.setattr(imports, "BATCH", 2)
    name = file(*[{**OP, "episode": f"case-{n}"} for n in range(5)])
    whole, calls = Service.append_many, []

    def once(self: Service, batch: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole(self, batch)

    monkeypatch.setattr(Service, "append_many", once)
    assert tracker.run("import", name).exit_code != 0
    done = tracker.json("import", name)
    assert (done["imported"], done["already"]) == (3, 2)


def test_history_that_is_overdue_is_not_reminded_of(tracker: Tracker, file: Write) -> None:
    """What was overdue when it was imported is skipped on record."""
    tracker.ok("import", file(OP, HEAD))
    done = tracker.json("scheduler", "tick")
    assert done["issued"] == []
    assert {s["kind"] for s in done["skipped"]} >= {"wound-examination"}


def test_remind_since_reminds_of_what_fell_due_since(tracker: Tracker, file: Write) -> None:
    """Asked to, the import lets what fell due since a time be issued."""
    tracker.ok("import", "--remind-since", "2026-03-02T00:00Z", file(OP, HEAD))
    done = tracker.json("scheduler", "tick")
    assert "wound-examination" in {i["kind"] for i in done["issued"]}


def test_a_time_that_is_none_says_what_a_time_is(tracker: Tracker, file: Write) -> None:
    """Also while a test's clock stands still."""
    patch = line("blood-patch-performed", "p", ended_at="noon")
    code, said = tracker.refused("import", file(OP, patch))
    assert (code, "ended_at must be an instant with a UTC offset" in said) == (2, True)


def test_another_import_of_the_same_file_may_be_faster(
    tracker: Tracker, file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Episodes that somebody opened since the lines were checked are added to, not doubled."""
    name, more = file(*[{**OP, "episode": f"case-{n}"} for n in range(20)]), file(HEAD)
    whole, others = Service.append_many, [more, name]

    def after_others(self: Service, batch: object) -> object:
        while others:
            tracker.ok("import", others.pop())
        return whole(self, batch)

    monkeypatch.setattr(Service, "append_many", after_others)
    done = tracker.json("import", name)
    assert (done["imported"], done["already"], done["opened"]) == (0, 20, 0)
