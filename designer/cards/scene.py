"""Where an item is edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as default
from functools import cached_property
from typing import Any

from accounts.models import Agency
from designer.queries import readable
from designer.tree import Address, Data
from procedures.api import Bundle, Field

Words = Any
"""A text, now or once the language is known."""
Choices = Sequence[tuple[Any, Any]]


@dataclass(frozen=True)
class Scene:
    """Where an item is edited: the whole content around it, and the agency whose people will act."""

    content: Data
    address: Address
    agency: Agency
    item: Any = default(default_factory=dict)

    @cached_property
    def bundle(self) -> Bundle:
        """The readable part of the content; of a question of a row, as its rules read it."""
        found = readable(self.content)
        return found if self.group is None else found.in_row(self.group)

    @cached_property
    def group(self) -> Field | None:
        """The group in whose rows it stands, if it can be read."""
        if self.address[:1] != ("forms",) or self.address[6:7] != ("fields",):
            return None
        form = next((form for form in readable(self.content).forms if form.id == self.address[1]), None)
        return next((one for one in form.fields if one.id == self.address[5]), None) if form else None
