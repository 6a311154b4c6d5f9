"""Whether a case that began in one version of a procedure can go on in another. Reads no database."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from procedures.api import BaseStep, Bundle, Field, Graph
from workflows.rules import SIGNING

Values = Mapping[str, Any]
SHAPE = ("kind", "join", "n", "required", "leftover", "over")
"""What of a block its open branches count on."""
BEGUN = {
    "task": (),
    "draft": ("document",),
    "sign": ("document", "signers", "level"),
    "seal": ("document",),
    "correction": ("amends",),
    "parallel": (),
    "for_each": (),
}
"""What an open step has set in motion already, by kind; of the other kinds, all but their name and where they lead."""
_NAMES = re.compile(r"\b[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Standing:
    """Where a case stands, as far as its way in another version depends on it."""

    path: frozenset[str]
    """Every step that it has been in."""
    open_steps: Mapping[str, str]
    """{step: status} of those that wait."""
    stuck: frozenset[str] = frozenset()
    """Steps that are done and from which it could not go on."""
    answers: Mapping[str, Values] = field(default_factory=dict)
    """{step: {question: answer}} of what was filed; None for an answer that is kept sealed."""
    clock_targets: frozenset[str] = frozenset()
    """Steps that its running clocks lead to or wait for."""


class Fit:
    """Compares two versions once, then says of each case what keeps it from going over."""

    def __init__(self, old: Bundle, new: Bundle) -> None:
        self.old, self.new = old, new
        self._named: dict[frozenset[str], frozenset[str]] = {}

    def problems(self, case: Standing) -> list[str]:
        """Why the case cannot go on in the new version, in sentences for staff; none when it can."""
        lost = list(self._lost_steps(case))
        if lost:
            return lost
        found = [*self._open_steps(case), *self._clocks(case), *self._answers(case), *self._asked_too_late(case)]
        return list(dict.fromkeys(found))

    def _lost_steps(self, case: Standing) -> Iterator[str]:
        for step_id in sorted(case.path):
            kind = self.new.step(step_id).kind if self.new.has_step(step_id) else ""
            if kind == self.old.step(step_id).kind:
                continue
            words = {"step": self.old.step(step_id).title}
            if step_id in case.open_steps:
                yield _("Está en el paso «%(step)s», que la otra versión no tiene.") % words
            else:
                yield _("Pasó por el paso «%(step)s», que la otra versión no tiene.") % words

    def _open_steps(self, case: Standing) -> Iterator[str]:
        for step_id, status in case.open_steps.items():
            step = self.old.step(step_id)
            words = {"step": step.title}
            if step.kind == "sign" and status == SIGNING:
                yield _("Se está estampando una firma en «%(step)s». Espera a que termine.") % words
            if self._around(self.old, step) != self._around(self.new, self.new.step(step_id)):
                yield _("El paso «%(step)s» está en otra rama, o sus ramas se reúnen de otra manera.") % words
            if _begun(step) != _begun(self.new.step(step_id)):
                yield _("El paso «%(step)s» ya partió y la otra versión lo define distinto.") % words

    def _around(self, bundle: Bundle, step: BaseStep) -> list[Any]:
        """The blocks that the step stands in, and itself when it is one, as far as what runs in them counts on it."""
        scope = (self._old_graph if bundle is self.old else self._new_graph).scopes.get(step.id, ())
        blocks = [bundle.step(name) for name, _branch in scope]
        return [scope, *(_shape(block) for block in (*blocks, step) if block.inner)]

    def _clocks(self, case: Standing) -> Iterator[str]:
        for step_id in sorted(case.clock_targets):
            if not self.new.has_step(step_id):
                title = self.old.step(step_id).title if self.old.has_step(step_id) else step_id
                yield _("Corre un plazo que lleva a «%(step)s», que la otra versión no tiene.") % {"step": title}

    def _answers(self, case: Standing) -> Iterator[str]:
        for step_id, given in case.answers.items():
            old = {one.id: one for one in self.old.fields_of(step_id)}
            new = {one.id: one for one in self.new.fields_of(step_id)}
            for name, answer in given.items():
                if name in old and not still_holds(old[name], new.get(name), answer):
                    words = {"question": old[name].label}
                    yield _("Respondió «%(question)s», que la otra versión no pregunta o pregunta distinto.") % words

    def _asked_too_late(self, case: Standing) -> Iterator[str]:
        """Data that the way ahead reads and that only a step already behind would ask for."""
        ahead = self._ahead(case)
        for path in sorted(self._read_by(ahead)):
            step_id = path.partition(".")[0]
            if step_id in ahead - case.stuck or self.old.types.get(path) == self.new.types[path]:
                continue
            yield _("La otra versión usa «%(datum)s», que se pregunta en un paso que esta solicitud ya pasó.") % {
                "datum": self._name(path)
            }

    def _ahead(self, case: Standing) -> frozenset[str]:
        sources = {*case.open_steps, *case.stuck}
        nodes = [f"{one}/join" if self.new.step(one).inner else one for one in sources]
        return frozenset(node for node in self._new_graph.reach(nodes) if self.new.has_step(node))

    def _read_by(self, steps: frozenset[str]) -> frozenset[str]:
        """Data that these steps, or any document or notice, may name."""
        if steps not in self._named:
            bundle = self.new
            forms = [form for step_id in steps if (form := bundle.form_of(step_id)) is not None]
            parts = [*(bundle.step(step_id) for step_id in steps), *forms, *bundle.documents, *bundle.notices]
            texts = (json.dumps(part.model_dump(mode="json"), ensure_ascii=False) for part in parts)
            named = {name for text in texts for name in _NAMES.findall(text)}
            self._named[steps] = frozenset(named & bundle.types.keys())
        return self._named[steps]

    def _name(self, path: str) -> str:
        try:
            return self.new.field(path).label
        except KeyError:
            return path

    @cached_property
    def _old_graph(self) -> Graph:
        return Graph.of(self.old)

    @cached_property
    def _new_graph(self) -> Graph:
        return Graph.of(self.new)


def _shape(block: BaseStep) -> tuple[Any, ...]:
    return (*(getattr(block, name, None) for name in SHAPE), len(block.inner))


def _begun(step: BaseStep) -> dict[str, Any]:
    said = step.model_dump(mode="json", exclude={"title", "applicant_title", "next", "steps", "branches"})
    kept = BEGUN.get(step.kind)
    return said if kept is None else {name: said[name] for name in kept}


def still_holds(old: Field, new: Field | None, answer: Any) -> bool:
    """Whether an answer to the old question is one to the new."""
    if new is None or old.datum_type != new.datum_type or old.sensitive != new.sensitive:
        return False
    gone = {option.id for option in old.options} - {option.id for option in new.options}
    asked = {inner.id: inner for inner in new.fields}
    for inner in old.fields:
        now = asked.get(inner.id)
        if now is None or now.datum_type != inner.datum_type:
            gone.add(inner.id)
        else:
            gone |= {option.id for option in inner.options} - {option.id for option in now.options}
    return not gone & set(_words(answer))


def _words(answer: Any) -> Iterator[str]:
    """Every text inside an answer: chosen options, ids of the questions of a row."""
    if isinstance(answer, str):
        yield answer
    elif isinstance(answer, Mapping):
        for name, inner in answer.items():
            yield str(name)
            yield from _words(inner)
    elif isinstance(answer, list | tuple):
        for inner in answer:
            yield from _words(inner)
