"""Of a perfect scheduler nothing is found; of what was done to its record, that and no more."""

import datetime
from collections.abc import Callable, Sequence

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.audit.reminded import (
    any_facts,
    drawn,
    facts_of,
    findings,
    judge,
    messages_of,
    napping,
    naps,
    reminded,
    without,
)
from tests.pathway.strategies import as_recorded, facts
from tests.pathway.test_properties import found_out
from tracker.audit.discrepancy import Finding
from tracker.audit.owing import dues, is_issue
from tracker.events import Recorded
from tracker.pathway.issuing import WITHDRAWN
from tracker.store.silences import Silence

SOME = settings(max_examples=settings.default.max_examples // 8)
"""Each of them ticks through two months and walks through them again."""
Run = Callable[[Sequence[Recorded]], list[Recorded]]


def _nothing_is_found(run: Run, recorded: Sequence[Recorded]) -> None:
    assert findings(run(recorded), as_known=True) == []


@SOME
@given(any_facts())
def test_a_perfect_scheduler_is_never_blamed(recorded):
    """Whatever was entered late, corrected or voided: by what was known it did all it should."""
    _nothing_is_found(reminded, recorded)


def test_a_scheduler_that_forgets_is_found_out():
    """One that leaves out the last thing it issued does not pass."""

    def forgetful(recorded: Sequence[Recorded]) -> list[Recorded]:
        history = reminded(recorded)
        issued = [event for event in history if is_issue(event)]
        return without(history, issued[-1]) if issued else history

    assert found_out(lambda recorded: _nothing_is_found(forgetful, recorded), any_facts())


@SOME
@given(any_facts())
def test_what_was_learned_later_is_no_fault_of_the_system(recorded):
    """By what is finally known much is found, and each of it has another reason."""
    reasons = {finding.reason for finding in findings(reminded(recorded))}
    assert not reasons & {"outage", "fault"}


def timely(events: Sequence[Recorded]) -> list[Recorded]:
    """Return events that were recorded when they were true."""
    return facts_of([msgspec.structs.replace(e, recorded_at=e.occurred_at) for e in events])


@SOME
@given(facts().map(timely))
def test_who_records_in_time_and_without_mistakes_finds_nothing(recorded):
    """What was known then is what is finally known."""
    assert findings(reminded(recorded)) == []


@SOME
@given(facts().map(as_recorded).map(facts_of))
def test_without_corrections_all_is_late_entry(recorded):
    """Or was left out on record because it became known too late."""
    reasons = {finding.reason for finding in findings(reminded(recorded))}
    assert reasons <= {"late-entry", "policy"}


@SOME
@given(any_facts(), st.data())
def test_an_event_that_was_removed_is_one_finding(recorded, data):
    """It is missing, by a fault, whatever was issued after it."""
    history = reminded(recorded)
    issued = [event for event in history if is_issue(event)]
    assume(issued)
    gone = data.draw(st.sampled_from(issued))
    (one,) = findings(without(history, gone), as_known=True)
    assert (one.how, one.reason) == ("missing", "fault")
    assert (one.reminder, one.phases[-1]) == (gone.data.reminder, gone.data.phase)


@SOME
@given(drawn(naps))
def test_while_nobody_ticked_there_is_an_outage_and_nothing_else(case):
    """With the silence on record; else the schedulers are to blame."""
    recorded, (asleep, awake) = case
    history = napping(recorded, asleep, awake)
    now = max(awake, recorded[-1].recorded_at + datetime.timedelta(days=30))
    for silences, reason in (([Silence(asleep, awake)], "outage"), ([], "fault")):
        for one in findings(history, as_known=True, silences=silences, now=now):
            assert one.how in ("late", "missing")
            assert one.reason == reason
            assert asleep <= one.owed_at <= one.until <= awake


Asleep = tuple[Sequence[Recorded], tuple[datetime.datetime, datetime.datetime]]


def _agrees_with_a_tick(
    case: Asleep, shown: Callable[[list[Finding]], list[Finding]] = lambda found: found
) -> None:
    recorded, (asleep, now) = case
    awake = now + datetime.timedelta.resolution
    history = [e for e in napping(recorded, asleep, awake) if e.recorded_at <= now]
    assume(history)
    owed = dues(judge(history, now), now, history)
    ticked = {(due.reminder, due.phases[-1]) for (_, gone), due in owed.items() if not gone}
    lasting = _lasting(shown(findings(history, now=now)))
    failing = _lasting(findings(history, now=now, as_known=True))
    assert failing <= lasting <= ticked


def _lasting(found: Sequence[Finding]) -> set[tuple[str, str]]:
    lasts = [f for f in found if f.lasts and f.message is None and f.phases != (WITHDRAWN,)]
    return {(finding.reminder, finding.phases[-1]) for finding in lasts}


@SOME
@given(drawn(naps))
def test_what_lasts_is_what_a_tick_now_would_put_on_record(case):
    """By what is finally known too; and what the system still owes is among it."""
    _agrees_with_a_tick(case)


@pytest.mark.parametrize("lasts", [True, False])
def test_a_judgement_that_knows_nothing_of_a_tick_is_found_out(lasts):
    """One for which all that was ever missing lasts, or nothing does."""

    def wrong(found: list[Finding]) -> list[Finding]:
        return [msgspec.structs.replace(one, lasts=lasts) for one in found]

    assert found_out(lambda case: _agrees_with_a_tick(case, wrong), drawn(naps))


@SOME
@given(any_facts(), st.data())
def test_a_dead_message_is_one_finding(recorded, data):
    """Not delivered, by a fault."""
    history = reminded(recorded)
    told = messages_of(history)
    assume(told)
    dead = data.draw(st.sampled_from(told))
    rest = [message for message in told if message is not dead]
    given_up = dead._replace(state="dead", attempts=12, last_error="refused")
    (one,) = findings(history, as_known=True, messages=[*rest, given_up])
    assert (one.how, one.reason, one.event) == ("not-delivered", "fault", dead.event)
