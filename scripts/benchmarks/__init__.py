"""Measurements: what the program costs, beside what it is compared with, both in one run."""
