"""Of a perfect scheduler nothing is found; of what was done to its record, that and no more."""

import datetime
from collections.abc import Callable, Sequence

import msgspec
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.audit.reminded import (
    any_facts,
    drawn,
    facts_of,
    findings,
    messages_of,
    napping,
    naps,
    reminded,
    without,
)
from tests.pathway.strategies import as_recorded, facts
from tests.pathway.test_properties import found_out
from tracker.audit.owing import is_issue
from tracker.events import Recorded
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
