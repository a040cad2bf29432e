"""Running something in an interpreter of its own, which has one thread and may fork."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

_T = TypeVar("_T")


def apart(function: Callable[..., _T], *arguments: Any) -> _T:
    """Return what a function of an importable module returns in a new interpreter."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        return executor.submit(function, *arguments).result()
