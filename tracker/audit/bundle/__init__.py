"""Bundles: the record, or one patient's part of it, in plain files that can be checked anywhere."""
