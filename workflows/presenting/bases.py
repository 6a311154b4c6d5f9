"""The papers on which a step of the law rests, for whoever resolves it: what was written, warned of or decided.

A step that says «su escrito está en el expediente» leads to that paper (Ley 19.880 arts. 40 to 43, 59 and 62).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.db.models import Max, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from documents.api import change_of
from documents.models import Document, FileItem
from workflows import reviewing
from workflows.access import official_cases
from workflows.joinders import name_of
from workflows.models import Case, CaseParty, CaseTask, Deadline
from workflows.nodes.base import OPEN
from workflows.presenting import history
from workflows.presenting.pressed import Link, Pressing
from workflows.presenting.words import DayCounter, moment
from workflows.separation import kept_out

WRITTEN = {
    "law_withdrawal": gettext_lazy("%(who)s se desistió (Ley 19.880, art. 42)"),
    "law_waiver": gettext_lazy("%(who)s renunció a su derecho (Ley 19.880, art. 42)"),
}
"""What a person did by a paper of theirs, by the block of the law in which it is resolved."""
ABANDONMENT, WARNING = "law_abandonment", "law_abandonment_warning"
"""The step in which an abandonment is resolved, and the one by which it is warned of."""


def of_steps(case: Case, steps: Iterable[CaseTask], person: Person, counter: DayCounter) -> Iterator[Pressing]:
    """What the steps that are open now rest on, for an official."""
    open_ids = [task.step_id for task in steps if task.step_id.startswith("law_")]
    for block in WRITTEN:
        if any(step_id.startswith(block) for step_id in open_ids):
            yield from _written(case, block)
    if any(step_id.startswith(ABANDONMENT) and step_id != WARNING for step_id in open_ids):
        yield from _warned(case)
        yield from _acted(case)
    if case.finished is None:
        yield from _opposing(case, counter)
        if case.about is not None:
            yield from _without_act(case, case.about)
            yield _act(case, case.about, person, counter.today)


def _written(case: Case, block: str) -> Iterator[Pressing]:
    asked = history.last_asked(case, block)
    item = _filed(case, asked.at, Document.Kind.APPLICATION) if asked is not None else None
    if item is None:
        return
    text = _("Lo presentó el %(at)s.") % {"at": moment(item.entered_at, case.agency)}
    title = str(WRITTEN[block]) % {"who": item.entered_by}
    yield Pressing(title, text, _to_writing(case, item), kind="")


def _warned(case: Case) -> Iterator[Pressing]:
    warned = CaseTask.objects.filter(process=case, step_id=WARNING).order_by("-pk").first()
    item = _filed(case, warned.created, Document.Kind.CERTIFICATE) if warned is not None else None
    if item is None:
        return
    over = case.deadlines.filter(kind=Deadline.Kind.ABANDONMENT).aggregate(last=Max("due_on"))["last"]
    words = {"at": moment(item.entered_at, case.agency), "due": date_format(over, "DATE_FORMAT") if over else ""}
    text = _("Se hizo el %(at)s y su plazo terminó el %(due)s.") if over else _("Se hizo el %(at)s.")
    link = _to(case, item, _("Leer la advertencia (N° %(seq)s del expediente)"))
    yield Pressing(_("Se advirtió del abandono (Ley 19.880, art. 43)"), text % words, link, kind="")


def _acted(case: Case) -> Iterator[Pressing]:
    """That the person acted while somebody has to resolve whether they abandoned the case (art. 43; R17).

    What another interested person wrote meanwhile does not say so: it is whoever applied that stood still.
    """
    step = case.task_set.filter(step_id=ABANDONMENT, status__in=OPEN).order_by("pk").last()
    if step is None:
        return
    done = case.task_set.filter(for_applicant=True, status="DONE", finished__gt=step.created)
    applied = case.parties.filter(kind=CaseParty.Kind.APPLICANT)
    theirs = Q(author__in=applied.values("person")) | Q(author__in=applied.values("representative"))
    wrote = case.messages.filter(theirs, from_agency=False, at__gt=step.created)
    days = [*done.values_list("finished", flat=True), *wrote.values_list("at", flat=True)]
    if days:
        text = _(
            "El %(at)s, después de los siete días, pero antes de que alguien declarara el abandono. Tómalo en cuenta "
            "al resolver: puedes seguir con el caso."
        )
        yield Pressing(_("La persona ya actuó"), text % {"at": moment(max(days), case.agency)}, kind="error")


def _act(case: Case, act: Document, person: Person, today: date) -> Pressing:
    """The act that is appealed against, or to be clarified: it is read where the reader is an official of its case."""
    links: tuple[Link, ...] = ()
    original = case.original
    assert original is not None, "what is about an act is about its case"
    may_read = official_cases(person, today).filter(pk=original.pk).exists() and act.blob_id is not None
    if may_read and kept_out(original, person, today) is None:
        links = (Link(_("Leer el acto"), reverse("workflows:desk_document", args=[original.ref, act.pk])),)
    words = {"act": name_of(act), "number": original.number}
    return Pressing(_("Se trata de «%(act)s»") % words, _("Es de la solicitud N° %(number)s.") % words, links, kind="")


def _without_act(case: Case, act: Document) -> Iterator[Pressing]:
    """That what this appeal is against does not stand any more, because of another one."""
    if reviewing.fell_to_another(case):
        text = _(
            "%(act)s. %(change)s. Lo que resuelvas aquí ya no lo cambia: dilo en el fundamento, o declara que el "
            "recurso perdió su objeto (Ley 19.880, art. 40)."
        )
        yield Pressing(_("El acto recurrido ya no rige"), text % {"act": name_of(act), "change": change_of(act)})


def _opposing(case: Case, counter: DayCounter) -> Iterator[Pressing]:
    """Third parties who may still oppose, before whose time nobody resolves, and those who did."""
    clocks = case.deadlines.filter(kind=Deadline.Kind.OPPOSITION, party__left_at=None).order_by("pk")
    for clock in clocks.select_related("party__person", "party__organisation"):
        words = {
            "who": clock.party,
            "due": date_format(clock.due_on, "DATE_FORMAT") if clock.due_on else "",
            "source": clock.legal_source,
        }
        if clock.state == Deadline.State.MET and clock.closed_at is not None:
            text = _("Lo presentó el %(at)s y su escrito está en el expediente. Considéralo al resolver (%(source)s).")
            at = moment(clock.closed_at, case.agency)
            item = _filed(case, clock.closed_at, Document.Kind.APPLICATION)
            yield Pressing(_("%(who)s se opuso") % words, text % {**words, "at": at}, _to_writing(case, item))
        elif clock.state == Deadline.State.RUNNING and clock.due_on is not None and counter.today <= clock.due_on:
            text = _("Tiene hasta el %(due)s (%(source)s). Si se resuelve antes, pierde ese derecho.")
            due = counter.due(clock.due_on, case.agency)
            yield Pressing(_("%(who)s todavía puede oponerse") % words, text % words, (), due)


def _filed(case: Case, at: datetime, kind: str) -> FileItem | None:
    """What entered the file by the command of that moment."""
    items = FileItem.objects.filter(file=case.file_id, entered_at=at, document__kind=kind)
    return items.select_related("document").order_by("-seq").first()


def _to_writing(case: Case, item: FileItem | None) -> tuple[Link, ...]:
    return _to(case, item, _("Leer su escrito (N° %(seq)s del expediente)")) if item is not None else ()


def _to(case: Case, item: FileItem, label: str) -> tuple[Link, ...]:
    """Where it is read; nowhere until its seal is on it."""
    if item.document.blob_id is None:
        return ()
    url = reverse("workflows:desk_document", args=[case.ref, item.document_id])
    return (Link(label % {"seq": item.seq}, url),)
