"""Where an item is edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from accounts.models import Agency
from designer.queries import readable
from designer.tree import Address, Data
from procedures.api import Bundle

Words = Any
"""A text, now or once the language is known."""
Choices = Sequence[tuple[Any, Any]]


@dataclass(frozen=True)
class Scene:
    """Where an item is edited: the whole content around it, and the agency whose people will act."""

    content: Data
    address: Address
    agency: Agency
    item: Any = field(default_factory=dict)

    @cached_property
    def bundle(self) -> Bundle:
        """The readable part of the content."""
        return readable(self.content)
