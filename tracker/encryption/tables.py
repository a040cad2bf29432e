"""Tables of the key store. They are in a database of their own: see `tracker.encryption.store`."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
)

from tracker.store.columns import TEXT, string

metadata = MetaData()

store = Table(
    "key_store",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("master", string(32), nullable=False),
    Column("index_key", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("backed_up_at", BigInteger),
    Column("backed_up_to", TEXT),
)
"""One row: the id of the master key, and the wrapped key of what names are looked up by."""

patient_keys = Table(
    "patient_keys",
    metadata,
    Column("id", string(32), primary_key=True),
    Column("patient", string(64), nullable=False, unique=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
"""A random key for each patient, wrapped by the master key; `patient` stands for who it is."""

episode_keys = Table(
    "episode_keys",
    metadata,
    Column("episode", string(32), primary_key=True),
    Column("id", string(32), nullable=False, unique=True),
    Column("patient_key", string(32), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Index("ix_episode_keys_patient_key", "patient_key"),
)
"""A random key for each episode, wrapped by the key of its patient.

What seals an event is the episode's: when a correction says that it was another patient's episode,
the episode's key is wrapped anew, and no event has to be.
"""
