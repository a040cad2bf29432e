"""`audit replay` and `audit diff` on the command line."""

import csv
import io
import json

from tests.audit.conftest import Tracker


def test_a_replay_tells_each_step_in_words(patched: Tracker) -> None:
    """Event, person, what changed, by which rule."""
    said = patched.ok("audit", "replay", "Ms-Miller")
    assert "blood-patch-performed patch by anna" in said
    assert "stage at-risk -> post-patch" in said
    assert "reminder early-review: scheduled" in said
    assert "[L121 [1,2]]" in said


def test_every_form_has_every_step(patched: Tracker) -> None:
    """JSON, JSON Lines and CSV tell the same steps."""
    whole = patched.json("audit", "replay", "Ms-Miller")["steps"]
    lines = patched.ok("audit", "replay", "Ms-Miller", "--format", "ndjson").splitlines()
    rows = patched.ok("audit", "replay", "Ms-Miller", "--format", "csv")
    assert [json.loads(line) for line in lines] == whole
    numbers = {int(row["step"]) for row in csv.DictReader(io.StringIO(rows))}
    assert numbers == {step["step"] for step in whole}


def test_from_and_to_bound_what_is_shown(patched: Tracker) -> None:
    """Steps keep their numbers: those before are computed and not shown."""
    told = patched.json("audit", "replay", "Ms-Miller", "--from", "2026-03-02 00:00")["steps"]
    assert told[0]["event"]["id"] == "patch"
    assert told[0]["step"] == 3
    assert patched.json(
        "audit", "replay", "Ms-Miller", "--to", "2026-03-02 00:00"
    )["steps"][-1]["event"]["id"] == "op"  # fmt: skip


def test_from_after_to_is_refused(patched: Tracker) -> None:
    """An empty stretch is a mistake."""
    code, said = patched.refused(
        "audit", "replay", "Ms-Miller", "--from", "2026-03-03 00:00", "--to", "2026-03-02 00:00"
    )
    assert (code, "--from is after --to" in said) == (2, True)


def test_a_replay_never_asks_the_read_models(patched: Tracker) -> None:
    """What the rows say does not matter to an auditor."""
    import sqlite3

    before = patched.ok("audit", "replay", "Ms-Miller")
    with sqlite3.connect(patched.home / "tracker.sqlite") as db:
        db.execute("UPDATE worklist SET stage = 'closed'")
    assert patched.ok("audit", "replay", "Ms-Miller") == before


def test_diff_tells_what_changed_and_what_was_recorded(patched: Tracker) -> None:
    """Between two moments, each by what was known then."""
    told = patched.json("audit", "diff", "Ms-Miller", "--from", "2026-03-02 00:00")
    assert (told["from"]["stage"], told["to"]["stage"]) == ("at-risk", "post-patch")
    assert [e["id"] for e in told["events"]] == ["patch"]
    assert {c["name"] for c in told["changes"]} >= {"stage", "early-review"}


def test_diff_of_one_moment_tells_what_was_learned_since(patched: Tracker) -> None:
    """The same moment, by what was known then and by what is known now."""
    patched.clock.move_to("2026-03-04T09:00:00Z")
    patched.ok("void", "Ms-Miller", "patch", "--reason", "other patient")
    then = "2026-03-03 10:00"
    told = patched.json(
        "audit", "diff", "Ms-Miller", "--from", then, "--to", then, "--known-to", "now"
    )
    assert (told["from"]["stage"], told["to"]["stage"]) == ("post-patch", "at-risk")


def test_diff_before_anything_was_known_is_not_found(patched: Tracker) -> None:
    """There is nothing to compare with."""
    code, _ = patched.refused("audit", "diff", "Ms-Miller", "--from", "2026-02-01 00:00")
    assert code == 3
