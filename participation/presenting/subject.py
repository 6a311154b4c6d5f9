"""A subject as its page and the panel of its ficha show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Person
from legaltime.api import local_date, now
from participation.models import Answer, Kind, Reach, Stage, Subject, Support
from participation.operations.addresses import proved_address
from participation.operations.subjects import commitment_of, needed_by
from participation.queries import answers as reads
from participation.queries.carrying import carried_support_of
from participation.queries.finding import count_of
from participation.queries.judging import addenda_of, own_addenda
from participation.queries.passing import passed_on_words
from participation.queries.powers import ZONE, may_plan
from participation.queries.progress import measured
from participation.queries.promises import last_ended
from participation.queries.reasons import reason_in_words
from participation.queries.subjects import (
    is_digital,
    is_frozen,
    kinds_offered,
    may_be_used,
    slots_used,
    support_of,
    supports_held,
)
from participation.rules.demand import MINIMUM, Interval, Spread
from participation.rules.roadmap import ONWARD, next_stages
from participation.rules.thresholds import SLOTS, contests_needed
from procedures.api import bundle_of
from workflows.api import address_waiting

PAPERS = {
    "birth": gettext_lazy("Certificado de nacimiento"),
    "identity": gettext_lazy("Fotocopia de la cédula"),
    "marriage": gettext_lazy("Certificado de matrimonio"),
    "residence": gettext_lazy("Certificado de residencia"),
    "taxes": gettext_lazy("Carpeta tributaria o inicio de actividades"),
    "health": gettext_lazy("Certificado médico"),
    "studies": gettext_lazy("Certificado de estudios"),
    "property": gettext_lazy("Título o contrato del inmueble"),
    "criminal": gettext_lazy("Certificado de antecedentes"),
    "notary": gettext_lazy("Documento firmado ante notario"),
    "photo": gettext_lazy("Foto impresa"),
    "other": gettext_lazy("Otro papel"),
}
"""Papers that a supporter may say they had to bring."""
KNEW = "participation_knew"
"""Where a session keeps of which fichas the visitor said whether they knew."""
HELD_BY_STATE = {"birth", "identity", "marriage", "taxes", "criminal"}
"""Those of them that the State already has (Ley 21.180: nobody should bring them)."""


@dataclass(frozen=True)
class Choice:
    """One kind of request, ready to press."""

    value: str
    label: str


def panel_context(subject: Subject, person: Person | None, back: str) -> dict[str, Any]:
    """The panel "Apoyar": on the ficha and on the subject's own page."""
    counted = carried_support_of(person, subject)
    mine = counted if counted and counted.subject_id == subject.pk else None
    held = supports_held(person) if person else []
    used = slots_used(held)
    follows = person is not None and subject.pk is not None and subject.follows.filter(person=person).exists()
    needed, total = needed_by(subject), max(0, count_of(subject) + _since_counted(subject, person, mine))
    return {
        "subject": subject,
        "mine": mine,
        "counted": counted,
        "is_digital": is_digital(subject.entry),
        "choices": [Choice(kind, str(Kind(kind).label)) for kind in kinds_offered(subject)],
        "total": total,
        "needed": needed.supports,
        "missing": max(0, needed.supports - total),
        "spread": needed.spread,
        "spread_words": spread_words(subject, needed.spread),
        **_promised(subject),
        "left": SLOTS - used if person else None,
        "slots": SLOTS,
        "in_review": few_or(subject.count.in_review) if hasattr(subject, "count") else "",
        "has_evidence": mine is not None and hasattr(mine, "evidence"),
        "follows": follows,
        **(_address(person) if person and (mine or follows) else {}),
        "back": back,
    }


def _address(person: Person) -> dict[str, str]:
    """Where the supporter is told by e-mail, and the address that waits for its code."""
    return {
        "email": proved_address(person),
        "offered_email": person.email,
        "waiting_email": address_waiting(person, now()),
    }


def _since_counted(subject: Subject, person: Person | None, mine: Support | None) -> int:
    """What the person's own support, given or taken back since the count was made, adds to it: they see it at once."""
    if person is None or not subject.pk:
        return 0
    if not hasattr(subject, "count"):
        return int(mine is not None)
    counted_at = subject.count.folded_at
    own = Support.objects.filter(subject=subject, person=person, at__lte=counted_at)
    return int(mine is not None) - int(own.exclude(withdrawn_at__lte=counted_at).exists())


def spread_words(subject: Subject, spread: int) -> str:
    """From how many places supports must come, in words; empty when from anywhere."""
    if not spread:
        return ""
    if subject.reach == Reach.COUNTRY:
        return ngettext("de al menos %(n)s región declarada", "de al menos %(n)s regiones declaradas", spread) % {
            "n": spread
        }
    return ngettext("de al menos %(n)s comuna declarada", "de al menos %(n)s comunas declaradas", spread) % {
        "n": spread
    }


def _promised(subject: Subject) -> dict[str, Any]:
    """What the institution promised; without a promise in force, the day on which it ended one."""
    promise = promise_of(subject)
    return {"promise": promise, "promise_ended": last_ended(subject.agency_id) if promise is None else None}


def promise_of(subject: Subject) -> dict[str, Any] | None:
    """Under which act the agency adhered, and how long it takes; None when it did not."""
    commitment = commitment_of(subject)
    if commitment is None:
        return None
    term = bundle_of(commitment.offering.version).term
    return {"agency": commitment.agency, "act": commitment.act, "since": commitment.adhered_on, "days": term.amount}


def page_context(subject: Subject, person: Person | None, now: datetime) -> dict[str, Any]:
    """The whole page of a subject."""
    today = local_date(now, ZONE)
    answers = reads.answers_of(subject) if subject.pk else []
    panel = panel_context(subject, person, reverse("participation:subject", args=[subject.code]))
    counted = panel["counted"]
    return {
        **panel,
        "institution": subject.body_name,
        "ficha_url": ficha_url(subject),
        "state": state_of(subject, answers, now),
        "answers": [answer_view(answer, subject, person if counted else None, today) for answer in answers],
        "marks": marks_of(subject),
        "demand": demand_of(subject),
        "measured": measured_of(subject),
        "open_path": subject.live_path if subject.stage in reads.OPENED else "",
        "addenda": addenda_of(subject) if subject.pk else [],
        "own_addenda": own_addenda(subject, person) if subject.pk else [],
        "reviews": reads.reviews_of(subject) if subject.pk else [],
        "merges": merge_views(subject, person) if subject.pk else [],
        "is_author": _is_author(subject, person),
        "may_edit": _is_author(subject, person) and not is_frozen(subject),
        "stages": stage_choices(subject, person, now),
        "may_plan": may_plan(person, subject, now),
        "asks_worth": (counted is not None or person is None) and subject.stage in (Stage.LIVE, Stage.MEASURED),
        "worth": worth_of(counted),
    }


def measured_of(subject: Subject) -> dict[str, Any] | None:
    """What the procedure that opened has done, beside what people told of before; None while nothing is open."""
    facts = measured(subject) if subject.pk and subject.stage in reads.OPENED else None
    if facts is None:
        return None
    demand = reads.Demand(subject)
    each = {"visits": demand.visits, "hours": demand.minutes}
    per_unit = {"visits": 1, "hours": 60}
    saved = {
        name: grouped(round(facts.online * told.median / per_unit[name]))
        for name, told in each.items()
        if told and facts.online
    }
    return {"facts": facts, "days_before": demand.days.median if demand.days else None, "saved": saved}


def stage_choices(subject: Subject, person: Person | None, now: datetime) -> list[tuple[str, str]]:
    """Where the visitor may move the subject on the roadmap; nowhere unless they plan for its agency."""
    if subject.pk is None or not may_plan(person, subject, now):
        return []
    stages = [stage for stage in next_stages(subject.stage) if stage not in reads.OPENED or may_be_used(subject)]
    return [(stage, str(Stage(stage).label)) for stage in stages]


def worth_of(support: Support | None) -> bool | None:
    """What the person answered to "¿valió la pena?"; None while unanswered."""
    return support.worth_it.yes if support is not None and hasattr(support, "worth_it") else None


def merge_views(subject: Subject, person: Person | None) -> list[dict[str, Any]]:
    """Merges, with whether the person may ask not to be counted in an open one."""
    return [
        {
            "row": merge,
            "other": merge.into if merge.source_id == subject.pk else merge.source,
            "may_leave": merge.undone_at is None
            and merge.source_id == subject.pk
            and support_of(person, subject) is not None
            and not merge.opt_outs.filter(person=person).exists(),
        }
        for merge in reads.merges_of(subject)
    ]


def _is_author(subject: Subject, person: Person | None) -> bool:
    return person is not None and hasattr(subject, "proposal") and subject.proposal.author_id == person.pk


def ficha_url(subject: Subject) -> str:
    """Address of the ficha in the catalogue; empty for a proposal in words."""
    entry = subject.entry
    return reverse("workflows:ficha", args=[entry.institution.code, entry.code]) if entry else ""


def state_of(subject: Subject, answers: list[Answer], now: datetime) -> tuple[str, str]:
    """(words, kind of tag) of where a subject stands."""
    if subject.stage == Stage.TRANSFERRED and subject.closed_at is None:
        return _("Derivada, sin compromiso de responder"), "error"
    if answers and answers[-1].answered_at is None:
        late = reads.is_late(answers[-1], local_date(now, ZONE))
        return (_("Respuesta atrasada"), "error") if late else (_("Esperando respuesta"), "warning")
    if answers and reads.is_broken(answers[-1], local_date(now, ZONE)):
        return _("Pasó el día prometido"), "error"
    if subject.crossed_at is not None and not answers:
        promised = commitment_of(subject) is not None  # its case opens in a moment
        return (_("Esperando respuesta"), "warning") if promised else (_("Sin compromiso de responder"), "error")
    if subject.stage == Stage.REFUSED and subject.closed_at is None:  # objected: its case opens in a moment
        return _("Esperando respuesta"), "warning"
    if subject.merged_into_id is not None:
        return _("Unida a otra petición"), ""
    if subject.stage in (Stage.LIVE, Stage.MEASURED):
        return _("Ya en línea"), "success"
    return str(Stage(subject.stage).label).capitalize(), "active" if subject.closed_at is None else ""


def answer_view(answer: Answer, subject: Subject, supporter: Person | None, today: Any) -> dict[str, Any]:
    """One answer, owed or given, with what `supporter`, whom the subject counts, may do about it."""
    is_no = answer.said == Answer.Said.NO and answer.round == 1
    contested = is_no and subject.answers.filter(round=2).exists()
    return {
        "row": answer,
        "late": reads.is_late(answer, today),
        "broken": reads.is_broken(answer, today),
        "asks_to_sign_in": is_no and not contested and supporter is None,
        "may_contest": is_no and not contested and supporter is not None,
        "contests": reads.objections(answer) if is_no else 0,
        "contests_needed": contests_needed(answer.supports),
        "mine": supporter is not None and is_no and answer.contests.filter(person=supporter).exists(),
        "contested": contested,
        "passed_on": passed_on_words(answer),
        "reason": reason_in_words(answer),
    }


@dataclass(frozen=True)
class Mark:
    """One mark of the roadmap's timeline."""

    title: str
    state: str
    state_text: str
    when: str = ""
    detail: str = ""
    written: bool = True
    """The reason is kept as it was written, in Spanish."""


ROAD = tuple(Stage(stage) for stage in ONWARD)


def marks_of(subject: Subject) -> list[Mark]:
    """The roadmap: what happened with date and reason, then what comes."""
    happened = {event.stage: event for event in (reads.stages_of(subject) if subject.pk else [])}
    if subject.stage in (Stage.REFUSED, Stage.TRANSFERRED):
        road: tuple[Stage, ...] = (Stage.SUPPORTED, *(Stage(stage) for stage in happened))
    else:  # what was skipped is not told as done
        passed = ROAD.index(Stage(subject.stage))
        known = {Stage.SUPPORTED, *happened}
        road = tuple(stage for place, stage in enumerate(ROAD) if place >= passed or stage in known)
    here = road.index(Stage(subject.stage))
    return [_mark(stage, place, here, happened) for place, stage in enumerate(road)]


def _mark(stage: Stage, place: int, here: int, happened: dict[str, Any]) -> Mark:
    state = "done" if place < here else "current" if place == here else "pending"
    words = {"done": _("Hecho"), "current": _("Ahora"), "pending": _("Después")}[state]
    event = happened.get(stage)
    when = date_format(localtime(event.at), "SHORT_DATE_FORMAT") if event else ""
    return Mark(str(stage.label).capitalize(), state, words, when, event.reason if event else "")


def demand_of(subject: Subject) -> dict[str, Any]:
    """Evidence of demand: rows of medians with their range, papers, and the year's estimate."""
    if not subject.pk:
        return {"rows": [], "papers": [], "answers": 0, "volume": subject.users_a_year}
    demand = reads.Demand(subject)
    supporters = count_of(subject)
    rows = [
        (_("Veces al año"), _range(demand.times, "")),
        (_("Tiempo cada vez"), _minutes(demand.minutes)),
        (_("Visitas cada vez"), _range(demand.visits, "")),
        (_("Días hasta la respuesta"), _range(demand.days, "")),
        (_("Distancia, ida y vuelta"), _range(demand.distance, " km")),
        (_("Gasto cada vez"), _range(demand.pesos, "", money=True)),
    ]
    return {
        "rows": [(label, text) for label, text in rows if text],
        "papers": [(str(PAPERS.get(code, code)), n, code in HELD_BY_STATE) for code, n in demand.papers],
        "answers": demand.answers,
        "volume": subject.users_a_year,
        "source": subject.users_source,
        "hours": _interval(demand.hours_a_year(supporters)),
        "pesos": _interval(demand.pesos_a_year(supporters)),
        "supporters": supporters,
    }


def _range(found: Spread | None, unit: str, *, money: bool = False) -> str:
    """ "6 (la mitad dice entre 4 y 12)"."""
    if found is None:
        return ""
    sign = "$" if money else ""
    low, middle, high = (f"{sign}{grouped(round(value))}{unit}" for value in (found.low, found.median, found.high))
    return _("%(middle)s (la mitad dice entre %(low)s y %(high)s)") % {"middle": middle, "low": low, "high": high}


def _minutes(found: Spread | None) -> str:
    if found is None:
        return ""
    low, middle, high = (_hours(value) for value in (found.low, found.median, found.high))
    return _("%(middle)s (la mitad dice entre %(low)s y %(high)s)") % {"middle": middle, "low": low, "high": high}


def _hours(minutes: float) -> str:
    hours, rest = divmod(round(minutes), 60)
    return f"{hours} h {rest:02d} min" if hours else f"{rest} min"


def _interval(found: Interval | None) -> dict[str, str] | None:
    if found is None:
        return None
    return {"low": grouped(found.low), "middle": grouped(found.middle), "high": grouped(found.high)}


def few_or(number: int) -> str:
    """A number of supports of whom nothing else is told; of fewer than five, only that. Empty of none."""
    if 0 < number < MINIMUM:
        return _("menos de cinco")
    return grouped(number) if number else ""


def grouped(number: int) -> str:
    """1248 as "1.248"."""
    return f"{number:,}".replace(",", ".")
