"""Issuing what is owed: the tick, and the notice of what it issued."""
