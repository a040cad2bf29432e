"""Writers on a server whose connections are ended, or which is stopped as by a crash."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.postgres.server import Server
from tests.store.recording import new, now, opening, saying
from tracker.config import Location
from tracker.service import Service
from tracker.store import sequence
from tracker.store.chain import first_broken
from tracker.store.errors import LostError, UnknownOutcomeError

WRITERS = 4
ACKNOWLEDGED, REFUSED, UNKNOWN = "acknowledged", "refused", "unknown"
_KILL = """
SELECT count(pg_terminate_backend(pid)) FROM (
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'tracker' AND state <> 'idle'
    ORDER BY random() LIMIT 1
) AS one
"""


@dataclass
class Toll:
    """What writers were told of each event, and what does not agree with the log."""

    told: dict[str, str] = field(default_factory=dict)
    hurt: int = 0
    """Connections that were ended, or stops of the server."""
    problems: list[str] = field(default_factory=list)

    def count(self, what: str) -> int:
        """Return of how many events writers were told so."""
        return Counter(self.told.values())[what]


class Ward:
    """Writers that record until they are told to stop, each into an episode of its own."""

    def __init__(self, place: Location) -> None:
        self.place = place
        self.toll = Toll()
        self.stop = threading.Event()
        self.moved = threading.Event()
        """Set whenever a writer was told something."""

    def write(self, number: int) -> None:
        """Record one fact after the other."""
        with Service.open(self.place, now) as service:
            episode = service.append(None, saying(opening(str(number)))).episode.uuid
            count = 0
            while not self.stop.is_set():
                name, count = f"{number}-{count}", count + 1
                event = new("leak-suspected", count, event_id=name)
                try:
                    service.append(episode, saying(event))
                    self.toll.told[name] = ACKNOWLEDGED
                except UnknownOutcomeError:
                    self.toll.told[name] = UNKNOWN
                except LostError:
                    self.toll.told[name] = REFUSED
                self.moved.set()

    def hurt(self, way: Callable[[], int], times: int) -> Toll:
        """Let writers write while they are hurt so many times; compare what they were told."""
        with ThreadPoolExecutor(WRITERS) as pool:
            writers = [pool.submit(self.write, number) for number in range(WRITERS)]
            try:
                while self.toll.hurt < times and not any(writer.done() for writer in writers):
                    self.moved.wait(60)
                    self.moved.clear()
                    self.toll.hurt += way()
            finally:
                self.stop.set()
            for writer in writers:
                writer.result()
        self.toll.problems = list(self._problems())
        return self.toll

    def _problems(self) -> Iterator[str]:
        with Service.open(self.place, now) as service:
            stored = Counter(
                event.id
                for ref in service.all_episodes()
                for event in service.history(ref.uuid)
                if event.topic == "leak-suspected"
            )
            for name, told in self.toll.told.items():
                if told == ACKNOWLEDGED and not stored[name]:
                    yield f"{name} was acknowledged and is not there"
                if told == REFUSED and stored[name]:
                    yield f"{name} was said not to be recorded and is there"
            yield from (f"{name} is there {n} times" for name, n in stored.items() if n > 1)
            yield from (
                f"{name} is there and nobody knows"
                for name in stored.keys() - self.toll.told.keys()
            )
            with service.database.reading() as conn:
                if (broken := first_broken(sequence.links(conn))) is not None:
                    yield f"position {broken.position}: {broken.reason}"
            yield from (str(difference) for difference in service.verify())
            yield from (str(parked) for parked in service.parked())


def kill_backends(server: Server, place: Location, kills: int) -> Toll:
    """End connections that are at work, from the server's side."""
    name = str(place.database_url).partition("@/")[2].partition("?")[0]
    return Ward(place).hurt(lambda: server.execute(_KILL, name)[0][0], kills)


def stop_server(server: Server, place: Location, stops: int) -> Toll:
    """Stop the server as a crash does, and start it again."""

    def stop() -> int:
        server.restart("immediate")
        return 1

    return Ward(place).hurt(stop, stops)
