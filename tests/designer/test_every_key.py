"""Every key of a procedure has a control in the designer, or a reason not to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, get_args

from designer.cards import exemption, ficha, law, parts, questions, steps, texts
from designer.cards.asked import ASKED
from designer.cards.controls import Control
from procedures.api import STEP_KINDS, Bundle
from procedures.fields import KINDS
from procedures.schema import Exemption, Field, Form, Law, Page, Part, RoleSlot
from procedures.schema.conditions import AllOf, AnyOf, CelCondition, NoneOf, Otherwise, Row, When
from procedures.schema.fees import Fee, FeeWhen
from procedures.schema.fields import Option
from procedures.schema.law import Formality
from procedures.schema.logic import Exit, Rule, Skip
from procedures.schema.stepbase import RoleWhen
from procedures.schema.terms import AmountWhen, CaseTerm
from procedures.schema.texts import Block, Document, NoticeText

ITS_OWN_PAGE = {
    "Bundle.forms": "«Preguntas»: the list of pages and questions",
    "Bundle.steps": "«Pasos»: the list",
    "Bundle.documents": "«Documentos y avisos»: the list",
    "Bundle.notices": "«Documentos y avisos»: the list",
    "Bundle.roles": "«Pasos»: the roles below the list",
    "Bundle.law": "the card «Bloques legales»",
    "Bundle.exemption": "the card «Excepción a los medios electrónicos»",
    "Bundle.translations": "«Idiomas»: each text beside its translation",
    "Ficha.legal_basis": "«Ficha»: the table of norms",
    "LegalBasis.norm": "the table of norms",
    "LegalBasis.article": "the table of norms",
    "LegalBasis.note": "the table of norms",
    "Form.pages": "«Preguntas»",
    "Page.fields": "«Preguntas»",
    "Field.type": "«Cambiar el tipo»",
    "Field.fields": "the questions of each row, below the card of a group",
    "Field.options": "the table of options on the card",
    "Option.group": "the table of options of a linked question",
    "Field.template": "the form to hand out, below the card of a file",
    "FileTemplate.name": "comes with the file",
    "FileTemplate.sha256": "comes with the file",
    "Document.blocks": "the blocks below the card",
    "ParallelStep.branches": "«Pasos»: the branches",
    "ForEachStep.steps": "«Pasos»: the steps of a row",
    "DecisionStep.values": "the table on the card",
    "DecisionStep.rows": "the table on the card",
    "TableRow.when": "the cells of the table",
    "TableRow.then": "the results of the table",
    "TableCell.data": "the columns of the table",
    "TableCell.equals": "a cell of the table",
    "TableCell.min": "a cell of the table",
    "TableCell.below": "a cell of the table",
    "TableCell.empty": "a cell of the table",
    "Block.kind": "chosen when a block is added",
    "When.goto": "the card of a way out",
    "When.label": "the card of a way out",
    "Otherwise.otherwise": "the card of the last way out",
    "Otherwise.label": "the card of the last way out",
}
"""Keys that are edited otherwise than by a control of the card of their item, and where."""
WITHOUT_CONTROL = {
    "Bundle.schema_version": "says how this program reads the rest; nobody chooses it",
    "Bundle.rules_version": "the version of the rule language; there is one",
}
"""Keys that nobody edits in the designer, and why. This list may only shrink."""
CONDITIONS = (AllOf, AnyOf, NoneOf, CelCondition, Row)


def edited() -> set[str]:
    """Every key that some control of a card reads and writes."""
    found: set[str] = set()
    for part, controls in cards():
        for control in controls:
            found |= set(keys_of(part, control))
    for kind, part in OF_KIND.items():
        found |= {f"{part.__name__}.{asked.key}" for asked in ASKED.get(kind, ())}
    for held in parts.PARTS:
        for kind in held.holders:
            holders = STEP_KINDS.values() if kind == "step" else [OF_KIND[kind]]
            inside = held.inside[-1:] if kind == "term" else held.inside
            found |= {key for holder in holders for key in path_keys(holder, inside)}
    return found


OF_KIND: dict[str, type[Part]] = {
    "question": Field, "page": Page, "form": Form, "document": Document, "block": Block, "law": Law, "way": When,
    "exit": Exit, "skip": Skip, "rule": Rule, "option": Option, "amount": AmountWhen, "role_when": RoleWhen,
    "formality": Formality, "term": CaseTerm, "procedure": Bundle, "fee": Fee, "fee_amount": FeeWhen,
    "exemption": Exemption,
    "appeal_amount": AmountWhen, "decide_amount": AmountWhen, "opposition_amount": AmountWhen,
}  # fmt: skip


def cards() -> Iterator[tuple[type[Part], Iterable[Control]]]:
    """The schema of each kind of item, and the controls of its card."""
    yield Bundle, [*ficha.ALL, ficha.CODE]
    for kind in KINDS:
        yield Field, questions.controls(questions.converted({"id": "dato", "type": "text", "label": "Dato"}, kind))
    yield Page, questions.PAGE
    yield Form, questions.FORM
    for name, controls in steps.CONTROLS.items():
        yield STEP_KINDS[name], controls
    yield Law, law.CONTROLS
    yield Exemption, exemption.CONTROLS
    yield Document, texts.DOCUMENT
    yield NoticeText, texts.NOTICE
    yield RoleSlot, texts.ROLE
    for block in ("paragraph", "answers"):
        yield Block, texts.block_controls({"kind": block})
    for part in (*parts.PARTS, parts.OPTION):
        yield OF_KIND[part.name], part.controls


def keys_of(part: type[Part], control: Control) -> Iterator[str]:
    """The keys that a control edits, those of the columns of a table included."""
    keys = list(path_keys(part, tuple(control.key.split("."))))
    yield from keys
    if control.kind == "table" and keys:
        inner = part_in(part.model_fields[control.key].annotation)
        yield from (f"{inner.__name__}.{column.key}" for column in control.columns if inner)


def path_keys(part: type[Part], path: tuple[str, ...]) -> Iterator[str]:
    """`Deadline.amount` and what leads to it, for the path deadline.amount of a task."""
    here: type[Part] | None = part
    for key in path:
        if here is None or key not in here.model_fields:
            return
        yield f"{here.__name__}.{key}"
        here = part_in(here.model_fields[key].annotation)


def part_in(annotation: Any) -> type[Part] | None:
    return next(iter(parts_in(annotation)), None)


def parts_in(annotation: Any) -> Iterator[type[Part]]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for inner in get_args(annotation):
        yield from parts_in(inner)


def reachable(part: type[Part], seen: dict[type[Part], None]) -> dict[type[Part], None]:
    if part not in seen and part not in CONDITIONS:
        seen[part] = None
        for info in part.model_fields.values():
            for inner in parts_in(info.annotation):
                reachable(inner, seen)
    return seen


def every_key() -> set[str]:
    known: set[type[Part]] = {*reachable(Bundle, {}), *STEP_KINDS.values(), When, Otherwise}
    return {f"{part.__name__}.{key}" for part in known for key in part.model_fields}


def is_fixed(key: str) -> bool:
    """A step's kind is chosen when it is added; its ways out, and the internal names of all, are on every card."""
    return key.endswith((".id", "Step.kind", "Step.next"))


def test_every_key_of_a_procedure_has_a_control_or_a_reason() -> None:
    """Issue 6: what the YAML says can be written in the designer."""
    left = {key for key in every_key() - edited() if not is_fixed(key)}
    assert left - set(ITS_OWN_PAGE) == set(WITHOUT_CONTROL)


def test_the_reasons_speak_of_keys_that_exist_and_have_no_control() -> None:
    told = {*ITS_OWN_PAGE, *WITHOUT_CONTROL}
    assert told - every_key() == set()
    assert told & edited() == set()


def test_no_card_of_a_question_asks_for_the_same_key_twice() -> None:
    """Two boxes of one name: what is typed in the first would be lost."""
    for kind in KINDS:
        for in_group in (False, True):
            keys = [control.key for control in questions.controls({"type": kind}, in_group=in_group)]
            assert len(keys) == len(set(keys)), kind
