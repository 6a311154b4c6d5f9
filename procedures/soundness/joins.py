"""Blocks: what their join waits for is possible and complete."""

from collections.abc import Iterator

from procedures.findings import Finding
from procedures.gate import Phase, PlacedStep, Subject, register
from procedures.schema import ParallelStep


@register(Phase.NAMES)
def joins_say_what_they_wait_for(subject: Subject) -> Iterator[Finding]:
    """`n` and `required` stand where the join uses them, and name branches that exist."""
    for placed in subject.steps:
        if isinstance(placed.step, ParallelStep):
            yield from _count(subject, placed, placed.step)
            yield from _required(subject, placed, placed.step)


def _count(subject: Subject, placed: PlacedStep, step: ParallelStep) -> Iterator[Finding]:
    place, branches = (*placed.place, "n"), len(step.branches)
    if step.join == "n" and (step.n is None or step.n >= branches):
        yield subject.finding(
            place if step.n else (*placed.place, "join"),
            "join_without_count",
            f"'{step.id}' no dice cuántas de sus {branches} ramas deben terminar.",
            f"Escriba «n:» con un número entre 1 y {branches - 1}, o use «join: all».",
        )
    if step.join != "n" and step.n is not None:
        yield subject.finding(
            place, "count_unused", f"«n» solo sirve con «join: n», y '{step.id}' usa otro.", "Quite «n»."
        )


def _required(subject: Subject, placed: PlacedStep, step: ParallelStep) -> Iterator[Finding]:
    place, firsts = (*placed.place, "required"), [branch[0].id for branch in step.branches]
    if step.join != "all_required":
        if step.required:
            yield subject.finding(
                place, "required_unused", "«required» solo sirve con «join: all_required».", "Quite «required»."
            )
        return
    if not step.required:
        yield subject.finding(
            (*placed.place, "join"),
            "join_without_required",
            f"'{step.id}' no dice qué ramas deben terminar.",
            f"Escriba «required: [{firsts[0]}]» con el primer paso de cada rama indispensable.",
        )
    for name in step.required:
        if name not in firsts:
            yield subject.finding(
                place,
                "required_not_a_branch",
                f"'{name}' no es el primer paso de una rama de '{step.id}'.",
                f"Use los primeros pasos de sus ramas: {', '.join(firsts)}.",
            )


@register(Phase.MEANING)
def optional_reports_have_a_time(subject: Subject) -> Iterator[Finding]:
    """Advice when an optional branch has no time limit: the case would not wait for it at all."""
    for placed in subject.steps:
        step = placed.step
        if not isinstance(step, ParallelStep) or step.join != "all_required":
            continue
        for number, branch in enumerate(step.branches):
            if branch[0].id not in step.required and getattr(branch[0], "deadline", None) is None:
                yield subject.finding(
                    (*placed.place, "branches", number),
                    "optional_without_deadline",
                    f"A '{branch[0].id}' no se la espera nada, porque no tiene plazo.",
                    "Póngale un plazo, o inclúyala en «required» (Ley 19.880, art. 38).",
                    "suggestion",
                )
