"""Avisos of a case: their text is filled and frozen in the deciding transaction (decision 10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import Person
from documents.models import Document
from notifications.api import Said, Say, send_notice
from procedures.api import Bundle, TextError, bundle_of, fill
from procedures.models import ProcedureVersion
from workflows import titles
from workflows.errors import RoutingError
from workflows.models import CaseParty, CaseTask, Deadline, Incident
from workflows.queries import holders
from workflows.representing import has_lapsed
from workflows.runtime import Run
from workflows.texts import CaseData

SPANISH = "es"


class Recipient(NamedTuple):
    """Who is told, at which e-mail address (empty where none was given), and in which language."""

    person: Person
    email: str
    language: str


def recipients(run: Run) -> Iterator[Recipient]:
    """Everybody who applied and is told about the case, or who represents them while their power lasts (art. 22)."""
    parties = run.case.parties.filter(kind=CaseParty.Kind.APPLICANT, left_at=None)
    for party in parties.select_related("person", "representative"):
        person, email = _reached(run, party)
        if person is not None:
            yield Recipient(person, email, language_of(party, person))


def _reached(run: Run, party: CaseParty) -> tuple[Person | None, str]:
    """Who hears of it and at which e-mail address: they themselves, as soon as the power of who acted is over."""
    if has_lapsed(party, run.today):
        return party.person, party.person.email if party.person else ""
    return party.representative or party.person, party.email


def language_of(party: CaseParty, person: Person) -> str:
    """That which they chose for this application where only its procedure speaks it, else theirs, else Spanish."""
    if party.language and party.language not in dict(settings.LANGUAGES):
        return party.language
    return person.language or party.language or SPANISH


def tell_applicants(run: Run, notice_id: str, *, task: CaseTask, attach: Iterable[str] = ()) -> None:
    """Send a notice of the bundle to every applicant. Raises RoutingError when its text names a missing datum."""
    send(run, lambda: said(run, notice_id, task), documents=_documents(run, attach))


def said(run: Run, notice_id: str, task: CaseTask) -> Said:
    """The notice in the active language, data included; wholly in Spanish where nobody translated it, or where what
    they wrote cannot be filled. Raises RoutingError where the Spanish cannot."""
    language = get_language() or SPANISH
    bundle = run.bundle.spoken(language, language)
    spec = bundle.notice(notice_id)
    if spec.lang:
        return _in_spanish(run, notice_id, task)
    data = CaseData(run, bundle=bundle)
    try:
        subject, body = fill(spec.subject, data, language), fill(spec.body, data, language) + _observed(task, bundle)
    except (TextError, KeyError) as error:
        if language != SPANISH:
            return _in_spanish(run, notice_id, task)
        detail = _("El aviso «%(notice)s» no se pudo escribir: %(error)s")
        raise RoutingError(Incident.Kind.RULE, task.step_id, detail % {"notice": notice_id, "error": error}) from error
    return Said(subject, body, spec.action.label if spec.action else "")


def _observed(task: CaseTask, bundle: Bundle) -> str:
    """What an official observed, question by question, where the notice asks to correct it; "" elsewhere."""
    items = list(task.correction_items.order_by("pk")) if task.step_kind == "correction" else []
    if not items:
        return ""
    labels = {field.id: field.label for field in bundle.fields_of(task.step_id)}
    lines = [f"{labels[item.field_id]}: {item.text}" if item.field_id in labels else item.text for item in items]
    return "\n\n" + "\n".join([_("Lo que hay que corregir:"), *(f"• {line}" for line in lines)])


def _in_spanish(run: Run, notice_id: str, task: CaseTask) -> Said:
    with translation.override(SPANISH):
        return said(run, notice_id, task)


def send(run: Run, say: Say, *, documents: Iterable[Document] = ()) -> None:
    """Put a notice in every applicant's inbox and queue its e-mail; `say` words it in the active language."""
    for recipient in recipients(run):
        _send_to(run, recipient, say, documents)


def send_to_others(run: Run, say: Say, *, documents: Iterable[Document] = ()) -> None:
    """The same to every interested person of the case who is not an applicant (Ley 19.880 arts. 9 and 21)."""
    others = run.case.parties.filter(left_at=None).exclude(kind=CaseParty.Kind.APPLICANT).order_by("pk")
    for party in others.select_related("person", "representative"):
        tell(run, party, say, documents=documents)


def tell(run: Run, party: CaseParty, say: Say, *, documents: Iterable[Document] = ()) -> None:
    """Put a notice in the inbox of one interested person, or of who represents them, and queue its e-mail."""
    person, email = _reached(run, party)
    if person is not None:
        _send_to(run, Recipient(person, email or person.email, language_of(party, person)), say, documents)


def _send_to(run: Run, recipient: Recipient, say: Say, documents: Iterable[Document] = ()) -> None:
    person = recipient.person
    send_notice(
        person=person,
        agency=run.agency,
        file=run.case.file,
        case_ref=run.case.ref,
        case_id=run.case.pk,
        say=lambda: _with_button(say()),
        language=recipient.language,
        action_path=reverse("workflows:look_up")
        if person.is_declared
        else reverse("workflows:case", args=[run.case.ref]),
        documents=documents,
        email=recipient.email,
        now=run.now,
    )


def _with_button(said: Said) -> Said:
    return said if said.action_label else replace(said, action_label=_("Ver tu solicitud"))


def warn_of_deadline(run: Run, task: CaseTask, deadline: Deadline) -> None:
    """Tell whoever must act that a step's time is nearly over: the applicant, or the officials of its role."""
    if task.for_applicant:
        body = gettext_lazy("Tienes hasta el %(due)s para «%(step)s».")
        send(run, lambda: _nearly_over(run, titles.for_applicant(task, run.bundle, _language()), deadline, body))
        return
    people = [task.owner.person] if task.owner else [member.person for member in holders(task.role, run.today)]
    said = gettext_lazy("El paso «%(step)s» vence el %(due)s.")
    for person in people:
        tell_official(
            run,
            person,
            lambda: _nearly_over(run, titles.for_official(task, run.bundle, _language()), deadline, said),
        )


def _nearly_over(run: Run, step: str, deadline: Deadline, body: str | Promise) -> Said:
    assert deadline.due_on is not None
    words = {"number": run.case.number, "step": step, "due": date_format(deadline.due_on, "DATE_FORMAT")}
    return Said(_("Vence pronto: solicitud N° %(number)s") % words, str(body) % words)


def title_in(version: ProcedureVersion) -> str:
    """The procedure's name in the active language, as far as it is translated."""
    return bundle_of(version).spoken(_language(), _language()).title


def case_title(run: Run) -> str:
    """The procedure's name, or what an appeal or a request to clarify is called, which only Spanish says."""
    return title_in(run.case.version) if run.case.title == run.bundle.title else run.case.title


def _language() -> str:
    return get_language() or SPANISH


def tell_of_challenge(run: Run, challenged: Person, superiors: Iterable[Person]) -> None:
    """Ask each superior to decide on a challenge, and tell the official of it (Ley 19.880 art. 12)."""
    words = {"number": run.case.number, "who": challenged}

    def asked() -> Said:
        return Said(
            _("Recusación por resolver: solicitud N° %(number)s") % words,
            _("Una persona interesada pide que %(who)s no intervenga. Resuélvela con tus razones.") % words,
            _("Resolver la recusación"),
        )

    def told() -> Said:
        return Said(
            _("Te recusaron en la solicitud N° %(number)s") % words,
            _("Una persona interesada pide que no intervengas. Si tiene razón, abstente; si no, decide tu superior."),
        )

    path = reverse("workflows:desk_measure", args=[run.case.ref, "resolver-recusacion"])
    for person in superiors:
        tell_official(run, person, asked, path)
    tell_official(run, challenged, told)


def attending(run: Run) -> list[Person]:
    """The officials who see to a case now: who holds its open steps; else who last did one, or its unit's people."""
    steps = run.case.task_set.filter(role__isnull=False).defer("flow_task").select_related("owner__person", "role")
    standing = list(steps.filter(finished=None).order_by("pk"))
    people = {task.owner.person for task in standing if task.owner is not None}
    if not people:
        people = {member.person for task in standing for member in holders(task.role, run.today)}
    if not people:
        last = steps.filter(finished_by__isnull=False).select_related("finished_by").order_by("-finished").first()
        people = {last.finished_by} if last is not None and last.finished_by is not None else set()
    return sorted(people, key=lambda person: person.pk)


def tell_official(run: Run, person: Person, say: Say, path: str = "") -> None:
    """Put a notice in an official's inbox; its button leads to the case, or to `path`, which is of this site."""
    send_notice(
        person=person,
        agency=run.agency,
        file=run.case.file,
        case_ref=run.case.ref,
        case_id=run.case.pk,
        say=lambda: _with_opener(say()),
        action_path=path or reverse("workflows:desk_case", args=[run.case.ref]),
        email=person.email,
        now=run.now,
    )


def _with_opener(said: Said) -> Said:
    return said if said.action_label else replace(said, action_label=_("Abrir la solicitud"))


def _documents(run: Run, definition_ids: Iterable[str]) -> list[Document]:
    """The latest document of the file for each id of the bundle."""
    found = []
    for definition_id in definition_ids:
        document = Document.objects.filter(file=run.case.file, definition_id=definition_id).order_by("-pk").first()
        if document is not None:
            found.append(document)
    return found
