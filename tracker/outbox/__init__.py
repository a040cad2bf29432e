"""What is to be sent: written with the event that issues it, sent after, at least once."""
