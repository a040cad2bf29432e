"""Issuing what is owed: the tick, the message, and the channels it goes out by."""
