"""Blocks: what their join waits for is possible and complete."""

from collections.abc import Iterator

from procedures.findings import Finding
from procedures.gate import Phase, PlacedStep, Subject, register
from procedures.schema import Field, ForEachStep, ParallelStep, walk


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


ROW_KINDS = frozenset({"task", "decision", "wait", "parallel", "subcase"})
"""Kinds of step that may stand in a row: acts are issued once, after the block."""


def _loops(subject: Subject) -> Iterator[tuple[PlacedStep, ForEachStep]]:
    for placed in subject.steps:
        if isinstance(placed.step, ForEachStep):
            yield placed, placed.step


@register(Phase.DATA)
def rows_come_from_a_group(subject: Subject) -> Iterator[Finding]:
    """`over` names a group that can be read, whose questions do not take the names that the block gives."""
    for placed, step in _loops(subject):
        place = (*placed.place, "over")
        if subject.bundle.types.get(step.over) != "group" or step.over.endswith(".rows"):
            yield subject.finding(
                place,
                "over_not_a_group",
                f"'{step.over}' no es un grupo que se repite.",
                "Escriba el `paso.campo` de una pregunta de tipo «group».",
            )
            continue
        group = subject.bundle.field(step.over)
        if group.sensitive or any(field.sensitive for field in group.fields):
            yield subject.finding(
                place,
                "over_sensitive",
                f"'{step.over}' lleva datos sensibles.",
                "Recorra un grupo que no los tenga.",
            )
        taken = {"rows", "count", "summary"} & {field.id for field in group.fields}
        if taken:
            yield subject.finding(
                place, "row_name_taken", f"Una pregunta del grupo se llama '{min(taken)}'.", "Cámbiele el id."
            )
        yield from _adding(subject, placed, step, group)


def _adding(subject: Subject, placed: PlacedStep, step: ForEachStep, group: Field) -> Iterator[Finding]:
    if (step.form is None) != (step.added_by is None):
        yield subject.finding(
            (*placed.place, "added_by"),
            "adding_incomplete",
            "«added_by» y «form» van juntos: quién agrega filas y con qué formulario.",
            "Agregue el que falta, o quite el otro.",
        )
    if step.form is None:
        return
    wanted = {field.id: field.datum_type for field in group.fields if field.is_question}
    given = {field.id: field.datum_type for field in subject.bundle.form(step.form).fields if field.is_question}
    if wanted != given:
        yield subject.finding(
            (*placed.place, "form"),
            "adding_asks_other_things",
            f"El formulario '{step.form}' no pregunta lo mismo que '{step.over}'.",
            f"Debe tener las preguntas {', '.join(wanted)}, del mismo tipo.",
        )


@register(Phase.NAMES)
def rows_do_what_rows_can(subject: Subject) -> Iterator[Finding]:
    """A row holds reports, tables, waits and linked cases; no row within a row."""
    for placed, step in _loops(subject):
        if step.join == "n" and step.n is None:
            yield subject.finding(
                (*placed.place, "join"),
                "join_without_count",
                f"'{step.id}' no dice «n».",
                "Escriba «n:», o «join: all».",
            )
        for inner in walk(step.steps):
            if inner.kind not in ROW_KINDS:
                yield subject.finding(
                    placed.place,
                    "kind_in_a_row",
                    f"'{inner.id}', de clase «{inner.kind}», no puede estar dentro de '{step.id}'.",
                    f"Dentro de una fila use {', '.join(sorted(ROW_KINDS))}; lo demás, después del bloque.",
                )


@register(Phase.MEANING)
def rows_are_known(subject: Subject) -> Iterator[Finding]:
    """The group was surely asked before its rows are walked."""
    for placed, step in _loops(subject):
        if step.over.partition(".")[0] not in subject.graph.facts[step.id]:
            yield subject.finding(
                (*placed.place, "over"),
                "rows_not_known_yet",
                f"Hay un camino que llega a '{step.id}' sin '{step.over}'.",
                "Recorra un grupo que siempre se llene antes.",
            )
