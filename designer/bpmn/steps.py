"""Steps put together from the nodes and lines of a BPMN process: the block-structured part of the notation. Pure."""

from __future__ import annotations

import copy
from typing import Any

from django.utils.translation import gettext as _

from designer import tree
from designer.bpmn.graph import Flow, Graph, Node
from designer.bpmn.words import ELEMENTS, EXPIRES, JOIN, KINDS
from designer.renaming import is_name
from designer.tree import Data

_GATEWAYS = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
)
_FROM_FLOWS = ("next", "branches", "steps", "on_return")


class Assembly:
    """One process on its way to a list of steps; `base` holds what the steps of the same id said."""

    def __init__(self, graph: Graph, base: Data) -> None:
        self.unread: list[str] = []
        self._base = base
        self._known = {step["id"]: step for _at, step in tree.all_steps(base)}
        self._taken = set(self._known)
        self._names: dict[str, str] = {}
        self._graph = graph

    def steps(self) -> list[Data]:
        """The steps, in the order of the file."""
        return _Level(self, self._graph, "").list_of([node.id for node in self._graph.nodes], "")

    def name_of(self, node: Node) -> str:
        """The id of the step that a node becomes: its own where it is one, otherwise made of its words."""
        if node.id not in self._names:
            if node.id in self._known or (is_name(node.id) and node.id not in self._taken):
                self._names[node.id] = node.id
            else:
                self._names[node.id] = tree.new_id(node.name or node.id, self._taken, "paso")
            self._taken.add(self._names[node.id])
        return self._names[node.id]

    def begun(self, node: Node, kind: str) -> Data:
        """The step as it was, or a new one, without its ways."""
        known = self._known.get(node.id)
        if known is None and kind == "start":
            known = next((step for step in self._known.values() if step["kind"] == "start"), None)
        made: Data = copy.deepcopy(known) if known else {"kind": kind, "title": node.name or _("Paso sin nombre")}
        if kind == "end" and not known:
            made["outcome"] = "other"
        for key in _FROM_FLOWS:
            made.pop(key, None)
        if "deadline" in made:
            made["deadline"].pop("on_expire", None)
        made["title"] = node.name or made["title"]
        return {"id": self.name_of(node), **{key: value for key, value in made.items() if key != "id"}}

    def kind_of(self, node: Node) -> str:
        """The kind of step of a node; empty for what is no step here."""
        known = self._known.get(node.id)
        if known is not None and ELEMENTS[known["kind"]] == node.element:
            return str(known["kind"])
        return KINDS.get(node.element, "")

    def tell(self, text: str, node: Node) -> None:
        """Note what could not be read of a node."""
        said = text % {"name": node.name or node.id, "kind": node.element}
        if said not in self.unread:
            self.unread.append(said)


class _Level:
    """The nodes of a process, or of what is done for each row."""

    def __init__(self, whole: Assembly, graph: Graph, end: str) -> None:
        self._whole, self._end = whole, end
        self._nodes = {node.id: node for node in graph.nodes}
        self._order = {node.id: place for place, node in enumerate(graph.nodes)}
        self._out: dict[str, list[Flow]] = {}
        for flow in graph.flows:
            if flow.target in self._nodes:
                self._out.setdefault(flow.source, []).append(flow)

    def list_of(self, names: list[str], join: str) -> list[Data]:
        """The steps of these nodes; those of branches inside their block."""
        made: list[Data] = []
        inside: set[str] = set()
        for name in names:
            node = self._nodes[name]
            if name in inside or node.attached_to or name == join:
                continue
            if node.element == "parallelGateway" and len(self._out.get(name, [])) > 1:
                step, taken = self._block(node, join)
                inside |= taken
                made += [step] if step else []
            elif node.element not in _GATEWAYS:
                step = self._step(node, join)
                made += [step] if step else []
        return made

    def _step(self, node: Node, join: str) -> Data | None:
        kind = self._whole.kind_of(node)
        if not kind:
            self._whole.tell(_("«%(name)s» (%(kind)s) no se leyó: agrégalo aquí con el paso que corresponda."), node)
            return None
        step = self._whole.begun(node, kind)
        if node.inner is not None:
            step["steps"] = self._rows(node)
        self._edges(node, step, join)
        if kind != "end":
            step["next"] = self._next(node, node.id, join)
        return step

    def _rows(self, node: Node) -> list[Data]:
        """What is done for each row, between its entrance and its exit."""
        assert node.inner is not None
        end = next((one.id for one in node.inner.nodes if one.element == "endEvent"), "")
        names = [one.id for one in node.inner.nodes if one.element not in ("startEvent", "endEvent")]
        return _Level(self._whole, node.inner, end).list_of(names, end)

    def _block(self, fork: Node, join: str) -> tuple[Data | None, set[str]]:
        """Branches that run at the same time, up to where all of them meet."""
        starts = [flow.target for flow in self._out[fork.id]]
        last, branches = self._meeting(fork, starts)
        if not last:
            self._whole.tell(_("Las ramas que salen de «%(name)s» no se juntan en una compuerta: no se leyeron."), fork)
            return None, set()
        step = self._whole.begun(fork, "parallel") | {"kind": "parallel"}
        step.setdefault("join", "all")
        step["branches"] = [self.list_of(branch, last) for branch in branches]
        step["next"] = self._next(fork, last, join)
        return step, {name for branch in branches for name in branch} | {last}

    def _meeting(self, fork: Node, starts: list[str]) -> tuple[str, list[list[str]]]:
        """Where branches meet, and the nodes of each: what no other branch reaches without passing there."""
        for last in self._reached(starts[0], ""):
            if self._nodes[last].element != "parallelGateway" or last == fork.id:
                continue
            branches = [[name for name in self._reached(start, last) if name != last] for start in starts]
            every = [name for branch in branches for name in branch]
            if len(every) == len(set(every)) and fork.id not in every:
                return last, [sorted(branch, key=self._order.__getitem__) for branch in branches]
        return "", []

    def _reached(self, start: str, stop: str) -> list[str]:
        """The nodes to which a node leads, the nearest first, and none past `stop`."""
        found, waiting = [start], [start]
        while waiting:
            name = waiting.pop(0)
            for flow in self._leaving(name) if name != stop else ():
                if flow.target not in found:
                    found.append(flow.target)
                    waiting.append(flow.target)
        return found

    def _leaving(self, name: str) -> list[Flow]:
        """The lines that leave a node, those of the events at its edge too."""
        edges = [node.id for node in self._nodes.values() if node.attached_to == name]
        return [flow for source in (name, *edges) for flow in self._out.get(source, [])]

    def _edges(self, node: Node, step: Data, join: str) -> None:
        """Where an expired deadline or an act sent back leads."""
        for edge in self._nodes.values():
            flows = self._out.get(edge.id, [])
            if edge.attached_to != node.id or not flows:
                continue
            target = self._goal(flows[0].target, join)
            if edge.id.endswith(EXPIRES) and "deadline" in step:
                step["deadline"]["on_expire"] = target
            elif step["kind"] == "sign":
                step["on_return"] = target
            else:
                self._whole.tell(_("El evento al borde de «%(name)s» no se leyó: dale un plazo a ese paso."), node)

    def _next(self, node: Node, source: str, join: str) -> Any:
        """One target, or alternatives that end in what happens otherwise."""
        flows = self._out.get(source, [])
        if not flows:
            self._whole.tell(_("«%(name)s» no dice a dónde sigue."), node)
            return self._end or ""
        fork = self._nodes[flows[0].target]
        while len(flows) == 1 and fork.element == "exclusiveGateway":
            source, flows = fork.id, self._out.get(fork.id, [])
            fork = self._nodes[flows[0].target] if flows else fork
            if not flows:
                return ""
        if len(flows) == 1:
            return self._goal(flows[0].target, join)
        return self._ways(self._nodes[source], flows, join)

    def _ways(self, fork: Node, flows: list[Flow], join: str) -> list[Data]:
        last = next((flow for flow in flows if flow.id == fork.default), None)
        if last is None:
            last = next((flow for flow in reversed(flows) if flow.condition is None), flows[-1])
            self._whole.tell(_("«%(name)s» no decía qué pasa en los demás casos: se tomó su última salida."), fork)
        made = []
        for flow in flows:
            if flow is not last:
                when = flow.condition or {"cel": "false"}
                if flow.condition is None:
                    self._whole.tell(_("Una salida de «%(name)s» no tiene condición: escríbela aquí."), fork)
                made.append({"when": when, "goto": self._goal(flow.target, join), **_labelled(flow)})
        return [*made, {"otherwise": self._goal(last.target, join), **_labelled(last)}]

    def _goal(self, name: str, join: str) -> str:
        """The step at which a line ends, past gateways that only join."""
        seen: set[str] = set()
        while name not in seen:
            seen.add(name)
            node = self._nodes[name]
            if name == join:
                return JOIN
            is_fork = node.element == "parallelGateway" and len(self._out.get(name, [])) > 1
            if is_fork or (node.element not in _GATEWAYS and self._whole.kind_of(node)):
                break
            flows = self._out.get(name, [])
            if not flows:
                break
            if len(flows) > 1:
                self._whole.tell(_("«%(name)s» sigue a otra decisión: pon un paso entre las dos."), node)
            name = flows[0].target
        return self._whole.name_of(self._nodes[name])


def _labelled(flow: Flow) -> Data:
    return {"label": flow.name} if flow.name else {}
