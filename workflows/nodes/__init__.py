"""Lean viewflow nodes over our own tables: no gateway rows, rows of automatic steps born done, `previous` kept.

`docs/decisions/0001` has the figures. viewflow's `error()` and its exception guard are not used: they would
store the local variables of the failing frame, which hold citizens' data.
"""

from workflows.nodes.base import StepActivation, StepNode
from workflows.nodes.flow import EndNode, JoinNode, RowsSplitNode, SplitNode, StartNode
from workflows.nodes.work import AutomaticNode, HumanNode, WaitingNode

__all__ = [
    "AutomaticNode",
    "EndNode",
    "HumanNode",
    "JoinNode",
    "RowsSplitNode",
    "SplitNode",
    "StartNode",
    "StepActivation",
    "StepNode",
    "WaitingNode",
]
