"""`audit reconcile` on the command line."""

import csv
import datetime
import io
import json
from typing import get_args

import pytest

from tests.audit.conftest import Tracker
from tracker.audit.discrepancy import Finding, How
from tracker.audit.reconciling import Reconciled
from tracker.cli.audit.reckoning import episode_lines


@pytest.fixture
def outage(patched: Tracker) -> Tracker:
    """The patched episode, with ticks at its beginning and again after five days."""
    patched.ok("scheduler", "tick", "--format", "json")
    patched.clock.move_to("2026-03-08T09:00:00Z")
    patched.ok("scheduler", "tick", "--format", "json")
    return patched


def kinds(document: dict[str, object]) -> dict[str, tuple[str, str]]:
    """Return how and why by kind."""
    return {f["kind"]: (f["how"], f["reason"]) for f in document["findings"]}


def test_an_outage_is_a_fault_of_the_system(outage: Tracker) -> None:
    """Everything that was owed meanwhile is late, or was of no use any more."""
    told = outage.json("audit", "reconcile", "Ms-Miller")
    assert kinds(told) == {
        "observation-end": ("missing", "outage"), "early-review": ("late", "outage"),
    }  # fmt: skip
    assert (told["of_the_system"], told["concerned"]) == (2, 1)
    assert (
        "no scheduler ticked from 2026-03-03 09:00Z to 2026-03-08 09:00Z"
        in (told["findings"][0]["why"])
    )


def test_as_known_the_audit_fails(outage: Tracker) -> None:
    """With the findings on stdout and exit code 6."""
    result = outage.run("audit", "reconcile", "--all", "--as-known", "--format", "json")
    assert result.exit_code == 6
    assert len(json.loads(result.stdout)["findings"]) == 2
    assert "2 findings in 1 of 1 episode," in result.stderr


def test_without_faults_it_passes(patched: Tracker) -> None:
    """A scheduler that ticks in time, whatever people do."""
    for time in ("03-03T11:00:00Z", "03-04T09:00:00Z", "03-04T09:05:00Z"):
        patched.clock.move_to(f"2026-{time}")
        patched.ok("scheduler", "tick", "--format", "json")
    patched.ok("void", "Ms-Miller", "patch", "--reason", "other patient")
    patched.ok("scheduler", "tick", "--format", "json")
    assert patched.json("audit", "reconcile", "--all", "--as-known")["findings"] == []
    late = patched.json("audit", "reconcile", "Ms-Miller")
    assert {(f["how"], f["reason"]) for f in late["findings"]} == {("wrong", "void")}
    assert late["of_the_system"] == 0


def test_every_form_has_every_finding(outage: Tracker) -> None:
    """JSON, JSON Lines and CSV tell the same."""
    words = ("audit", "reconcile", "--all", "--format")
    whole = json.loads(outage.ok(*words, "json"))["findings"]
    assert [json.loads(line) for line in outage.ok(*words, "ndjson").splitlines()] == whole
    rows = list(csv.DictReader(io.StringIO(outage.ok(*words, "csv"))))
    assert [row["reminder"] for row in rows] == [f["reminder"] for f in whole]


def test_words_are_plain_and_in_the_zone_of_the_patient(outage: Tracker) -> None:
    """When it was owed, when it was issued, how late that was, and why."""
    said = outage.ok("audit", "reconcile", "Ms-Miller")
    assert (
        "late            early-review open, overdue: owed 2026-03-04 09:00 +00:00, "
        "issued 2026-03-08 09:00 +00:00, 96 h late" in said
    )
    assert "outage: no scheduler ticked from 2026-03-03 09:00 +00:00" in said


def test_what_ended_before_is_left_out(outage: Tracker) -> None:
    """With --since only what lasted until then or longer is found."""
    words = ("audit", "reconcile", "Ms-Miller", "--since")
    assert len(outage.json(*words, "2026-03-08T09:00:00Z")["findings"]) == 2
    outage.clock.move_to("2026-03-08T10:00:00Z")
    assert outage.json(*words, "2026-03-08T09:30:00Z")["findings"] == []


def test_how_late_is_late_can_be_said(outage: Tracker) -> None:
    """Six days are as good as any."""
    told = outage.json("audit", "reconcile", "Ms-Miller", "--issued-within", "8640")
    assert told["findings"] == []


def test_a_table_shows_few_and_counts_all(outage: Tracker) -> None:
    """The rest is named by number."""
    outage.ok("open", "--patient", "P2", "--reference", "second", "--time-zone", "UTC")
    outage.ok("record", "blood-patch-performed", "second", "--at", "2026-03-01T09:00Z")
    said = outage.ok("audit", "reconcile", "--all", "--limit", "1")
    assert "second" not in said
    assert "and 1 more episodes" in said


def test_it_asks_no_read_model(outage: Tracker) -> None:
    """Rows that were tampered with change nothing."""
    before = outage.ok("audit", "reconcile", "--all", "--format", "ndjson")
    outage.execute("UPDATE worklist SET stage = 'closed'", "DELETE FROM reminders")
    assert outage.ok("audit", "reconcile", "--all", "--format", "ndjson") == before


def test_one_that_cannot_be_judged_stops_no_other(
    outage: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named, the others are judged, and the exit code tells."""
    outage.ok("open", "--patient", "P2", "--reference", "second")
    from projections.views import Judge

    judged = Judge.status

    def broken(self, history, *when):
        names = {getattr(event.data, "reference", None) for event in history}
        return 1 / 0 if "second" in names else judged(self, history, *when)

    monkeypatch.setattr(Judge, "status", broken)
    result = outage.run("audit", "reconcile", "--all", "--format", "json")
    document = json.loads(result.stdout)
    assert (result.exit_code, len(document["findings"]), len(document["failed"])) == (1, 2, 1)
    assert "could not be judged" in result.stderr


@pytest.mark.parametrize("words", [(), ("Ms-Miller", "--all")])
def test_one_or_all(patched: Tracker, words: tuple[str, ...]) -> None:
    """Neither nothing nor both."""
    code, said = patched.refused("audit", "reconcile", *words)
    assert (code, "tracker audit reconcile --all" in said) == (2, True)


def test_no_finding_runs_into_what_it_is_about() -> None:
    """The longest word has room, and all begin at one column."""
    when = datetime.datetime(2026, 3, 8, 9, tzinfo=datetime.UTC)
    found = [
        Finding(how=how, reason="fault", why="", reminder="r", kind="imaging", phases=("open",),
                owed_at=when, told_at=when, until=when)
        for how in get_args(How)
    ]  # fmt: skip
    lines = [
        line for line in episode_lines(Reconciled("E-1", None, "UTC", found)) if "open" in line
    ]
    assert len(lines) == len(found)
    assert {line.index("imaging") for line in lines} == {18}
    assert all(line[17] == " " for line in lines)
