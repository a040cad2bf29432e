"""Protocols kept in the database: added once, found by name, never changed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.recording import NOW, new, now, opening, saying
from tracker.config import Location
from tracker.errors import ConflictError, NotFoundError
from tracker.pathway import DEFAULT, ProtocolError
from tracker.service import Service

SITE = f'base = "{DEFAULT}"\nid = "site"\nversion = "1"\n[settings]\npatch_earliest_hours = 24\n'


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A service on a new database."""
    with Service.open(Location(tmp_path, None), now, create=True) as made:
        yield made


def test_an_added_protocol_is_found_by_every_service(service: Service) -> None:
    """Whoever opens the database judges by the same text."""
    added = service.protocols.add(SITE, "anna", NOW)
    with Service.open(service.database.location, now) as other:
        assert other.protocol("site@1") == added
        assert other.protocols.names() == [DEFAULT, "site@1"]
    assert added.settings.patch_earliest_hours == 24


def test_adding_the_same_text_again_is_no_change(service: Service) -> None:
    """A repeated command does nothing."""
    service.protocols.add(SITE, "anna", NOW)
    service.protocols.add(SITE, "ben", NOW)
    assert service.protocols.names() == [DEFAULT, "site@1"]


def test_a_version_never_changes(service: Service) -> None:
    """What judged an episode must stay what it was."""
    service.protocols.add(SITE, "anna", NOW)
    with pytest.raises(ConflictError, match="never change"):
        service.protocols.add(SITE.replace("24", "36"), "anna", NOW)


def test_a_file_that_cannot_be_used_is_not_stored(service: Service) -> None:
    """An error leaves nothing behind."""
    with pytest.raises(ProtocolError):
        service.protocols.add(SITE.replace("24", "-1"), "anna", NOW)
    assert service.protocols.names() == [DEFAULT]


def test_an_unknown_protocol_is_not_found(service: Service) -> None:
    """The error names it."""
    with pytest.raises(NotFoundError, match="other@7"):
        service.protocol("other@7")


def test_an_episode_is_judged_by_the_protocol_it_names(service: Service) -> None:
    """A patch after thirty hours is too early for one site and not for the other."""
    service.protocols.add(SITE, "anna", NOW)
    facts = [new("surgery-performed", 0), new("blood-patch-performed", 30)]
    found = {}
    for number, name in enumerate((DEFAULT, "site@1")):
        first = opening(str(number), protocol=name)
        status = service.append(None, saying(first, *facts)).after
        assert status is not None
        found[name] = "patch-too-early" in {alert.rule for alert in status.alerts}
    assert found == {DEFAULT: True, "site@1": False}


def test_a_protocol_is_read_from_the_database_once(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judging many episodes does not ask for the text again and again."""
    service.protocols.add(SITE, "anna", NOW)
    first = service.protocol("site@1")
    monkeypatch.setattr("tracker.store.protocols.find", None)
    assert service.protocol("site@1") is first
