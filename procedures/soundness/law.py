"""What the law wants declared: contents of an application, corrections, time limits, purposes, notaries."""

from collections.abc import Iterator

from procedures.findings import Finding, Place
from procedures.gate import Phase, PlacedStep, Subject, register
from procedures.schema import Bundle, CorrectionStep, Deadline, Field, Form, RegisterStep, StartStep

_SHORTEST_CORRECTION = {"business_days": 5, "calendar_days": 15, "months": 1}
"""What surely holds the five business days to correct an application (Ley 19.880, art. 31), by unit; never hours."""
_ART_30 = {
    "names": ("el nombre de quien solicita", ("text", "person_name")),
    "medium": ("un medio electrónico de notificación", ("email",)),
    "facts": ("los hechos y razones", ("textarea", "text", "choice", "choices")),
    "petition": ("lo que se pide", ("textarea", "text", "choice", "choices")),
    "sensitive_authorisation": ("si autoriza que otros órganos remitan sus datos sensibles", ("yes_no",)),
}


@register(Phase.NAMES)
def application_asks_what_law_wants(subject: Subject) -> Iterator[Finding]:
    """R5: the application asks, always and as a duty, for the contents of art. 30 that the engine does not know itself.

    Place, date, signature and the body addressed are added by the engine.
    """
    applications = {placed.step.form for placed in subject.steps if isinstance(placed.step, StartStep)}
    for index, form in enumerate(subject.bundle.forms):
        if form.id not in applications:
            continue
        for meaning, (words, types) in _ART_30.items():
            asks = any(_asks(form, field, meaning, types) for field in form.fields)
            if not asks and not (meaning == "medium" and _has_another_medium(subject.bundle, form)):
                yield subject.finding(
                    ("forms", index),
                    f"application_without_{meaning}",
                    f"La solicitud no pide siempre {words}.",
                    f"Agregue una pregunta obligatoria y sin condición con «art30: {meaning}», de tipo "
                    f"{' o '.join(types)} (Ley 19.880, art. 30).",
                )


def _has_another_medium(bundle: Bundle, form: Form) -> bool:
    """Whether whoever leaves the e-mail address blank is notified otherwise.

    Who signs in has a digital domicile without doing anything (DS 4, art. 18; DS 8, arts. 2 and 10), if only the e-mail
    is asked of everybody; who need not sign in is asked for a postal address too (Ley 20.285, art. 12).
    """
    media = [field for field in form.fields if field.art30 == "medium"]
    if bundle.start.form == form.id and bundle.start.declared_identity is not None:
        return {"email", "address"} <= {field.type for field in media}
    return any(field.type == "email" and form.is_always_asked(field) for field in media)


def _asks(form: Form, field: Field, meaning: str, types: tuple[str, ...]) -> bool:
    return field.art30 == meaning and field.type in types and form.is_always_answered(field)


@register(Phase.NAMES)
def corrections_follow_the_law(subject: Subject) -> Iterator[Finding]:
    """R10, R11: five business days from a legal notification, a warning, and an official who decides at the end."""
    for placed in subject.steps:
        if isinstance(placed.step, CorrectionStep):
            yield from _correction(subject, placed, placed.step)


def _correction(subject: Subject, placed: PlacedStep, step: CorrectionStep) -> Iterator[Finding]:
    deadline, place = step.deadline, (*placed.place, "deadline")
    if 0 < deadline.amount < _SHORTEST_CORRECTION.get(deadline.unit, deadline.amount + 1):
        yield subject.finding(
            place,
            "correction_too_short",
            "Para corregir se dan al menos 5 días hábiles.",
            "Escriba «amount: 5» y «unit: business_days», o el plazo mayor de su propia ley (Ley 19.880, art. 31).",
        )
    if deadline.notified_step is None:
        yield subject.finding(
            (*place, "trigger"),
            "correction_trigger",
            "El plazo para corregir corre desde que se notifica a la persona.",
            f"Escriba «trigger: notified({step.id})» (Ley 19.880, arts. 25 y 31).",
        )
    target = subject.bundle.steps_by_id.get(deadline.on_expire or "")
    if deadline.on_expire is None or (target and target.kind not in ("task", "draft")):
        yield subject.finding(
            place,
            "correction_expiry",
            "Si no se corrige a tiempo, decide una persona: el plazo no termina el caso solo.",
            "Escriba en «on_expire» la tarea en que se declara el desistimiento o se acepta la respuesta (art. 31).",
        )
    notice = next((notice for notice in subject.bundle.notices if notice.id == step.notice), None)
    if notice and "desisti" not in notice.body.lower():
        yield subject.finding(
            ("notices", subject.bundle.notices.index(notice), "body"),
            "correction_without_warning",
            f"El aviso '{notice.id}' no advierte que sin corrección se tendrá por desistida la solicitud.",
            "Agregue la advertencia de desistimiento (Ley 19.880, art. 31).",
        )


@register(Phase.NAMES)
def deadlines_are_possible(subject: Subject) -> Iterator[Finding]:
    """R9: a deadline is longer than zero, and warns before it ends."""
    for placed in subject.steps:
        deadline: Deadline | None = getattr(placed.step, "deadline", None)
        if deadline is None:
            continue
        place = (*placed.place, "deadline")
        if deadline.amount == 0:
            yield subject.finding(
                (*place, "amount"), "deadline_zero", f"El plazo de '{placed.step.id}' es cero.", "Escriba 1 o más."
            )
        elif deadline.warn_before and deadline.warn_before >= deadline.amount:
            yield subject.finding(
                (*place, "warn_before"),
                "warns_too_early",
                f"El plazo de '{placed.step.id}' avisaría antes de comenzar.",
                "Escriba en «warn_before» menos que el plazo.",
            )
        yield from _trigger(subject, placed, deadline)


def _trigger(subject: Subject, placed: PlacedStep, deadline: Deadline) -> Iterator[Finding]:
    notifier = subject.bundle.steps_by_id.get(deadline.notified_step or "")
    if notifier and notifier.kind not in ("notify", "correction"):
        yield subject.finding(
            (*placed.place, "deadline", "trigger"),
            "trigger_not_notice",
            f"'{notifier.id}' no avisa nada a la persona.",
            "Nombre un paso «notify» o «correction».",
        )


@register(Phase.NAMES)
def catalogue_is_named(subject: Subject) -> Iterator[Finding]:
    """R73: the procedure has its code in the catalogue, or its name there."""
    cpat = subject.bundle.ficha.cpat
    if not cpat.code and not cpat.name:
        yield subject.finding(
            ("ficha", "cpat"),
            "no_cpat",
            "Falta identificar el trámite en el catálogo CPAT.",
            "Escriba «code», o «name» si todavía no tiene código (Decreto 12, art. 18).",
        )


def fields_with_place(subject: Subject) -> Iterator[tuple[Place, Field, Form]]:
    """Every field of every form with its place."""
    for number, form in enumerate(subject.bundle.forms):
        for position, page in enumerate(form.pages):
            for index, field in enumerate(page.fields):
                yield ("forms", number, "pages", position, "fields", index), field, form


def questions_with_place(subject: Subject) -> Iterator[tuple[Place, Field, tuple[Field, ...]]]:
    """Every field of every form with its place, those of rows included, and those beside it: of its form or row."""
    for place, field, form in fields_with_place(subject):
        yield place, field, form.fields
        for number, inner in enumerate(field.fields):
            yield (*place, "fields", number), inner, field.fields


@register(Phase.NAMES)
def notaries_need_a_law(subject: Subject) -> Iterator[Finding]:
    """R53: nobody is sent to a notary without a law that says so."""
    for place, field, _ in questions_with_place(subject):
        words = f"{field.label} {field.hint} {field.text}".lower()
        if ("notari" in words or "legalizad" in words) and field.notarised is None:
            yield subject.finding(
                place,
                "notary_without_law",
                f"'{field.id}' pide una firma ante notario sin decir qué ley la exige.",
                "Agregue «notarised: {law: …}» a un campo de archivo, o no lo pida (Ley 19.880, art. 13).",
            )


@register(Phase.NAMES)
def joined_cases_lose_no_registry(subject: Subject) -> Iterator[Finding]:
    """R63: a joined case ends with the act of the older one, without its own steps, so it would register nothing."""
    law = subject.bundle.law
    if law is None or not law.joinder:
        return
    for placed in subject.steps:
        if isinstance(placed.step, RegisterStep):
            yield subject.finding(
                placed.place,
                "joinder_with_register",
                f"Una solicitud acumulada termina con el acto de la más antigua, y '{placed.step.id}' no se haría.",
                "Quite «joinder» de «law», o el paso que anota el registro (Ley 19.880, art. 33).",
            )
