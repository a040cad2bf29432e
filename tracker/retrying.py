"""Trying again what may go well next time, waiting longer each time."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any


def attempts(
    worth_it: Callable[[Exception], bool],
    *,
    times: int,
    first_wait: float,
    longest_wait: float = 5.0,
) -> Iterator[AbstractContextManager[Any]]:
    """Yield one context after another until the work in one does not raise what is `worth_it`.

    The last attempt's error is raised. Waits are in seconds, doubled each time.
    """
    import stamina  # only who may have to wait waits for it to load
    from stamina import instrumentation

    instrumentation.set_on_retry_hooks([])  # they would log addresses
    yield from stamina.retry_context(
        on=worth_it,
        attempts=times,
        timeout=None,
        wait_initial=first_wait,
        wait_max=longest_wait,
        wait_jitter=first_wait,
    )
