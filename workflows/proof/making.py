"""Draws block-structured procedures: every kind of block in and after every other, as far as the gate allows."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from ruamel.yaml import YAML

Step = dict[str, Any]
ROLES = ("revision", "obras", "salud", "jefatura")
CHILD = "hijo"
"""Code of the procedure that subcases and referrals open."""
OTHER_AGENCY = "otra"
"""Code of the body to which an application is referred."""
LAW: dict[str, Any] = {
    "version": "ley-19880-2",
    "officer": "revision",
    "signers": ["jefatura"],
    "act": {"kind": "decree", "book": "decretos"},
    **dict.fromkeys(("withdrawal", "waiver", "impossibility", "extension", "urgency"), True),
    "suspensions": [{"id": "causa", "title": "Fuerza mayor", "source": "Ley N° 19.880, artículo 27"}],
    "silence": {"superior": "jefatura"},
    "appeals": {"hierarchical": "salud"},
}
"""What the law gives beside a procedure; who reviews an act never signed it. Not here: what joins two cases."""
SHORT_TERM = {"amount": 20, "unit": "business_days", "source": "Ley N° 19.880, artículo 24"}
"""So that the time to decide runs out in some cases, and silence can be asked for."""
MOST_STEPS = 16
DEEPEST = 2


@cache
def _base() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(Path(__file__).with_name("base.yaml"))
    return loaded


def procedure_of(steps: list[Step], code: str = "prueba", law: Step | None = None) -> dict[str, Any]:
    """The data of a whole procedure: the application, these steps, the act "acto" and the end; `law`, its blocks."""
    data = deepcopy(_base())
    used = {slot for step in _every(steps) for slot in _slots(step)}
    if law is not None:
        data |= {"law": law, "term": SHORT_TERM}
        used |= {law["officer"], *law["signers"], law["appeals"]["hierarchical"]}
        if any(step["kind"] == "sign" for step in steps):  # an act that may be appealed against
            data["documents"][0] |= {"kind": "decree", "numbering": {"book": "decretos"}}
    start = {
        "id": "inicio",
        "kind": "start",
        "title": "Solicitud",
        "form": "solicitud",
        "statement": "Declaro que es verdad.",
        "next": steps[0]["id"],
    }
    kept = {"solicitud"} | {step["form"] for step in _every(steps) if step.get("form")}
    told = {step["notice"] for step in _every(steps) if step.get("notice")}
    return {
        **data,
        "code": code,
        "roles": [{"id": slot, "title": slot} for slot in ROLES if slot in used],
        "forms": [form for form in data["forms"] if form["id"] in kept],
        "notices": [notice for notice in data["notices"] if notice["id"] in told],
        "steps": [start, *steps, {"id": "fin", "kind": "end", "title": "Fin", "outcome": "issued"}],
    }


def child() -> dict[str, Any]:
    """What a subcase opens: an official says something and the act is sealed."""
    return procedure_of([_report("revisar_hijo", "revision", "sello_hijo"), _seal("sello_hijo")], CHILD)


def _every(steps: list[Step]) -> list[Step]:
    inner = [list(step.get("steps", [])) + [one for row in step.get("branches", []) for one in row] for step in steps]
    return [*steps, *(one for below in inner for one in _every(below))]


def _slots(step: Step) -> list[str]:
    return [*step.get("signers", []), *(step[key] for key in ("role", "added_by") if step.get(key))]


def _report(name: str, role: str, onward: Any, **more: Any) -> Step:
    return {"id": name, "kind": "task", "title": name, "role": role, "form": "informe", "next": onward, **more}


def _seal(name: str) -> Step:
    return {"id": name, "kind": "seal", "title": "Sello", "document": "acto", "next": "fin"}


def _days(amount: int, **more: Any) -> Step:
    return {"amount": amount, "unit": "business_days", "source": "Ley N° 19.880", "trigger": "entered", **more}


def _is(path: str, value: Any, op: str = "eq") -> dict[str, Any]:
    return {"all": [{"field": path, "op": op, "value": value}]}


class Procedure(dict[str, Any]):
    """The data of a procedure; a failure shows its steps alone."""

    def __repr__(self) -> str:
        steps = "\n".join(json.dumps(step, ensure_ascii=False) for step in self["steps"])
        return f"{steps}\n(con los bloques de la ley)" if "law" in self else steps


class Maker:
    """Draws one procedure. Ids are given in order, so that a smaller one has smaller names."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw, self.count = draw, 0
        self.in_row = False

    def procedure(self) -> dict[str, Any]:
        """The whole of it, ended by a sealed or a signed act; most of them with what the law gives beside it."""
        ending = self._ending()
        body = self.sequence(0, ending[0]["id"])
        return procedure_of([*body, *ending], law=LAW if self._number(0, 3) else None)

    def sequence(self, depth: int, onward: str) -> list[Step]:
        """Steps one after the other; the last leads to `onward`."""
        steps: list[Step] = []
        for _place in range(self._number(1, 3 if depth == 0 else 2) if self.count < MOST_STEPS else 1):
            steps = [*self._item(depth, steps[0]["id"] if steps else onward), *steps]
        return steps

    def _item(self, depth: int, onward: str) -> list[Step]:
        kinds: list[Callable[[int, str], list[Step]]] = [self._task, self._loop, self._wait, self._subcase]
        if self.count < MOST_STEPS:
            kinds += [self._table, *([] if self.in_row else [self._correction, self._service, self._fact, self._news])]
        if depth < DEEPEST and self.count < MOST_STEPS:
            kinds += [self._parallel, self._parallel, self._long_loop, self._fork]
            kinds += [] if self.in_row else [self._rows, self._rows]
        return kinds[self._number(0, len(kinds) - 1)](depth, onward)

    def _ending(self) -> list[Step]:
        """The act; in some cases something is left to do after it, while what was asked is decided already."""
        after = [] if self._number(0, 2) else [_report("cumple", self._role(), "fin")]
        onward = after[0]["id"] if after else "fin"
        if self.draw(st.booleans()):
            return [{**_seal("sello"), "next": onward}, *after]
        draft = {"id": "redacta", "kind": "draft", "title": "Redacción", "role": "revision", "document": "acto"}
        sign: Step = {"id": "firma", "kind": "sign", "title": "Firma", "document": "acto", "level": "advanced"}
        signers = ["jefatura", "obras"][: self._number(1, 2)]
        sign |= {"signers": signers, "on_return": "redacta", "next": onward}
        return [{**draft, "next": "firma"}, sign, *after]

    # Kinds of item; the first step of each list is where the case enters it.

    def _task(self, depth: int, onward: str) -> list[Step]:
        name, clock = self._name(), self._number(0, 2)
        if clock == 0:
            return [_report(name, self._role(), onward)]
        if clock == 1:
            return [_report(name, self._role(), onward, deadline=_days(self._number(1, 9)))]
        late = _report(self._name(), "jefatura", onward)
        return [_report(name, self._role(), onward, deadline=_days(self._number(1, 9), on_expire=late["id"])), late]

    def _loop(self, depth: int, onward: str) -> list[Step]:
        name = self._name()
        return [_report(name, self._role(), self._either(name, name, onward))]

    def _long_loop(self, depth: int, onward: str) -> list[Step]:
        """Some steps, and back to the first of them while the last is not favourable."""
        name = self._name()
        body = self.sequence(depth + 1, name)
        return [*body, _report(name, self._role(), self._either(name, body[0]["id"], onward))]

    def _fork(self, depth: int, onward: str) -> list[Step]:
        name = self._name()
        ways = [self.sequence(depth + 1, onward) for _way in range(self._number(1, 2))]
        step = _report(
            name, self._role(), self._either(name, ways[0][0]["id"], ways[1][0]["id"] if ways[1:] else onward)
        )
        return [step, *(one for way in ways for one in way)]

    def _table(self, depth: int, onward: str) -> list[Step]:
        """A report whose mark a table turns into a word, by which the case goes on."""
        mark, table, aside = self._name(), self._name(), self._name()
        limit, cell = self._number(2, 6), {"data": f"{mark}.nota"}
        rows = [
            {"when": [{**cell, "below": limit}], "then": {"clase": "baja"}},
            {"when": [{**cell, "min": limit}], "then": {"clase": "alta"}},
        ]
        ways = [{"when": _is(f"{table}.clase", "baja"), "goto": aside}, {"otherwise": onward}]
        decision = {"id": table, "kind": "decision", "title": "Tabla", "values": {"clase": "text"}, "rows": rows}
        return [_report(mark, self._role(), table), {**decision, "next": ways}, _report(aside, "jefatura", onward)]

    def _wait(self, depth: int, onward: str) -> list[Step]:
        wait = {"id": self._name(), "kind": "wait", "title": "Espera", "next": onward}
        event = {"event": "algo", "role": "revision"} if self.draw(st.booleans()) else {}
        return [{**wait, **event, "after": {"amount": self._number(1, 9), "unit": "business_days"}}]

    def _correction(self, depth: int, onward: str) -> list[Step]:
        """An official may ask the applicant to correct; a correction that does not come is decided by another."""
        asks, correction, late = self._name(), self._name(), self._name()
        clock = {**_days(5, on_expire=late), "trigger": f"notified({correction})", "warn_before": 2}
        step = {"id": correction, "kind": "correction", "title": "Corrección", "amends": "inicio", "requested_by": asks}
        return [
            _report(asks, "revision", self._either(asks, correction, onward)),
            {**step, "notice": "corrige", "max_rounds": self._number(1, 2), "deadline": clock, "next": asks},
            _report(late, "jefatura", onward),
        ]

    def _subcase(self, depth: int, onward: str) -> list[Step]:
        step = {"id": self._name(), "kind": "subcase", "title": "Otro caso", **self._other_case()}
        result = {"fue": {"path": "revisar_hijo.favorable", "type": "yes_no"}}
        return [{**step, "results": result, "next": onward}]

    def _other_case(self) -> Step:
        names = ("nombre", "correo", "hechos", "peticion", "autoriza")
        return {"procedure": CHILD, "answers": {name: f"inicio.{name}" for name in names}}

    def _service(self, depth: int, onward: str) -> list[Step]:
        """Another body is asked, and asked again while it does not answer."""
        values = {"vigente": {"path": "vigente", "type": "yes_no"}}
        step = {"id": self._name(), "kind": "service", "title": "Consulta", "connector": "registro", "values": values}
        return [{**step, "inputs": {"nombre": "inicio.nombre"}, "on_failure": "wait", "next": onward}]

    def _fact(self, depth: int, onward: str) -> list[Step]:
        """A fact is looked for; whoever finds none keeps it."""
        fact = {"fact": "hecho", "key": "inicio.nombre"}
        sought, kept = self._name(), self._name()
        ways = [{"when": _is(f"{sought}.found", True), "goto": onward}, {"otherwise": kept}]
        lookup = {"id": sought, "kind": "lookup", "title": "Busca", **fact, "next": ways}
        return [lookup, {"id": kept, "kind": "register", "title": "Registra", **fact, "next": onward}]

    def _news(self, depth: int, onward: str) -> list[Step]:
        """The applicant is told, or another body gets a case of its own that nobody waits for."""
        step = {"id": self._name(), "next": onward}
        if self.draw(st.booleans()):
            return [{**step, "kind": "notify", "title": "Avisa", "notice": "cuenta"}]
        return [{**step, "kind": "referral", "title": "Deriva", "agency": OTHER_AGENCY, **self._other_case()}]

    def _parallel(self, depth: int, onward: str) -> list[Step]:
        name = self._name()
        branches = [self.sequence(depth + 1, "join") for _branch in range(self._number(2, 3))]
        join = self._one_of(["all", "any", "n", "all_required"])
        more: Step = {"leftover": self._one_of(["cancel", "accept"])}
        if join == "n":
            more["n"] = self._number(1, len(branches) - 1)
        if join == "all_required":
            more["required"] = [branches[0][0]["id"]]
        block = {"id": name, "kind": "parallel", "title": "Bloque", "join": join, "branches": branches}
        return [{**block, "next": onward, **more}]

    def _rows(self, depth: int, onward: str) -> list[Step]:
        """Somebody lists places, and each of them is walked."""
        lister, block = self._name(), self._name()
        self.in_row = True
        inner = self.sequence(depth + 1, "join")
        self.in_row = False
        join = self._one_of(["all", "any", "n"])
        more: Step = {"leftover": self._one_of(["cancel", "accept"]), **({"n": 1} if join == "n" else {})}
        if self.draw(st.booleans()):
            more |= {"added_by": "jefatura", "form": "fila"}
        rows = {"id": block, "kind": "for_each", "title": "Filas", "over": f"{lister}.locales", "join": join}
        return [_report(lister, "revision", block, form="lista"), {**rows, "steps": inner, "next": onward, **more}]

    # Small draws

    def _name(self) -> str:
        self.count += 1
        return f"p{self.count}"

    def _number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def _role(self) -> str:
        return str(self._one_of(ROLES))

    def _one_of(self, options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def _either(self, name: str, unfavourable: str, onward: str) -> list[Step]:
        return [{"when": _is(f"{name}.favorable", False), "goto": unfavourable}, {"otherwise": onward}]


@st.composite
def procedures(draw: st.DrawFn) -> dict[str, Any]:
    """The data of a procedure that the gate lets through."""
    return Procedure(Maker(draw).procedure())
