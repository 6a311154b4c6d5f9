"""Fixed lists of the country: communes with their provinces and regions, countries and banks."""

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

_DATA = Path(__file__).parent.parent / "data"


class Commune(NamedTuple):
    """A commune with its official five-digit code (Subdere, division of 2018); its first three are the province."""

    code: str
    name: str
    region: str
    region_name: str


@cache
def communes() -> dict[str, Commune]:
    """The 346 communes by code, from north to south."""
    with (_DATA / "communes.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: Commune(**row) for row in csv.DictReader(file)}


@cache
def provinces() -> dict[str, str]:
    """The names of the 56 provinces by their official three-digit code."""
    return _names("provinces.csv")


@cache
def countries() -> dict[str, str]:
    """The names of countries and territories by their ISO 3166 code of two letters, in Spanish order."""
    return _names("countries.csv")


@cache
def banks() -> dict[str, str]:
    """The institutions that keep accounts, by their code in the interbank system."""
    return _names("banks.csv")


def _names(file_name: str) -> dict[str, str]:
    with (_DATA / file_name).open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


def place_in_words(code: str) -> str:
    """ "Chillán, provincia de Diguillín, región de Ñuble"; the code itself when it is none of today's."""
    known = communes().get(code)
    if known is None:
        return code
    return f"{known.name}, provincia de {provinces()[code[:3]]}, región de {known.region_name}"
