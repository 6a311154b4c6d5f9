"""What "¿Por qué esta fecha?" prints, as plain JSON that is stored beside the date. Pure."""

from datetime import date
from typing import Any

UNIT_NAMES = {
    "business_days": ("día hábil", "días hábiles"),
    "calendar_days": ("día corrido", "días corridos"),
    "months": ("mes", "meses"),
    "hours": ("hora", "horas"),
}
"""Singular and plural in Spanish of each unit of a time limit."""

ARTICLE = "Ley 19.880, artículo 25"


def in_words(amount: int, unit: str) -> str:
    """Such as "1 día hábil" or "5 días hábiles"."""
    return f"{amount} {UNIT_NAMES[unit][amount != 1]}"


def explain(
    *,
    rule_version: str,
    calendar: str,
    place: dict[str, str],
    starts_on: date,
    amount: int,
    unit: str,
    ends_on: date,
    due_on: date,
    skipped: list[tuple[date, str]],
) -> dict[str, Any]:
    """The facts and the sentences behind a due date; dates as ISO text, sentences in Spanish."""
    return {
        "rule_version": rule_version,
        "article": ARTICLE,
        "calendar": calendar,
        **place,
        "starts_on": starts_on.isoformat(),
        "amount": amount,
        "unit": unit,
        "ends_on": ends_on.isoformat(),
        "due_on": due_on.isoformat(),
        "skipped": [{"date": day.isoformat(), "name": name} for day, name in skipped],
        "sentences": sentences(starts_on, amount, unit, ends_on, due_on, skipped),
    }


def sentences(
    starts_on: date, amount: int, unit: str, ends_on: date, due_on: date, skipped: list[tuple[date, str]]
) -> list[str]:
    """The computation told step by step, for a person."""
    told = [f"El plazo es de {in_words(amount, unit)} y se cuenta desde el día siguiente al {_day(starts_on)}."]
    if unit == "business_days" and skipped:
        told.append(f"No se cuentan los días inhábiles: {_days(skipped)}.")
    if unit == "months" and ends_on.day != starts_on.day:
        told.append("El mes en que termina no tiene ese número de día, por eso llega hasta su último día.")
    if ends_on != due_on:
        told.append(f"Terminaba el {_day(ends_on)}, que es inhábil ({skipped[0][1]}): pasa al siguiente día hábil.")
    told.append(f"El último día es el {_day(due_on)} ({ARTICLE}).")
    return told


def _days(skipped: list[tuple[date, str]]) -> str:
    return "; ".join(f"{_day(day)} ({name})" for day, name in skipped)


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
