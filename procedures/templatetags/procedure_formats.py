"""Dates, money, RUN and sizes as Chileans read them."""

from datetime import date, datetime

from django import template
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.api import format_run as run_with_points
from procedures.fields.files import size_in_words
from procedures.fields.numbers import grouped

register = template.Library()


@register.filter
def day(value: date | None) -> str:
    """ "21/11/2026" (R77); an instant is shown in Chilean time; nothing without a date."""
    if value is None or value == "":
        return ""
    return f"{localtime(value) if isinstance(value, datetime) else value:%d/%m/%Y}"


@register.filter
def moment(value: datetime | None) -> str:
    """ "21/11/2026, 16:47 horas" in Chilean time; nothing without an instant."""
    if value is None or value == "":
        return ""
    local = localtime(value)
    return _("%(day)s, %(hour)s horas") % {"day": f"{local:%d/%m/%Y}", "hour": f"{local:%H:%M}"}


@register.filter
def hour(value: datetime) -> str:
    """ "16:47" in Chilean time."""
    return f"{localtime(value):%H:%M}"


@register.filter
def pesos(value: int) -> str:
    """12500 as "$ 12.500"."""
    return f"$ {grouped(int(value))}"


@register.filter
def format_run(value: str) -> str:
    """ "12345678-5" as "12.345.678-5"."""
    return run_with_points(value)


@register.filter
def file_size(value: int) -> str:
    """Bytes as "1,2 MB"."""
    return size_in_words(int(value))
