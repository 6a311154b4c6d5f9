"""Pages to open cases of own motion: what may be opened, the form of one, the rows of a sheet."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.api import roles_of
from accounts.models import Person
from procedures.api import PageForm, bundle_of, offerings_on, problems_of
from procedures.models import Offering
from workflows.bulk import people
from workflows.bulk.columns import columns, without_column
from workflows.bulk.forms import SheetForm, WhyOpenForm
from workflows.commands.bulk import not_opened, what_it_opens
from workflows.models import BulkStart
from workflows.presenting import desk_step
from workflows.presenting.language import marked, on_page, procedure_title

PAGE = 100


def index_context(person: Person, on: date) -> dict[str, Any]:
    """The procedures that the person may open, and the sheets sent for them."""
    mine = offerings_on(on).filter(role_bindings__role__in=roles_of(person, on)).distinct()
    found = [one for one in mine if "own_motion" in bundle_of(one.version).ficha.channels]
    sheets = BulkStart.objects.filter(offering__in=found).select_related("by", "offering__version")
    counted = sheets.annotate(total=Count("rows"), opened=Count("rows", filter=Q(rows__case__isnull=False)))
    return {
        "offerings": [
            {
                "title": procedure_title(one.version),
                "agency": one.agency.name,
                "summary": marked((said := on_page(one.version)).summary, said.lang),
                "one_url": _url("own_motion_one", one),
                "sheet_url": "" if without_column(bundle_of(one.version)) else _url("own_motion_sheet", one),
            }
            for one in found
        ],
        "sheets": counted.order_by("-pk")[:30],
    }


def one_context(offering: Offering, why: WhyOpenForm, form: PageForm) -> dict[str, Any]:
    """The page that opens one case."""
    return {
        "institution": offering.agency,
        "offering": offering,
        "why": why,
        "form": desk_step.plain_heading(form),
        "errors": [*problems_of(why), *(form.problems if why.is_bound else [])],
    }


def sheet_context(offering: Offering, form: SheetForm, refusal: Exception | None) -> dict[str, Any]:
    """The page that takes a sheet."""
    return {
        "institution": offering.agency,
        "offering": offering,
        "form": form,
        "errors": problems_of(form, refusal, at=f"id-{form.add_prefix('archivo')}"),
        "columns": [
            {"label": column.heading, "value": _("obligatoria") if column.question.required else _("opcional")}
            for column in columns(bundle_of(offering.version))
        ],
        "most_people": people.MOST,
        "kinds": ", ".join(people.KINDS),
        "csv_url": _url("own_motion_template", offering, "csv"),
        "xlsx_url": _url("own_motion_template", offering, "xlsx"),
    }


def rows_context(bulk: BulkStart, page: str) -> dict[str, Any]:
    """The rows of a sheet: those with something to correct first."""
    stand = bulk.rows.aggregate(
        total=Count("pk"),
        wrong=Count("pk", filter=~Q(problems=[])),
        opened=Count("pk", filter=Q(case__isnull=False, was_open=False)),
        before=Count("pk", filter=Q(was_open=True)),
    )
    waiting = stand["total"] - stand["wrong"] - stand["opened"] - stand["before"]
    ordered = bulk.rows.select_related("case", "bulk__offering__version").defer("case__flow_class")
    wrong_first = ordered.annotate(is_right=ExpressionWrapper(Q(problems=[]), BooleanField()))
    in_order = wrong_first.order_by("is_right", F("case").asc(nulls_first=True), "line")
    found = Paginator(in_order, PAGE).get_page(page)
    failed = not_opened(found) if bulk.started_at and waiting else set()
    return {
        "institution": bulk.agency,
        "bulk": bulk,
        "waiting": waiting,
        "done": stand["opened"] + stand["before"],
        "going": stand["total"] - stand["wrong"],
        "wrong": stand["wrong"],
        "counts": [
            (_("Por abrir"), waiting),
            (_("Abiertas"), stand["opened"]),
            (_("Ya estaban abiertas"), stand["before"]),
            (_("Con errores"), stand["wrong"]),
        ],
        "page": found,
        "rows": [{"row": row, "what": what_it_opens(row), "failed": row.pk in failed} for row in found],
        "has_failed": bool(failed),
        "again_url": _url("own_motion_sheet", bulk.offering),
    }


def _url(name: str, offering: Offering, *rest: str) -> str:
    return reverse(f"workflows:{name}", args=[offering.agency.code, offering.version.procedure.code, *rest])
