"""Adds up verdicts and shows them."""

import json
from collections import Counter
from collections.abc import Iterable

from jobs.faults.scenarios import Verdict


def add_up(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """One verdict per scenario, in order of appearance."""
    sums: dict[str, Verdict] = {}
    for one in verdicts:
        so_far = sums.get(one.name, Verdict(one.name, 0, 0, 0, 0))
        sums[one.name] = Verdict(
            one.name,
            so_far.jobs + one.jobs,
            so_far.lost + one.lost,
            so_far.doubled + one.doubled,
            so_far.repeated + one.repeated,
        )
    return list(sums.values())


INVARIANTS = {
    "crash when": "lo reclamado vuelve al vencer su plazo y su efecto ocurre una vez",
    "kill -9 when": "lo reclamado vuelve al vencer su plazo y su efecto ocurre una vez",
    "kill -9 of a child": "otro proceso termina lo que hacía",
    "kill -9 of the web": "lo no confirmado no ocurrió; lo confirmado se hace",
    "kill -9 of the worker": "el supervisor pone otro y todo se envía de nuevo",
    "kill -9 of the broker": "nada dependía de su memoria",
    "hung worker": "el supervisor lo reemplaza por falta de latido",
    "child paused": "al despertar, lo que escribe se rechaza",
    "clock wrong": "nada se pierde ni se repite con relojes distintos",
    "message dropped": "la fila se envía de nuevo",
    "message doubled": "el segundo no encuentra qué reclamar",
    "broker wiped": "todo lo que llevaba se envía de nuevo",
    "broker connections cut": "los trabajadores vuelven a conectarse",
    "database sessions ended": "la transacción se deshace entera y se repite",
    "database crashed": "lo confirmado sobrevive y lo demás no ocurrió",
    "provider refuses": "se reintenta sin repetir el efecto",
    "answer lost": "el próximo intento pregunta antes de repetir",
    "certificate provider silent": "la firma espera y se pone una vez",
    "451": "el correo espera y sale después",
    "hung up after DATA": "si se repite, lleva el mismo Message-ID",
}
"""Beginning of a fault: what must hold after it. All are checked together: nothing lost, nothing done twice."""


def kinds(faults: Iterable[str]) -> str:
    """A line per kind of fault: how often it happened, and what must hold after it."""
    return "\n".join(f"{times:>8}  {fault:<44}{invariant(fault)}" for fault, times in Counter(faults).most_common())


def invariant(fault: str) -> str:
    """What must hold after this fault."""
    return next(text for beginning, text in INVARIANTS.items() if fault.startswith(beginning))


def table(verdicts: Iterable[Verdict]) -> str:
    """A line per scenario."""
    head = f"{'trabajo':<16}{'cuántos':>10}{'perdidos':>10}{'dobles':>10}{'repetidos con su clave':>26}"
    lines = [f"{one.name:<16}{one.jobs:>10}{one.lost:>10}{one.doubled:>10}{one.repeated:>26}" for one in verdicts]
    return "\n".join([head, *lines])


def summary(verdicts: Iterable[Verdict], faults: int) -> dict[str, int]:
    """The figures that decide whether the run was good."""
    found = list(verdicts)
    return {
        "faults": faults,
        "jobs": sum(one.jobs for one in found),
        "lost": sum(one.lost for one in found),
        "doubled": sum(one.doubled for one in found),
    }


def last_line(figures: dict[str, int]) -> str:
    """The machine-readable end of the output."""
    return json.dumps(figures)
