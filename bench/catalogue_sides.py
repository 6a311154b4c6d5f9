"""The searches that `bench.catalogue` measures, in a process and a database of their own."""

from __future__ import annotations

import csv
import io
import itertools
import json
import sys
from collections.abc import Callable
from pathlib import Path

import django

FICHAS = Path(__file__).resolve().parents[1] / "examples" / "catalogue" / "fichas.csv"


def main() -> None:
    """Loads the fichas, searches by turns, and prints the figures as one line of JSON."""
    django.setup()
    from django.core.management import call_command

    from bench.sides import alternate, figures

    call_command("migrate", verbosity=0)
    load(int(sys.argv[1]))
    sides = searches()
    counted = {name: statements(search) for name, search in sides.items()}
    timings = figures(alternate(sides, rounds=int(sys.argv[2]), warm_up=2))
    print(json.dumps({name: {**found, "statements": counted[name]} for name, found in timings.items()}))


def load(fichas: int) -> None:
    """The demonstration's fichas over and over, each time of another commune."""
    from legaltime.api import now
    from procedures.api import apply_import, communes, send_catalogue

    rows = list(csv.DictReader(FICHAS.open(encoding="utf-8")))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    places = itertools.cycle(commune.name for commune in communes().values())
    for turn, row in zip(range(fichas), itertools.cycle(rows), strict=False):
        place = next(places)
        writer.writerow({**row, "nombre": f"{row['nombre']} {turn}", "institución": f"Municipalidad de {place}"})
    sent = send_catalogue(name="bench.csv", content=text.getvalue().encode(), by=None, now=now())
    apply_import(sent=sent, by=None, now=now())


def searches() -> dict[str, Callable[[], object]]:
    """Each kind of search by what it is."""
    from procedures.api import Filters, search

    return {
        "una palabra común": lambda: search("certificado"),
        "tres palabras": lambda: search("permiso de circulación de vehículo nuevo"),
        "palabra y comuna": lambda: search("patente comercial chillán"),
        "sinónimos": lambda: search("carnet para manejar auto"),
        "mal escritas": lambda: search("certficado de no expropiasion"),
        "nada": lambda: search("zapatos rojos"),
        "con filtros": lambda: search("certificado", Filters(life_event="home", online="paper")),
        "página 40 de todos": lambda: search("", page=40),
    }


def statements(search: Callable[[], object]) -> int:
    """How many statements a search takes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        search()
    return len(captured)


if __name__ == "__main__":
    main()
