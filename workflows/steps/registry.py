"""Step kinds: what each kind becomes in the flow. The schema facet of the same kind stands in `procedures`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from procedures.api import Bundle
    from workflows.compiler import Routes
    from workflows.nodes import StepNode


class NodeFacet(Protocol):
    """The runtime side of a step kind."""

    kind: str

    def entry(self, step: Any) -> str:
        """Name of the node at which a case arrives."""
        ...

    def nodes(self, step: Any, bundle: Bundle, routes: Routes) -> Iterator[tuple[str, StepNode]]:
        """Named nodes of one step."""
        ...

    def branches(self, step: Any) -> list[list[Any]]:
        """Lists of steps nested in this one."""
        ...


class Facet:
    """Base of the facets: one node called after the step, nothing nested."""

    kind: str

    def entry(self, step: Any) -> str:
        return f"n_{step.id}"

    def branches(self, step: Any) -> list[list[Any]]:
        return []


_facets: dict[str, NodeFacet] = {}


def register(facet: NodeFacet) -> None:
    """Add a step kind. Each kind is added once, in `workflows.apps`."""
    _facets[facet.kind] = facet


def facet(kind: str) -> NodeFacet:
    """The facet of a step kind; KeyError for a kind the runtime does not know (a Django check finds these)."""
    return _facets[kind]


def kinds() -> set[str]:
    """The step kinds that the runtime can do."""
    return set(_facets)


def entry_name(step: Any) -> str:
    """Name of the node at which a case arrives for `step`."""
    return facet(step.kind).entry(step)


def signature_name(step_id: str, position: int) -> str:
    """Node name of the signature at a place, counted from 1, of a sign step."""
    return f"n_{step_id}__{position}"
