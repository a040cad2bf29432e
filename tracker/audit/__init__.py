"""Looking back: what was known when, and what changed. From the log alone."""
