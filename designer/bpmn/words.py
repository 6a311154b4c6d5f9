"""Names that the file is written and read with."""

from __future__ import annotations

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
OWN = "urn:sinpapeleo:bpmn:1"
"""Namespace of what only this engine reads."""
CEL = "urn:sinpapeleo:cel-1"

ELEMENTS = {
    "start": "startEvent",
    "task": "userTask",
    "correction": "userTask",
    "draft": "userTask",
    "sign": "userTask",
    "seal": "serviceTask",
    "lookup": "serviceTask",
    "service": "serviceTask",
    "register": "serviceTask",
    "decision": "businessRuleTask",
    "wait": "receiveTask",
    "notify": "sendTask",
    "referral": "sendTask",
    "subcase": "callActivity",
    "parallel": "parallelGateway",
    "for_each": "subProcess",
    "end": "endEvent",
}
"""The element that stands for each kind of step."""
KINDS = {
    "startEvent": "start",
    "userTask": "task",
    "manualTask": "task",
    "task": "task",
    "sendTask": "notify",
    "endEvent": "end",
}
"""The kind of step that an element of another tool becomes; others are told as not read."""
AT_JOIN = "__union"
AT_FORK = "__salidas"
EXPIRES, RETURNS = "__vence", "__devuelve"
INNER_START, INNER_END = "__entra", "__sale"
"""Endings of the ids of elements that are no step: two underscores never stand in a step's own."""
JOIN = "join"


def bpmn(name: str) -> str:
    """A name of BPMN, qualified."""
    return f"{{{BPMN}}}{name}"


def own(name: str) -> str:
    """A name of this engine, qualified."""
    return f"{{{OWN}}}{name}"
