"""The legal blocks of a procedure in words, each with its article: what the ficha and the pages of a case show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from documents.api import as_html, change_of, name_of
from procedures.api import Law
from workflows import appealing, deadlines, joinders
from workflows.access import filed_by
from workflows.models import ActSuspension, Case, CaseParty
from workflows.nodes.base import OPEN
from workflows.presenting.endings import endings
from workflows.presenting.language import foreign_spanish, marked

SWITCHES = {
    "extension": (gettext_lazy("Pedir más plazo antes de que venza"), "Ley 19.880, art. 26"),
    "withdrawal": (gettext_lazy("Retirar tu solicitud (desistimiento)"), "Ley 19.880, art. 42"),
    "waiver": (gettext_lazy("Renunciar a tu derecho"), "Ley 19.880, art. 42"),
    "abandonment": (
        gettext_lazy("Si dejas de actuar más de treinta días, te advertimos antes de darla por abandonada"),
        "Ley 19.880, art. 43",
    ),
    "urgency": (gettext_lazy("Se puede ordenar tramitación de urgencia"), "Ley 19.880, art. 63"),
    "joinder": (
        gettext_lazy("Se puede acumular a otra más antigua que trata de lo mismo, y una decisión resuelve las dos"),
        "Ley 19.880, art. 33",
    ),
    "clarification": (gettext_lazy("Pedir que se aclare o rectifique el acto"), "Ley 19.880, art. 62"),
}
"""What each switch of the blocks means to the person, and its article."""


GRANTED = (Case.Outcome.APPROVED, Case.Outcome.ISSUED)
"""The outcomes that give what was asked."""
UNDISPUTED = (*GRANTED, Case.Outcome.DEEMED_YES, Case.Outcome.UPHELD, Case.Outcome.WAIVED, Case.Outcome.JOINED)
"""The outcomes in which whoever applied got what they wanted, or there is nothing of the case's own to appeal."""
CHANGING = (Case.Outcome.UPHELD, Case.Outcome.PARTLY)
"""The outcomes of an appeal that may have changed the act."""

LEAVING = {
    "law_withdrawal": gettext_lazy("Pediste retirar esta solicitud"),
    "law_waiver": gettext_lazy("Pediste renunciar a tu derecho"),
}
"""The steps in which an official resolves that somebody leaves (art. 42), and what that person did."""


def leaving(case: Case) -> str:
    """What whoever applied asked, to leave the case, and nobody has resolved yet; "" when nothing (art. 42)."""
    asked = case.task_set.filter(step_id__in=LEAVING, status__in=OPEN).values_list("step_id", flat=True).first()
    return str(LEAVING[asked]) if asked else ""


def decided(case: Case, person: Person, today: date, documents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The act to read first once a case is decided, and until when this person may appeal where it was not granted.

    One that goes on to carry the act out says so from when this person was told of it: their time runs (art. 59).
    """
    is_open, changed = case.finished is None, any(row["change"] for row in documents)
    if is_open and not deadlines.is_decided(case):
        return {"act": None, "appeal": None, "may_appeal": False, "no_more": ""}
    against = _against(case, person, today) if is_disputable(case, person) else None
    if is_open and (against is None or against.until is None):
        against = None
    return {
        "act": next((row for row in documents if row["is_decision"] and row["ready"]), None),
        "appeal": against,
        "may_appeal": (may_appeal := against is not None and against.is_open(today)),
        "no_more": appealing.why_no_more(case, person) if changed and not may_appeal else "",
    }


def is_disputable(case: Case, person: Person) -> bool:
    """Whether the outcome leaves this person something to appeal: what an applicant was given may harm another."""
    if case.outcome in (*GRANTED, Case.Outcome.DEEMED_YES):
        return not filed_by(case, person)
    return case.outcome not in UNDISPUTED


def _against(case: Case, person: Person, today: date) -> appealing.Appealable | None:
    """Their appeal against the latest act; of several that they may file, for others too, one that is still open."""
    found = list(appealing.acts_of(case, person))
    latest = [entry for entry in found if entry.act == found[0].act]
    return next((entry for entry in latest if entry.is_open(today)), next(iter(latest), None))


def rights(law: Law | None, on: date) -> list[tuple[str, str]]:
    """What the procedure's blocks give whoever applies on a day, with the article of each."""
    return list(_rights(law, on)) if law is not None else []


def _rights(law: Law, on: date) -> Iterator[tuple[str, str]]:
    for name, (words, article) in SWITCHES.items():
        if getattr(law, name):
            yield str(words), article
    if law.silence is not None:
        yield _("Denunciar que no decidieron a tiempo"), "Ley 19.880, arts. 64 a 66"
    if law.appeals is not None:
        yield from _appeals(law, on)
    if law.opposition is not None:
        yield marked(law.opposition.title, law.opposition.lang), law.opposition.source
    for formality in law.formalities:
        yield marked(formality.title, formality.lang), formality.source


def _appeals(law: Law, on: date) -> Iterator[tuple[str, str]]:
    rules = law.appeals
    assert rules is not None
    now = next((way for way in rules.amounts if way.when is None and way.is_in_force(on)), None)
    amount, source = (now.amount, now.source) if now else (rules.amount, rules.source)
    days = _("dentro de %(n)s días hábiles") % {"n": amount}
    if rules.reposition:
        yield _("Recurso de reposición, %(days)s") % {"days": days}, source
    if rules.hierarchical:
        yield _("Recurso jerárquico ante el superior, %(days)s") % {"days": days}, source
    elif rules.barred:
        yield _("No procede el recurso jerárquico"), rules.barred


def links(case: Case, page: str, readable: QuerySet[Case]) -> list[dict[str, Any]]:
    """The cases that this one reviews or is joined to, and those that review or were joined to this one.

    Those that were joined have an address only where the reader may open them: each person sees their own (R41).
    """
    found = []
    if case.original is not None:
        found.append(_link(case.original, page, _("Es sobre la solicitud N° %(number)s: %(title)s")))
    if case.joined_to is not None:
        words = _("Acumulada a la N° %(number)s, que decide por las dos (Ley 19.880, art. 33)")
        found.append(_joinder(case.joined_to, page, words, readable))
    for other in joinders.nested_in(case):
        words = _("Se le acumuló la N° %(number)s, y decide por las dos (Ley 19.880, art. 33)")
        found.append(_joinder(other, page, words, readable))
    for other in case.linked.defer("flow_class").select_related("about__changed_by").order_by("pk"):
        found.append(_link(other, page, _("N° %(number)s: %(title)s")))
    return found


def _link(case: Case, page: str, words: str) -> dict[str, Any]:
    title = as_html(words, number=case.number, title=marked(case.title, foreign_spanish()))
    state = endings([case], at_desk=page.startswith("workflows:desk")).get(case.pk) or _("en trámite")
    if not case.finished and case.act_suspensions.filter(state=ActSuspension.State.GRANTED).exists():
        state = _("en trámite; el acto está suspendido mientras se resuelve, Ley 19.880, art. 57")
    if case.outcome in CHANGING and case.about is not None and case.about.changed_by is not None:
        act, change = name_of(case.about, on_page=True), change_of(case.about, on_page=True)
        state = format_html("{}. {}: {}", state, act, change)
    return {"title": title, "state": state, "url": reverse(page, args=[case.ref])}


def _joinder(case: Case, page: str, words: str, readable: QuerySet[Case]) -> dict[str, Any]:
    link = _link(case, page, words)
    return link if readable.filter(pk=case.pk).exists() else {**link, "url": ""}


def parties(case: Case) -> list[dict[str, Any]]:
    """Every interested person, also those who left, in the order in which they came (R18, R23)."""
    rows = case.parties.select_related("person", "organisation", "representative").order_by("pk")
    return [_party(party) for party in rows]


def _party(party: CaseParty) -> dict[str, Any]:
    return {
        "name": str(party),
        "kind": party.get_kind_display(),
        "address": "" if party.is_reserved else party.email or party.postal_address,
        "representative": None if party.is_reserved else party.representative,
        "reason": party.reason,
        "left_at": party.left_at,
    }
