"""Where events are sealed: a limited login sees the keys of its sites' episodes, and no others."""

import json
from collections.abc import Iterator

import pytest

from tests.postgres.roles import LOGINS, NORTH, PREFIX, SOUTH, Place
from tests.postgres.server import Databases

OPENED = ("open", "--patient", "MRN-S", "--site")


@pytest.fixture
def sealed(
    server: Databases, template: str, planted: Place, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """An encrypted tracker with roles, and an episode at each of two sites."""
    home = tmp_path_factory.mktemp("sealed") / "home"
    with server.database(template) as name:
        place = planted._replace(name=name, home=home)
        place.ok("anna", "init", "--encrypt", "--master-key", f"file:{home.parent}/master.key")
        place.ok("anna", "db", "roles", "--create", "--prefix", PREFIX)
        words = ("--login", LOGINS["limited"], "--role", "coordinator", "--site", "North")
        place.ok("anna", "db", "roles", *words)
        place.ok("coordinator", *OPENED, "South", "--reference", SOUTH)
        place.ok("coordinator", "open", "--patient", "MRN-N", "--site", "North",
                 "--reference", NORTH)  # fmt: skip
        yield place


def references(place: Place, who: str, *options: str) -> set[str]:
    """Return which episodes the worklist of a login names."""
    rows = json.loads(place.ok(who, *options, "worklist", "--format", "json"))
    return {row["reference"] for row in (rows["rows"] if isinstance(rows, dict) else rows)}


def test_the_keys_are_those_of_its_sites(sealed: Place) -> None:
    """Past the program, too."""
    for table in ("patient_keys", "episode_keys"):
        ((seen,),) = sealed.attempt("limited", f"SELECT count(*) FROM {table}")
        ((there,),) = sealed.attempt(None, f"SELECT count(*) FROM {table}")
        assert (seen, there) == (1, 2)


@pytest.mark.parametrize("table", ["patient_keys", "episode_keys"])
def test_twin_without_policies_sees_them_all(sealed: Place, table: str) -> None:
    """It is row-level security that hides them."""
    sealed.attempt(None, f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    assert sealed.attempt("limited", f"SELECT count(*) FROM {table}") == [(2,)]


def test_a_patient_who_comes_from_another_site_keeps_the_key(sealed: Place) -> None:
    """There is one key of a patient, so that one erasure is for every episode."""
    sealed.ok("limited", *OPENED, "North", "--reference", "moved-here")
    assert references(sealed, "limited") == {NORTH, "moved-here"}
    assert sealed.attempt(None, "SELECT count(*) FROM patient_keys") == [(2,)]


def test_a_name_that_is_sealed_is_taken_all_the_same(sealed: Place) -> None:
    """What stands for the reference is looked up over every site."""
    words = ("--patient", "MRN-9", "--site", "North", "--reference", SOUTH)
    assert sealed.run("limited", "open", *words).exit_code == 4


def test_broken_glass_opens_what_is_sealed(sealed: Place) -> None:
    """The keys of the other site are read by the connections that are on record."""
    assert references(sealed, "limited", "--break-glass", "night duty") == {NORTH, SOUTH}
    sealed.ok("auditor", "audit", "verify")


@pytest.mark.parametrize("command", ["keys backup", "keys rotate", "keys restore", "erase"])
def test_nobody_but_the_owner_touches_keys(sealed: Place, command: str) -> None:
    """Each role that is not the owner's is refused, and nothing has changed."""
    words = {
        "keys backup": ("copy.json",),
        "keys restore": ("copy.json",),
        "keys rotate": ("--to", f"file:{sealed.home.parent}/new.key"),
        "erase": ("MRN-S", "--reason", "x", "--second-person", "ben", "--yes"),
    }[command]
    sealed.ok("owner", "keys", "backup", str(sealed.home.parent / "copy.json"))
    words = tuple(str(sealed.home.parent / word) if word == "copy.json" else word for word in words)
    before = sealed.contents("accesses")
    for who in ("coordinator", "limited", "scheduler", "auditor"):
        result = sealed.run(who, *command.split(), *words)
        assert result.exit_code == 4, (who, result.output)
    assert sealed.contents("accesses") == before


def test_the_owner_rotates_and_erases(sealed: Place) -> None:
    """A login that is no superuser can, with that role."""
    sealed.ok("owner", "keys", "backup", str(sealed.home.parent / "copy.json"))
    sealed.ok("owner", "keys", "rotate", "--to", f"file:{sealed.home.parent}/new.key")
    words = ("erase", "MRN-S", "--reason", "x", "--second-person", "ben", "--yes")
    sealed.ok("owner", *words)
    sealed.ok("auditor", "audit", "verify")
