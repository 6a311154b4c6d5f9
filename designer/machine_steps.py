"""New steps that nobody does by hand: tables, waits, and what is asked of registers, services and other procedures."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from designer import tree
from designer.newstep import NewStep, Wish


def _decision(made: NewStep, wish: Wish) -> None:
    made.item |= {"values": {"resultado": "text"}, "rows": [{"then": {"resultado": _("igual para todos")}}]}


def _wait(made: NewStep, wish: Wish) -> None:
    made.item |= {"after": {"amount": 5, "unit": "business_days"}}


def _lookup(made: NewStep, wish: Wish) -> None:
    made.item |= {"fact": "registro", "key": _first_datum(wish)}


def _service(made: NewStep, wish: Wish) -> None:
    made.item |= {
        "connector": "conector",
        "inputs": {"dato": _first_datum(wish)},
        "values": {"estado": {"path": "estado", "type": "text"}},
        "on_failure": "wait",
    }


def _subcase(made: NewStep, wish: Wish) -> None:
    made.item |= {"procedure": "otro_tramite"}


def _referral(made: NewStep, wish: Wish) -> None:
    made.item |= {"procedure": "otro_tramite", "agency": "otra-institucion"}


def _first_datum(wish: Wish) -> str:
    """An answer to begin from: the first of the application."""
    start = next(
        (step for _at, step in tree.all_steps(wish.content) if step["kind"] == "start"), {"id": "", "form": ""}
    )
    form = tree.find(wish.content, ("forms", start["form"])) or {"id": ""}
    return f"{start['id']}.{next((field['id'] for _at, field in tree.fields_of_form(form)), '')}"


MACHINE_MAKERS: dict[str, Callable[[NewStep, Wish], None]] = {
    "decision": _decision,
    "wait": _wait,
    "lookup": _lookup,
    "service": _service,
    "subcase": _subcase,
    "referral": _referral,
}
"""By kind of step."""
