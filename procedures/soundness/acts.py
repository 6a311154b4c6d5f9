"""Acts: every case ends by a signed or sealed act, complete and made known (Ley 19.880, arts. 14, 40, 41, 45)."""

from collections.abc import Iterator

from procedures.findings import Finding, Place
from procedures.gate import Phase, Subject, register
from procedures.graph import ACT, OFFICIAL, signed
from procedures.schema import ACT_KINDS, CorrectionStep, Document, EndStep, NotifyStep, SealStep, SignStep

ADMINISTRATIVE_ACTS = frozenset({"resolution", "decree"})
_PARTS = {"decision": "la decisión", "reasons": "los fundamentos", "appeals": "los recursos que proceden"}


@register(Phase.MEANING)
def every_end_follows_an_act(subject: Subject) -> Iterator[Finding]:
    """R16: no way leads to an end without a signed or sealed act."""
    for placed in subject.steps:
        if isinstance(placed.step, EndStep) and ACT not in subject.graph.facts[placed.step.id]:
            yield subject.finding(
                placed.place,
                "end_without_act",
                f"Hay un camino que llega a '{placed.step.id}' sin ningún documento firmado ni sellado.",
                "Ponga antes un paso «sign» o «seal»: todo caso termina por un acto expreso (Ley 19.880, art. 14).",
            )


@register(Phase.NAMES)
def documents_are_issued(subject: Subject) -> Iterator[Finding]:
    """Some step signs or seals every document."""
    issued = {step.document for step in subject.bundle.all_steps() if isinstance(step, SignStep | SealStep)}
    for index, document in enumerate(subject.bundle.documents):
        if document.id not in issued:
            yield subject.finding(
                ("documents", index),
                "not_issued",
                f"Ningún paso firma ni sella el documento '{document.id}'.",
                "Agregue un paso «sign» o «seal» para él, o quítelo.",
            )


@register(Phase.NAMES)
def acts_are_complete(subject: Subject) -> Iterator[Finding]:
    """R14: a resolution or decree states decision, reasons and appeals, and carries a number."""
    for index, document in enumerate(subject.bundle.documents):
        if document.kind in ADMINISTRATIVE_ACTS:
            yield from _missing_parts(subject, ("documents", index), document)


def _missing_parts(subject: Subject, place: Place, document: Document) -> Iterator[Finding]:
    present = {block.role for block in document.blocks}
    for role, words in _PARTS.items():
        if role not in present:
            yield subject.finding(
                (*place, "blocks"),
                f"act_without_{role}",
                f"El acto '{document.id}' no dice {words}.",
                f"Agregue un bloque con «role: {role}» (Ley 19.880, art. 41).",
            )
    if document.numbering is None:
        yield subject.finding(
            place,
            "act_without_number",
            f"El acto '{document.id}' no lleva numeración.",
            "Agregue «numbering: {book: …}».",
        )


@register(Phase.NAMES)
def acts_are_signed_as_law_wants(subject: Subject) -> Iterator[Finding]:
    """R64: a resolution or decree, as a public instrument, takes an advanced signature of a person."""
    kinds = {document.id: document.kind for document in subject.bundle.documents}
    for placed in subject.steps:
        step = placed.step
        if isinstance(step, SignStep) and step.level == "simple" and kinds.get(step.document) in ADMINISTRATIVE_ACTS:
            yield subject.finding(
                (*placed.place, "level"),
                "weak_signature",
                f"'{step.document}' necesita firma electrónica avanzada.",
                "Escriba «level: advanced» (Ley 19.799, arts. 4 y 7).",
            )
        if isinstance(step, SealStep) and kinds.get(step.document) in ADMINISTRATIVE_ACTS:
            yield subject.finding(
                placed.place,
                "sealed_act",
                f"'{step.document}' es un acto que firma una autoridad; un sello no basta.",
                "Use un paso «kind: sign», o haga del documento un certificado.",
            )


@register(Phase.NAMES)
def nobody_signs_twice(subject: Subject) -> Iterator[Finding]:
    """Each role signs a document once."""
    for placed in subject.steps:
        if isinstance(placed.step, SignStep) and len(set(placed.step.signers)) < len(placed.step.signers):
            yield subject.finding(
                (*placed.place, "signers"),
                "signs_twice",
                f"Un mismo cargo firma dos veces en '{placed.step.id}'.",
                "Deje cada cargo una sola vez.",
            )


@register(Phase.DATA)
def buttons_lead_somewhere(subject: Subject) -> Iterator[Finding]:
    """Only the notice of a correction leads to the correction."""
    asking = {step.notice for step in subject.bundle.all_steps() if isinstance(step, CorrectionStep)}
    for index, notice in enumerate(subject.bundle.notices):
        if notice.action and notice.action.target == "correction" and notice.id not in asking:
            yield subject.finding(
                ("notices", index, "action"),
                "button_without_correction",
                f"El botón del aviso '{notice.id}' lleva a una corrección que nadie pide con él.",
                "Escriba «target: case».",
            )


@register(Phase.MEANING)
def notices_carry_what_exists(subject: Subject) -> Iterator[Finding]:
    """A notice attaches documents, and makes known acts, that were issued on every way to it."""
    for placed in subject.steps:
        step = placed.step
        if not isinstance(step, NotifyStep):
            continue
        facts = subject.graph.facts[step.id]
        for document in step.attach:
            if signed(document) not in facts:
                yield subject.finding(
                    (*placed.place, "attach"),
                    "attached_before_signed",
                    f"Hay un camino a '{step.id}' en que '{document}' todavía no está firmado ni sellado.",
                    "Ponga el aviso después de la firma o del sello.",
                )
        if step.act and (step.act not in facts or subject.bundle.step(step.act).kind not in ACT_KINDS):
            yield subject.finding(
                (*placed.place, "act"),
                "act_not_issued",
                f"'{step.act}' no es una firma o sello ya hechos en todo camino.",
                "Escriba el id del paso «sign» o «seal» cuyo acto se notifica.",
            )


@register(Phase.MEANING)
def acts_are_notified(subject: Subject) -> Iterator[Finding]:
    """R25: advice when no step notifies a signed resolution or decree."""
    kinds = {document.id: document.kind for document in subject.bundle.documents}
    notified = {step.act for step in subject.bundle.all_steps() if isinstance(step, NotifyStep)}
    for placed in subject.steps:
        step = placed.step
        if isinstance(step, SignStep) and kinds[step.document] in ADMINISTRATIVE_ACTS and step.id not in notified:
            yield subject.finding(
                placed.place,
                "act_not_notified",
                f"Ningún aviso notifica el acto que se firma en '{step.id}'.",
                f"Agregue «act: {step.id}» al aviso que lo sigue (Ley 19.880, art. 45).",
                "suggestion",
            )


@register(Phase.MEANING)
def automatic_ends_are_flagged(subject: Subject) -> Iterator[Finding]:
    """R70: advice when a case can end without any official."""
    for placed in subject.steps:
        if isinstance(placed.step, EndStep) and OFFICIAL not in subject.graph.facts[placed.step.id]:
            yield subject.finding(
                placed.place,
                "automatic_end",
                f"El caso puede llegar a '{placed.step.id}' sin que intervenga ninguna persona de la institución.",
                "Diga en el documento cómo pedir que una persona lo revise (Ley 19.628, art. 8 bis).",
                "suggestion",
            )
