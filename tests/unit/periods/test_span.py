"""Spans of days against the slow definition: the set of their days."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from jiefen.periods import Span

FIRST = date(2026, 1, 1)
WINDOW = [FIRST + timedelta(days=day) for day in range(12)]
SPANS = st.builds(Span, st.none() | st.sampled_from(WINDOW[1:-1]), st.none() | st.sampled_from(WINDOW[1:-1]))


def is_a_span(span: Span) -> bool:
    return span.since is None or span.until is None or span.since <= span.until


def days(span: Span) -> set[date]:
    """The days of the window that belong to it; the window is wider than any bound."""
    return {
        day
        for day in WINDOW
        if not (span.since is not None and day < span.since)
        and not (span.until is not None and day > span.until)
    }


@given(SPANS, st.sampled_from(WINDOW))
def test_both_bounds_belong_to_it(span: Span, day: date) -> None:
    assert (day in span) == (day in days(span))


@given(SPANS.filter(is_a_span), SPANS.filter(is_a_span))
def test_spans_overlap_that_have_a_day_in_common(one: Span, other: Span) -> None:
    assert one.overlaps(other) == bool(days(one) & days(other))
