"""The text twin of the picture: the same steps and ways as an ordered list."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.diagram.blocks import JOIN, ways_out
from procedures.schema import BaseStep, Bundle, CorrectionStep, DraftStep, SignStep, StartStep, TaskStep

KIND_WORDS = {
    "start": gettext_lazy("Comienzo"),
    "task": gettext_lazy("Tarea"),
    "correction": gettext_lazy("Corrección"),
    "parallel": gettext_lazy("En paralelo"),
    "draft": gettext_lazy("Redacción"),
    "sign": gettext_lazy("Firma"),
    "seal": gettext_lazy("Sello automático"),
    "lookup": gettext_lazy("Consulta automática"),
    "register": gettext_lazy("Registro automático"),
    "notify": gettext_lazy("Aviso automático"),
    "for_each": gettext_lazy("Por cada fila"),
    "decision": gettext_lazy("Tabla de decisión"),
    "wait": gettext_lazy("Espera"),
    "service": gettext_lazy("Consulta a otra institución"),
    "subcase": gettext_lazy("Caso vinculado"),
    "referral": gettext_lazy("Derivación"),
    "end": gettext_lazy("Término"),
}


@dataclass(frozen=True)
class OutlineItem:
    """A step in words."""

    step_id: str
    number: str
    """Place in the list: "5", and inside a block "5.1.2"."""
    title: str
    who: str
    """Who acts: the citizens, a role, or what the engine does by itself."""
    ways: tuple[str, ...]
    """Where the case goes from here, in words."""
    branches: tuple[tuple["OutlineItem", ...], ...] = ()


def outline(bundle: Bundle) -> list[OutlineItem]:
    """The steps of a bundle in order, with who acts and where each leads."""
    numbers = dict(_numbers(bundle.steps, ""))
    return [_item(step, bundle, numbers) for step in bundle.steps]


def who_acts(step: BaseStep, bundle: Bundle) -> str:
    """Who acts in a step, as the picture and the list say it."""
    if isinstance(step, StartStep | CorrectionStep):
        return _("Ciudadanía")
    if isinstance(step, TaskStep | DraftStep):
        return _role(step.role, bundle)
    if isinstance(step, SignStep):
        return _(" y ").join(_role(signer, bundle) for signer in step.signers)
    return str(KIND_WORDS.get(step.kind, step.kind))


def _role(role_id: str, bundle: Bundle) -> str:
    return next((slot.title for slot in bundle.roles if slot.id == role_id), role_id)


def _numbers(steps: Iterable[BaseStep], prefix: str) -> Iterable[tuple[str, str]]:
    for place, step in enumerate(steps, 1):
        yield step.id, f"{prefix}{place}"
        for number, branch in enumerate(step.inner, 1):
            yield from _numbers(branch, f"{prefix}{place}.{number}.")


def _item(step: BaseStep, bundle: Bundle, numbers: dict[str, str]) -> OutlineItem:
    branches = tuple(tuple(_item(inner, bundle, numbers) for inner in branch) for branch in step.inner)
    ways = tuple(_way(way.target, way.label, bundle, numbers) for way in ways_out(step))
    return OutlineItem(step.id, numbers[step.id], step.title, who_acts(step, bundle), ways, branches)


def _way(target: str, label: str, bundle: Bundle, numbers: dict[str, str]) -> str:
    if target == JOIN:
        where = _("termina la rama")
    elif (step := bundle.steps_by_id.get(target)) is not None:
        where = _("sigue en %(number)s, %(title)s") % {"number": numbers[target], "title": step.title}
    else:
        where = _("sigue en un paso que no existe")
    return f"{label}: {where}" if label else where[0].upper() + where[1:]
