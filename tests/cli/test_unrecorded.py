"""Where the database is lost on the way, a command that records says whether anything was."""

from unittest import mock

import pytest

from tests.cli.conftest import Tracker
from tracker.appending import Appender
from tracker.store import postgresql
from tracker.store.errors import LockedError, LostError, UnknownOutcomeError
from tracker.store.recorder import LogRecorder

TOLD = "Nothing was recorded."
RECORD = ("record", "patient-mobilized", "case-1")


def lost() -> LostError:
    """Return the error of a server that is gone."""
    return LostError("the server cannot be reached", "try again")


@pytest.fixture
def gone(episode: Tracker, monkeypatch: pytest.MonkeyPatch) -> Tracker:
    """A tracker whose server is not there."""
    monkeypatch.setattr(postgresql, "ATTEMPTS", 1)
    episode.environ["TRACKER_DATABASE_URL"] = "postgresql://ann@127.0.0.1:9/t"
    return episode


@pytest.mark.backends("postgresql")
def test_a_server_that_is_not_there_records_nothing(gone: Tracker) -> None:
    """Whoever recorded need not wonder."""
    code, told = gone.refused(*RECORD)
    assert (code, TOLD in told) == (1, True), told


@pytest.mark.backends("postgresql")
def test_who_only_looks_is_not_told(gone: Tracker) -> None:
    """Nothing was to be recorded."""
    assert TOLD not in gone.refused("worklist")[1]


@pytest.mark.parametrize("error", [lost(), LockedError("it is locked", "try again")])
def test_what_was_not_taken_is_told(episode: Tracker, error: Exception) -> None:
    """Lost again and again, or locked for as long as we waited."""
    with mock.patch.object(LogRecorder, "_append", side_effect=error):
        assert TOLD in episode.refused(*RECORD)[1]


def test_an_unknown_outcome_has_its_own_words(episode: Tracker) -> None:
    """It may have been recorded."""
    unknown = UnknownOutcomeError("whether it was recorded is not known", "look later")
    with (
        mock.patch.object(LogRecorder, "_append", side_effect=lost()),
        mock.patch.object(Appender, "_arrived", side_effect=unknown),
    ):
        told = episode.refused(*RECORD)[1]
    assert ("is not known" in told, TOLD in told) == (True, False), told


def test_what_was_recorded_before_the_loss_is_not_denied(episode: Tracker) -> None:
    """The connection is lost once the event is in the log."""
    with mock.patch("tracker.cli.telling.tell", side_effect=lost()):
        result = episode.run(*RECORD)
    assert (result.exit_code, TOLD in result.output) == (1, False), result.output
    assert "patient-mobilized" in episode.ok("timeline", "case-1")


def test_what_arrived_unacknowledged_is_not_denied(episode: Tracker) -> None:
    """It was looked up by its id, and is there."""
    real = LogRecorder._append

    def losing(*arguments: object) -> None:
        real(*arguments)  # type: ignore[arg-type]
        raise lost()

    with (
        mock.patch.object(LogRecorder, "_append", losing),
        mock.patch("tracker.cli.telling.tell", side_effect=lost()),
    ):
        result = episode.run(*RECORD)
    assert (result.exit_code, TOLD in result.output) == (1, False), result.output
