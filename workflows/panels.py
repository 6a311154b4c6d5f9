"""What higher rooms add to the page of a ficha. They register in their `ready()`; the page knows none of them."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.utils.safestring import SafeString

from procedures.models import CatalogueEntry

PanelFunction = Callable[[HttpRequest, CatalogueEntry], SafeString]
_panels: list[PanelFunction] = []


def register_ficha_panel(function: PanelFunction) -> None:
    """`function(request, entry)` renders a part of the ficha's page; empty where it has nothing to show."""
    _panels.append(function)


def ficha_panels(request: HttpRequest, entry: CatalogueEntry | None) -> list[SafeString]:
    """The panels of a ficha, in the order of registration; none for what is not in the catalogue."""
    return [function(request, entry) for function in _panels] if entry is not None else []
