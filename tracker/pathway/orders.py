"""Orders: made, cancelled, carried out, declined, deferred."""

from tracker.events import Recorded
from tracker.events import imaging as im
from tracker.events import procedures as pr
from tracker.pathway.course import Course, Handler, Mark, Order


def _patch_ordered(course: Course, event: Recorded, data: pr.BloodPatchOrdered) -> None:
    planned = data.planned_for or event.occurred_at
    course.patch_orders.append(Order(event.occurred_at, planned, event))


def _imaging_ordered(course: Course, event: Recorded, data: im.ImagingOrdered) -> None:
    course.imaging_orders.append(Order(event.occurred_at, event.occurred_at, event))


def _drop(orders: list[Order], named: str | None, *, latest: bool) -> Order | None:
    """Take an order off the open ones: the one named, else the latest."""
    for order in reversed(orders):
        if order.event.id == named or (named is None and latest):
            orders.remove(order)
            return order
    return None


def _patch_cancelled(course: Course, event: Recorded, data: pr.BloodPatchCancelled) -> None:
    order = _drop(course.patch_orders, data.order, latest=True)
    if order is not None:
        course.board.withdraw(order.event.id, event.occurred_at)


def _imaging_cancelled(course: Course, event: Recorded, data: im.ImagingCancelled) -> None:
    order = _drop(course.imaging_orders, data.order, latest=True)
    if order is not None:
        course.board.withdraw(order.event.id, event.occurred_at)


def _imaging_performed(course: Course, event: Recorded, data: im.ImagingPerformed) -> None:
    same = [
        o for o in course.imaging_orders if getattr(o.event.data, "modality", None) == data.modality
    ]
    named = data.order or (same[-1].event.id if same else None)
    _drop(course.imaging_orders, named, latest=False)


def patched(course: Course) -> None:
    """Take the latest order off the open ones: a patch of any kind carries it out."""
    _drop(course.patch_orders, None, latest=True)


def _refused(
    course: Course, event: Recorded, data: pr.BloodPatchDeclined | pr.BloodPatchDeferred
) -> None:
    _drop(course.patch_orders, data.order, latest=True)
    course.refused = Mark(event.occurred_at, event.id)
    course.refused_until = data.planned_for


HANDLERS: dict[type, Handler] = {
    pr.BloodPatchOrdered: _patch_ordered,
    pr.BloodPatchCancelled: _patch_cancelled,
    pr.BloodPatchDeclined: _refused,
    pr.BloodPatchDeferred: _refused,
    im.ImagingOrdered: _imaging_ordered,
    im.ImagingPerformed: _imaging_performed,
    im.ImagingCancelled: _imaging_cancelled,
}
