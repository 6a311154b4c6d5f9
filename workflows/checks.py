"""Django checks of this room."""

from typing import Any

from django.core.checks import Error, register

from procedures.api import STEP_KINDS
from workflows.steps import registry


@register()
def every_step_kind_can_run(**_options: Any) -> list[Error]:
    """A step kind that the schema admits and the runtime does not know would strand a case."""
    missing = sorted(set(STEP_KINDS) - registry.kinds())
    return [Error(f"Step kind without a node: {kind}", id="workflows.E001") for kind in missing]
