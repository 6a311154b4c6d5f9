"""One item on its card: what the page shows of it, and what is saved when the page comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from designer import operations, patterns, renaming, tree, wording
from designer.cards import decision, exemption, law, parts, questions, steps, texts, ways
from designer.cards.asked import ASKED, Asked
from designer.cards.conditions import ADD_GROUP, Sentence, sentence_of, typed_sentence
from designer.cards.controls import CardForm, Control
from designer.cards.decision import is_sent, typed_table
from designer.cards.offered import offered_data
from designer.cards.scene import Scene
from designer.errors import ItemGone
from designer.models import ProcedureDraft
from designer.presenting.findings import Said, is_item, said_of
from designer.tree import Address, Data
from procedures.api import FACETS, Problem

NAME = Control("id", gettext_lazy("Nombre interno"), more=True,
               hint=gettext_lazy("Se usa en los archivos y en las reglas. No cambia después de publicar."))  # fmt: skip
WHOLE = {"law": gettext_lazy("Bloques legales"), "exemption": gettext_lazy("Excepción a los medios electrónicos")}
"""Parts that a procedure has once or not at all, and what their cards are called."""


@dataclass
class Editor:
    """The card of the item at an address. Raises ItemGone when there is none."""

    draft: ProcedureDraft
    address: Address
    data: QueryDict | None = None

    def __post_init__(self) -> None:
        if not self.address or not is_item(self.draft.content, self.address):
            raise ItemGone
        self.was_joined = False
        """Whether what was kept holds what somebody else changed meanwhile."""
        self.item: Data = tree.find(self.draft.content, self.address) or {}

    @cached_property
    def kind(self) -> str:
        """What the item is: question, page, form, step, way, document, block, notice, role, a whole block of the
        procedure (its law, the exemption that it asks for), or a kind of part."""
        if self.part is not None:
            return self.part.name
        top, size = self.address[0], len(self.address)
        if top == "forms":
            return {2: "form", 4: "page"}.get(size, "question")
        if top == "documents":
            return "document" if size == 2 else "block"
        if top == "steps":
            return "way" if self.address[-2] == "next" else "step"
        return {"roles": "role", "notices": "notice"}.get(top, top)

    @cached_property
    def part(self) -> parts.PartKind | None:
        """Which kind of part of another item it is, if it is one."""
        return parts.part_of(self.address)

    @property
    def in_group(self) -> bool:
        """Whether it is a question of the rows of a group."""
        return len(self.address) == 8 and self.part is None

    @cached_property
    def scene(self) -> Scene:
        """Where the item stands."""
        flat = {"step": steps.flattened, "law": law.flattened}.get(self.kind)
        item = flat(self.item) if flat else self.item
        return Scene(self.draft.content, self.address, self.draft.agency, item)

    @cached_property
    def form(self) -> CardForm:
        """The plain controls, with what was typed."""
        made = CardForm(self.scene, self._controls(), self.data)
        if self.wanted_name:
            problem = renaming.problem_with(self.draft.content, self.address, self.wanted_name)
            if problem and made.is_bound:
                made.add_error(NAME.name, problem)
        return made

    @cached_property
    def wanted_name(self) -> str:
        """The internal name that was typed, when it is another than it has."""
        typed = str(self.data.get(NAME.name, "")).strip() if self.data is not None and self._is_named else ""
        return typed if typed != self.item.get("id") else ""

    @cached_property
    def _is_named(self) -> bool:
        """Whether its internal name may change: it has one and was never published."""
        return "id" in self.item and not operations.is_name_fixed(self.draft, self.address)

    @cached_property
    def sentences(self) -> list[Sentence]:
        """The conditions that it may have."""
        if "otherwise" in self.item:
            return []
        is_silent = self.item.get("type") in ("info", "section")
        asked = [one for one in ASKED.get(self.kind, ()) if one.key != "required_when" or not is_silent]
        return [self._sentence(one) for one in asked]

    @cached_property
    def _offered(self) -> str:
        return offered_data(self.scene)

    def _sentence(self, asked: Asked) -> Sentence:
        stored = sentence_of(self.scene, self.item.get(asked.key), asked, lambda: self._offered)
        data = self.data
        is_sent = data is not None and (f"{asked.prefix}-mode" in data or f"{asked.prefix}-0-field" in data)
        return typed_sentence(stored, data) if is_sent and data is not None else stored

    @cached_property
    def table(self) -> decision.DecisionTable | None:
        """The table of a decision step."""
        if self.kind != "step" or self.item.get("kind") != "decision":
            return None
        data = self.data
        return typed_table(self.scene, data) if data is not None and is_sent(data) else decision.table_of(self.scene)

    @property
    def is_building(self) -> bool:
        """Whether the button that was pressed changes a condition that is still being put together."""
        return self.data is not None and ADD_GROUP in self.data

    @property
    def options(self) -> list[questions.OptionRow]:
        """The options, with a blank row at the end."""
        if self.data is not None and self._typed_rows is not None:
            return [*self._typed_rows, questions.OptionRow(len(self._typed_rows))]
        targets = questions.choosing_leads_to(self.draft.content, self.address) if not self.in_group else {}
        return questions.option_rows(self.item, targets)

    @property
    def has_options(self) -> bool:
        """Whether it is answered by choosing among options of its own."""
        return self.kind == "question" and FACETS[self.item.get("type", "text")].needs == "options"

    @property
    def names_options(self) -> bool:
        """Whether the internal names of its options may change: none was published."""
        return self.has_options and self._is_named

    @property
    def opens(self) -> list[tuple[str, str]]:
        """Questions that choosing an option may open."""
        if self.in_group or self.kind != "question":
            return []
        return questions.later_questions(self.draft.content, self.address)

    @property
    def fixed_answers(self) -> list[questions.OptionRow]:
        """Yes and no, with the question that each opens."""
        if self.kind != "question" or self.item.get("type") != "yes_no" or self.in_group:
            return []
        targets = questions.choosing_leads_to(self.draft.content, self.address)
        return [
            questions.OptionRow(number, name, words, "", targets.get(name, ""))
            for number, (name, words) in enumerate((("yes", _("Sí")), ("no", _("No"))))
        ]

    @property
    def problems(self) -> list[Problem]:
        """Lines of the error summary."""
        of_table = self.table.problems if self.table else []
        return [*self.form.problems, *of_table, *(found for one in self.sentences for found in one.problems)]

    @property
    def has_suggestions(self) -> bool:
        """Whether anything said of it is only a suggestion."""
        return any(not said.is_error for said in self.findings)

    @cached_property
    def findings(self) -> list[Said]:
        """What the gate finds in this item."""
        size = len(self.address)
        return [said for said in said_of(self.draft) if said.address[:size] == self.address]

    @property
    def fingerprint(self) -> str:
        """Of the item as it is shown."""
        return tree.fingerprint(tree.find(self.draft.content, self.address))

    @property
    def title(self) -> str:
        """What the item is called."""
        whole = WHOLE.get(self.kind)
        return str(whole) if whole else wording.title_of(self.item, self.draft.content)

    @property
    def stands_alone(self) -> bool:
        """Whether it is a part that a procedure has once or not at all, and no item of a list."""
        return self.kind in WHOLE

    @property
    def may_go(self) -> bool:
        """Whether a button takes it away: the law is switched off on its card, and what is not there cannot go."""
        return self.kind != "law" and bool(self.item or not self.stands_alone)

    def save(self, *, by: Person, now: datetime, joins: bool = False) -> ProcedureDraft:
        """Keep what was typed. Raises ItemChanged when somebody else changed the item meanwhile, and ItemGone.

        With `joins`, only where both changed the same of it. What opens other questions is never joined: those may
        have changed too.
        """
        made = self._made()
        if made is None:
            return self._switched_off(by, now)
        taken = patterns.take_roles(made, self.draft.content, self.draft.agency)
        seen = self.data.get("seen", "") if self.data is not None else ""
        saved = operations.put_item(
            draft=self.draft, address=self.address, item=taken.item, seen=str(seen), by=by, now=now,
            beside=taken.beside, bindings=taken.bindings, joins=joins and self._sent_targets() is None,
        )  # fmt: skip
        self.was_joined = tree.find(saved.content, self.address) != taken.item
        return self._lead(saved, by, now)

    def rename(self, *, by: Person, now: datetime) -> None:
        """Give it, and its options, the internal names that were typed. Raises ItemGone, BadName and NameFixed."""
        for option, typed in self._typed_option_names():
            here = (*self.address, "options", option)
            operations.rename_item(draft=self.draft, address=here, name=typed, by=by, now=now)
        if self.wanted_name and not self.form.errors:
            operations.rename_item(draft=self.draft, address=self.address, name=self.wanted_name, by=by, now=now)
            self.address = (*self.address[:-1], self.wanted_name)

    def _typed_option_names(self) -> list[tuple[str, str]]:
        """The options that stay and were given another internal name."""
        data = self.data
        if data is None or not self.names_options:
            return []
        kept = {row.id for row in self._typed_rows or () if row.id}
        numbers = range(questions.MOST_OPTIONS)
        sent = [(data.get(f"opcion-{n}-id", ""), str(data.get(f"opcion-{n}-interno", "")).strip()) for n in numbers]
        return [(old, new) for old, new in sent if old in kept and new and new != old]

    def _switched_off(self, by: Person, now: datetime) -> ProcedureDraft:
        return operations.put_item(draft=self.draft, address=self.address, item=None, seen="", by=by, now=now)

    def _made(self) -> Data | None:
        """The item with everything that was typed; None when it goes."""
        made: Data = self.form.item()
        if "id" in self.item:
            made["id"] = self.item["id"]
        for sentence in self.sentences:
            made.pop(sentence.asked.key, None)
            condition = sentence.condition()
            if condition is not None:
                made[sentence.asked.key] = condition
        if self.has_options and self._typed_rows is not None:
            made["options"] = questions.as_options(self._typed_rows, self.item)
        if self.kind == "law":
            return law.gathered(made)
        if self.kind == "exemption":
            return made or None
        if self.kind == "step":
            made = steps.gathered(made) | (self.table.data() if self.table is not None else {})
            if self.data is not None and "next" in self.item:
                made["next"] = ways.typed_next(self.scene, made, self.data)
        return made

    @cached_property
    def _typed_rows(self) -> list[questions.OptionRow] | None:
        if self.data is None or "opcion-0-texto" not in self.data:
            return None
        return questions.typed_options(self.data)

    def _lead(self, draft: ProcedureDraft, by: Person, now: datetime) -> ProcedureDraft:
        """Make each option open the question that was chosen beside it."""
        sent = self._sent_targets()
        if sent is None or sent == {k: v for k, v in self._targets(draft).items() if k in sent and v} or not self.opens:
            return draft
        return operations.edit_with(
            draft=draft,
            change=lambda content: questions.lead_to(content, self.address, sent),
            address=self.address,
            summary=_("Cambió lo que abre %(what)s") % {"what": wording.name_of(draft.content, self.address)},
            by=by,
            now=now,
        )

    def _targets(self, draft: ProcedureDraft) -> dict[str, str]:
        return questions.choosing_leads_to(draft.content, self.address)

    def _sent_targets(self) -> dict[str, str] | None:
        if self.data is None or self.in_group:
            return None
        if self._typed_rows is not None:
            return {row.id: row.target for row in self._typed_rows if row.id and row.target}
        if "abre-yes" in self.data:
            return {name: str(self.data[f"abre-{name}"]) for name in ("yes", "no") if self.data.get(f"abre-{name}")}
        return None

    def _controls(self) -> list[Control]:
        return [*self._own_controls(), *([NAME] if self._is_named else [])]

    def _own_controls(self) -> list[Control]:
        if self.part is not None:
            return list(self.part.controls)
        if self.kind == "question":
            return questions.controls(self.item, in_group=self.in_group)
        if self.kind == "step":
            return steps.CONTROLS[self.item["kind"]]
        if self.kind == "block":
            return texts.block_controls(self.item)
        fixed = {"page": questions.PAGE, "form": questions.FORM, "document": texts.DOCUMENT, "notice": texts.NOTICE}
        return {
            **fixed,
            "role": texts.ROLE,
            "law": law.CONTROLS,
            "exemption": exemption.CONTROLS,
            "way": self._way_controls(),
        }[self.kind]

    def _way_controls(self) -> list[Control]:
        key = "otherwise" if "otherwise" in self.item else "goto"
        return [
            Control("label", _("Palabras de esta salida"), hint=_("Se leen en el diagrama")),
            Control(key, _("Sigue a"), "pick", choices=steps.step_choices, needed=True),
        ]
