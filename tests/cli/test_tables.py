"""Tables on a terminal: folded between words, or in blocks, but never cut."""

import datetime
import io
from typing import Any

import pytest
from rich.console import Console

from tracker.cli import tables, worklist
from tracker.cli.render import Column

COLUMNS = [Column("id", "Id"), Column("text", "Text"), Column("none", "None")]
ROW = {"id": "conservative-management-started", "text": "one two three four five six", "none": ""}


@pytest.fixture(params=[20, 40, 50, 60, 200])
def drawn(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """A table on a terminal of some width, and the width."""
    out = io.StringIO()

    def console() -> Console:
        return Console(file=out, width=request.param, color_system=None, force_terminal=False)

    monkeypatch.setattr(tables, "console", console)
    tables.table([ROW], COLUMNS)
    return request.param, out.getvalue()


def test_nothing_is_lost(drawn: tuple[int, str]) -> None:
    """Every word is there, whatever the width, and no line is longer than the terminal."""
    width, text = drawn
    joined = "".join(text.split())
    for word in (*ROW["id"].split("-"), *ROW["text"].split()):
        assert word in joined
    assert all(len(line.rstrip()) <= width for line in text.splitlines())


def test_an_empty_column_is_left_out(drawn: tuple[int, str]) -> None:
    """A column without any value takes no room."""
    assert "None" not in drawn[1]


def test_no_rows_draw_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Without rows there is no table."""
    rows: list[dict[str, Any]] = []
    tables.table(rows, COLUMNS)
    assert capsys.readouterr().out == ""


def test_a_patient_of_the_worklist_takes_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 80 columns shows a ward, not three patients."""
    out = io.StringIO()
    monkeypatch.setattr(tables, "console", lambda: Console(file=out, width=80))
    row = {
        "episode": "E-7K3QF", "reference": "case-1", "patient": "MRN1", "stage": "assessment",
        "mark": "overdue", "due_at": datetime.datetime(2026, 3, 3, tzinfo=datetime.UTC),
        "next_step": "Examine the surgical site for collection, bulging", "alerts": 1,
        "coordinator": "anna",
    }  # fmt: skip
    tables.table([row, row], worklist.COLUMNS)
    head, *patients = out.getvalue().rstrip().split("\n\n")
    assert head.split()[:2] == ["Episode", "Reference"]
    assert [len(patient.splitlines()) for patient in patients] == [2, 2]
