"""What evaluates the episodes of a database, each by the protocol it names."""

import os

from projections.views import Judge
from tracker.encryption import opening
from tracker.pathway import Protocol, evaluate, protocol_name
from tracker.pathway.issuing import next_action_at
from tracker.protocols import ProtocolShelf
from tracker.store.database import Database
from tracker.store.sealing import Seals


def judge_by(shelf: ProtocolShelf, seals: Seals | None = None) -> Judge[Protocol]:
    """Return what evaluates episodes by the protocols of a shelf, and seals their names."""
    return Judge(evaluate, next_action_at, protocol_name, shelf.get, seals)


def judge_for(database: Database) -> Judge[Protocol]:
    """Return what evaluates the episodes of a database; a worker process makes its own.

    There the database was just opened, and does not know yet what seals it.
    """
    if database.seals is None:
        opening.attach(database, database.location, os.environ)
    return judge_by(ProtocolShelf(database), database.seals)
