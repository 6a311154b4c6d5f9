"""What higher rooms add to pages of this one. They register in their `ready()`; the pages know none of them."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.utils.safestring import SafeString

from procedures.models import CatalogueEntry
from workflows.models import Attendance

PanelFunction = Callable[[HttpRequest, CatalogueEntry], SafeString]
_panels: list[PanelFunction] = []
AttendanceFunction = Callable[[HttpRequest, Attendance], SafeString]
_of_attendances: list[AttendanceFunction] = []


def register_ficha_panel(function: PanelFunction) -> None:
    """`function(request, entry)` renders a part of the ficha's page; empty where it has nothing to show."""
    _panels.append(function)


def ficha_panels(request: HttpRequest, entry: CatalogueEntry | None) -> list[SafeString]:
    """The panels of a ficha, in the order of registration; none for what is not in the catalogue."""
    return [function(request, entry) for function in _panels] if entry is not None else []


def register_attendance_panel(function: AttendanceFunction) -> None:
    """`function(request, attendance)` renders what else may be done for the person attended."""
    _of_attendances.append(function)


def attendance_panels(request: HttpRequest, attendance: Attendance) -> list[SafeString]:
    """The panels of an attendance, in the order of registration."""
    return [function(request, attendance) for function in _of_attendances]
