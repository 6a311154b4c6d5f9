"""Separation of duties: it can be kept, and each rule says what a small office does."""

from collections.abc import Iterator

from procedures.findings import Finding
from procedures.gate import Phase, Subject, register
from procedures.schema import Separated


@register(Phase.NAMES)
def separation_says_what_small_offices_do(subject: Subject) -> Iterator[Finding]:
    """A step for another person says what happens where there is none; the two rules exclude each other."""
    for placed in subject.steps:
        step = placed.step
        if not isinstance(step, Separated):
            continue
        if step.not_same_as and step.if_alone is None:
            yield subject.finding(
                (*placed.place, "not_same_as"),
                "separation_without_fallback",
                f"'{step.id}' pide otra persona y no dice qué pasa en una oficina donde no la hay.",
                "Escriba «if_alone: subrogate» (se espera un subrogante) o «if_alone: exception» (con una razón).",
            )
        if step.same_as and step.not_same_as:
            yield subject.finding(
                (*placed.place, "same_as"),
                "separation_contradicts",
                f"'{step.id}' pide la misma persona y otra a la vez.",
                "Deje «same_as» o «not_same_as».",
            )


@register(Phase.NAMES)
def roles_by_rule_exist(subject: Subject) -> Iterator[Finding]:
    """A role that a rule gives a step to is declared."""
    declared = {role.id for role in subject.bundle.roles}
    for placed in subject.steps:
        for index, chosen in enumerate(getattr(placed.step, "role_when", ())):
            if chosen.role not in declared:
                yield subject.finding(
                    (*placed.place, "role_when", index, "role"),
                    "unknown_role",
                    f"El cargo '{chosen.role}' no existe.",
                    "Declárelo en «roles» o use uno de los que están.",
                )
