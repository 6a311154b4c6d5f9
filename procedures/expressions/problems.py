"""Errors of rules, in words for the person who writes the procedure."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class RuleError(Exception):
    """A condition could not give a verdict. The text is for staff and holds no answer of anyone."""


@dataclass(frozen=True)
class Problem:
    """Why a condition cannot be published, and what to do about it."""

    code: str
    message: str
    remedy: str


def unknown_field(path: str, known: Iterable[str]) -> Problem:
    """The problem of naming a datum that does not exist, with the nearest one that does."""
    near = nearest(path, known)
    return Problem(
        "unknown_field",
        f"El campo '{path}' no existe" + (f"; ¿quiso decir '{near}'?" if near else "."),
        f"Escriba '{near}' o agregue el campo." if near else "Use `paso.campo` con un paso y un campo del trámite.",
    )


def nearest(wanted: str, known: Iterable[str]) -> str:
    """The known name most like the wanted one; empty when none is like it."""
    found = difflib.get_close_matches(wanted, list(known), n=1, cutoff=0.6)
    return found[0] if found else ""
