"""A procedure as a BPMN 2.0 file. Its whole definition goes along, so that reading it back loses nothing."""

from __future__ import annotations

import json
from typing import Any

from lxml import etree
from pydantic import TypeAdapter, ValidationError

from designer.bpmn.graph import Flow, Graph, Node, every_node, graph_of
from designer.bpmn.layout import Box, boxes, line, shaped
from designer.bpmn.words import BPMN, BPMNDI, CEL, DC, DI, OWN, RETURNS, XSI, bpmn, own
from designer.tree import Data
from procedures.api import Bundle, Condition, RuleError, condition_to_cel, describe

_CONDITION: TypeAdapter[Any] = TypeAdapter(Condition)
_SPANS = {"months": "P{}M", "hours": "PT{}H"}


def write_bpmn(content: Data, bundle: Bundle) -> bytes:
    """The file. `bundle` is the readable part of the content, which says its conditions in words and in CEL."""
    names: Any = {None: BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "xsi": XSI, "sp": OWN}
    root = etree.Element(bpmn("definitions"), nsmap=names)
    root.set("id", f"definiciones_{content['code']}")
    root.set("targetNamespace", OWN)
    root.set("expressionLanguage", CEL)
    process = etree.SubElement(root, bpmn("process"), id=content["code"], name=content["title"], isExecutable="false")
    _extend(process, "definition", content)
    graph = graph_of(content.get("steps") or [])
    _Writer(bundle).write(process, graph)
    _draw(root, content["code"], graph)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


class _Writer:
    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def write(self, holder: Any, graph: Graph) -> None:
        """The nodes and lines of a process, or of what is done for each row."""
        for node in graph.nodes:
            self._node(holder, node, graph)
        known = {node.id for node in graph.nodes}
        for flow in graph.flows:
            if flow.target in known:
                self._flow(holder, flow)

    def _node(self, holder: Any, node: Node, graph: Graph) -> None:
        known = {one.id for one in graph.nodes}
        made = etree.SubElement(holder, bpmn(node.element), id=node.id)
        for key, value in (("name", node.name), ("attachedToRef", node.attached_to), ("default", node.default)):
            if value:
                made.set(key, value)
        for direction, end in (("incoming", "target"), ("outgoing", "source")):
            for flow in graph.flows:
                if getattr(flow, end) == node.id and flow.target in known:
                    etree.SubElement(made, bpmn(direction)).text = flow.id
        self._inside(made, node, graph)

    def _inside(self, made: Any, node: Node, graph: Graph) -> None:
        if node.attached_to:
            kind = "escalationEventDefinition" if node.id.endswith(RETURNS) else "timerEventDefinition"
            event = etree.SubElement(made, bpmn(kind))
            if kind == "timerEventDefinition":
                _span(event, next(one for one in graph.nodes if one.id == node.attached_to))
        elif node.inner is not None:
            etree.SubElement(made, bpmn("multiInstanceLoopCharacteristics"))
            self.write(made, node.inner)

    def _flow(self, holder: Any, flow: Flow) -> None:
        made = etree.SubElement(holder, bpmn("sequenceFlow"), id=flow.id)
        if flow.name:
            made.set("name", flow.name)
        made.set("sourceRef", flow.source)
        made.set("targetRef", flow.target)
        if flow.condition is None:
            return
        words, expression = said_of(flow.condition, self._bundle)
        if words:
            etree.SubElement(made, bpmn("documentation")).text = words
        _extend(made, "condition", flow.condition)
        told = etree.SubElement(made, bpmn("conditionExpression"), language=CEL)
        told.set(f"{{{XSI}}}type", "tFormalExpression")
        told.text = expression


def said_of(condition: Any, bundle: Bundle) -> tuple[str, str]:
    """A condition in words and in CEL; nothing while it is not finished."""
    try:
        read = _CONDITION.validate_python(condition)
        return describe(read, bundle), condition_to_cel(read, bundle)
    except (ValidationError, RuleError, KeyError):
        return "", ""


def _extend(element: Any, name: str, value: Any) -> None:
    """What only this engine reads: JSON, at the beginning of an element."""
    inside = etree.SubElement(element, bpmn("extensionElements"))
    etree.SubElement(inside, own(name)).text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def _span(event: Any, task: Node) -> None:
    term = (task.step or {}).get("deadline") or {}
    told = etree.SubElement(event, bpmn("timeDuration"))
    told.set(f"{{{XSI}}}type", "tFormalExpression")
    told.text = _SPANS.get(str(term.get("unit")), "P{}D").format(term.get("amount", 0))


def _draw(root: Any, code: str, graph: Graph) -> None:
    """Where everything stands, for who opens the file with a modeller."""
    diagram = etree.SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", id=f"diagrama_{code}")
    plane = etree.SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane", id=f"plano_{code}", bpmnElement=code)
    places = boxes(graph)
    for node in every_node(graph):
        shape = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNShape", id=f"{node.id}_d", bpmnElement=node.id)
        if shaped(node):
            shape.set("isExpanded", "true")
        _bounds(shape, places[node.id])
    for inner in [graph, *(node.inner for node in every_node(graph) if node.inner)]:
        for place, flow in enumerate(inner.flows):
            _edge(plane, flow, places, place)


def _edge(plane: Any, flow: Flow, places: dict[str, Box], place: int) -> None:
    if flow.source not in places or flow.target not in places:
        return
    edge = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNEdge", id=f"{flow.id}_d", bpmnElement=flow.id)
    for x, y in line(places[flow.source], places[flow.target], place):
        etree.SubElement(edge, f"{{{DI}}}waypoint", x=str(x), y=str(y))


def _bounds(shape: Any, box: Box) -> None:
    etree.SubElement(shape, f"{{{DC}}}Bounds", x=str(box.x), y=str(box.y), width=str(box.width), height=str(box.height))
