"""What presses in a case because of the law's time: silence, more time that was asked, an abandonment warned of.

The rest of what waits stands in its steps; this concerns people who are not in any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from documents.api import name_of
from documents.models import Document
from workflows import deadlines
from workflows.access import filed_by, is_interested
from workflows.appealing import REVIEWS
from workflows.commands import linked, outages, overlooked
from workflows.models import ActSuspension, Case, CaseLink, Channel, Deadline, DeadlineChange
from workflows.presenting import history, silent
from workflows.presenting.clocks import of_person
from workflows.presenting.language import on_page
from workflows.presenting.pressed import Link, Pressing, day_of, is_open, why
from workflows.presenting.words import DayCounter, moment
from workflows.steps.linked import late

IMPOSSIBILITY = "law_impossibility"
"""The legal block in which an official resolves whether the case ends so."""
LEAVING = {
    "law_withdrawal": gettext_lazy("La persona se desistió y falta resolverlo"),
    "law_waiver": gettext_lazy("La persona renunció a su derecho y falta resolverlo"),
}


def for_person(case: Case, person: Person, today: date) -> list[Pressing]:
    """What one of the interested persons has to know today, while the case is open."""
    papers = list(_own_papers(case, person))
    if case.finished is not None:
        return papers
    asked = [*_asked_by(case, person), *_waits_for_the_act(case, person), *_challenged_by(case, person)]
    return [
        *papers,
        *_abandonment(case, person),
        *_ending(case, person),
        *asked,
        *_unawaited(case, linked.told_applicant),
        *silent.for_person(case, person, today),
    ]


def _unawaited(case: Case, told: Callable[[CaseLink], str]) -> Iterator[Pressing]:
    """That the case which opened this one does not wait for it any more (arts. 8 and 14)."""
    link = linked.unawaited(case) if case.channel == Channel.LINKED else None
    if link is not None:
        yield Pressing(_("La solicitud que pidió esta ya no la espera"), told(link), kind="")


def _own_papers(case: Case, person: Person) -> Iterator[Pressing]:
    """Papers of theirs, or for their application, that nobody considered, until somebody says what is done."""
    papers = overlooked.waiting(case)
    for one in papers if filed_by(case, person) else papers.filter(attendance__person=person):
        words = {"at": moment(one.received_at, case.agency)}
        if one.is_in_time:
            text = _(
                "Lo recibimos el %(at)s, a tiempo, pero se ingresó cuando ya se había resuelto. La institución debe "
                "decirte qué hace con él."
            )
            ways = (
                _("Mientras tanto puedes recurrir contra lo resuelto o pedir que se aclare, más abajo.")
                if case.finished is not None
                else _("Mientras tanto puedes escribir lo que estimes: la solicitud todavía no termina.")
            )
            yield Pressing(_("Un papel tuyo llegó a tiempo y no se consideró"), f"{text % words} {ways}")
        else:
            text = _(
                "Lo recibimos el %(at)s, cuando el plazo había vencido o ya se había resuelto. Te diremos qué se hace."
            )
            yield Pressing(_("Recibimos un papel tuyo"), text % words, kind="")


def _abandonment(case: Case, person: Person) -> Iterator[Pressing]:
    """That the case stands still because of them, and what happens unless they act (art. 43; R17)."""
    open_ones = case.deadlines.filter(kind=Deadline.Kind.ABANDONMENT, state__in=deadlines.STILL_OPEN)
    clock = of_person(open_ones.select_related("party"), person)
    if clock is None:
        return
    if clock.due_on is None:
        text = _(
            "Tu solicitud está detenida porque falta lo que te pidieron. Si no lo haces en siete días hábiles desde "
            "que te notifiquen, una persona de la institución puede declararla abandonada y archivarla (Ley 19.880, "
            "art. 43)."
        )
    else:
        text = _(
            "Tu solicitud está detenida porque falta lo que te pidieron. Si no lo haces hasta el %(due)s, una persona "
            "de la institución puede declararla abandonada y archivarla (Ley 19.880, art. 43)."
        )
    links = (why(case, clock),) if clock.due_on else ()
    yield Pressing(_("Te advirtieron que pueden declararla abandonada"), text % {"due": day_of(clock.due_on)}, links)


def _ending(case: Case, person: Person) -> Iterator[Pressing]:
    """That somebody says that the case cannot go on, and why: the interested may answer before it is resolved.

    Whoever only informed is none of them, and the cause may tell of somebody (arts. 10 and 21).
    """
    if not is_interested(case, person):
        return
    asked = history.last_asked(case, IMPOSSIBILITY) if is_open(case, IMPOSSIBILITY) else None
    if asked is not None:
        text = _(
            "Causa que se indicó: %(reason)s. Se resuelve con un acto fundado; antes puedes escribir lo que estimes "
            "(Ley 19.880, arts. 10 y 40)."
        )
        link = Link(_("Escribir lo que estimes"), reverse("workflows:measure", args=[case.ref, "escribir"]))
        yield Pressing(_("Se estudia si es imposible continuar"), text % {"reason": asked.detail.rstrip(". ")}, (link,))


def _asked_by(case: Case, person: Person) -> Iterator[Pressing]:
    """The extension that they asked for and nobody answered yet (art. 26)."""
    for change in _unanswered(case).filter(asked_by=person):
        words = {
            "what": deadlines.title_of(change.deadline, on_page(case.version)),
            "due": day_of(change.deadline.due_on),
        }
        text = _("«%(what)s» sigue venciendo el %(due)s mientras no te respondan (Ley 19.880, art. 26).")
        yield Pressing(_("Pediste más plazo y todavía no te responden"), text % words, kind="")


def _waits_for_the_act(case: Case, person: Person) -> Iterator[Pressing]:
    """Whether the act that they appeal against is carried out meanwhile: nobody has said yet (art. 57)."""
    if _suspension_asked(case).filter(asked_by=person).exists():
        text = _("Mientras no te respondan, el acto se sigue cumpliendo (Ley 19.880, art. 57).")
        yield Pressing(_("Pediste que no se cumpla el acto y todavía no te responden"), text, kind="")


def _challenged_by(case: Case, person: Person) -> Iterator[Pressing]:
    """Whom they asked to keep out and nobody has decided yet (art. 12)."""
    for one in case.challenges.filter(asked_by=person, decided_at=None).select_related("person").order_by("pk"):
        text = _("Su superior lo resuelve y te avisamos. Mientras tanto tu solicitud sigue (Ley 19.880, art. 12).")
        yield Pressing(_("Recusaste a %(who)s") % {"who": one.person}, text, kind="")


def for_official(case: Case, counter: DayCounter) -> list[Pressing]:
    """What an official of the case has to know today, while it is open."""
    papers = [*_overlooked(case), *_late_elsewhere(case, counter)]
    if case.finished is not None:
        return papers
    return [
        *papers,
        *_unawaited(case, linked.told_to_go_on),
        *_leaving(case),
        *_impossible(case),
        *silent.to_certify(case, counter),
        *silent.complained(case, counter),
        *_wanted(case, counter),
        *_down_on_the_last_day(case),
        *_to_suspend(case),
        *_sent_back(case),
    ]


def _late_elsewhere(case: Case, counter: DayCounter) -> Iterator[Pressing]:
    """Cases that this one opened, referred ones too, which nobody decided in their own time (arts. 14 and 27)."""
    for link in late(case, counter.today):
        assert link.child is not None
        words = linked.words_of_delay(link)
        is_elsewhere = link.child.agency_id != case.agency_id and case.finished is None
        way = Link(_("Escribirle un oficio"), reverse("workflows:desk_measure", args=[case.ref, "oficio"]))
        due = counter.due(link.child.due_on, case.agency)
        title = _("%(agency)s no resolvió a tiempo") % words
        yield Pressing(title, linked.told_of_delay(link) % words, (way,) if is_elsewhere else (), due)


def _leaving(case: Case) -> Iterator[Pressing]:
    """That the person withdrew or waived: once the decision is signed, it is not resolved any more (art. 42)."""
    for block, title in LEAVING.items():
        asked = history.last_asked(case, block) if is_open(case, block) else None
        if asked is not None:
            text = _(
                "Lo pidió el %(at)s y su escrito está en el expediente. Resuélvelo antes de que se firme la decisión: "
                "después ya no termina así (Ley 19.880, art. 42)."
            )
            yield Pressing(str(title), text % {"at": moment(asked.at, case.agency)})


def _impossible(case: Case) -> Iterator[Pressing]:
    """Why somebody says that the case cannot go on: whoever resolves it reads the cause (art. 40)."""
    if not is_open(case, IMPOSSIBILITY):
        return
    asked = history.last_asked(case, IMPOSSIBILITY)
    if asked is not None:
        words = {"who": asked.who, "at": moment(asked.at, case.agency), "reason": asked.detail}
        text = _("Lo indicó %(who)s el %(at)s. Causa: %(reason)s") % words
        yield Pressing(_("Se dice que es imposible continuar (Ley 19.880, art. 40)"), text)


def _overlooked(case: Case) -> Iterator[Pressing]:
    """Papers that the counter typed once it was decided: somebody says what is done with each (R2, R6)."""
    link = Link(
        _("Decir qué se hace con él"), reverse("workflows:desk_measure", args=[case.ref, "papel-sin-considerar"])
    )
    for one in overlooked.waiting(case):
        words = {
            "received": moment(one.received_at, case.agency),
            "entered": moment(one.entered_at, case.agency),
            "step": one.task.step_title,
            "seq": one.document.item.seq,
        }
        if one.is_in_time:
            title = _("Un papel llegó a tiempo y no se consideró")
        else:
            title = _("Llegó un papel después del plazo o de resolver")
        text = _(
            "Responde a «%(step)s». El mesón lo recibió el %(received)s y lo ingresó el %(entered)s, cuando ya se "
            "había resuelto. Es el N° %(seq)s del expediente."
        )
        yield Pressing(title, text % words, (link,), kind="error" if one.is_in_time else "warning")


def _wanted(case: Case, counter: DayCounter) -> Iterator[Pressing]:
    """Who asks for more time is answered before it is over, or it cannot be granted any more (art. 26; R12)."""
    for change in _unanswered(case).filter(deadline__due_on__gte=counter.today):
        words = {"what": deadlines.title_of(change.deadline), "reason": change.reason.strip().rstrip(".")}
        text = _("«%(what)s». Motivo: %(reason)s. Respóndele antes de que venza: después ya no se puede ampliar.")
        links = (
            Link(_("Ampliar el plazo"), reverse("workflows:desk_measure", args=[case.ref, "ampliar"])),
            Link(_("No ampliar el plazo"), reverse("workflows:desk_measure", args=[case.ref, "no-ampliar"])),
        )
        due = counter.due(change.deadline.due_on, case.agency)
        yield Pressing(_("Piden más plazo (Ley 19.880, art. 26)"), text % words, links, due)


def _down_on_the_last_day(case: Case) -> Iterator[Pressing]:
    """That a person's time ran out on a day on which the platform failed: whoever decides what is late knows why.

    A clock that ran out is not extended (art. 26), and what came late may be taken all the same (DS 4 arts. 7 and 47).
    """
    noted = DeadlineChange.objects.filter(
        deadline__case=case, deadline__state=Deadline.State.EXPIRED, deadline__binds_applicant=True
    )
    noted = noted.filter(outage__isnull=False, deadline__due_on=F("due_after"))
    for change in noted.select_related("deadline__task", "deadline__party", "outage__agency").order_by("pk"):
        assert change.outage is not None
        first, last = outages.days_of(change.outage)
        if change.deadline.due_on is not None and first <= change.deadline.due_on <= last:
            words = {"what": deadlines.title_of(change.deadline), "due": day_of(change.deadline.due_on)}
            text = _(
                "«%(what)s» venció el %(due)s y ese día la plataforma no funcionó: la constancia está en el "
                "expediente. Ya no se amplía (Ley 19.880, art. 26), pero lo que llegue tarde se puede aceptar: tenlo "
                "en cuenta antes de resolver (DS 4 de 2020, arts. 7 y 47)."
            )
            yield Pressing(_("El plazo de la persona venció un día sin plataforma"), text % words)


def _to_suspend(case: Case) -> Iterator[Pressing]:
    """Who asks that the act not be carried out while the appeal is decided is answered before it is (art. 57; R67)."""
    for asked in _suspension_asked(case):
        ways = (("suspender-acto", _("Suspender el acto")), ("no-suspender-acto", _("No suspender el acto")))
        links = tuple(Link(said, reverse("workflows:desk_measure", args=[case.ref, slug])) for slug, said in ways)
        title = _("Piden que no se cumpla el acto mientras se resuelve (Ley 19.880, art. 57)")
        words = {"ground": asked.get_ground_display(), "reason": asked.reason}
        yield Pressing(title, (_("Por qué: %(ground)s. %(reason)s") % words).strip(), links)


def _sent_back(case: Case) -> Iterator[Pressing]:
    """Why a case goes on that was decided before: an appeal set its act aside (art. 59)."""
    annulled = Document.objects.filter(file=case.file_id, state=Document.State.ANNULLED, changed_by__isnull=False)
    act = annulled.exclude(definition_id__in=REVIEWS).select_related("changed_by").order_by("pk").last()
    if case.finished is None and act is not None and act.changed_by is not None:
        link = Link(_("Leer por qué"), reverse("workflows:desk_document", args=[case.ref, act.changed_by.pk]))
        text = _("%(act)s quedó sin efecto. Decide de nuevo según lo que resolvió el recurso (Ley 19.880, art. 59).")
        yield Pressing(_("Un recurso hizo volver esta solicitud"), text % {"act": name_of(act)}, (link,))


def _suspension_asked(case: Case) -> QuerySet[ActSuspension]:
    return case.act_suspensions.filter(state=ActSuspension.State.ASKED)


def _unanswered(case: Case) -> QuerySet[DeadlineChange]:
    asked = DeadlineChange.objects.filter(kind=DeadlineChange.Kind.EXTENSION, state=DeadlineChange.State.ASKED)
    running = asked.filter(deadline__case=case, deadline__state=Deadline.State.RUNNING)
    return running.select_related("deadline__task", "deadline__party__person").order_by("pk")
