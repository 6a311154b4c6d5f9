"""The legal blocks that a procedure switches on name what exists, and take nothing that the law does not give."""

from collections.abc import Iterator

from procedures.findings import Finding, Place
from procedures.gate import Phase, Subject, register
from procedures.schema import Bundle, Law
from procedures.schema.blocks import PREFIX


def _roles(law: Law) -> Iterator[tuple[Place, str]]:
    yield ("law", "officer"), law.officer
    for number, slot in enumerate(law.signers):
        yield ("law", "signers", number), slot
    if law.silence is not None:
        yield ("law", "silence", "superior"), law.silence.superior
    if law.appeals is not None and law.appeals.hierarchical:
        yield ("law", "appeals", "hierarchical"), law.appeals.hierarchical
    for number, formality in enumerate(law.formalities):
        yield ("law", "formalities", number, "role"), formality.role


@register(Phase.NAMES)
def blocks_name_what_exists(subject: Subject) -> Iterator[Finding]:
    """The roles and documents that the blocks name are declared."""
    law = subject.bundle.law
    if law is None:
        return
    roles = {slot.id for slot in subject.bundle.roles}
    for place, slot in _roles(law):
        if slot not in roles:
            yield subject.finding(
                place, "unknown_role", f"'{slot}' no es un cargo del trámite.", "Agréguelo en «roles» o use otro."
            )
    documents = {document.id for document in subject.bundle.documents}
    for number, formality in enumerate(law.formalities):
        for document in formality.documents:
            if document not in documents:
                yield subject.finding(
                    ("law", "formalities", number, "documents"),
                    "unknown_document",
                    f"'{document}' no es un documento del trámite.",
                    "Agréguelo en «documents» o quítelo.",
                )


def _own_ids(bundle: Bundle) -> Iterator[tuple[Place, str]]:
    for key in ("forms", "documents", "notices"):
        for index, item in enumerate(getattr(bundle, key)):
            yield (key, index, "id"), item.id


@register(Phase.NAMES)
def the_prefix_of_the_law_is_free(subject: Subject) -> Iterator[Finding]:
    """No id of the procedure can be mistaken for one of the law's blocks."""
    placed = [((*step.place, "id"), step.step.id) for step in subject.steps]
    for place, name in [*placed, *_own_ids(subject.bundle)]:
        if name.startswith(PREFIX):
            yield subject.finding(
                place,
                "id_of_the_law",
                f"El id '{name}' empieza con «{PREFIX}», reservado a los bloques de la ley.",
                "Cámbielo por otro id.",
            )


@register(Phase.NAMES)
def the_hierarchical_appeal_goes_up(subject: Subject) -> Iterator[Finding]:
    """R66: the hierarchical appeal is decided by a superior, never by who signs the act; none where the law bars it."""
    law = subject.bundle.law
    if law is None or law.appeals is None:
        return
    upper = law.appeals.hierarchical
    if upper in law.signers:
        yield subject.finding(
            ("law", "appeals", "hierarchical"),
            "appeal_to_oneself",
            f"'{upper}' firma los actos y no puede resolver el recurso jerárquico contra ellos.",
            "Nombre al superior, o quite el recurso y diga en «barred» por qué no procede (Ley 19.880, art. 59).",
        )
    if upper is None and law.appeals.barred is None:
        yield subject.finding(
            ("law", "appeals"),
            "hierarchical_unexplained",
            "No hay recurso jerárquico y no se dice por qué.",
            "Nombre al superior en «hierarchical», o cite en «barred» la norma que lo excluye (Ley 19.880, art. 59).",
        )
    if not law.appeals.reposition and upper is None:
        yield subject.finding(
            ("law", "appeals"), "no_appeal_left", "No queda ningún recurso.", "Quite «appeals» o deje la reposición."
        )


@register(Phase.NAMES)
def silence_needs_its_certificate(subject: Subject) -> Iterator[Finding]:
    """R20: what the ficha says of silence is of use to nobody who cannot ask for the certificate (arts. 64 to 66)."""
    law, effect = subject.bundle.law, subject.bundle.ficha.silence.effect
    if law is not None and law.silence is None and effect != "special":
        yield subject.finding(
            ("law",),
            "silence_without_certificate",
            "La ficha dice qué pasa si no se decide a tiempo, pero la persona no puede pedir el certificado.",
            "Agregue «silence» con el cargo superior (Ley 19.880, arts. 64 a 66).",
            "suggestion",
        )


@register(Phase.NAMES)
def special_silence_needs_its_law(subject: Subject) -> Iterator[Finding]:
    """R20: without a complaint step only a negative or special silence may follow (arts. 64 and 65)."""
    law, silence = subject.bundle.law, subject.bundle.ficha.silence
    if law is not None and law.silence is not None and not law.silence.complaint and silence.effect == "positive":
        yield subject.finding(
            ("law", "silence", "complaint"),
            "positive_without_complaint",
            "El silencio positivo necesita la denuncia de la persona.",
            "Quite «complaint: false» (Ley 19.880, art. 64).",
        )
