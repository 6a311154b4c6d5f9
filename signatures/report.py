"""A finding in words: the verdict, the five questions, and the signatures, for the page and as JSON."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.api import mask_run
from documents.api import format_code
from documents.models import Document
from signatures.models import SignatureRequest
from signatures.queries import signatures_of
from signatures.rules import FoundSignature, Verdict, mask_name
from signatures.verification import Finding

WORDS = {
    Verdict.AUTHENTIC: gettext_lazy("Auténtico e íntegro"),
    Verdict.WITH_ADDITIONS: gettext_lazy("Auténtico, pero esta copia tiene añadidos"),
    Verdict.ALTERED: gettext_lazy("Alterado"),
    Verdict.NOT_ISSUED: gettext_lazy("No emitido por este servicio"),
    Verdict.UNREADABLE: gettext_lazy("No se pudo analizar"),
}
EXPLANATIONS = {
    Verdict.AUTHENTIC: gettext_lazy("Coincide con el original que guarda la institución."),
    Verdict.WITH_ADDITIONS: gettext_lazy(
        "El archivo contiene el original completo y sin cambios, y además algo que se le agregó después. "
        "Ante la duda, abre el original con su código."
    ),
    Verdict.ALTERED: gettext_lazy(
        "El archivo lleva una firma de un documento de esta institución, pero no es igual al original: "
        "cambió o está incompleto. No lo des por válido."
    ),
    Verdict.NOT_ISSUED: gettext_lazy(
        "No es ninguno de los documentos emitidos aquí. Si lleva firmas de otra institución, verifícalo con ella."
    ),
    Verdict.UNREADABLE: gettext_lazy(
        "El archivo no es un PDF que se pueda leer, o es demasiado complejo. Revisa que sea el archivo correcto."
    ),
}
CODE_EXPLANATION = gettext_lazy(
    "Ese código es de este documento, emitido aquí. Comprueba que lo que tienes en la mano diga lo mismo."
)
TONES = {Verdict.AUTHENTIC: "success", Verdict.WITH_ADDITIONS: "warning"}
"""Kind of banner; the others are errors."""


@dataclass(frozen=True)
class Line:
    """A question and its answer."""

    label: str
    value: str


@dataclass(frozen=True)
class SignatureLine:
    """One signature in words."""

    who: str
    kind: str
    when: str
    certificate: str


@dataclass(frozen=True)
class Report:
    """What the page shows. Personal data are masked."""

    verdict: str
    title: str
    tone: str
    explanation: str
    demonstration: bool
    code: str
    questions: tuple[Line, ...]
    signatures: tuple[SignatureLine, ...]
    """Those of the registered document."""
    found: tuple[SignatureLine, ...]
    """Those in the presented file, when it is not the original."""

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        return asdict(self)


def report(finding: Finding) -> Report:
    """The report on a code or a file."""
    document = finding.document
    is_in_force = document is None or document.state == Document.State.IN_FORCE
    return Report(
        verdict=finding.verdict.value,
        title=_("Documento auténtico") if finding.by_code else str(WORDS[finding.verdict]),
        tone=TONES.get(finding.verdict, "error") if is_in_force else "warning",
        explanation=str(CODE_EXPLANATION) if finding.by_code else str(EXPLANATIONS[finding.verdict]),
        demonstration=bool(document and document.is_demonstration)
        or any(item.demonstration for item in finding.signatures),
        code=format_code(document.code) if document and document.code else "",
        questions=_questions(finding, document) if document else (),
        signatures=tuple(_registered_line(item) for item in signatures_of(document)) if document else (),
        found=tuple(_found_line(item) for item in finding.signatures),
    )


def _questions(finding: Finding, document: Document) -> tuple[Line, ...]:
    """Issued by us? Unchanged? By whom and when? Still in force? What is it?"""
    number = document.number and _("N° %(number)s") % {"number": document.number}
    issued_on = date_format(document.issued_on, "SHORT_DATE_FORMAT") if document.issued_on else ""
    named = (document.get_kind_display().capitalize(), number, issued_on)
    lines = (
        Line(_("Documento"), document.title),
        Line(_("Tipo, número y fecha"), ", ".join(part for part in named if part)),
        Line(_("Emitido por"), document.agency.name),
        Line(_("¿Sigue en vigor?"), str(Document.State(document.state).label).capitalize()),
        Line(_("¿Está sin cambios?"), _unchanged(finding)),
        Line(_("Páginas del original"), str(document.pages or "")),
        Line(_("Huella SHA-256 del original"), document.sha256),
    )
    return tuple(line for line in lines if line.value)


def _unchanged(finding: Finding) -> str:
    if finding.by_code:
        return ""
    return _("Sí") if finding.verdict == Verdict.AUTHENTIC else _("No: no es igual al original")


def _registered_line(item: SignatureRequest) -> SignatureLine:
    """An official signs with name and post; whoever signs without a post is a private person, and stays masked."""
    is_private = item.signer_id is not None and not item.signer_post
    name = mask_name(item.signer_name) if is_private else item.signer_name
    moment = _moment(item.signed_at)
    words = _("Con sello de tiempo: %(moment)s") if item.has_timestamp else _("Hora del servidor: %(moment)s")
    kind = item.get_kind_display().capitalize()
    if item.is_demonstration:
        kind = _("Sello de demostración") if item.kind == item.Kind.SEAL else _("Firma de demostración")
    return SignatureLine(
        who=", ".join(part for part in (name, item.signer_post) if part),
        kind=f"{kind} ({item.level})",
        when=words % {"moment": moment},
        certificate=_("Certificado emitido por %(issuer)s") % {"issuer": item.provider},
    )


def _found_line(item: FoundSignature) -> SignatureLine:
    """A signature as the file shows it. Names stay masked: whoever uploads a file may have found it anywhere."""
    trust = pgettext("certificate", "de confianza") if item.trusted else pgettext("certificate", "desconocido aquí")
    run = f", RUN {mask_run(item.run)}" if item.run else ""
    return SignatureLine(
        who=f"{mask_name(item.holder)}{run}",
        kind=_("La firma se sostiene") if item.is_sound else _("La firma no se sostiene"),
        when=_("Hora que declara: %(moment)s") % {"moment": item.declared_at or item.stamped_at},
        certificate=_("Certificado %(trust)s, emitido por %(issuer)s") % {"trust": trust, "issuer": item.issuer},
    )


def _moment(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT") if moment else ""
