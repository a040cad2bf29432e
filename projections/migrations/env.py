"""Runs migrations on the connection that the program hands over, inside its transaction."""

import os

from alembic import context
from sqlalchemy import Connection

from projections import tables as read_models
from tracker.access import tables as access
from tracker.config import locate
from tracker.outbox import tables as outbox
from tracker.store import tables as log
from tracker.store.database import open_database


def migrate(connection: Connection) -> None:
    """Run the migrations that are missing."""
    metadata = [log.metadata, read_models.metadata, outbox.metadata, access.metadata]
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()


if "connection" in context.config.attributes:
    migrate(context.config.attributes["connection"])
else:
    with (
        open_database(locate(None, None, os.environ)) as database,
        database.writing() as connection,
    ):
        migrate(connection)
