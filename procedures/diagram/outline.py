"""The text twin of the picture: the same steps and ways as an ordered list."""

from collections.abc import Iterable
from dataclasses import dataclass

from procedures.diagram.blocks import JOIN, ways_out
from procedures.schema import BaseStep, Bundle, CorrectionStep, DraftStep, SignStep, StartStep, TaskStep

KIND_WORDS = {
    "start": "Comienzo",
    "task": "Tarea",
    "correction": "Corrección",
    "parallel": "En paralelo",
    "draft": "Redacción",
    "sign": "Firma",
    "seal": "Sello automático",
    "lookup": "Consulta automática",
    "register": "Registro automático",
    "notify": "Aviso automático",
    "for_each": "Por cada fila",
    "decision": "Tabla de decisión",
    "wait": "Espera",
    "service": "Consulta a otra institución",
    "subcase": "Caso vinculado",
    "referral": "Derivación",
    "end": "Término",
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
        return "Ciudadanía"
    if isinstance(step, TaskStep | DraftStep):
        return _role(step.role, bundle)
    if isinstance(step, SignStep):
        return " y ".join(_role(signer, bundle) for signer in step.signers)
    return KIND_WORDS.get(step.kind, step.kind)


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
        where = "termina la rama"
    else:
        step = bundle.steps_by_id.get(target)
        where = f"sigue en {numbers[target]}, {step.title}" if step else "sigue en un paso que no existe"
    return f"{label}: {where}" if label else where[0].upper() + where[1:]
