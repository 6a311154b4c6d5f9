"""Flow: one start, ways out that are complete and stay in their branch, every step reached and able to finish."""

from collections.abc import Iterator, Mapping

from procedures.findings import Finding
from procedures.gate import Phase, PlacedStep, Subject, register
from procedures.graph import Scope
from procedures.schema import CorrectionStep, EndStep, StartStep, ends_in_otherwise
from procedures.soundness.names import route_places

MAX_NESTING = 4
"""Blocks inside blocks: the token of a branch must fit the runtime's column."""


@register(Phase.NAMES)
def there_is_one_start(subject: Subject) -> Iterator[Finding]:
    """Exactly one start, at the top level."""
    starts = [placed for placed in subject.steps if isinstance(placed.step, StartStep)]
    if not starts:
        yield subject.finding(("steps",), "no_start", "Falta el paso de comienzo.", "Agregue un paso «kind: start».")
    for extra in starts[1:]:
        yield subject.finding(
            extra.place,
            "many_starts",
            f"'{extra.step.id}' es un segundo comienzo.",
            "Deje uno solo, en el primer nivel.",
        )
    if starts and starts[0].scope:
        yield subject.finding(
            starts[0].place, "start_in_branch", "El comienzo está dentro de una rama.", "Sáquelo al primer nivel."
        )


@register(Phase.NAMES)
def blocks_are_not_too_deep(subject: Subject) -> Iterator[Finding]:
    """Blocks inside blocks stay within what the runtime's token can say."""
    for placed in subject.steps:
        if placed.step.inner and len(placed.scope) >= MAX_NESTING:
            yield subject.finding(
                placed.place,
                "too_nested",
                f"Hay más de {MAX_NESTING} bloques paralelos uno dentro de otro.",
                "Simplifique el recorrido o divídalo en pasos seguidos.",
            )


@register(Phase.FLOW)
def ways_out_are_complete(subject: Subject) -> Iterator[Finding]:
    """A list of alternatives ends in `otherwise`, once."""
    for placed in subject.steps:
        written = getattr(placed.step, "next", "")
        if not ends_in_otherwise(written):
            yield subject.finding(
                (*placed.place, "next"),
                "no_otherwise",
                f"Las salidas de '{placed.step.id}' no terminan en un solo «otherwise».",
                "Agregue al final «- otherwise: paso» para cuando no se cumpla ninguna.",
            )


@register(Phase.FLOW)
def ends_are_at_the_top(subject: Subject) -> Iterator[Finding]:
    """A branch ends in `join`, never in an end of the case."""
    for placed in subject.steps:
        if isinstance(placed.step, EndStep) and placed.scope:
            yield subject.finding(
                placed.place,
                "end_in_branch",
                f"El término '{placed.step.id}' está dentro de una rama.",
                "Termine la rama con «next: join» y decida después del bloque.",
            )
    if not any(isinstance(placed.step, EndStep) for placed in subject.steps):
        yield subject.finding(("steps",), "no_end", "Falta el paso de término.", "Agregue un paso «kind: end».")


@register(Phase.FLOW)
def jumps_stay_in_their_branch(subject: Subject) -> Iterator[Finding]:
    """No way out leads into or out of a branch, or back to the start."""
    scopes = subject.graph.scopes
    for placed in subject.steps:
        deadline = getattr(placed.step, "deadline", None)
        aside = [
            ((*placed.place, "deadline", "on_expire"), deadline.on_expire if deadline else None),
            ((*placed.place, "on_return"), getattr(placed.step, "on_return", None)),
        ]
        for place, target in [*route_places(placed), *aside]:
            problem = _jump_problem(placed, target, scopes) if target else None
            if problem:
                yield subject.finding(place, *problem)


def _jump_problem(placed: PlacedStep, target: str, scopes: Mapping[str, Scope]) -> tuple[str, str, str] | None:
    if target == "join":
        if placed.scope:
            return None
        return "join_outside", "«join» solo existe dentro de una rama.", "Escriba el paso al que sigue."
    if scopes[target] != placed.scope:
        return (
            "jump_across",
            f"No se puede saltar de '{placed.step.id}' a '{target}', dentro o fuera de una rama paralela.",
            "Dentro de una rama siga a otro paso de ella o a «join».",
        )
    return None


@register(Phase.FLOW)
def nothing_goes_back_to_start(subject: Subject) -> Iterator[Finding]:
    """What the person filed is amended by a correction, never filed again in the same case."""
    start = subject.bundle.start.id
    for placed in subject.steps:
        for place, target in route_places(placed):
            if target == start:
                yield subject.finding(
                    place,
                    "back_to_start",
                    f"'{placed.step.id}' vuelve al comienzo.",
                    "Para que la persona corrija, use un paso «kind: correction».",
                )


@register(Phase.REACH)
def steps_are_reached(subject: Subject) -> Iterator[Finding]:
    """Some way from the start leads to every step."""
    for placed in subject.steps:
        if placed.step.id not in subject.graph.reached:
            yield subject.finding(
                placed.place,
                "unreachable",
                f"Ningún camino llega al paso '{placed.step.id}'.",
                "Haga que otro paso siga a él, o quítelo.",
            )


@register(Phase.REACH)
def steps_can_finish(subject: Subject) -> Iterator[Finding]:
    """Some way leads from every step to an end (in a branch, to its `join`)."""
    finishing: dict[Scope, frozenset[str]] = {}
    for placed in subject.steps:
        if placed.scope not in finishing:
            finishing[placed.scope] = subject.graph.leading_to(_goals(subject, placed.scope))
        if placed.step.id not in finishing[placed.scope]:
            where = "«join»" if placed.scope else "un término"
            yield subject.finding(
                placed.place,
                "no_way_out",
                f"Desde '{placed.step.id}' ningún camino llega a {where}.",
                f"Dele una salida que lleve a {where}.",
            )


def _goals(subject: Subject, scope: Scope) -> list[str]:
    """Where the steps of a branch, or those of the top level, may finish."""
    return [f"{scope[-1][0]}/{scope[-1][1]}"] if scope else [end.id for end in subject.bundle.ends]


@register(Phase.MEANING)
def loops_wait_for_someone(subject: Subject) -> Iterator[Finding]:
    """A loop contains a step of a person; else it would turn for ever within one transaction."""
    graph = subject.graph
    automatic = [placed for placed in subject.steps if not graph.is_held(placed.step)]
    held = frozenset(placed.step.id for placed in subject.steps) - {placed.step.id for placed in automatic}
    for placed in automatic:
        followers = [edge.target for edge in graph.forward.get(_exit(placed), ()) if edge.target not in held]
        if placed.step.id in graph.reach(followers, avoiding=held):
            yield subject.finding(
                placed.place,
                "endless_loop",
                f"'{placed.step.id}' está en una vuelta en que no actúa ninguna persona.",
                "Ponga en la vuelta una tarea, o quite el salto hacia atrás.",
            )


def _exit(placed: PlacedStep) -> str:
    return f"{placed.step.id}/join" if placed.step.inner else placed.step.id


@register(Phase.MEANING)
def corrections_are_asked_for(subject: Subject) -> Iterator[Finding]:
    """A correction amends the application, after the task that asked for it."""
    for placed in subject.steps:
        step = placed.step
        if not isinstance(step, CorrectionStep):
            continue
        if subject.bundle.step(step.amends).kind != "start":
            yield subject.finding(
                (*placed.place, "amends"),
                "amends_not_application",
                f"'{step.amends}' no es la solicitud: una corrección corrige lo que presentó la persona.",
                f"Escriba «amends: {subject.bundle.start.id}».",
            )
        if step.requested_by not in subject.graph.facts[step.id]:
            yield subject.finding(
                (*placed.place, "requested_by"),
                "requested_later",
                f"Hay un camino a '{step.id}' que no pasa por '{step.requested_by}'.",
                "Escriba la tarea en que se pidió la corrección.",
            )
