"""Read models: what people and the scheduler read, derived from the log."""
