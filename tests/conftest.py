"""Settings that hold for every test."""

import os

import hypothesis

_CI = hypothesis.settings(derandomize=True, deadline=None, database=None, max_examples=200)
hypothesis.settings.register_profile("ci", _CI)
_EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "5000"))
_ANEW = hypothesis.settings(_CI, derandomize=False, max_examples=_EXAMPLES)
hypothesis.settings.register_profile("deep", _ANEW)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
