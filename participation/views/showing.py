"""Noting what a page showed, unless a program asks for it over and over: the log of exposure is of what people saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest

from legaltime.api import local_date, now
from participation.operations.exposing import PAGE, record_exposure
from participation.queries.powers import ZONE
from signatures.api import network_of

OF_A_PAGE, OF_LISTS = 30, 300
"""How often in an hour the same network counts as having been shown one page, and lists."""
MOST_KEPT = 50_000
UNKNOWN = "unknown"


class Gauge:
    """Counts of the hour, in the memory of this process alone: no address is kept, and nothing waits for the disk."""

    def __init__(self) -> None:
        self._hour = datetime.min
        self._counts: Counter[tuple[str, str]] = Counter()

    def lets(self, network: str, what: str, most: int, at: datetime) -> bool:
        """Whether one more is counted."""
        hour = at.replace(minute=0, second=0, microsecond=0, tzinfo=None)
        if hour != self._hour or len(self._counts) > MOST_KEPT:
            self._hour, self._counts = hour, Counter()
        self._counts[network, what] += 1
        return self._counts[network, what] <= most


GAUGE = Gauge()


def show(request: HttpRequest, subjects: Sequence[int], order: str) -> None:
    """Note that these subjects were shown; not for a request without a reader, nor for one network's thousands."""
    if request.method != "GET" or "prefetch" in request.headers.get("Sec-Purpose", "") or not subjects:
        return
    network, at = network_of(request), now()
    what, most = (f"{PAGE} {subjects[0]}", OF_A_PAGE) if order == PAGE else ("", OF_LISTS)
    if network == UNKNOWN or GAUGE.lets(network, what, most, at):
        record_exposure(subjects=subjects, order=order, on=local_date(at, ZONE))
