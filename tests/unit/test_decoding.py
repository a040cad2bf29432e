"""Types that several threads use for the first time at once, in a process that may die of it."""

import subprocess
import sys

import pytest

PROGRAM = """
import json, sys, threading
import msgspec
from tracker.decoding import convert, decode, decoder

def nested(depth):
    if depth == 0:
        return int, 1
    kind, value = nested(depth - 1)
    names = [f"field{n}" for n in range(6)]
    made = msgspec.defstruct(f"Depth{depth}", [(name, kind) for name in names])
    return made, {name: value for name in names}

sys.setswitchinterval(1e-6)
READ = {
    "convert": lambda kind, value, raw: convert(value, kind),
    "decode": lambda kind, value, raw: decode(raw, kind),
    "decoder": lambda kind, value, raw: decoder(kind).decode(raw),
    "bare": lambda kind, value, raw: msgspec.convert(value, kind),
}[sys.argv[1]]
for _ in range(400):
    kind, value = nested(3)
    raw, barrier = json.dumps(value).encode(), threading.Barrier(3)

    def run():
        barrier.wait()
        READ(kind, value, raw)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print("done")
"""


def read(how: str) -> subprocess.CompletedProcess[str]:
    """Let three threads read hundreds of new types in one of these ways."""
    command = [sys.executable, "-c", PROGRAM, how]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("how", ["convert", "decode", "decoder"])
def test_threads_may_use_a_type_for_the_first_time_at_once(how: str) -> None:
    """None of them meets what another has not put together yet."""
    ended = read(how)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "done\n", "")


def test_twin_by_msgspec_alone_crashes() -> None:
    """Were this to pass, msgspec would have mended it, and `tracker.decoding` could go."""
    assert read("bare").returncode != 0
