"""Avisos of a case: their text is filled and frozen in the deciding transaction (decision 10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Person
from documents.models import Document
from notifications.api import send_notice
from procedures.api import TextError, fill
from workflows.errors import RoutingError
from workflows.models import CaseParty, CaseTask, Deadline, Incident
from workflows.queries import holders
from workflows.runtime import Run
from workflows.texts import CaseData


def recipients(run: Run) -> Iterator[tuple[Person, str]]:
    """Who is told about the case, and at which e-mail address (empty where none was given)."""
    parties = run.case.parties.filter(kind=CaseParty.Kind.APPLICANT, left_at=None)
    for party in parties.select_related("person", "representative"):
        person = party.representative or party.person
        if person is not None:
            yield person, party.email


def tell_applicants(run: Run, notice_id: str, *, task: CaseTask, attach: Iterable[str] = ()) -> None:
    """Send a notice of the bundle to every applicant. Raises RoutingError when its text names a missing datum."""
    spec = run.bundle.notice(notice_id)
    data = CaseData(run)
    try:
        subject, body = fill(spec.subject, data), fill(spec.body, data)
    except (TextError, KeyError) as error:
        detail = _("El aviso «%(notice)s» no se pudo escribir: %(error)s")
        raise RoutingError(Incident.Kind.RULE, task.step_id, detail % {"notice": notice_id, "error": error}) from error
    label = spec.action.label if spec.action else ""
    send(run, subject=subject, body=body, action_label=label, documents=_documents(run, attach))


def send(run: Run, *, subject: str, body: str, action_label: str = "", documents: Iterable[Document] = ()) -> None:
    """Put a notice in every applicant's inbox and queue its e-mail."""
    for person, email in recipients(run):
        _send_to(run, person, email, subject=subject, body=body, action_label=action_label, documents=documents)


def tell(run: Run, party: CaseParty, *, subject: str, body: str) -> None:
    """Put a notice in the inbox of one interested person, or of who represents them, and queue its e-mail."""
    person = party.representative or party.person
    if person is not None:
        _send_to(run, person, party.email or person.email, subject=subject, body=body)


def _send_to(
    run: Run,
    person: Person,
    email: str,
    *,
    subject: str,
    body: str,
    action_label: str = "",
    documents: Iterable[Document] = (),
) -> None:
    send_notice(
        person=person,
        agency=run.agency,
        file=run.case.file,
        case_ref=run.case.ref,
        case_id=run.case.pk,
        subject=subject,
        body=body,
        action_label=action_label or _("Ver tu solicitud"),
        action_path=reverse("workflows:look_up")
        if person.is_declared
        else reverse("workflows:case", args=[run.case.ref]),
        documents=documents,
        email=email,
        now=run.now,
    )


def warn_of_deadline(run: Run, task: CaseTask, deadline: Deadline) -> None:
    """Tell whoever must act that a step's time is nearly over: the applicant, or the officials of its role."""
    assert deadline.due_on is not None
    words = {"number": run.case.number, "step": task.step_title, "due": date_format(deadline.due_on, "DATE_FORMAT")}
    subject = _("Vence pronto: solicitud N° %(number)s") % words
    if task.for_applicant:
        send(run, subject=subject, body=_("Tienes hasta el %(due)s para «%(step)s».") % words)
        return
    people = [task.owner.person] if task.owner else [member.person for member in holders(task.role, run.today)]
    body = _("El paso «%(step)s» vence el %(due)s.") % words
    for person in people:
        _send_to_official(run, person, subject=subject, body=body)


def tell_of_challenge(run: Run, challenged: Person, superiors: Iterable[Person]) -> None:
    """Ask each superior to decide on a challenge, and tell the official of it (Ley 19.880 art. 12)."""
    words = {"number": run.case.number, "who": challenged}
    subject = _("Recusación por resolver: solicitud N° %(number)s") % words
    body = _("Una persona interesada pide que %(who)s no intervenga. Resuélvela con tus razones.") % words
    path = reverse("workflows:desk_measure", args=[run.case.ref, "resolver-recusacion"])
    for person in superiors:
        _send_to_official(run, person, subject=subject, body=body, label=_("Resolver la recusación"), path=path)
    _send_to_official(
        run,
        challenged,
        subject=_("Te recusaron en la solicitud N° %(number)s") % words,
        body=_("Una persona interesada pide que no intervengas. Si tiene razón, abstente; si no, decide tu superior."),
    )


def _send_to_official(run: Run, person: Person, *, subject: str, body: str, label: str = "", path: str = "") -> None:
    send_notice(
        person=person,
        agency=run.agency,
        file=run.case.file,
        case_ref=run.case.ref,
        case_id=run.case.pk,
        subject=subject,
        body=body,
        action_label=label or _("Abrir la solicitud"),
        action_path=path or reverse("workflows:desk_case", args=[run.case.ref]),
        email=person.email,
        now=run.now,
    )


def _documents(run: Run, definition_ids: Iterable[str]) -> list[Document]:
    """The latest document of the file for each id of the bundle."""
    found = []
    for definition_id in definition_ids:
        document = Document.objects.filter(file=run.case.file, definition_id=definition_id).order_by("-pk").first()
        if document is not None:
            found.append(document)
    return found
