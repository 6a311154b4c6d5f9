"""What other rooms may use of legal time."""

from legaltime.clock import now
from legaltime.national_calendar import load as load_calendar
from legaltime.operations import on_declared
from legaltime.queries import (
    Calendar,
    add_business_days,
    business_days_between,
    due_at,
    due_date,
    effective_filing,
    holidays_of_year,
    is_business_day,
    letter_effective_on,
    platform_effective_on,
    remaining,
)
from legaltime.rules import (
    BrokenCalendar,
    DueDate,
    InvalidTerm,
    Place,
    Reading,
    Term,
    Unit,
    add_months,
    half_extension,
    local_date,
    urgent_amount,
)

__all__ = [
    "BrokenCalendar",
    "Calendar",
    "DueDate",
    "InvalidTerm",
    "Place",
    "Reading",
    "Term",
    "Unit",
    "add_business_days",
    "add_months",
    "business_days_between",
    "due_at",
    "due_date",
    "effective_filing",
    "half_extension",
    "holidays_of_year",
    "is_business_day",
    "letter_effective_on",
    "load_calendar",
    "local_date",
    "now",
    "on_declared",
    "platform_effective_on",
    "remaining",
    "urgent_amount",
]
