"""Runs migrations on the connection that the program hands over, inside its transaction."""

import os

from alembic import context
from sqlalchemy import Connection

from tracker.config import locate
from tracker.moving.contents import EVERYTHING
from tracker.store.database import open_database


def migrate(connection: Connection) -> None:
    """Run the migrations that are missing."""
    context.configure(connection=connection, target_metadata=list(EVERYTHING))
    with context.begin_transaction():
        context.run_migrations()
        if connection.dialect.name == "postgresql":
            from tracker.roles.setup import renew  # needs the driver of a server

            renew(connection)


if "connection" in context.config.attributes:
    migrate(context.config.attributes["connection"])
else:
    with (
        open_database(locate(None, None, os.environ)) as database,
        database.writing() as connection,
    ):
        migrate(connection)
