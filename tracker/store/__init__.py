"""The log: every event in the order of recording, chained by hash; how it is read and extended."""
