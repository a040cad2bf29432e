"""What the database library says, in words, without what was written into it."""

import sqlite3

import pytest
from sqlalchemy.exc import IntegrityError

from tracker.cli.failures import translate


@pytest.mark.parametrize(
    ("said", "meant"),
    [("database is locked", "locked by"), ("file is not a database", "damaged"), ("odd", "odd")],
)
def test_one_table_of_words(said: str, meant: str) -> None:
    """An error that reaches the command line is told as the store tells it."""
    error = translate(sqlite3.OperationalError(said))
    assert error is not None
    assert meant in error.message


def test_no_statement_and_no_parameter() -> None:
    """What was to be written may name a patient, so it is not repeated."""
    refused = sqlite3.IntegrityError("UNIQUE constraint failed: alerts.id")
    broken = IntegrityError("INSERT INTO x", {"p": "MRN1"}, refused)
    error = translate(broken)
    assert error is not None
    assert "alerts has a row" in error.message
    assert "MRN1" not in error.message
