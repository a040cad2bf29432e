"""How the tables that nothing may change are made: whether the database has them so."""
