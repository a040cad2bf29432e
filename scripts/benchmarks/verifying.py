"""Verifying the whole record, against SHA-256 alone over the same bytes."""

import struct
import time
from collections.abc import Iterator
from hashlib import sha256
from uuid import UUID

from scripts.benchmarks.databases import Bench
from scripts.benchmarks.histories import LENGTH
from scripts.benchmarks.measuring import Outcome, Times, agreed, seconds_of
from tracker.audit.verify import part_of, verify
from tracker.service import Service, silent
from tracker.store import scan

ROUNDS = 3


def measure(bench: Bench) -> Iterator[Outcome]:
    """Verify with one and with two processes; hash what is hashed, already put together."""
    events, times = bench.episodes * LENGTH, Times()
    with bench.service(bench.log_of(bench.episodes)) as service:
        for _ in range(ROUNDS):
            times.add("SHA-256", _hashing(service))
            for side, processes in _PROCESSES.items():
                times.add(side, seconds_of(lambda count=processes: _verified(service, count)))
    rates = {side: f"{side} {events / times.median(side):,.0f} events/s" for side in times.seconds}
    for side, limit in zip(_PROCESSES, (None, 0.3), strict=True):
        yield Outcome(
            "verify",
            f"{events:,} events, {side}, against SHA-256 alone",
            times.ratio("SHA-256", side),
            limit,
            "x as fast",
            at_most=False,
            detail=f"{rates[side]}, {rates['SHA-256']}",
        )


_PROCESSES = {"one process": 1, "two processes": 2}


def _verified(service: Service, processes: int) -> None:
    report = verify(service.database, part_of(service.database), [], silent, processes)
    agreed(report.faults, [])


def _hashing(service: Service) -> float:
    """Hash the bytes of every link; return the seconds that hashing alone took."""
    spent, previous = 0.0, bytes(32)
    with service.database.reading() as conn:
        uuids = {key: UUID(hex=digits).bytes for key, digits in scan.uuids(conn).items()}
        _, last = scan.ends(conn)
        for rows in scan.events_between(conn, 0, last):
            hashed = []
            for position, key, version, topic, state, hash_ in rows:
                parts = (previous, _number(position), uuids[key], _number(version))
                parts += (topic.encode(), state)
                hashed.append(b"".join(struct.pack(">I", len(p)) + p for p in parts))
                previous = hash_
            begun = time.perf_counter()
            for bytes_ in hashed:
                digest = sha256(bytes_).digest()
            spent += time.perf_counter() - begun
            agreed(digest, previous)
    return spent


def _number(value: int) -> bytes:
    return value.to_bytes(8, "big")
