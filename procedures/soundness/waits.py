"""Waits: the date that is waited for is one."""

from collections.abc import Iterator

from procedures.findings import Finding
from procedures.gate import Phase, Subject, register
from procedures.schema import WaitStep


@register(Phase.DATA)
def waits_are_for_dates(subject: Subject) -> Iterator[Finding]:
    """`until` names a date."""
    for placed in subject.steps:
        step = placed.step
        if isinstance(step, WaitStep) and step.until and subject.bundle.types.get(step.until) != "date":
            yield subject.finding(
                (*placed.place, "until"),
                "until_not_a_date",
                f"'{step.until}' no es una fecha.",
                "Escriba el `paso.campo` de una pregunta de tipo «date».",
            )


@register(Phase.MEANING)
def waited_dates_are_known(subject: Subject) -> Iterator[Finding]:
    """The date was surely answered before the case waits for it."""
    for placed in subject.steps:
        step = placed.step
        if not isinstance(step, WaitStep) or step.until is None:
            continue
        source = step.until.partition(".")[0]
        if source not in subject.graph.facts[step.id] or not _always_answered(subject, step.until):
            yield subject.finding(
                (*placed.place, "until"),
                "until_may_be_missing",
                f"Hay un camino que llega a '{step.id}' sin la fecha '{step.until}'.",
                "Espere una fecha que siempre se responda antes, obligatoria y sin condición.",
            )


def _always_answered(subject: Subject, path: str) -> bool:
    if (block := subject.bundle.row_data.get(path)) is not None:
        beside = subject.bundle.field(block.over).fields
        return all(one.required and not one.is_conditional for one in beside if path == f"{block.id}.{one.id}")
    try:
        field = subject.bundle.field(path)
    except KeyError:
        return True
    return field.required and field.visible_when is None and field.required_when is None
