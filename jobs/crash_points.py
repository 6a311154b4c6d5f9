"""Named places between two steps of a job, where the fault harness may kill the process."""

from collections.abc import Callable

POINTS = (
    "claiming",  # claimed in the transaction, not committed
    "claimed",  # committed, the call not begun
    "called",  # the effect happened, nothing recorded
    "finishing",  # recorded in the transaction, not committed
    "finished",  # committed
    "dispatching",  # rows marked as sent, not committed
    "dispatched",  # committed, nothing published
    "published",  # the broker has the message
)

Observer = Callable[[str, int], None]
_observer: Observer | None = None


def set_observer(observer: Observer | None) -> None:
    """`observer(point, job_id)` is called at every point; it may end the process or raise a BaseException."""
    global _observer
    _observer = observer


def reached(point: str, job_id: int) -> None:
    """Say that `point` was reached; nothing happens outside the fault harness."""
    if _observer is not None:
        _observer(point, job_id)
