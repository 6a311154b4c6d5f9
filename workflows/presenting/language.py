"""Texts of procedures on a page that may be in another language: translated where they can be, marked where not.

Procedures are written in Spanish; their overlays (`translations`) say some of it in other languages. What stays in
Spanish on a page of another language carries `lang`, so that a screen reader says it right (WCAG 3.1.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import unescape

from django.db.models import Max
from django.utils.functional import Promise
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, gettext_lazy, override

from documents.models import Document
from procedures.api import Bundle, bundle_of
from procedures.models import CatalogueEntry, ProcedureVersion
from workflows import titles
from workflows.models import Case, CaseTask

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


def case_title(case: Case) -> str:
    """What a case is about, as this page says it; on a page in Spanish, as it is stored."""
    if not foreign_spanish():
        return case.title
    if case.title != case.version.title:
        return marked(case.title, SPANISH)
    return procedure_title(case.version)


def procedure_title(version: ProcedureVersion) -> str:
    """The name of a procedure as this page says it; on a page in Spanish, as it is stored."""
    if not foreign_spanish():
        return version.title
    bundle = on_page(version)
    return marked(bundle.title, bundle.lang)


def in_shape(text: str, words: Mapping[str, object]) -> str:
    """`text % words`, where some of the words may be marked."""
    return format_html(re.sub(r"%\((\w+)\)s", r"{\1}", text), **words)


def unmarked(said: str) -> tuple[str, str]:
    """Words and their language, "" for the page's, of what may be marked: for a tag that holds no other, an option."""
    return unescape(strip_tags(said)) if isinstance(said, SafeString) else said, SPANISH if 'lang="es"' in said else ""


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
    return _marked(titles.for_applicant(task, bundle_of(version), page_language()), task, version)


def step_at_desk(task: CaseTask, version: ProcedureVersion) -> str:
    """The title of a step as this page says it to officials; on a page in Spanish, as it is stored."""
    if not foreign_spanish():
        return task.step_title
    return _marked(titles.for_official(task, bundle_of(version), page_language()), task, version)


def _marked(title: str, task: CaseTask, version: ProcedureVersion) -> str:
    if title == task.step_title:
        return marked(title, foreign_spanish())
    told = on_page(version)
    return marked(title, told.step(task.step_id).lang if told.has_step(task.step_id) else "")


def document_name(document: Document, bundle: Bundle) -> str:
    """The title of a document as this page says it; `bundle` is the one of `on_page`. The document keeps its own.

    What people attached is called as they called it.
    """
    if not foreign_spanish():
        return document.title
    spec = next(
        (one for one in (*bundle.documents, *bundle.blocks.documents) if one.id == document.definition_id), None
    )
    if spec is not None:
        return marked(spec.title, spec.lang)
    said = document.title if document.kind == Document.Kind.ATTACHMENT else platform_title(document.title)
    return marked(document.title, SPANISH) if said == document.title else said


def platform_title(title: str) -> str:
    """What the platform wrote in Spanish over a document, in the language of the page; as it is where it did not."""
    for pattern, words in _patterns():
        found = pattern.fullmatch(title)
        if found:
            return in_shape(str(words), {name: _said(part) for name, part in found.groupdict().items()})
    return gettext(title) if title else ""


def _said(part: str) -> str:
    """What the title names, in the language of the page; marked where only the procedure says it, in Spanish."""
    said = gettext(part)
    return said if said != part else marked(part, SPANISH)


OVER_DOCUMENTS = (
    gettext_lazy("Solicitud: %(title)s"),
    gettext_lazy("Constancia de notificación: %(what)s"),
    gettext_lazy("Carta certificada: %(what)s"),
    gettext_lazy("Recusación de %(who)s"),
)
"""The titles that the platform writes with something of the case in them."""


@lru_cache
def _patterns() -> list[tuple[re.Pattern[str], Promise]]:
    """Each such title as it stands over a document, in Spanish."""
    with override(SPANISH):
        spoken = [(str(words), words) for words in OVER_DOCUMENTS]
    return [(re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+)", re.escape(said))), words) for said, words in spoken]
