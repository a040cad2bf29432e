"""Keys of episodes under the keys of their patients, under the master key."""

from uuid import UUID

import pytest
from sqlalchemy import select, update

from tests.encryption.conftest import NOW
from tracker.encryption.cipher import Key
from tracker.encryption.store import KeyStore
from tracker.encryption.tables import episode_keys, patient_keys
from tracker.errors import RefusedError, StoreError, UsageError
from tracker.store.database import Database

ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))


def _owners(keys: KeyStore) -> dict[str, str]:
    with keys.database.reading() as conn:
        rows = conn.execute(select(episode_keys.c.episode, episode_keys.c.patient_key))
        return {UUID(episode).hex: owner for episode, owner in rows}


def test_made_once(keys: KeyStore, database: Database, master: Key) -> None:
    """An episode keeps its key; another process that asks for one finds the same."""
    keys.ensure({ONE: "MRN 1"}, NOW)
    first = keys.key(ONE)
    other = KeyStore(database, master)
    other.ensure({ONE: "MRN 1"}, NOW)
    assert first is not None
    assert other.key(ONE) == first


def test_one_patient_one_key(keys: KeyStore) -> None:
    """Episodes of a patient are under one key; an episode of nobody known has its own."""
    keys.ensure({ONE: "MRN 1", TWO: "MRN 1", THREE: None}, NOW)
    owners = _owners(keys)
    assert owners[ONE.hex] == owners[TWO.hex] != owners[THREE.hex]
    assert len({keys.key(e) for e in (ONE, TWO, THREE)}) == 3


def test_names_no_patient(keys: KeyStore) -> None:
    """The key store does not tell who the patients are."""
    keys.ensure({ONE: "MRN-4711"}, NOW)
    assert "4711" not in repr(list(keys.rows()))


def test_another_master_key(keys: KeyStore, database: Database) -> None:
    """A master key that is not theirs is refused before anything is sealed by it."""
    keys.ensure({ONE: None}, NOW)
    with pytest.raises(UsageError, match="wrapped by"):
        KeyStore(database, Key.new())


def test_there_already(keys: KeyStore, master: Key) -> None:
    """A key store is not made twice."""
    with pytest.raises(RefusedError, match="already"):
        KeyStore.create(keys.database, master, NOW)


def test_missing(database: Database, master: Key) -> None:
    """A key store that is not there is said to be missing, with what brings it back."""
    with pytest.raises(StoreError, match="missing") as failed:
        KeyStore(database, master)
    assert "keys restore" in (failed.value.hint or "")


def test_damaged(keys: KeyStore, database: Database, master: Key) -> None:
    """A key that was changed is not taken for a key."""
    keys.ensure({ONE: None}, NOW)
    with database.writing() as conn:
        conn.execute(update(patient_keys).values(wrapped=bytes(60)))
    with pytest.raises(StoreError, match="damaged"):
        KeyStore(database, master).key(ONE)


def test_rotated(keys: KeyStore, database: Database, master: Key) -> None:
    """Another master key opens the same keys afterwards, and the old one none."""
    keys.ensure({ONE: "MRN 1", TWO: "MRN 2"}, NOW)
    before, looked_up = [keys.key(ONE), keys.key(TWO)], keys.index_key
    new = Key.new()
    keys.rotate(new)
    with pytest.raises(UsageError):
        KeyStore(database, master)
    again = KeyStore(database, new)
    assert [again.key(ONE), again.key(TWO)] == before
    assert again.index_key == looked_up


def test_destroyed(keys: KeyStore) -> None:
    """The keys of an erased patient are gone; those of others stay."""
    keys.ensure({ONE: "MRN 1", TWO: "MRN 2"}, NOW)
    kept = keys.key(TWO)
    keys.destroy([ONE], {}, NOW)
    assert keys.key(ONE) is None
    assert keys.key(TWO) == kept
    assert len(_owners(keys)) == 1


def test_destroyed_but_for_an_episode_of_another(keys: KeyStore) -> None:
    """An episode opened under the wrong patient outlives that patient's key."""
    keys.ensure({ONE: "MRN 1", TWO: "MRN 1"}, NOW)
    kept = keys.key(TWO)
    assert keys.sharing([ONE]) == [TWO]
    keys.destroy([ONE], {TWO: "MRN 2"}, NOW)
    assert keys.key(ONE) is None
    assert keys.key(TWO) == kept
    assert keys.sharing([TWO]) == []
