"""A database as a whole: backed up, restored, copied to another place."""
