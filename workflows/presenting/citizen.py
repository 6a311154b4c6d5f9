"""What citizens' pages show of procedures, drafts and cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.api import powers_held
from accounts.models import Person
from documents.api import format_code
from legaltime.api import Place, business_days_between, local_date
from legaltime.api import now as legal_now
from procedures.api import Bundle, bundle_of, fees_on
from procedures.models import Offering, ProcedureVersion
from workflows import deadlines
from workflows.access import correctable_by, filed_by, own_cases
from workflows.commands import bringing, parties
from workflows.drafts import open_drafts
from workflows.models import Case, CaseParty, CaseTask, Deadline, Draft, Incident
from workflows.powers import solemn_source
from workflows.presenting import clocks, law, originals, physical, pressing, remarks, timeline
from workflows.presenting.afterwards import SCORES, may_rate, messages_of
from workflows.presenting.catalogue import waiting_words
from workflows.presenting.desk_case import linked_cases
from workflows.presenting.endings import ending, endings
from workflows.presenting.language import foreign_spanish, marked, on_page, procedure_names, step_name
from workflows.presenting.measures import measures_of
from workflows.presenting.notified import notified_rows
from workflows.presenting.papers import changed_acts, document_rows
from workflows.queries import WaitingCorrection, correction_to_answer
from workflows.rules import WaitingTime
from workflows.withholding import withheld


@dataclass(frozen=True)
class Row:
    """A label and its value; `url` makes the value a link, `change_url` adds "Cambiar"."""

    label: str
    value: str
    url: str = ""
    change_url: str = ""
    lang: str = ""
    """The language of the label, where it is not the page's."""


def ficha_context(offering: Offering, person: Person | None, waiting: WaitingTime | None) -> dict[str, Any]:
    """The ficha, and the person's own draft of it if there is one."""
    bundle = on_page(offering.version)
    today = local_date(legal_now(), offering.agency.time_zone)
    mine = (
        [draft for draft in open_drafts(person) if draft.version.procedure_id == offering.version.procedure_id]
        if person
        else []
    )
    minutes = bundle.ficha.minutes
    return {
        "institution": offering.agency,
        "offering": offering,
        "bundle": bundle,
        "ficha": bundle.ficha,
        "facts": [
            (_("Costo"), marked(bundle.ficha.cost, bundle.ficha.lang)),
            (_("Te toma"), ngettext("Unos %(n)s minuto", "Unos %(n)s minutos", minutes) % {"n": minutes}),
            (_("Respuesta"), marked(bundle.ficha.response, bundle.ficha.lang)),
        ],
        "fees": fees_on(bundle, today),
        "silence": SILENCE[bundle.ficha.silence.effect],
        "waiting": waiting_words(waiting),
        "rights": law.rights(bundle.law, today),
        **_powers(offering, person, today),
        "without_sign_in": bundle.start.declared_identity or "",
        "draft": mine[0] if mine else None,
        "draft_url": resume_url(mine[0]) if mine else "",
    }


def _powers(offering: Offering, person: Person | None, today: date) -> dict[str, Any]:
    """Those for whom the person may do it, and those whose power is not enough here."""
    source = solemn_source(offering.version)
    held = powers_held(person, today, offering.version.procedure.code).order_by("pk") if person else []
    named = [(power, str(power.grantor_person or power.grantor_organisation)) for power in held]
    return {
        "solemn_source": source,
        "powers": [{"pk": power.pk, "grantor": name} for power, name in named if power.is_solemn or not source],
        "simple_powers": [name for power, name in named if source and not power.is_solemn],
    }


SILENCE = {
    "positive": gettext_lazy(
        "Si la institución no responde en plazo, puedes reclamar y se entiende aceptada tu solicitud."
    ),
    "negative": gettext_lazy(
        "Si la institución no responde en plazo, se entiende rechazada tu solicitud y puedes apelar."
    ),
    "special": gettext_lazy("Si la institución no responde en plazo, vale lo que dice la ley de este trámite."),
}


def draft_rows(drafts: Sequence[Draft]) -> list[dict[str, Any]]:
    """Drafts in "Mis trámites"; several of one procedure are numbered, to be told apart."""
    names = procedure_names(draft.version_id for draft in drafts)
    rows = [_draft_row(draft, names) for draft in drafts]
    of_a_title, seen = Counter(row["title"] for row in rows), Counter[str]()
    for row in rows:
        title = row["title"]
        seen[title] += 1
        if of_a_title[title] > 1:
            row["title"] = _("%(title)s (borrador %(number)s)") % {"title": title, "number": seen[title]}
    return rows


def _draft_row(draft: Draft, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "title": _draft_title(draft, names.get(draft.version_id, draft.version.title)),
        "agency": draft.agency.name,
        "for_whom": "" if draft.mandate is None or draft.is_at_counter else str(draft.mandate.grantor),
        "changed_at": draft.changed_at,
        "is_being_signed": draft.signing_since is not None,
        "url": resume_url(draft),
        "discard_url": reverse("workflows:discard", args=[draft.ref]),
    }


def _draft_title(draft: Draft, name: str) -> str:
    return name if draft.about_id is None else f"{on_page(draft.version).step(draft.step_id).title}: {name}"


ATTENDED = 10
"""Latest attendances that the person sees."""


def attended_rows(person: Person) -> list[dict[str, Any]]:
    """When somebody attended the person at a counter or by phone, and how they proved who they are."""
    latest = person.attendances.select_related("agency", "official").order_by("-pk")[:ATTENDED]
    return [
        {
            "at": localtime(one.started_at, ZoneInfo(one.agency.time_zone)),
            "channel": one.get_channel_display(),
            "agency": one.agency.name,
            "official": str(one.official),
            "identity": one.get_identity_display(),
        }
        for one in latest
    ]


def resume_url(draft: Draft) -> str:
    """Where a person goes on with a draft: the first page that lacks something, or the review."""
    if draft.signing_since is not None:
        return reverse("workflows:page", args=[draft.ref, 1])
    return reverse("workflows:review", args=[draft.ref]) + "?seguir=1"


def case_rows(cases: Sequence[Case], person: Person) -> list[dict[str, Any]]:
    """Cases in "Mis trámites"; those that wait for the person say so, and those of somebody else, whose they are."""
    asked = CaseTask.objects.filter(process__in=cases, for_applicant=True, status__in=["NEW", "ASSIGNED"])
    waiting = set(asked.values_list("process_id", flat=True))
    names = procedure_names(case.version_id for case in cases)
    represented = CaseParty.objects.filter(case__in=cases, representative=person, left_at=None)
    whose = {party.case_id: str(party) for party in represented.select_related("person", "organisation")}
    ended = endings(cases)
    return [
        {
            **_case_row(case, names.get(case.version_id, case.title), ended.get(case.pk), waits=case.pk in waiting),
            "for_whom": whose.get(case.pk, ""),
        }
        for case in cases
    ]


def _case_row(case: Case, title: str, ended: str | None, *, waits: bool) -> dict[str, Any]:
    return {
        "number": case.number,
        "title": title,
        "agency": case.agency.name,
        "filed_at": case.filed_at,
        "state": ended or (_("Te toca a ti") if waits else _("En trámite")),
        "kind": "success" if case.outcome in law.GRANTED else "warning" if waits else "",
        "url": reverse("workflows:case", args=[case.ref]),
    }


def case_context(case: Case, person: Person, now: datetime) -> dict[str, Any]:
    """The receipt and tracking page, for one of the interested persons."""
    place = Place(commune=case.agency.commune, zone=case.agency.time_zone)
    today = local_date(now, place.zone)
    tasks = list(case.task_set.defer("flow_task").select_related("unit", "role", "owner__person").order_by("pk"))
    current = [task for task in tasks if task.status in ("NEW", "ASSIGNED", "STARTED", "SCHEDULED")]
    correction = correction_to_answer(case) if correctable_by(person).filter(pk=case.pk).exists() else None
    kept_back = withheld(case, person)
    bundle = on_page(case.version)
    documents = document_rows(case, bundle, "workflows:document", kept_back)
    return {
        "institution": case.agency,
        "case": case,
        "title": _title(case, tasks, bundle),
        "title_lang": bundle.lang,
        "things": physical.things(case, kept_back),
        **_part_of(case, person, is_new=is_just_filed(case, now)),
        "finished": case.finished is not None,
        "granted": case.outcome in law.GRANTED,
        "outcome": ending(case, tasks),
        "joined_to": case.joined_to.number if case.joined_to and case.outcome in ("", Case.Outcome.JOINED) else "",
        **_time_of(case, person, today, place),
        "measures": measures_of(case, person, now, "citizen"),
        "reviews": law.links(case, "workflows:case", own_cases(person)),
        "linked": list(linked_cases(case, lambda task: step_name(task, case.version))),
        "correction": _correction(correction, bundle, person) if correction else None,
        **timeline.context(case, tasks, documents),
        "documents": documents,
        **changed_acts(case, tasks, documents),
        **law.decided(case, person, today, documents),
        "notified": notified_rows(case, bundle.for_applicant, "workflows:document"),
        "officials": list(_officials(current, case.version)),
        "incident": case.incidents.filter(closed_at=None).exclude(kind__in=Incident.BESIDE).exists(),
        "correspondence": messages_of(case, "workflows:document", kept_back, person),
        "lookup_code": format_code(case.ref),
        "may_rate": may_rate(case, person),
        "scores": SCORES,
        "contact": bundle.ficha.contact,
        "parties": case.parties.filter(left_at=None).select_related("person", "organisation"),
    }


def _title(case: Case, tasks: Sequence[CaseTask], bundle: Bundle) -> str:
    """The procedure's name; of an appeal or a request to clarify, what it is comes first."""
    begun = next((task for task in tasks if task.step_kind == "start"), None) if case.about_id else None
    return bundle.title if begun is None else f"{bundle.step(begun.step_id).title}: {bundle.title}"


def _part_of(case: Case, person: Person, *, is_new: bool) -> dict[str, Any]:
    """What the page says to whoever applied, and what to somebody whom the decision may affect."""
    is_own, is_open = filed_by(case, person), case.finished is None
    leaving = law.leaving(case) if is_open else ""
    return {
        "is_own": is_own,
        "originals": originals.asked_of(case, person),
        "leaving": leaving,
        "just_filed": is_own and is_new and not leaving,
        "to_bring": bringing.sought_of(case) if is_own and is_open else [],
        "opposition": parties.may_oppose(case, person) if is_open and not is_own else None,
    }


def _time_of(case: Case, person: Person, today: date, place: Place) -> dict[str, Any]:
    """The term of the procedure, whether it is over, the business days that are left of it, and what presses."""
    due, term = case.due_on, case.deadlines.filter(kind=Deadline.Kind.TERM).first()
    is_stopped = term is not None and term.state == Deadline.State.SUSPENDED and not case.finished
    return {
        "pressing": pressing.for_person(case, person, today),
        "term": term,
        "is_decided": deadlines.is_decided(case),
        "silence": on_page(case.version).ficha.silence,
        "stopped_on": term.suspended_on if is_stopped and term is not None else None,
        "late": due is not None and not case.finished and today > due,
        "days_left": business_days_between(today, due, place) if due and today <= due else 0,
    }


RECEIPT_SHOWN = timedelta(hours=1)
"""How long the page greets with the receipt while nothing is asked of the person."""


def is_just_filed(case: Case, now: datetime) -> bool:
    """Whether the page still greets with the receipt: of what somebody filed, for a while, until it is acted on."""
    is_new = not case.finished and case.channel not in timeline.OPENED_FOR_THEM and now - case.filed_at < RECEIPT_SHOWN
    return is_new and not case.task_set.filter(step_kind__in=("correction", "end")).exists()


def _correction(waiting: WaitingCorrection, bundle: Bundle, person: Person) -> dict[str, Any]:
    task = waiting.task
    labels = {field.id: marked(field.label, field.lang) for field in bundle.fields_of(task.step_id)}
    clock = clocks.of_person(task.deadlines.all(), person)
    return {
        "items": [
            {"question": labels.get(item.field_id, ""), "text": marked(item.text, foreign_spanish())}
            for item in remarks.of_correction(task)
        ],
        "is_late": waiting.is_late,
        "if_unanswered": remarks.if_unanswered(task),
        "received": remarks.received_late(task) if waiting.is_late else "",
        "clock": clock,
        "clock_text": deadlines.in_words(clock) if clock else "",
    }


def _officials(current: Iterable[CaseTask], version: ProcedureVersion) -> Iterator[dict[str, str]]:
    """Who of the institution has a step of it now."""
    for task in current:
        if not task.for_applicant and task.role and task.step_kind != "service":
            yield _official(task, version)


def _official(task: CaseTask, version: ProcedureVersion) -> dict[str, str]:
    """Who is responsible (art. 17 b, R42). What no service told is checked: nobody asks it then, as its title says."""
    name = str(task.owner) if task.owner else _("sin asignar todavía")
    called = _("Comprobar lo que declaraste") if task.step_kind == "verify" else step_name(task, version)
    return {"step": called, "unit": str(task.unit), "name": name}


def why_context(case: Case, clock: Deadline, person: Person | None = None) -> dict[str, Any]:
    """How a date was counted, sentence by sentence, for officials or for one interested person."""
    clock.case = case
    return {
        "institution": case.agency,
        "case": case,
        "clock": clock,
        "title": deadlines.title_of(clock, bundle_of(case.version)),
        "state": deadlines.in_words(clock),
        "source_lang": foreign_spanish(),
        **clocks.explained(clock, person),
    }
