"""Protocols kept in the database: added once, found by name, never changed."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.store.catalogue import unguard
from tests.store.recording import NOW, new, now, opening, saying
from tracker.errors import ConflictError, NotFoundError, StoreError
from tracker.pathway import DEFAULT, Protocol, ProtocolError, builtin_protocol, parse_protocol
from tracker.service import Service
from tracker.store import protocols as stored

SITE = f'base = "{DEFAULT}"\nid = "site"\nversion = "1"\n[settings]\npatch_earliest_hours = 24\n'


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


@pytest.fixture
def edited() -> Protocol:
    """The built-in protocol as a program with another file has it."""
    return parse_protocol(builtin_protocol().text + "# edited\n")


@pytest.fixture
def edit(edited: Protocol, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Put the other file in the place of the program's own."""
    return lambda: monkeypatch.setattr("tracker.protocols.builtin_protocol", lambda _: edited)


def kept(service: Service) -> list[tuple[str, str, str]]:
    """Return name, hash and actor of what is stored."""
    with service.database.reading() as conn:
        return [
            (found.name, found.hash, found.actor)
            for name in stored.names(conn)
            if (found := stored.find(conn, name))
        ]


def test_what_first_judges_an_episode_is_kept(service: Service) -> None:
    """Text and hash of a protocol that comes with the program are stored, once."""
    assert kept(service) == []
    for number in "12":
        service.append(None, saying(opening(number)))
    assert kept(service) == [(DEFAULT, builtin_protocol().hash, "anna")]
    assert service.protocols.names() == [DEFAULT]


def test_what_an_episode_adopts_is_kept(service: Service) -> None:
    """Changing to a protocol that comes with the program stores it too."""
    whole = builtin_protocol().text.replace(DEFAULT.partition("@")[0], "site")
    service.protocols.add(whole, "anna", NOW)
    episode = service.append(None, saying(opening("1", protocol="site@1"))).episode.uuid
    assert [name for name, *_ in kept(service)] == ["site@1"]
    service.append(episode, saying(new("protocol-adopted", 5, protocol=DEFAULT, reason="x")))
    assert [name for name, *_ in kept(service)] == [DEFAULT, "site@1"]


def refusals(service: Service, episode: UUID) -> Iterator[Callable[[], object]]:
    """Yield whatever would judge an episode."""
    fact = new("wound-examined", 5)
    yield lambda: service.status(episode)
    yield lambda: service.append(episode, saying(fact))
    yield lambda: service.append(None, saying(opening("2")))
    yield service.rebuild
    yield service.catch_up


def test_a_program_with_another_file_judges_nothing(
    service: Service, edited: Protocol, edit: Callable[[], None]
) -> None:
    """What is in force for an episode never changes under it; the error names both hashes."""
    episode = service.append(None, saying(opening())).episode.uuid
    edit()
    with Service.open(service.database.location, now) as other:
        for attempt in refusals(other, episode):
            with pytest.raises(StoreError, match=edited.hash) as caught:
                attempt()
            assert builtin_protocol().hash in caught.value.message
        assert [e.topic for e in other.history(episode)] == ["episode-opened"]
        assert (len(list(other.all_episodes())), other.parked()) == (1, [])


def test_without_what_was_kept_another_file_judges(
    service: Service, edit: Callable[[], None]
) -> None:
    """The twin without the protection does not notice, so the test above shows something."""
    episode = service.append(None, saying(opening())).episode.uuid
    with service.database.writing() as conn:
        unguard(conn)
        conn.execute(text("DELETE FROM protocols"))
    edit()
    with Service.open(service.database.location, now) as other:
        assert other.append(episode, saying(new("wound-examined", 5))).events


def test_of_two_programs_the_first_to_judge_is_right(
    service: Service, edit: Callable[[], None]
) -> None:
    """A program that read its protocol before the other one judged is refused all the same."""
    service.protocol(DEFAULT)
    with Service.open(service.database.location, now) as other:
        other.append(None, saying(opening("1")))
    edit()
    with pytest.raises(StoreError, match="another one here"):
        service.append(None, saying(opening("2")))


def test_a_site_protocol_is_what_it_was_with_its_base(
    service: Service, edit: Callable[[], None]
) -> None:
    """A base that changes changes everything that rests on it; the error names the base."""
    service.protocols.add(SITE, "anna", NOW)
    edit()
    with Service.open(service.database.location, now) as other, pytest.raises(StoreError) as caught:
        other.protocol("site@1")
    assert f"{DEFAULT} is another one" in caught.value.message
