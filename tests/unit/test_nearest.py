"""What a person probably meant."""

from tracker.nearest import did_you_mean, meant, nearest


def test_nearest_in_any_case() -> None:
    """The known words nearest to one are found, spelled as they are known."""
    assert nearest("EUROPE/berln", ["Europe/Berlin", "Asia/Tokyo"]) == ["Europe/Berlin"]


def test_a_hint_only_if_something_is_near() -> None:
    """Nothing is guessed that does not look like the word."""
    assert did_you_mean("levl", ["level", "note"]) == "did you mean level?"
    assert did_you_mean("zzz", ["level", "note"]) is None


def test_else_everything_there_is() -> None:
    """Where nothing is near, the hint lists what is known."""
    assert meant("levl", ["level", "note"]) == "did you mean level?"
    assert meant("zzz", ["level", "note"], "the keys are") == "the keys are level, note"
