"""Migrations of every table, log and read models alike, run by Alembic."""
