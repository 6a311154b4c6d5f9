"""A finding in words: the verdict, the five questions, and the signatures, for the page and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.api import format_run, is_legal_entity, mask_run
from documents.api import change_of, format_code, marked_spanish, past_suspensions_of, suspension_of
from documents.models import Document
from signatures.models import SignatureRequest
from signatures.queries import signatures_of
from signatures.receipt import ReceiptFacts
from signatures.rules import FoundSignature, Verdict, lowest_level, mask_name
from signatures.verification import Finding

WORDS = {
    Verdict.AUTHENTIC: gettext_lazy("Auténtico e íntegro"),
    Verdict.WITH_ADDITIONS: gettext_lazy("Auténtico, pero esta copia tiene añadidos"),
    Verdict.ALTERED: gettext_lazy("Alterado"),
    Verdict.NOT_ISSUED: gettext_lazy("No emitido por este servicio"),
    Verdict.UNREADABLE: gettext_lazy("No se pudo analizar"),
    Verdict.RECEIPT: gettext_lazy("Certificado íntegro, que no está en este registro"),
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
    Verdict.RECEIPT: gettext_lazy(
        "El archivo prueba por sí solo lo que sigue: lo selló la institución que nombra y no ha cambiado. "
        "Este registro no lo tiene, así que no se sabe qué pasó después con la solicitud. Consulta a esa institución."
    ),
}
CODE_EXPLANATION = gettext_lazy(
    "Ese código es de este documento, emitido aquí. Comprueba que lo que tienes en la mano diga lo mismo."
)
LEVEL_WORDS = {
    "B-B": gettext_lazy("B-B: firma sin sello de tiempo de un tercero"),
    "B-T": gettext_lazy("B-T: cada firma lleva el sello de tiempo de un tercero"),
    "B-LTA": gettext_lazy(
        "B-LTA: cada firma lleva sello de tiempo, y el documento trae dentro la prueba para verificarlas por años"
    ),
}
TONES = {Verdict.AUTHENTIC: "success", Verdict.WITH_ADDITIONS: "warning", Verdict.RECEIPT: "warning"}
"""Kind of banner; the others are errors."""


@dataclass(frozen=True)
class Line:
    """A question and its answer."""

    label: str
    value: str
    shown: str = ""
    """The same as HTML, where part of it says its own language; for pages alone."""


@dataclass(frozen=True)
class SignatureLine:
    """One signature in words."""

    who: str
    kind: str
    when: str
    certificate: str
    revocation: str = ""
    shown: str = ""
    """Who, as HTML, where their post says its own language; for pages alone."""


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
        said: dict[str, Any] = asdict(self)
        for line in (*said["questions"], *said["signatures"], *said["found"]):
            del line["shown"]
        return said


def report(finding: Finding) -> Report:
    """The report on a code or a file."""
    document = finding.document
    is_in_force = document is None or (document.state == Document.State.IN_FORCE and not suspension_of(document))
    return Report(
        verdict=finding.verdict.value,
        title=_("Documento auténtico") if finding.by_code else str(WORDS[finding.verdict]),
        tone=TONES.get(finding.verdict, "error") if is_in_force else "warning",
        explanation=str(CODE_EXPLANATION) if finding.by_code else str(EXPLANATIONS[finding.verdict]),
        demonstration=bool(document and document.is_demonstration)
        or any(item.demonstration for item in finding.signatures),
        code=format_code(document.code) if document and document.code else "",
        questions=_questions(finding, document) if document else _receipt_lines(finding.receipt),
        signatures=tuple(_registered_line(item) for item in signatures_of(document)) if document else (),
        found=tuple(_found_line(item) for item in finding.signatures),
    )


def _questions(finding: Finding, document: Document) -> tuple[Line, ...]:
    """Issued by us? Unchanged? By whom and when? Still in force? What is it?"""
    number = document.number and _("N° %(number)s") % {"number": document.number}
    issued_on = date_format(document.issued_on, "SHORT_DATE_FORMAT") if document.issued_on else ""
    named = (document.get_kind_display().capitalize(), number, issued_on)
    lines = (
        Line(_("Documento"), document.title, marked_spanish(document.title)),
        Line(_("Tipo, número y fecha"), ", ".join(part for part in named if part)),
        Line(_("Emitido por"), document.agency.name),
        Line(_("¿Sigue en vigor?"), _standing(document), _standing(document, on_page=True)),
        *(Line(_("Antes"), *both) for both in _past(document)),
        Line(_("¿Está sin cambios?"), _unchanged(finding)),
        Line(_("¿Desde cuándo existe así?"), _archived(document)),
        Line(_("Nivel de las firmas"), _level(document)),
        Line(_("Páginas del original"), str(document.pages or "")),
        Line(_("Huella SHA-256 del original"), document.sha256),
    )
    return tuple(line for line in lines if line.value)


def _standing(document: Document, *, on_page: bool = False) -> str:
    """Whether it is in force: what changed it, and since when and by what its effects are suspended (art. 57)."""
    state = change_of(document, on_page=on_page) or str(Document.State(document.state).label).capitalize()
    paused = suspension_of(document, on_page=on_page)
    if not paused:
        return state
    return format_html("{}. {}", state, paused) if on_page else f"{state}. {paused}"


def _past(document: Document) -> Iterator[tuple[str, str]]:
    """Each time that its effects were suspended and are no more, as text and as HTML."""
    return zip(past_suspensions_of(document), past_suspensions_of(document, on_page=True), strict=True)


def _receipt_lines(facts: ReceiptFacts | None) -> tuple[Line, ...]:
    """The six contents of the certificate (R4), as the file proves them. Who presented stays masked."""
    if facts is None:
        return ()
    return (
        Line(_("N° de solicitud"), facts.number),
        Line(_("Trámite"), facts.procedure),
        Line(_("Fecha y hora de presentación"), _moment(facts.presented_at)),
        Line(_("Fecha legal de presentación"), _moment(facts.effective_at)),
        Line(_("Origen"), facts.origin),
        Line(_("Expediente"), facts.file),
        Line(_("Institución"), f"{facts.agency}, RUT {format_run(facts.agency_rut)}"),
        Line(_("Presentada por"), _presenter(facts)),
        Line(_("Recibida por"), facts.received_by),
        *(Line(_("Archivo adjunto"), f"{name}: {sha256}") for name, sha256 in facts.files),
    )


def _presenter(facts: ReceiptFacts) -> str:
    if not facts.presented_by:
        return _("Persona con identidad reservada")
    return f"{mask_name(facts.presented_by)}, RUN {mask_run(facts.presented_by_run)}"


def _unchanged(finding: Finding) -> str:
    if finding.by_code:
        return ""
    return _("Sí") if finding.verdict == Verdict.AUTHENTIC else _("No: no es igual al original")


def _archived(document: Document) -> str:
    """What the last stamp over the whole document proves; that there is none, where there is none."""
    revision = document.revisions.order_by("order").last()
    if revision is None or revision.archived_at is None:
        return _("Sin sello de tiempo de un tercero sobre el documento: la hora es la del servidor")
    words = _("Desde antes del %(moment)s, según el sello de tiempo de «%(authority)s», que vale hasta el %(end)s")
    end = date_format(timezone.localtime(revision.expires_at), "SHORT_DATE_FORMAT") if revision.expires_at else ""
    return words % {"moment": _moment(revision.archived_at), "authority": revision.archived_by, "end": end}


def _level(document: Document) -> str:
    levels = [item.level for item in signatures_of(document)]
    return str(LEVEL_WORDS[lowest_level(levels)]) if levels else ""


def _registered_line(item: SignatureRequest) -> SignatureLine:
    """An official signs with name and post; whoever signs without a post is a private person, and stays masked."""
    is_private = item.signer_id is not None and not item.signer_post
    name = mask_name(item.signer_name) if is_private else item.signer_name
    kind, server_time = item.get_kind_display().capitalize(), _("Hora del servidor: %(moment)s")
    if item.is_demonstration:
        kind = _("Sello de demostración") if item.kind == item.Kind.SEAL else _("Firma de demostración")
    post = marked_spanish(item.signer_post) if item.signer_post else ""
    return SignatureLine(
        who=", ".join(part for part in (name, item.signer_post) if part),
        shown=format_html("{}, {}" if name and post else "{}{}", name, post),
        kind=f"{kind} ({item.level})",
        when=_stamped(item.stamped_at, item.stamped_by) or server_time % {"moment": _moment(item.signed_at)},
        certificate=_certificate(_chain(item.chain, item.provider, is_private)),
        revocation=_revocation(item),
    )


def _revocation(item: SignatureRequest) -> str:
    """What was found when the signature was made; nothing for those made before anybody asked."""
    if not item.revocation:
        return ""
    return f"{_moment(item.signed_at)}: {SignatureRequest.Revocation(item.revocation).label}"


def _found_line(item: FoundSignature) -> SignatureLine:
    """A signature as the file shows it. Names stay masked: whoever uploads a file may have found it anywhere."""
    is_body = is_legal_entity(item.run)  # the seal of an institution is of nobody in particular
    run = "" if not item.run else f", RUT {format_run(item.run)}" if is_body else f", RUN {mask_run(item.run)}"
    is_said = is_body or (item.is_timestamp and item.trusted)
    declared = datetime.fromisoformat(item.declared_at) if item.declared_at else None
    stamped = datetime.fromisoformat(item.stamped_at) if item.stamped_at else None
    holds = _("La firma se sostiene") if item.is_sound else _("La firma no se sostiene")
    if item.is_timestamp:
        holds = _("El sello de tiempo se sostiene") if item.is_sound else _("El sello de tiempo no se sostiene")
    return SignatureLine(
        who=f"{item.holder if is_said else mask_name(item.holder)}{run}",
        kind=f"{holds} ({item.level})" if item.level and item.is_sound else holds,
        when=_stamped(stamped, item.stamped_by) or _declared(declared),
        certificate=_found_certificate(item),
        revocation=_found_revocation(item),
    )


def _declared(moment: datetime | None) -> str:
    return _("Hora que declara: %(moment)s") % {"moment": _moment(moment)} if moment else ""


def _found_certificate(item: FoundSignature) -> str:
    if item.trusted:
        return _certificate(_chain(list(item.chain), item.issuer, not item.is_timestamp))
    return _("Certificado desconocido aquí, emitido por %(issuer)s") % {"issuer": item.issuer}


def _found_revocation(item: FoundSignature) -> str:
    """Nobody is asked over the network about an uploaded file: only what it carries counts."""
    if item.is_timestamp:
        return ""
    if item.archived_at:
        return _("El archivo trae la prueba de que el certificado no estaba revocado al firmar")
    return _("El archivo no trae prueba de que el certificado no estuviera revocado")


def _stamped(moment: datetime | None, authority: str) -> str:
    if moment is None:
        return ""
    words = _("Con sello de tiempo: %(moment)s, de «%(authority)s»")
    return words % {"moment": _moment(moment), "authority": authority}


def _chain(names: list[str], issuer: str, is_private: bool) -> list[str]:
    """Who issued the certificate, up to the root; a private person's own name stays out."""
    return names[1:] if names and (is_private or len(names) > 1) else [issuer]


def _certificate(chain: list[str]) -> str:
    return _("Certificado emitido por %(issuer)s") % {"issuer": " ← ".join(chain)}


def _moment(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT") if moment else ""
