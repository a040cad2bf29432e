"""Tables that say who is who. They are made with the roles, on a server alone, and never copied."""

from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, Table

from tracker.store.columns import string

metadata = MetaData()

groups = Table(
    "role_groups",
    metadata,
    Column("role", string(30), primary_key=True),
    Column("name", string(63), nullable=False),
)
"""What the server calls the group of each role."""

login_sites = Table(
    "login_sites",
    metadata,
    Column("login", string(63), primary_key=True),
    Column("site", string(200), primary_key=True),
)
"""The sites of each coordinator who is limited to some."""

site_lifts = Table(
    "site_lifts",
    metadata,
    Column("pid", Integer, primary_key=True, autoincrement=False),
    Column("started_at", DateTime(timezone=True), primary_key=True),
    Column("login", string(63), nullable=False),
    Column("access", BigInteger, nullable=False),
    Column("transaction", BigInteger, nullable=False),
)
"""The connections that see every site, and the position in the access log that says why.

`transaction`: what wrote both; until it is committed nothing is lifted.
"""
