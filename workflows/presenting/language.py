"""Texts of procedures on a page that may be in another language: translated where they can be, marked where not.

Procedures are written in Spanish; their overlays (`translations`) say some of it in other languages. What stays in
Spanish on a page of another language carries `lang`, so that a screen reader says it right (WCAG 3.1.2).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Max
from django.utils.html import format_html
from django.utils.translation import get_language

from documents.models import Document
from procedures.api import Bundle, bundle_of
from procedures.models import CatalogueEntry, ProcedureVersion
from workflows import titles
from workflows.models import CaseTask

SPANISH = "es"


def page_language() -> str:
    """The language of the page being made."""
    return get_language() or SPANISH


def foreign_spanish() -> str:
    """ "es" where that is not the language of the page being made, else nothing."""
    return "" if page_language() == SPANISH else SPANISH


def on_page(version: ProcedureVersion) -> Bundle:
    """The procedure in the language of the page, as far as it is translated; the rest is marked as Spanish."""
    return bundle_of(version).spoken(page_language(), page_language())


def for_applicant(version: ProcedureVersion) -> Bundle:
    """The same, with its steps called as those who apply read them."""
    return on_page(version).for_applicant


def marked(text: str, lang: str) -> str:
    """A text that says its language, where that is not the page's. For the body of a page, not for its `title`."""
    return format_html('<span lang="{}">{}</span>', lang, text) if lang and text else text


def procedure_names(version_ids: Iterable[int]) -> dict[int, str]:
    """The name of each version as this page says it. Empty on a page in Spanish, where the stored name serves."""
    if not foreign_spanish():
        return {}
    versions = ProcedureVersion.objects.in_bulk(set(version_ids))
    return {pk: marked((bundle := on_page(version)).title, bundle.lang) for pk, version in versions.items()}


def entry_texts(entries: Iterable[CatalogueEntry]) -> dict[int, tuple[str, str]]:
    """{entry id: (name, summary)} as this page says them, where that is not what the catalogue stores."""
    if not foreign_spanish():
        return {}
    entries = list(entries)
    procedures = {entry.procedure_id for entry in entries if entry.procedure_id}
    newest = ProcedureVersion.objects.filter(procedure__in=procedures).values("procedure").annotate(last=Max("pk"))
    versions = ProcedureVersion.objects.filter(pk__in=newest.values("last"))
    known = {version.procedure_id: version for version in versions}
    return {entry.pk: _entry_text(entry, known.get(entry.procedure_id or 0)) for entry in entries}


def _entry_text(entry: CatalogueEntry, version: ProcedureVersion | None) -> tuple[str, str]:
    """The version's words where the catalogue says the same as it in Spanish; else the catalogue's, marked."""
    if version is None or entry.name != version.title:
        return marked(entry.name, SPANISH), marked(entry.summary, SPANISH)
    bundle = on_page(version)
    return marked(bundle.title, bundle.lang), marked(bundle.summary, bundle.lang)


def step_name(task: CaseTask, version: ProcedureVersion) -> str:
    """The title of a step as this page says it to those who apply."""
    title = titles.for_applicant(task, bundle_of(version), page_language())
    if title == task.step_title:
        return marked(title, foreign_spanish())
    told = on_page(version)
    return marked(title, told.step(task.step_id).lang if told.has_step(task.step_id) else "")


def document_name(document: Document, bundle: Bundle) -> str:
    """The title of a document as this page says it; `bundle` is the one of `on_page`. Other papers keep their names."""
    spec = next((one for one in bundle.documents if one.id == document.definition_id), None)
    if spec is None or not foreign_spanish():
        return marked(document.title, foreign_spanish())
    return marked(spec.title, spec.lang)
