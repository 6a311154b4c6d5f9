"""What presses in a case that nobody decided in time: the complaint and the certificate (Ley 19.880 arts. 64 to 66)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from procedures.api import bundle_of
from workflows import certifying, deadlines
from workflows.access import filed_by, is_interested
from workflows.commands import silence
from workflows.models import Case
from workflows.presenting.pressed import Link, Pressing, day_of, is_open, why
from workflows.presenting.words import DayCounter, moment
from workflows.steps import law

EFFECT = {
    "positive": gettext_lazy("tu solicitud se entiende aceptada (Ley 19.880, art. 64)"),
    "negative": gettext_lazy(
        "tu solicitud se entiende rechazada, y desde la fecha del certificado corren tus plazos para recurrir "
        "(Ley 19.880, art. 65)"
    ),
    "special": gettext_lazy("vale lo que dice la ley de este trámite"),
}
"""What the certificate of silence means to whoever applied."""
EFFECT_FOR_OTHERS = {
    "positive": gettext_lazy("la solicitud se entiende aceptada (Ley 19.880, art. 64)"),
    "negative": gettext_lazy("la solicitud se entiende rechazada (Ley 19.880, art. 65)"),
    "special": gettext_lazy("vale lo que dice la ley de este trámite"),
}
"""What it means to the officials and to the other interested persons."""


def effect_of(case: Case, person: Person) -> str:
    """What silence means to one of the interested persons, in words: whether it was their own application or not."""
    words = EFFECT if filed_by(case, person) else EFFECT_FOR_OTHERS
    return str(words[bundle_of(case.version).ficha.silence.effect])


def for_person(case: Case, person: Person, today: date) -> Iterator[Pressing]:
    """That the time to decide passed, to one of the interested persons: what they may do, or what is being done."""
    rules = bundle_of(case.version).law
    if rules is None or rules.silence is None or not silence.is_overdue(case, today):
        return
    is_theirs, complaint = filed_by(case, person), silence.complaint_of(case)
    words = {"effect": effect_of(case, person)}
    if asked := certifying.asked(case):
        yield _being_certified(case, asked, words, today, is_theirs=is_theirs)
    elif silence.may_certify(case, today):
        yield _certificate(case, words, is_theirs)
    elif complaint is not None and complaint.due_on is not None:
        words |= {"on": day_of(complaint.starts_on), "due": day_of(complaint.due_on)}
        text = _(
            "Recibimos la denuncia, que cuenta desde el %(on)s, y dimos copia al superior. Tienen hasta el %(due)s "
            "para decidir. Si no lo hacen, desde el día siguiente quien presentó la solicitud puede pedir el "
            "certificado, y %(effect)s."
        )
        if is_theirs:
            text = _(
                "Recibimos la denuncia, que cuenta desde el %(on)s, y dimos copia al superior. Tienen hasta el "
                "%(due)s para decidir. Si no lo hacen, desde el día siguiente puedes pedir aquí el certificado, y "
                "%(effect)s."
            )
        title = _("Se denunció que no decidieron a tiempo")
        yield Pressing(title, text % words, (why(case, complaint),), kind="")
    else:
        yield _complaint(case, words, is_theirs, is_interested(case, person))


def _being_certified(
    case: Case, asked: certifying.Asked, words: dict[str, str], today: date, *, is_theirs: bool
) -> Pressing:
    """That the certificate was asked for and until when it comes, or that it is late and who knows of it."""
    words |= {"due": day_of(asked.due_on), "at": moment(asked.at, case.agency)}
    if today > asked.due_on:
        text = _(
            "Se pidió el %(at)s y debió salir a más tardar el %(due)s, porque se da sin más trámite (Ley 19.880, arts. "
            "24 y 64 a 66). Nadie puede negarlo ni decidir ya otra cosa. La institución lo ve entre lo que está "
            "detenido, con aviso a quien dirige. Con él, %(effect)s."
        )
        link = Link(_("Escribir a la institución"), reverse("workflows:measure", args=[case.ref, "escribir"]))
        return Pressing(_("Todavía no sale el certificado de que no decidieron a tiempo"), text % words, (link,))
    title = _("Se pidió el certificado de que no decidieron a tiempo")
    text = _("Lo firma un funcionario con su nombre, a más tardar el %(due)s. Con él, %(effect)s.")
    if is_theirs:
        title = _("Pediste el certificado de que no decidieron a tiempo")
        text = _("Lo firma un funcionario con su nombre, a más tardar el %(due)s, y te avisamos. Con él, %(effect)s.")
    return Pressing(title, text % words, kind="")


def _certificate(case: Case, words: dict[str, str], is_theirs: bool) -> Pressing:
    """That the certificate may be asked for: by whoever applied, whose application it ends (arts. 64, 65)."""
    if not is_theirs:
        text = _("Lo pide quien presentó la solicitud. Con él, %(effect)s.")
        return Pressing(_("Ya se puede pedir el certificado de que no decidieron a tiempo"), text % words, kind="")
    link = Link(_("Pedir el certificado"), reverse("workflows:measure", args=[case.ref, "certificado-de-silencio"]))
    text = _("Se entrega sin más trámite. Con él, %(effect)s.")
    return Pressing(_("Ya puedes pedir el certificado de que no decidieron a tiempo"), text % words, (link,))


def _complaint(case: Case, words: dict[str, str], is_theirs: bool, may_complain: bool) -> Pressing:
    """That nobody decided in time: who is interested may complain, who only informed may not (arts. 21, 64)."""
    title = _("Venció el plazo y no han decidido")
    if not may_complain:
        return Pressing(title, str(silence.NOT_WHO_INFORMED), kind="")
    link = Link(
        _("Denunciar que no decidieron a tiempo"), reverse("workflows:measure", args=[case.ref, "denunciar-plazo"])
    )
    text = _(
        "Puedes denunciarlo: recibes un comprobante con fecha, se da copia al superior y tienen cinco días hábiles "
        "más para decidir. Si tampoco lo hacen, quien presentó la solicitud puede pedir un certificado, y %(effect)s."
    )
    if is_theirs:
        text = _(
            "Puedes denunciarlo: recibes un comprobante con fecha, se da copia al superior y tienen cinco días hábiles "
            "más para decidir. Si tampoco lo hacen, puedes pedir un certificado, y %(effect)s."
        )
    return Pressing(title, text % words, (link,))


def to_certify(case: Case, counter: DayCounter) -> Iterator[Pressing]:
    """That the person asked for the certificate: nobody may refuse it nor decide any more (arts. 64 to 66)."""
    asked = certifying.asked(case)
    if asked is None:
        return
    words = {"at": moment(asked.at, case.agency), "effect": _effect(case)}
    text = _(
        "Lo pidió el %(at)s porque venció el plazo para decidir. Se da sin más trámite, y con él %(effect)s. Lo único "
        "que queda por hacer es redactarlo y firmarlo."
    )
    due = counter.due(asked.due_on, case.agency)
    yield Pressing(_("La persona pidió el certificado de silencio"), text % words, (), due, "error")


def _effect(case: Case) -> str:
    return str(EFFECT_FOR_OTHERS[bundle_of(case.version).ficha.silence.effect])


def complained(case: Case, counter: DayCounter) -> Iterator[Pressing]:
    """That somebody complained, to the officials: until when they decide, or that silence came (art. 64)."""
    complaint = silence.complaint_of(case)
    if complaint is None or complaint.due_on is None or is_open(case, law.SILENCE) or deadlines.is_decided(case):
        return
    words = {"on": day_of(complaint.starts_on), "due": day_of(complaint.due_on), "effect": _effect(case)}
    if counter.today <= complaint.due_on:
        text = _(
            "La denuncia cuenta desde el %(on)s. Hay que decidir a más tardar el %(due)s: después la persona puede "
            "pedir el certificado de silencio, y con él %(effect)s."
        )
    else:
        text = _(
            "La denuncia cuenta desde el %(on)s y el plazo para decidir venció el %(due)s. La persona ya puede pedir "
            "el certificado de silencio, y con él %(effect)s."
        )
    due = counter.due(complaint.due_on, case.agency)
    yield Pressing(_("Denunciaron que no se decidió a tiempo"), text % words, (), due, "error")
