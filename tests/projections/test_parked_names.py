"""An episode whose very first rows could not be written is found by all its names."""

import pytest

from projections import writer
from tests.store.recording import new, opening, saying
from tracker.errors import NotFoundError
from tracker.interchange.exports import exported
from tracker.service import EpisodeRef, Service


@pytest.fixture
def unlisted(service: Service, monkeypatch: pytest.MonkeyPatch) -> EpisodeRef:
    """The episode `case-1` of the patient P, of which the read models know nothing."""

    def refuse(*_: object) -> None:
        raise ValueError("a broken read model")

    with monkeypatch.context() as patch:
        patch.setattr(writer, "add", refuse)
        done = service.append(None, saying(opening("1", patient="P")))
    assert done.parked
    return done.episode


def test_it_is_found(service: Service, unlisted: EpisodeRef) -> None:
    """Patient, reference and short id lead to it."""
    assert [list(service.find(text)) for text in ("P", "case", "e-0000")] == [[unlisted]] * 3
    assert list(service.find("zzz")) == []


def test_its_names_are_taken(service: Service, unlisted: EpisodeRef) -> None:
    """Nobody opens another one under them."""
    assert service.by_reference("case-1") == unlisted
    assert service.short_id_taken("E-00001")
    assert not service.short_id_taken("E-00002")


def test_it_is_an_open_episode_of_its_patient(service: Service, unlisted: EpisodeRef) -> None:
    """A second opening is asked for a reason."""
    assert service.open_episodes_of("P") == [unlisted]
    assert service.open_episodes_of("Q") == []


def test_it_is_open_until_it_is_closed(
    service: Service, unlisted: EpisodeRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it still is, the log says, not a row."""
    monkeypatch.setattr(writer, "repair", None)
    assert service.append(unlisted.uuid, saying(new("episode-closed", 10, reason="x"))).parked
    assert service.open_episodes_of("P") == []


def test_it_is_exported(service: Service, unlisted: EpisodeRef) -> None:
    """An export of everything leaves nothing out that is in the log."""
    other = service.append(None, saying(opening("2"))).episode
    assert list(service.all_episodes()) == [unlisted, other]
    lines = list(exported(service, service.all_episodes()))
    assert [line["episode"] for line in lines] == ["case-1", "case-2"]


def test_its_exact_name_goes_before_longer_ones(service: Service, unlisted: EpisodeRef) -> None:
    """Nobody gets another patient's episode because the one that was meant lags."""
    other = service.append(None, saying(opening("10"))).episode
    assert service.resolve("case-1") == unlisted
    assert service.resolve("case-10") == other
    with pytest.raises(NotFoundError, match=r"case-1\).*case-10\)"):
        service.resolve("case")


def test_its_corrected_name_holds(
    service: Service, unlisted: EpisodeRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names come from the opening as it was corrected."""
    monkeypatch.setattr(writer, "repair", None)
    [opened] = service.history(unlisted.uuid)
    right = {"reference": "right"}
    fix = new("event-corrected", 1, target=opened.id, changes=right, reason="typo")
    service.append(unlisted.uuid, saying(fix))
    assert service.resolve("right").uuid == unlisted.uuid
    assert service.by_reference("case-1") is None
