"""JSON Lines in and out: one event per line."""
