"""`protocol simulate` and `protocol adopt --all` on the command line."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from sqlalchemy import MetaData, select

from tests.audit.conftest import Tracker
from tracker import adopting
from tracker.store.database import open_database

NAME = "csf-leak-post-spine-surgery@1.north"
DRAFT = """
base = "csf-leak-post-spine-surgery@1"
version = "1.north"
title = "North"
[settings]
early_review_due_hours = 72
"""
SIMULATE, ADOPT = ("protocol", "simulate"), ("protocol", "adopt", NAME, "--all")


@pytest.fixture
def ward(patched: Tracker, tmp_path: Path) -> Tracker:
    """The patched patient, one at another site, one whose episode is closed, and a draft."""
    patched.ok("open", "--patient", "P2", "--reference", "second", "--site", "south",
               "--time-zone", "UTC")  # fmt: skip
    patched.ok("open", "--patient", "P3", "--reference", "third", "--time-zone", "UTC")
    for name in ("second", "third"):
        patched.ok("record", "blood-patch-performed", name, "--id", "patch")
    patched.ok("record", "episode-closed", "third", "--outcome", "other", "--reason", "moved away")
    (tmp_path / "draft.toml").write_text(DRAFT)
    patched.environ["DRAFT"] = str(tmp_path / "draft.toml")
    return patched


def draft(ward: Tracker) -> str:
    """Return the file of the draft."""
    return str(ward.environ["DRAFT"])


def tables(ward: Tracker) -> dict[str, list[str]]:
    """Return everything that is in the database, but for who looked."""
    there = MetaData()
    with open_database(ward.location) as database, database.reading() as conn:
        there.reflect(conn)
        return {
            table.name: sorted(map(repr, conn.execute(select(table))))
            for table in there.sorted_tables
            if table.name != "accesses"
        }


def test_a_draft_is_tried_without_adding_it(ward: Tracker) -> None:
    """Which episodes would stand otherwise, counted and listed."""
    told = ward.json(*SIMULATE, draft(ward))
    assert (told["protocol"], told["episodes"], told["differing_now"]) == (NAME, 3, 3)
    count = {"subject": "reminder", "name": "early-review", "how": "moved", "episodes": 3, "now": 3}
    assert told["counts"] == [count]
    assert {row["reference"] for row in told["differences"]} == {"Ms-Miller", "second", "third"}
    assert NAME not in ward.ok("protocol", "list")


def test_nothing_is_written(ward: Tracker) -> None:
    """Not a byte of any table but the access log."""
    before = tables(ward)
    ward.ok(*SIMULATE, draft(ward), "--since", "2026-03-01T09:00Z")
    assert tables(ward) == before


def test_words_name_the_episode_and_both_sides(ward: Tracker) -> None:
    """By the protocol that judges it, and by the draft; as few episodes as asked for."""
    said = ward.ok(*SIMULATE, draft(ward), "--limit", "1")
    moved = "due 2026-03-05 09:00 +00:00 -> due 2026-03-06 09:00 +00:00"
    assert f"Ms-Miller\n  reminder early-review moved: {moved}" in said
    assert "and 2 more episodes" in said
    assert "second" not in said


def test_every_form_has_every_difference(ward: Tracker) -> None:
    """JSON, JSON Lines and CSV tell the same."""
    words = (*SIMULATE, draft(ward), "--format")
    whole = json.loads(ward.ok(*words, "json"))["differences"]
    assert [json.loads(line) for line in ward.ok(*words, "ndjson").splitlines()] == whole
    rows = list(csv.DictReader(io.StringIO(ward.ok(*words, "csv"))))
    assert [row["id"] for row in rows] == [d["id"] for d in whole]


def test_processes_find_the_same(ward: Tracker) -> None:
    """Two of them, one of them."""
    alone = ward.json(*SIMULATE, draft(ward))
    assert ward.json(*SIMULATE, draft(ward), "--processes", "2") == alone


@pytest.mark.parametrize(
    ("new", "code", "hint"),
    [
        ("nowhere.toml", 3, "tracker protocol list"),
        ("csf-leak-post-spine-surgery@2", 3, "did you mean csf-leak-post-spine-surgery@1?"),
    ],
)
def test_what_is_neither_file_nor_protocol(ward: Tracker, new: str, code: int, hint: str) -> None:
    """It is refused with what to do."""
    assert (lambda told: (told[0], hint in told[1]))(ward.refused(*SIMULATE, new)) == (code, True)


def test_a_draft_that_cannot_be_used_is_refused(ward: Tracker) -> None:
    """As it would be if it were added."""
    Path(draft(ward)).write_text(DRAFT + "early_review_due_hour = 3\n")
    code, said = ward.refused(*SIMULATE, draft(ward))
    assert (code, "early_review_due_hour" in said) == (2, True)


@pytest.fixture
def north(ward: Tracker) -> Tracker:
    """The ward, with the draft added."""
    ward.ok("protocol", "add", draft(ward))
    return ward


def protocols(ward: Tracker) -> dict[str, str]:
    """Return which protocol judges each episode."""
    names = ("Ms-Miller", "second", "third")
    return {name: ward.json("show", name)["protocol"].partition("@")[2] for name in names}


def test_a_dry_run_shows_and_moves_nothing(north: Tracker) -> None:
    """What is closed is not asked about."""
    before = tables(north)
    told = north.json(*ADOPT, "--dry-run")
    assert (told["to_move"], told["moved"], told["differing"]) == (2, 0, 2)
    assert tables(north) == before


def test_all_in_flight_are_moved_by_an_event_with_a_reason(north: Tracker) -> None:
    """After the differences were shown."""
    told = north.json(*ADOPT, "--reason", "agreed", "--yes")
    assert (told["to_move"], told["moved"], len(told["differences"])) == (2, 2, 2)
    assert protocols(north) == {"Ms-Miller": "1.north", "second": "1.north", "third": "1"}
    event = north.json("timeline", "second")[-1]
    assert (event["event"], event["data"]) == (
        "protocol-adopted", {"protocol": NAME, "reason": "agreed"},
    )  # fmt: skip


def test_again_there_is_nothing_to_move(north: Tracker) -> None:
    """And no second event."""
    north.ok(*ADOPT, "--reason", "agreed", "--yes")
    before = len(north.json("timeline", "second"))
    assert north.json(*ADOPT, "--reason", "agreed", "--yes")["to_move"] == 0
    assert len(north.json("timeline", "second")) == before


def test_only_one_site_is_moved(north: Tracker) -> None:
    """The others stay."""
    north.ok(*ADOPT, "--site", "south", "--reason", "agreed", "--yes")
    assert protocols(north) == {"Ms-Miller": "1", "second": "1.north", "third": "1"}


@pytest.mark.parametrize(
    ("more", "hint"), [(("--yes",), "add --reason TEXT"), (("--reason", "agreed"), "--yes says so")]
)
def test_it_asks_for_a_reason_and_for_leave(
    north: Tracker, more: tuple[str, ...], hint: str
) -> None:
    """Without a terminal nobody can be asked."""
    result = north.run(*ADOPT, *more)
    assert (result.exit_code, hint in result.stderr) == (4, True)
    assert set(protocols(north).values()) == {"1"}


@pytest.mark.parametrize(("answer", "moved"), [(True, "1.north"), (False, "1")])
def test_on_a_terminal_it_asks(
    north: Tracker, monkeypatch: pytest.MonkeyPatch, answer: bool, moved: str
) -> None:
    """And does what is answered."""
    monkeypatch.setattr("tracker.cli.asking.at_terminal", lambda: True)
    monkeypatch.setattr(click, "confirm", lambda *_, **__: answer)
    assert north.run(*ADOPT, "--reason", "agreed").exit_code == (0 if answer else 4)
    assert protocols(north)["second"] == moved


def broken(name: str) -> Callable[..., object]:
    """Return a decision that fails for one episode."""
    adopt = adopting.decisions.adopt

    def decide(history, *rest):
        if any(getattr(event.data, "reference", None) == name for event in history):
            raise ZeroDivisionError
        return adopt(history, *rest)

    return decide


def test_what_fails_for_one_stops_no_other(north: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, and the same again goes on with it."""
    words = (*ADOPT, "--reason", "agreed", "--yes")
    with monkeypatch.context() as patch:
        patch.setattr(adopting.decisions, "adopt", broken("Ms-Miller"))
        result = north.run(*words)
    assert result.exit_code == 1
    assert "could not be moved: ZeroDivisionError" in result.stderr
    assert protocols(north) == {"Ms-Miller": "1", "second": "1.north", "third": "1"}
    north.ok(*words)
    assert protocols(north)["Ms-Miller"] == "1.north"


@pytest.mark.parametrize(
    "words",
    [
        (NAME,),
        ("second", NAME, "--all"),
        ("second", NAME, "--site", "south"),
        (NAME, "--all", "--id", "x"),
    ],
)
def test_one_or_all(north: Tracker, words: tuple[str, ...]) -> None:
    """What does not go together is refused."""
    assert north.refused("protocol", "adopt", *words)[0] == 2
