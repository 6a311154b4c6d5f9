"""Services and linked cases: what they send exists, and a declared word can stand for an answer."""

from collections.abc import Iterator

from procedures.findings import Finding, Place
from procedures.gate import Phase, PlacedStep, Subject, register
from procedures.schema import ReferralStep, ServiceStep, SubcaseStep


@register(Phase.DATA)
def sent_data_exist(subject: Subject) -> Iterator[Finding]:
    """Each datum that goes out exists."""
    for placed in subject.steps:
        for place, path in sent(placed):
            if path not in subject.bundle.types:
                yield subject.finding(
                    place, "unknown_field", f"El campo '{path}' no existe.", "Use un `paso.campo` de este trámite."
                )


def sent(placed: PlacedStep) -> Iterator[tuple[Place, str]]:
    """Each datum that a step hands to another body, or that stands for what it asks, with its place."""
    step = placed.step
    if isinstance(step, ServiceStep):
        yield from (((*placed.place, "inputs", name), path) for name, path in step.inputs.items())
        yield from (((*placed.place, "declared", name), path) for name, path in step.declared.items())
    if isinstance(step, SubcaseStep | ReferralStep):
        yield from (((*placed.place, "answers", name), path) for name, path in step.answers.items())


@register(Phase.MEANING)
def sent_data_are_known(subject: Subject) -> Iterator[Finding]:
    """Each datum that goes out comes from a step that every way has finished."""
    for placed in subject.steps:
        for place, path in sent(placed):
            if path.partition(".")[0] not in subject.graph.facts[placed.step.id]:
                yield subject.finding(
                    place,
                    "not_answered_yet",
                    f"Se envía '{path}', pero hay un camino que llega aquí sin ese paso.",
                    "Envíe un dato que siempre se responda antes.",
                )


@register(Phase.DATA)
def degraded_modes_are_complete(subject: Subject) -> Iterator[Finding]:
    """With `accept`, each datum has a declared answer of its type and somebody verifies it; else neither stands."""
    for placed in subject.steps:
        step = placed.step
        if isinstance(step, ServiceStep):
            problem = _degraded_problem(step, subject)
            if problem:
                yield subject.finding((*placed.place, "on_failure"), "degraded_mode_incomplete", *problem)


def _degraded_problem(step: ServiceStep, subject: Subject) -> tuple[str, str] | None:
    if step.on_failure != "accept":
        if step.declared or step.verified_by:
            return "«declared» y «verified_by» solo sirven con «on_failure: accept».", "Quítelos, o use «accept»."
        return None
    read = {name for name, value in step.values.items() if not value.sensitive}
    missing = sorted(read - set(step.declared)) or sorted(set(step.declared) - set(step.values))
    if missing:
        return (
            f"'{step.id}' no dice con qué respuesta de la persona se sigue en '{missing[0]}'.",
            "Escriba en «declared» un `paso.campo` por cada dato de «values».",
        )
    if step.verified_by is None:
        return f"Nadie verifica después lo declarado en '{step.id}'.", "Escriba «verified_by» con un cargo."
    for name, path in step.declared.items():
        kind = subject.bundle.types.get(path)
        if kind is not None and kind != step.values[name].type:
            return (
                f"'{path}' es de tipo '{kind}' y '{step.id}.{name}' de tipo '{step.values[name].type}'.",
                "Use una respuesta del mismo tipo.",
            )
    return None


@register(Phase.DATA)
def sensitive_data_can_be_refused(subject: Subject) -> Iterator[Finding]:
    """R60: who does not let another body send sensitive data brings them; the authorisation names that body."""
    for placed in subject.steps:
        step = placed.step
        if not isinstance(step, ServiceStep) or not step.is_sensitive:
            continue
        if step.source is None:
            yield subject.finding(
                placed.place,
                "sensitive_without_source",
                f"'{step.id}' pide datos sensibles y no dice a qué institución.",
                "Escriba «source: {code: …, name: …, service: …}» (DS 12 de 2023, art. 14).",
            )
        if step.on_failure != "accept":
            yield subject.finding(
                (*placed.place, "on_failure"),
                "sensitive_without_way",
                f"'{step.id}' pide datos sensibles y se detendría si la persona no lo autoriza.",
                "Use «on_failure: accept» con «declared» y «verified_by»: la persona trae lo que falte (DS 12 de 2023, "
                "art. 15).",
            )
