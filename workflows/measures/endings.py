"""Measures that may end a case in another way than its decision (Ley 19.880 arts. 40 to 44 and 64 to 66)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows import deadlines
from workflows.access import filed_by, is_interested
from workflows.commands import endings, silence
from workflows.controls import text_field
from workflows.measures.base import Done, Measure, MeasureForm, Situation
from workflows.presenting.silent import effect_of

PENDING = ("NEW", "ASSIGNED", "STARTED", "SCHEDULED")


class ImpossibleForm(MeasureForm):
    """Why the case cannot go on."""

    def prepare(self) -> None:
        self.fields["reason"].help_text = gettext_lazy(
            "Lo leen todas las personas interesadas, que pueden responder: no escribas datos personales de nadie."
        )


class SureForm(MeasureForm):
    """A measure that cannot be taken back."""

    sure = forms.BooleanField(
        label=gettext_lazy("Entiendo lo que significa y quiero hacerlo"),
        error_messages={"required": gettext_lazy("Marca que entiendes lo que significa")},
    )


class LeaveForm(SureForm):
    """Whoever applied leaves: the law asks for no reason (art. 42)."""

    reason = text_field(gettext_lazy("Motivo"), most=4000, too_long=gettext_lazy("Escribe menos de 4.000 caracteres"))


class ComplaintForm(MeasureForm):
    """A complaint that nobody decided in time: that it passed is reason enough (art. 64)."""

    reason = text_field(
        gettext_lazy("¿Quieres agregar algo?"), most=4000, too_long=gettext_lazy("Escribe menos de 4.000 caracteres")
    )


class NoReasonForm(MeasureForm):
    """A measure that needs no reason."""

    reason = None  # type: ignore[assignment]


def _under_way(situation: Situation, block: str) -> bool:
    steps = situation.case.task_set.filter(step_id__startswith=block, status__in=PENDING)
    return bool(steps.exists())


def _may_leave(situation: Situation, block: str) -> bool:
    return _may_begin(situation, block) and filed_by(situation.case, situation.person)


def _said(ends: bool) -> Done:
    if ends:
        return Done(_("Recibimos tu escrito. Una persona de la institución dicta el acto que termina tu solicitud."))
    return Done(_("Ya no eres parte de esta solicitud. Sigue para las demás personas."), url="/mis-tramites/")


def _withdraw(situation: Situation, given: dict[str, Any]) -> Done:
    ends = endings.withdraw(case=situation.case, reason=given["reason"], by=situation.person, now=situation.now)
    return _said(ends)


def _waive(situation: Situation, given: dict[str, Any]) -> Done:
    return _said(endings.waive(case=situation.case, reason=given["reason"], by=situation.person, now=situation.now))


def _warn(situation: Situation, given: dict[str, Any]) -> Done:
    endings.warn_of_abandonment(case=situation.case, by=situation.person, now=situation.now)
    return Done(_("Se avisó a la persona. Falta notificarle la advertencia: desde entonces corren los siete días."))


def _impossible(situation: Situation, given: dict[str, Any]) -> Done:
    endings.declare_impossible(case=situation.case, reason=given["reason"], by=situation.person, now=situation.now)
    return Done(_("Se abrió el paso «Resolver si es imposible continuar»."))


def _complain(situation: Situation, given: dict[str, Any]) -> Done:
    silence.complain(case=situation.case, reason=given["reason"], by=situation.person, now=situation.now)
    return Done(_("Recibimos tu denuncia y dimos copia al superior. Tu comprobante está en tus documentos."))


def _certify(situation: Situation, given: dict[str, Any]) -> Done:
    silence.certify(case=situation.case, by=situation.person, now=situation.now)
    return Done(_("Pediste el certificado. Te avisamos cuando esté firmado."))


def _may_begin(situation: Situation, block: str) -> bool:
    """What was asked and is decided ends in no other way: it may only be open to be carried out (arts. 18 and 40)."""
    if not situation.is_open or not situation.bundle.has_step(block) or _under_way(situation, block):
        return False
    return not deadlines.is_decided(situation.case)


def _may_warn(situation: Situation) -> bool:
    law = situation.law
    if law is None or not law.abandonment or not _may_begin(situation, "law_abandonment"):
        return False
    if endings.warned(situation.case):
        return False
    return endings.may_warn(situation.case, situation.today, situation.place)


def _may_complain(situation: Situation) -> bool:
    law = situation.law
    overdue = law is not None and law.silence is not None and silence.is_overdue(situation.case, situation.today)
    if (
        not overdue
        or not silence.takes_complaint(situation.bundle)
        or not is_interested(situation.case, situation.person)
    ):
        return False
    return silence.complaint_of(situation.case) is None


def _means_of_silence(situation: Situation) -> str:
    return _("Con el certificado, %(effect)s.") % {"effect": effect_of(situation.case, situation.person)}


def _may_certify(situation: Situation) -> bool:
    if not filed_by(situation.case, situation.person) or _under_way(situation, "law_silence"):
        return False
    return silence.may_certify(situation.case, situation.today)


MEASURES = (
    Measure(
        slug="denunciar-plazo",
        side="citizen",
        title=gettext_lazy("Denunciar que no decidieron a tiempo"),
        button=gettext_lazy("Enviar la denuncia"),
        article="Ley 19.880, art. 64",
        help=gettext_lazy(
            "Recibes un comprobante con fecha, se da copia al superior y la institución tiene cinco días hábiles más "
            "para decidir. Después puedes pedir el certificado de silencio."
        ),
        form=ComplaintForm,
        offers=_may_complain,
        do=_complain,
        means=_means_of_silence,
    ),
    Measure(
        slug="certificado-de-silencio",
        side="citizen",
        title=gettext_lazy("Pedir el certificado de que no decidieron a tiempo"),
        button=gettext_lazy("Pedir el certificado"),
        article="Ley 19.880, arts. 64 a 66",
        help=gettext_lazy("Se entrega sin más trámite y lleva la firma de un funcionario con su nombre."),
        form=NoReasonForm,
        offers=_may_certify,
        do=_certify,
        means=_means_of_silence,
    ),
    Measure(
        slug="desistirme",
        side="citizen",
        title=gettext_lazy("Retirar la solicitud (desistimiento)"),
        button=gettext_lazy("Retirar mi solicitud"),
        article="Ley 19.880, art. 42",
        help=gettext_lazy(
            "Dejas de pedir lo que pediste, y puedes volver a pedirlo en otra solicitud. Si la presentaron varias "
            "personas, solo te retiras tú y sigue para las demás."
        ),
        form=LeaveForm,
        offers=lambda situation: _may_leave(situation, "law_withdrawal"),
        do=_withdraw,
    ),
    Measure(
        slug="renunciar",
        side="citizen",
        title=gettext_lazy("Renunciar a mi derecho"),
        button=gettext_lazy("Renunciar a mi derecho"),
        article="Ley 19.880, art. 42",
        help=gettext_lazy("Renuncias al derecho mismo: después ya no puedes pedirlo otra vez."),
        form=LeaveForm,
        offers=lambda situation: _may_leave(situation, "law_waiver"),
        do=_waive,
    ),
    Measure(
        slug="advertir-abandono",
        side="desk",
        title=gettext_lazy("Advertir que se declarará el abandono"),
        button=gettext_lazy("Advertir a la persona"),
        article="Ley 19.880, art. 43",
        help=gettext_lazy(
            "El caso está detenido hace más de treinta días hábiles por la persona que lo inició. Se le advierte y "
            "tiene siete días hábiles desde que se le notifique."
        ),
        form=NoReasonForm,
        offers=_may_warn,
        do=_warn,
    ),
    Measure(
        slug="imposible-continuar",
        side="desk",
        title=gettext_lazy("Terminar porque es imposible continuar"),
        button=gettext_lazy("Abrir el paso para decidirlo"),
        article="Ley 19.880, art. 40",
        help=gettext_lazy("Por una causa que sobrevino. El caso termina solo con un acto fundado y firmado."),
        form=ImpossibleForm,
        offers=lambda situation: _may_begin(situation, "law_impossibility"),
        do=_impossible,
    ),
)
