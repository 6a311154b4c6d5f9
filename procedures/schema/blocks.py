"""The steps, forms, documents and notices that the legal blocks of a procedure bring, built from the law's own texts.

The texts of each version of `law.version` are a file beside this module, frozen like a published bundle. The words of
other languages, and those in which applicants read the steps, are shown only, and may be mended.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Discriminator, TypeAdapter
from ruamel.yaml import YAML

from procedures.schema.base import Id, Part
from procedures.schema.fields import Form
from procedures.schema.law import Law
from procedures.schema.overlay import spoken, texts_of
from procedures.schema.stepbase import BaseStep, Onward
from procedures.schema.steps import DraftStep, EndStep, NotifyStep, SignStep, StartStep, TaskStep
from procedures.schema.terms import CaseTerm
from procedures.schema.texts import Document, NoticeText

PREFIX = "law_"
"""With which every id of these blocks begins; a procedure's own ids may not."""
_P = TypeVar("_P", bound=Part)
_NAME = re.compile(r"<([a-z_]+)>")
ENDINGS = ("withdrawal", "waiver", "abandonment", "impossibility")
APPEAL, CLARIFICATION, SILENCE = "law_appeal", "law_clarification", "law_silence"
Outcome = Literal[
    "withdrawn",
    "waived",
    "abandoned",
    "impossible",
    "deemed_yes",
    "deemed_no",
    "upheld",
    "dismissed",
    "partly",
    "joined",
    "other",
]


class StopStep(Onward):
    """Se detienen los demás pasos del caso, porque va a terminar de otra manera."""

    kind: Literal["stop"]
    """`stop`"""


class GoesOnStep(BaseStep):
    """El bloque no termina el caso: lo demás sigue como estaba."""

    kind: Literal["goes_on"]
    """`goes_on`"""


class JoinedStep(Onward):
    """La solicitud más antigua resolvió también esta: su acto entra a este expediente."""

    kind: Literal["joined"]
    """`joined`"""


class CarryOutStep(Onward):
    """Se cumple lo que el recurso resolvió sobre el acto: lo reemplaza, lo modifica o lo deja sin efecto (art. 59)."""

    kind: Literal["carry_out"]
    """`carry_out`"""
    study: Id
    """Paso cuyas respuestas dicen qué se resolvió."""
    document: Id
    """Acto que lo resolvió."""


class LawEndStep(EndStep):
    """Término del caso por un bloque de la ley."""

    outcome: Outcome  # type: ignore[assignment]
    """Resultado."""


LawStep = Annotated[
    StartStep
    | TaskStep
    | DraftStep
    | SignStep
    | NotifyStep
    | StopStep
    | GoesOnStep
    | JoinedStep
    | CarryOutStep
    | LawEndStep,
    Discriminator("kind"),
]
_STEPS: TypeAdapter[tuple[LawStep, ...]] = TypeAdapter(tuple[LawStep, ...])
_FORMS = TypeAdapter(tuple[Form, ...])
_DOCUMENTS = TypeAdapter(tuple[Document, ...])
_NOTICES = TypeAdapter(tuple[NoticeText, ...])


@dataclass(frozen=True)
class Blocks:
    """What the switched-on blocks add to a procedure."""

    steps: tuple[BaseStep, ...] = ()
    forms: tuple[Form, ...] = ()
    documents: tuple[Document, ...] = ()
    notices: tuple[NoticeText, ...] = ()
    terms: Mapping[str, CaseTerm] | None = None
    """The term of a case that begins at one of these steps, by its id."""

    @cached_property
    def steps_by_id(self) -> dict[str, BaseStep]:
        """Each step by its id."""
        return {step.id: step for step in self.steps}

    @cached_property
    def for_applicant(self) -> "Blocks":
        """These parts with the steps called as those who apply read them. To show, never to store."""
        return replace(self, steps=tuple(step.for_applicant() for step in self.steps))

    def spoken(self, language: str, page_language: str, steps: Mapping[str, str]) -> "Blocks":
        """These parts in a language as far as the platform has the words, marked where a page of another shows them.

        `steps`: the titles of the procedure's own steps, which a block may offer to choose from, and their translation.
        """

        def said(part: _P) -> _P:
            words = {path: known[text] for path, text in texts_of(part) if text in known}
            return spoken(part, words, language, page_language)

        known = {**steps, **_words(language)}
        return replace(
            self,
            steps=tuple(map(said, self.steps)),
            forms=tuple(map(said, self.forms)),
            documents=tuple(map(said, self.documents)),
            notices=tuple(map(said, self.notices)),
        )


NONE = Blocks()


def build(law: Law, silence: str, source: str, own: Sequence[BaseStep] = ()) -> Blocks:
    """The parts of a procedure's blocks; `silence` is the effect that its ficha declares, `source` its norm.

    `own`: the procedure's own steps, in its order.
    """
    parts: dict[str, list[Any]] = {"steps": [], "forms": [], "documents": [], "notices": []}
    for fragment, values in _fragments(law, silence, source, own):
        for key, items in parts.items():
            items += _filled(fragment.get(key, []), values)
    plain = _words("applicant")
    steps = [{**step, "applicant_title": plain.get(step["title"])} for step in parts["steps"]]
    return Blocks(
        steps=_STEPS.validate_python(steps),
        forms=_FORMS.validate_python(parts["forms"]),
        documents=_DOCUMENTS.validate_python(parts["documents"]),
        notices=_NOTICES.validate_python(parts["notices"]),
        terms=_terms(law),
    )


def _terms(law: Law) -> dict[str, CaseTerm]:
    found = {CLARIFICATION: CaseTerm(amount=20, unit="business_days", source="Ley N° 19.880, artículos 24 y 62")}
    if law.appeals is not None:
        rules = law.appeals
        found[APPEAL] = CaseTerm(
            amount=rules.decide_in, unit="business_days", source=rules.source, amounts=rules.decide_in_amounts
        )
    return found


def _fragments(
    law: Law, silence: str, source: str, own: Sequence[BaseStep]
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    texts = _texts(law.version)
    common = _common(law)
    for name in ENDINGS:
        if getattr(law, name):
            yield texts["ending"], {**common, **texts["endings"][name]}
    if law.abandonment:
        yield texts["warning"], common
    if law.opposition is not None:
        yield texts["opposition"], common
    if law.joinder:
        yield texts["joinder"], common
    if law.silence is not None:
        certifier = {"certifier": [law.signers[0]], "source": source}
        yield texts["silence"], {**common, **texts["silence_effects"][silence], **certifier}
    if law.appeals is not None:
        back = tuple(_to_return_to(own))
        yield _appeal(texts["appeal"], law, back), {**common, **_appeal_values(law), "back": back}
    if law.clarification:
        yield texts["clarification"], common


def _common(law: Law) -> dict[str, Any]:
    return {
        "officer": law.officer,
        "signers": list(law.signers),
        "kind": law.act.kind,
        "book": law.act.book,
        "act": "Decreto" if law.act.kind == "decree" else "Resolución",
        "remedies": remedies(law),
    }


def remedies(law: Law) -> str:
    """Which appeals an act admits, before whom and until when: what every act must say (art. 41)."""
    rules = law.appeals
    if rules is None or not (rules.reposition or rules.hierarchical):
        return "Contra este acto proceden los recursos y acciones que establecen las leyes."
    length, source = f"{rules.amount} días hábiles", rules.source
    if rules.amounts:  # which of them rules is known only of a case
        length, source = "{law.appeal_term}", "{law.appeal_source}"
    days = f"dentro de {length} desde su notificación ({source})"
    told = []
    if rules.reposition:
        told.append(f"procede el recurso de reposición ante quien lo dictó, {days}")
    if rules.hierarchical:
        told.append(f"el recurso jerárquico ante su superior, directamente o en subsidio, {days}")
    barred = f" No procede el recurso jerárquico: {rules.barred}." if rules.barred and not rules.hierarchical else ""
    return f"Contra este acto {', y '.join(told)}.{barred} También las acciones ante los tribunales de justicia."


def _appeal(fragment: dict[str, Any], law: Law, back: Sequence[object]) -> dict[str, Any]:
    assert law.appeals is not None
    given = {
        "upper": bool(law.appeals.hierarchical),
        "alone": not law.appeals.hierarchical,
        "back": bool(back),
        "final": not back,
    }
    fragment = _needed(fragment, {name for name, is_given in given.items() if is_given})
    if law.appeals.hierarchical:
        return {**fragment, "steps": [*fragment["steps"], *fragment.get("upper", ())]}
    kept = [entry for entry in fragment["documents"] if entry["id"] != "law_hierarchical_act"]
    forms = [entry for entry in fragment["forms"] if entry["id"] != "law_hierarchical_form"]
    return {**fragment, "documents": kept, "forms": forms, "steps": [_without_superior(s) for s in fragment["steps"]]}


def _needed(part: Any, given: Collection[str]) -> Any:
    """The part without what is `only` for procedures that have something which this one does not."""
    if isinstance(part, dict):
        return {key: _needed(item, given) for key, item in part.items() if key != "only"}
    if isinstance(part, list):
        wanted = (item for item in part if not isinstance(item, dict) or item.get("only") in (None, *given))
        return [_needed(item, given) for item in wanted]
    return part


def _to_return_to(own: Sequence[BaseStep]) -> Iterator[dict[str, str]]:
    """The steps from which an application may be processed again: an official's own work, outside of any branch."""
    for step in own:
        if isinstance(step, TaskStep | DraftStep):
            yield {"id": step.id, "label": step.title}


def _without_superior(step: dict[str, Any]) -> dict[str, Any]:
    """The step without the ways that only an appeal to the superior takes."""
    if not isinstance(step.get("next"), list):
        return step
    ways = [way for way in step["next"] if not str(way.get("goto", "")).startswith("<upper")]
    return {**step, "next": ways if len(ways) > 1 else ways[0]["otherwise"]}


def _appeal_values(law: Law) -> dict[str, Any]:
    assert law.appeals is not None
    upper = law.appeals.hierarchical
    options = [{"id": "reposicion", "label": "Reposición", "hint": "La misma autoridad revisa su decisión."}]
    if upper:
        both = {"id": "subsidio", "label": "Reposición y, en subsidio, jerárquico"}
        options.append({**both, "hint": "Si la reposición no se acoge, decide el superior."})
        options.append({"id": "jerarquico", "label": "Jerárquico", "hint": "Decide directamente el superior."})
    kept = options if law.appeals.reposition else options[2:]
    return {
        "options": kept,
        "superior": upper or "",
        "upper": "law_hierarchical",
        "subsidy": "Si se dedujo jerárquico en subsidio, se eleva el expediente al superior." if upper else "",
    }


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    """The fragment with its `<names>` replaced; a text that is one name alone takes the value as it is."""
    if isinstance(value, dict):
        return {key: _filled(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, values) for item in value]
    if not isinstance(value, str):
        return value
    whole = _NAME.fullmatch(value)
    return values[whole[1]] if whole else _NAME.sub(lambda found: str(values[found[1]]), value)


@lru_cache
def _words(language: str) -> dict[str, str]:
    """The platform's own words for the blocks, from each text in Spanish; none in a language that it does not speak.

    `language` may also be "applicant": the titles of steps as those who apply read them.
    """
    path = Path(__file__).with_name(f"ley_19880_{language}.yaml")
    words: dict[str, str] = YAML(typ="safe").load(path) if language.isalpha() and path.exists() else {}
    return words


@lru_cache
def _texts(version: str) -> dict[str, Any]:
    """The texts of a version: its own, over those of the version that it is based on."""
    path = Path(__file__).with_name(f"{version.replace('-', '_')}.yaml")
    loaded: dict[str, Any] = YAML(typ="safe").load(path)
    base = loaded.pop("base", "")
    return {**_texts(base), **loaded} if base else loaded
