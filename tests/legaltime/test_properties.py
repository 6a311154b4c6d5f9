"""What holds for every day and amount, tried on thousands of them."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from legaltime import rules
from legaltime.rules import Place, Term
from tests.legaltime.places import ARICA, CHILLAN, SAN_CARLOS, SANTIAGO
from tests.legaltime.test_rules import holidays_in

days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
places = st.sampled_from([SANTIAGO, CHILLAN, SAN_CARLOS, ARICA])
amounts = st.integers(1, 120)
terms = st.builds(Term, amounts, st.sampled_from(["business_days", "calendar_days", "months", "hours"]))


def due(starts_on: date, term: Term, place: Place) -> rules.DueDate:
    """A due date by the library's calendar."""
    return rules.due_date(starts_on=starts_on, term=term, place=place, holiday=holidays_in(place), calendar="")


@given(days, terms, places)
def test_a_due_date_comes_after_the_trigger_on_a_business_day(start: date, term: Term, place: Place) -> None:
    answer = due(start, term, place)
    assert answer.date > start
    assert rules.is_business_day(answer.date, holidays_in(place))


@given(days, terms, places, st.integers(0, 40))
def test_a_later_trigger_never_gives_an_earlier_due_date(start: date, term: Term, place: Place, later: int) -> None:
    assert due(start, term, place).date <= due(start + timedelta(days=later), term, place).date


@given(days, terms, places)
def test_a_longer_term_never_ends_earlier(start: date, term: Term, place: Place) -> None:
    assert due(start, term, place).date <= due(start, Term(term.amount + 1, term.unit), place).date


@given(days, amounts, amounts, places)
def test_business_days_add_up(start: date, first: int, second: int, place: Place) -> None:
    holiday = holidays_in(place)
    halfway = rules.add_business_days(start, first, holiday)
    assert rules.add_business_days(halfway, second, holiday) == rules.add_business_days(start, first + second, holiday)


@given(days, amounts, places)
def test_counting_is_the_inverse_of_adding(start: date, amount: int, place: Place) -> None:
    holiday = holidays_in(place)
    end = rules.add_business_days(start, amount, holiday)
    counted = rules.business_days_between(start, end, holiday)
    assert counted == amount
    assert rules.business_days_between(end, start, holiday) == -counted


@given(days, st.integers(1, 120), places)
def test_every_day_of_the_count_is_either_counted_or_named_as_skipped(start: date, amount: int, place: Place) -> None:
    answer = due(start, Term(amount, "business_days"), place)
    assert (answer.date - start).days == amount + len(answer.skipped)
    assert all(name == rules.rest_day_name(day, holidays_in(place)) for day, name in answer.skipped)


@given(days, st.integers(0, 60), st.integers(0, 60))
def test_months_keep_the_day_of_the_month_or_take_the_last_one(day: date, first: int, second: int) -> None:
    end = rules.add_months(day, first)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == first
    assert end.day == day.day or (end.day < day.day and (end + timedelta(days=1)).day == 1)
    if end.day == day.day:
        assert rules.add_months(end, second) == rules.add_months(day, first + second)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.timezones().map(lambda _: UTC)), places)
def test_a_filing_counts_at_its_own_instant_or_later_and_on_a_business_day(received: datetime, place: Place) -> None:
    holiday = holidays_in(place)
    counts_at = rules.effective_filing(received, place.zone, holiday)
    assert counts_at >= received
    assert rules.is_business_day(rules.local_date(counts_at, place.zone), holiday)
    assert rules.effective_filing(counts_at, place.zone, holiday) == counts_at


@given(days, places)
def test_reading_b_gives_the_person_at_least_the_time_of_reading_a(sent: date, place: Place) -> None:
    holiday = holidays_in(place)
    assert rules.platform_effective_on(sent, holiday, "A") < rules.platform_effective_on(sent, holiday, "B")
