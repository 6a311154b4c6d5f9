"""A BPMN 2.0 file as a procedure: all of what this engine wrote, and of other files what its own steps can say.

What an element of another tool means here is said by `words.KINDS`; the rest is told as not read, and never guessed.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from designer.bpmn.graph import Flow, Graph, Node, graph_of
from designer.bpmn.steps import Assembly
from designer.bpmn.words import BPMN, ELEMENTS, KINDS, bpmn, own
from designer.bpmn.writing import said_of
from designer.errors import CannotRead
from designer.tree import Data
from procedures.api import partial_bundle

_OTHERS = """exclusiveGateway inclusiveGateway eventBasedGateway complexGateway boundaryEvent scriptTask transaction
    intermediateCatchEvent intermediateThrowEvent adHocSubProcess"""
_NODES = frozenset({*ELEMENTS.values(), *KINDS, *_OTHERS.split()})
_OF_THE_DRAWING = frozenset({"laneSet", "textAnnotation", "association", "documentation", "extensionElements", "group"})
"""Parts of a process that say nothing of its flow."""


class BpmnError(CannotRead):
    """The file is no BPMN that can be read; the text says why."""


@dataclass
class Read:
    """What came of a file."""

    content: Data
    unread: list[str] = field(default_factory=list)
    """What could not be read, in sentences."""


def read_bpmn(data: bytes, present: Data) -> Read:
    """The procedure that a file holds; what it does not say stays as it is in `present`. Raises BpmnError."""
    process, unread = _process(data)
    definition = _own(process, "definition")
    base: Data = definition if isinstance(definition, dict) else present
    graph = _graph(process, base, unread)
    if not graph.nodes:
        raise BpmnError(_("El archivo no tiene ningún paso que leer."))
    if isinstance(definition, dict) and _says(graph) == _says(graph_of(definition.get("steps") or [])):
        return Read(definition, unread)
    assembly = Assembly(graph, base)
    content = {**copy.deepcopy(base), "steps": assembly.steps()}
    return Read(content, [*unread, *assembly.unread])


def _process(data: bytes) -> tuple[Any, list[str]]:
    """The first process with something in it. No entity, no document type and nothing of another place is read."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise BpmnError(_("El archivo declara entidades XML, que no se leen. Expórtalo de nuevo desde tu modelador."))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BpmnError(_("El archivo no es XML: %(why)s") % {"why": str(error)[:200]}) from error
    if root.tag != bpmn("definitions"):
        raise BpmnError(_("El archivo no es un proceso BPMN 2.0."))
    processes = [found for found in root.findall(bpmn("process")) if len(found)]
    if not processes:
        raise BpmnError(_("El archivo no tiene ningún proceso."))
    unread = [_("El proceso «%(name)s» no se leyó: un trámite es un solo proceso.") % {"name": _name(other)}
              for other in processes[1:]]  # fmt: skip
    if root.find(f".//{bpmn('messageFlow')}") is not None:
        unread.append(_("Los mensajes entre participantes no se leyeron: aquí los envía un paso de aviso."))
    return processes[0], unread


def _graph(holder: Any, base: Data, unread: list[str]) -> Graph:
    graph = Graph()
    for element in holder:
        kind = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if not kind or not element.tag.startswith(f"{{{BPMN}}}"):
            continue
        if kind == "sequenceFlow":
            graph.flows.append(_flow(element, base))
        elif kind in _NODES:
            graph.nodes.append(_node(element, kind, base, unread))
        elif kind not in _OF_THE_DRAWING and len(element) + len(element.attrib) > 1:
            unread.append(_("«%(name)s» (%(kind)s) no se leyó.") % {"name": _name(element), "kind": kind})
    return graph


def _node(element: Any, kind: str, base: Data, unread: list[str]) -> Node:
    made = Node(element.get("id", ""), kind, _name(element, without=""))
    made.attached_to, made.default = element.get("attachedToRef", ""), element.get("default", "")
    if kind == "subProcess" and element.find(bpmn("multiInstanceLoopCharacteristics")) is not None:
        made.inner = _graph(element, base, unread)
    return made


def _flow(element: Any, base: Data) -> Flow:
    made = Flow(element.get("id", ""), element.get("sourceRef", ""), element.get("targetRef", ""))
    made.name = element.get("name", "")
    told = element.findtext(bpmn("conditionExpression"), "").strip()
    stored = _own(element, "condition")
    if stored is not None and told in ("", said_of(stored, partial_bundle(base))[1]):
        made.condition = stored
    elif told:
        made.condition = {"cel": told}
    return made


def _own(element: Any, name: str) -> Any:
    """What this engine wrote inside an element; None when it wrote nothing that can be read."""
    found = element.find(f"{bpmn('extensionElements')}/{own(name)}")
    try:
        return None if found is None else json.loads(found.text or "")
    except ValueError:
        return None


def _name(element: Any, without: str | None = None) -> str:
    return str(element.get("name") or (element.get("id", "") if without is None else without))


def _says(graph: Graph) -> Any:
    """What a process says, whatever its elements are called and wherever they are drawn."""
    inner = {node.id: repr(_says(node.inner)) for node in graph.nodes if node.inner}
    nodes = sorted((n.id, n.element, n.name, n.attached_to, inner.get(n.id, "")) for n in graph.nodes)
    known = {node.id for node in graph.nodes}
    flows = [
        (f.source, f.target, f.name, json.dumps(f.condition, sort_keys=True)) for f in graph.flows if f.target in known
    ]
    return nodes, sorted(flows)
