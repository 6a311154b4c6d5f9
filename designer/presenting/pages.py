"""The bar of every page of a draft, its home as a task list, and the list of the agency's procedures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Agency, Person
from designer import tree
from designer.models import ProcedureDraft
from designer.presenting import figures, languages, testing
from designer.presenting.findings import Said, below, errors_in, said_of
from designer.publishing import News, bound_roles_of_all, news_of, news_of_all, unbound, unbound_among
from designer.queries import ProcedureRow, latest_version, may_publish, procedures_of
from designer.reviewing import agreement_on
from designer.routes import minutes
from designer.testing.queries import standings
from designer.translating.queries import progress_of_all
from designer.translating.rules import language_name
from procedures.api import offering_for, pilot_of, plain_words


@dataclass(frozen=True)
class Task:
    """A row of the task list. Its state comes from the publish gate; nobody marks it as done."""

    title: str
    url: str
    note: str
    missing: list[Said]
    state: str = ""
    """What it says when nothing is missing, where that is not «Completa»."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing here."""
        return not self.missing


def bar(draft: ProcedureDraft, person: Person, on: date) -> dict[str, Any]:
    """What every page of a draft says about it, and where it leads."""
    version = latest_version(draft)
    return {
        "draft": draft,
        "version": version,
        "published_on": date_format(localtime(version.published_at), "j \\d\\e F") if version else "",
        "saved": _saved(draft),
        "tabs": _tabs(draft),
        "may_publish": may_publish(person, draft.agency, on),
        "institution": draft.agency,
    }


def home(draft: ProcedureDraft, on: date) -> dict[str, Any]:
    """The task list of a draft, and where people see what is published of it on a day."""
    found = said_of(draft)
    errors = missing_in(draft)
    suggestions = [said for said in found if not said.is_error]
    return {
        "groups": _groups(draft, errors),
        "errors": errors,
        "suggestions": suggestions,
        "missing": _missing(draft, len(errors)),
        "asked": figures.asked_of(draft),
        "public_url": _public_url(draft, on),
        "pilot": pilot_of(draft.agency, draft.code, on),
    }


def missing_in(draft: ProcedureDraft) -> list[Said]:
    """What keeps a draft from being published: what the gate finds, and the roles that nobody fills."""
    url = f"{reverse('designer:steps', args=[draft.pk])}#cargos"
    nobody = [Said(_("Falta quién ocupa el cargo «%(title)s».") % {"title": title}, "", "", url, True, ("roles",))
              for title in unbound(draft)]  # fmt: skip
    return [*(said for said in said_of(draft) if said.is_error), *nobody]


def _public_url(draft: ProcedureDraft, on: date) -> str:
    """The page of the procedure for citizens; nothing while it is not offered."""
    offered = draft.procedure_id and offering_for(draft.agency.code, draft.code, on)
    return reverse("workflows:ficha", args=[draft.agency.code, draft.code]) if offered else ""


STATES = (
    ("publicado", gettext_lazy("Con una versión publicada")),
    ("falta", gettext_lazy("Con un borrador al que le falta algo")),
    ("listo", gettext_lazy("Con un borrador listo para publicar")),
)
"""What the list may be narrowed to, by the name in its address."""
_KIND_OF = {"falta": "warning", "listo": "success"}


def listing(agency: Agency, sought: str, state: str) -> dict[str, Any]:
    """The procedures of an agency as the list shows them, those whose name has every word that is sought."""
    found = _rows(procedures_of(agency))
    words = plain_words(sought).split()
    state = state if state in dict(STATES) else ""
    shown = [row for row in found if all(word in plain_words(f"{row['title']} {row['code']}") for word in words)]
    if state == "publicado":
        shown = [row for row in shown if row["version"]]
    elif state:
        shown = [row for row in shown if row["kind"] == _KIND_OF[state]]
    return {"rows": shown, "total": len(found), "sought": sought, "state": state, "states": STATES,
            "is_narrowed": bool(words or state)}  # fmt: skip


def _rows(rows: list[ProcedureRow]) -> list[dict[str, Any]]:
    """As many reads however many drafts there are."""
    drafts = [row.draft for row in rows if row.draft is not None]
    bound, news = bound_roles_of_all(drafts), news_of_all(drafts)
    lacking = {draft.pk: errors_in(draft) + len(unbound_among(draft, bound[draft.pk])) for draft in drafts}
    return [_row(row, lacking, news) for row in rows]


def _row(row: ProcedureRow, lacking: Mapping[int, int], news: Mapping[int, News]) -> dict[str, Any]:
    """`lacking`: how many things keep each draft from being published, as many as `missing_in` names."""
    if row.draft is None:
        state, kind = "", ""
    elif count := lacking[row.draft.pk]:
        text = ngettext("Falta %(count)s cosa", "Faltan %(count)s cosas", count)
        state, kind = text % {"count": count}, "warning"
    elif news[row.draft.pk].kind == "nothing":
        state, kind = _("Sin cambios"), ""
    else:
        state, kind = _("Listo para publicar"), "success"
    return {
        "title": row.title,
        "code": row.code,
        "draft": row.draft,
        "version": row.version,
        "state": state,
        "kind": kind,
        "url": reverse("designer:home", args=[row.draft.pk]) if row.draft else "",
    }


def _groups(draft: ProcedureDraft, errors: list[Said]) -> list[tuple[str, list[Task]]]:
    content = draft.content
    ficha, steps = reverse("designer:ficha", args=[draft.pk]), reverse("designer:steps", args=[draft.pk])
    documents = reverse("designer:documents", args=[draft.pk])
    legal = ("ficha/legal_basis", "ficha/cpat", "ficha/retention", "ficha/personal_data")
    term = ("term", "ficha/silence")
    told = [s for s in below(errors, "ficha", "title", "summary", "code") if s not in below(errors, *legal, *term)]
    flow = [said for said in errors if said.address[:1] in (("steps",), ("roles",), ("law",), ("exemption",), ())]
    return [
        (_("Lo que ve la ciudadanía"), [
            Task(_("Presentación y requisitos"), ficha, "", told),
            Task(_("Preguntas"), reverse("designer:questions", args=[draft.pk]), _question_note(content),
                 below(errors, "forms")),
            _languages(draft, errors),
        ]),
        (_("Cómo se resuelve"), [
            Task(_("Pasos y responsables"), steps, _count(content, "steps"), flow),
            Task(_("Plazo legal y silencio"), f"{ficha}#plazo", "", below(errors, *term)),
        ]),
        (_("Lo que se entrega"), [
            Task(_("Documentos"), documents, _count(content, "documents"), below(errors, "documents"),
                 "" if content.get("documents") else _("Ninguno todavía")),
            Task(_("Avisos"), f"{documents}#avisos", _count(content, "notices"), below(errors, "notices"),
                 "" if content.get("notices") else _("Ninguno todavía")),
        ]),
        (_("Antes de publicar"), [
            Task(_("Base legal y datos personales"), f"{ficha}#normas", "", below(errors, *legal)),
            _tests(draft),
            _review(draft),
        ]),
    ]  # fmt: skip


def _languages(draft: ProcedureDraft, errors: list[Said]) -> Task:
    """The other languages: what each lacks is told, and keeps nothing from being published."""
    url = reverse("designer:languages", args=[draft.pk])
    found = progress_of_all(draft)
    lacking = [
        Said(languages.told(one), "", "", languages.url_of(draft, one.language), is_error=False, address=())
        for one in found
        if one.missing or one.stale
    ]
    names = ", ".join(language_name(one.language) for one in found)
    missing = [*below(errors, "translations"), *lacking]
    return Task(_("Idiomas"), url, names, missing, "" if found else _("Solo en español"))


def _tests(draft: ProcedureDraft) -> Task:
    """The saved tests: those that do not hold keep the draft from being published."""
    found = standings(draft)
    red = [Said(text, "", "", url, True, ()) for text, url in testing.missing(draft, found)]
    url, note = reverse("designer:cases", args=[draft.pk]), testing.summary(found) if found else ""
    return Task(_("Casos de prueba"), url, note, red, "" if found else _("Opcional: ninguno todavía"))


def _review(draft: ProcedureDraft) -> Task:
    """What others say of the draft and whether they agree, where the agency asks for it."""
    agreement, url = agreement_on(draft), reverse("designer:review", args=[draft.pk])
    lacking = agreement.lacking if news_of(draft).kind != "nothing" else ""
    missing = [Said(lacking, "", "", url, is_error=False, address=())] if lacking else []
    state = "" if agreement.required or agreement.approvals else _("Opcional")
    return Task(_("Revisión entre varias personas"), url, _review_note(draft), missing, state)


def _review_note(draft: ProcedureDraft) -> str:
    count = draft.comments.filter(settled_at=None).count()
    if not count:
        return ""
    return ngettext("%(n)s comentario sin resolver", "%(n)s comentarios sin resolver", count) % {"n": count}


def _question_note(content: tree.Data) -> str:
    form = next(iter(content.get("forms") or ()), None)
    fields = [field for _at, field in tree.fields_of_form(form)] if form else []
    count = sum(field.get("type") != "info" for field in fields)
    text = ngettext("%(count)s pregunta, unos %(minutes)s min", "%(count)s preguntas, unos %(minutes)s min", count)
    return text % {"count": count, "minutes": minutes(count)}


def _count(content: tree.Data, key: str) -> str:
    number = len(list(tree.all_steps(content))) if key == "steps" else len(content.get(key) or ())
    return str(number) if number else ""


def _missing(draft: ProcedureDraft, count: int) -> str:
    if not count:
        news = news_of(draft)
        if news.kind == "nothing":
            return _("No hay cambios: la versión %(number)s dice lo mismo.") % {"number": news.number}
        return _("No falta nada: puedes publicar.")
    return ngettext(
        "Falta %(count)s cosa para poder publicar.", "Faltan %(count)s cosas para poder publicar.", count
    ) % {"count": count}


def _saved(draft: ProcedureDraft) -> str:
    when = date_format(localtime(draft.changed_at), "j/m H:i")
    return _("Guardado %(when)s por %(who)s") % {"when": when, "who": draft.changed_by.full_name}


def _tabs(draft: ProcedureDraft) -> list[tuple[str, str, str]]:
    names = (
        ("home", _("Resumen")),
        ("ficha", _("Ficha")),
        ("questions", _("Preguntas")),
        ("routes", _("Recorrido")),
        ("steps", _("Pasos")),
        ("documents", _("Documentos y avisos")),
        ("trial", _("Probar")),
        ("history", _("Historial")),
    )
    return [(name, title, reverse(f"designer:{name}", args=[draft.pk])) for name, title in names]
