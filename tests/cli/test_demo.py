"""The demonstration: published histories, at their own time, in a place of its own."""

import json
from pathlib import Path

from click.testing import CliRunner

from tracker import demonstration
from tracker.cli import main
from tracker.config import DEMONSTRATION

CASES = Path(__file__).parents[1] / "cases"


def run(*arguments):
    """Run the program in this process."""
    return CliRunner().invoke(main, list(arguments))


def published_facts():
    """Return the facts of the published cases, by episode."""
    found = {}
    for file in sorted(CASES.glob("*.json")):
        case = json.loads(file.read_text(encoding="utf-8"))
        if case["real"]:
            kept = ("id", "event", "occurred_at", "data")
            found[f"case-{case['id'][:2]}"] = [{k: e[k] for k in kept} for e in case["events"]]
    return found


def test_it_tells_the_facts_of_the_published_cases():
    """What it imports is what the cases say, event by event."""
    file = Path(demonstration.__file__).with_name("published.jsonl")
    told = {}
    for line in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
        if line["event"] != "episode-opened":
            told.setdefault(line.pop("episode"), []).append(line)
    assert told == published_facts()


def test_it_shows_every_station_and_names_three_commands(tmp_path):
    """Worklist, episode, tick, replay, the day before, an explanation, and what to try next."""
    result = run("--home", str(tmp_path / "demo"), "demo")
    assert result.exit_code == 0, result.output
    for shown in ("rebound-suspected", "L27, L92-L99 [3,1]", "post-patch -> rebound", "Issued"):
        assert shown in result.output
    assert result.output.count(f"tracker --home {tmp_path}") == 3


def test_the_commands_it_names_work(tmp_path):
    """Whoever follows them gets an answer, and is told that it is a demonstration."""
    result = run("--home", str(tmp_path / "demo"), "demo")
    for line in result.output.splitlines():
        if line.startswith("  tracker --home"):
            tried = run(*line.split()[1:])
            assert tried.exit_code == 0
            assert "This is a demonstration" in tried.stderr


def test_it_never_mixes_with_other_data(tmp_path):
    """A place that is not empty is refused, and nothing in it is touched."""
    (tmp_path / "mine").write_text("kept")
    result = run("--home", str(tmp_path), "demo")
    assert result.exit_code == 4
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine"]


def test_where_the_real_data_is_does_not_matter(tmp_path, monkeypatch):
    """TRACKER_HOME is left alone: the demonstration goes to a directory of its own."""
    monkeypatch.setenv("TRACKER_HOME", str(tmp_path / "real"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert run("demo").exit_code == 0
    assert not (tmp_path / "real").exists()
    assert len(list(tmp_path.glob(f"*/{DEMONSTRATION}"))) == 1
