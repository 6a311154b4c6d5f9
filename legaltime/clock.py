"""The one clock. Edges (views, commands, the job runner) ask it and pass `now=` down."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC (D10 9: instants are stored in UTC)."""
    return datetime.now(UTC)
