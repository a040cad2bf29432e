"""What becomes of a message that could not be sent: it is tried again, left to others, given up."""

import datetime
import random

from sqlalchemy import Connection

from tracker.channels.base import DeliveryError
from tracker.outbox import backoff, queue
from tracker.outbox.fallback import fall_back, hopeless
from tracker.outbox.items import Parcel
from tracker.outbox.sending import AbandonedError, UnusableChannelError
from tracker.outbox.turn import Delivered, Failed, Turn

LEFT = datetime.timedelta(seconds=2)
"""After so long a scheduler may take what another process could not send."""
_NO_TIME = datetime.timedelta()


def settle(
    conn: Connection,
    turn: Turn,
    parcel: Parcel,
    error: DeliveryError,
    done: Delivered,
    luck: random.Random,
) -> list[Failed]:
    """Write down what becomes of a message that could not be sent; return where to tell it.

    What is urgent never dies of what somebody can set right: it is tried again until it gets out.
    """
    now, ids = turn.service.now(), parcel.ids
    if turn.leaves and isinstance(error, UnusableChannelError):
        queue.release(conn, turn.who, ids, now + LEFT, error.detail)
        return done.left
    if (turn.leaves or turn.over()) and isinstance(error, AbandonedError):
        queue.failed(conn, turn.who, ids, error.detail, now + LEFT)
        return done.left
    queue.lock(conn)  # for the fallback
    if _gives_up(turn, parcel, error):
        queue.died(conn, turn.who, ids, error.detail, now)
        found = done.dead
    else:
        queue.failed(conn, turn.who, ids, error.detail, now + _wait(parcel, error, luck))
        found = done.failed
    if turn.scheduling.fallback is not None and (found is done.dead or hopeless(parcel)):
        fall_back(conn, parcel.items, turn.scheduling.fallback, now)
    return found


def _gives_up(turn: Turn, parcel: Parcel, error: DeliveryError) -> bool:
    if error.temporary and parcel.first.urgent:
        return False
    return not error.temporary or _attempts(parcel) >= turn.scheduling.max_attempts


def _wait(parcel: Parcel, error: DeliveryError, luck: random.Random) -> datetime.timedelta:
    wait, asked = backoff.wait(_attempts(parcel), luck), error.retry_after or _NO_TIME
    if parcel.first.urgent:
        return max(min(wait, backoff.LONGEST_URGENT), min(asked, backoff.LONGEST))
    return max(wait, asked)


def _attempts(parcel: Parcel) -> int:
    return max(item.attempts for item in parcel.items)
