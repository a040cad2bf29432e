"""Encryption of events: a key for each patient, so that one patient's record can be erased."""
