"""The module in which compiled flows are found by name (PEP 562)."""

from workflows.registry import flow_named as __getattr__

__all__ = ["__getattr__"]
