"""What a new step brings with it: the form, document or notice that it needs, with words to start from."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Agency, Role
from designer import tree
from designer.cards.questions import TYPE_NAMES, converted
from designer.cards.steps import NEW_ROLE
from designer.machine_steps import MACHINE_MAKERS
from designer.newstep import NewStep as NewStep
from designer.newstep import Wish as Wish
from designer.tree import Data


def new_step(wish: Wish) -> NewStep:
    """A step of the kind that was asked for. ValueError for a kind that nobody may add."""
    if wish.kind not in _MAKERS:
        raise ValueError(wish.kind)
    title = wish.title or _default_title(wish.kind)
    taken = {step["id"] for _at, step in tree.all_steps(wish.content)}
    made = NewStep({"id": tree.new_id(title, taken, "paso"), "kind": wish.kind, "title": title})
    _MAKERS[wish.kind](made, wish)
    for key in ("role", "signers"):
        if key in made.item and not any(made.item[key]):
            del made.item[key]  # nobody was chosen: the gate says that somebody is missing
    return made


def new_question(content: Data, form_id: str, kind: str, label: str) -> Data:
    """A question of a type with that label, complete enough to be seen."""
    taken = {f["id"] for _at, f in tree.fields_of_form(tree.get(content, ("forms", form_id)))}
    text = label or _("Pregunta nueva")
    return converted({"id": tree.new_id(text, taken, "pregunta"), "type": "text", "label": text}, kind)


def new_page(content: Data, form_id: str, title: str) -> Data:
    """A page with one question, as no page is empty."""
    form = tree.get(content, ("forms", form_id))
    text = title or _("Página nueva")
    page = {"id": tree.new_id(text, tree.ids(form["pages"]), "pagina"), "title": text}
    return {**page, "fields": [new_question(content, form_id, "text", "")]}


def paths_of(content: Data, step: Data) -> list[str]:
    """The data that a step's own answers give, as `step.question`."""
    form: Any = tree.find(content, ("forms", str(step.get("form"))))
    return [f"{step['id']}.{field['id']}" for _at, field in tree.fields_of_form(form)] if form else []


def role_named(value: str, content: Data, agency: Agency) -> tuple[str, Data | None, dict[str, int]]:
    """The slot that a choice of role means, the slot to add when it is new, and who fills it."""
    if not value.startswith(NEW_ROLE):
        return value, None, {}
    role = Role.objects.filter(pk=value.removeprefix(NEW_ROLE), unit__agency=agency, closed_at=None).first()
    if role is None:
        return "", None, {}
    slot = {"id": tree.new_id(role.name, tree.ids(content.get("roles")), "cargo"), "title": role.name}
    return slot["id"], slot, {slot["id"]: role.pk}


def take_roles(item: Data, content: Data, agency: Agency) -> NewStep:
    """A step whose new roles were given a slot of the procedure."""
    made = NewStep(dict(item))
    for key in ("role", "signers", "officer", "added_by"):
        if key in made.item:
            named = made.item[key]
            slots = [_take(made, value, content, agency) for value in (named if isinstance(named, list) else [named])]
            made.item[key] = slots if isinstance(named, list) else slots[0]
    return made


def _take(made: NewStep, value: str, content: Data, agency: Agency) -> str:
    added = {**content, "roles": [*(content.get("roles") or []), *made.beside.get("roles", [])]}
    slot, new, bindings = role_named(value, added, agency)
    if new is not None:
        made.beside.setdefault("roles", []).append(new)
        made.bindings |= bindings
    return slot


def _role(made: NewStep, wish: Wish) -> str:
    if wish.role:
        return _take(made, wish.role, wish.content, wish.agency)
    return str((wish.content.get("roles") or [{"id": ""}])[0]["id"])


def _task(made: NewStep, wish: Wish) -> None:
    form = tree.new_id(made.item["title"], tree.ids(wish.content.get("forms")), "formulario")
    made.item |= {"role": _role(made, wish), "form": form}
    made.beside["forms"] = [
        {
            "id": form,
            "title": made.item["title"],
            "pages": [
                {
                    "id": "resultado",
                    "title": made.item["title"],
                    "fields": [
                        {"id": "aprueba", "type": "yes_no", "label": _("¿Se aprueba?")},
                        {
                            "id": "fundamento",
                            "type": "textarea",
                            "label": _("Fundamento"),
                            "hint": _("Hechos y normas. Responde todo lo que pidió la persona."),
                            "max_length": 4000,
                        },
                    ],
                }
            ],
        }
    ]


def _correction(made: NewStep, wish: Wish) -> None:
    task = next((step for step in reversed(wish.before) if step["kind"] == "task"), {"id": ""})
    start = next((step["id"] for step in wish.content["steps"] if step["kind"] == "start"), "")
    notice = _notice(made, wish, _("Falta corregir tu solicitud N° {case.number}"), _correct)
    made.item |= {
        "amends": start,
        "requested_by": task["id"],
        "notice": notice,
        "max_rounds": 2,
        "deadline": {
            "amount": 5,
            "unit": "business_days",
            "source": _("Ley N° 19.880, artículo 31"),
            "trigger": f"notified({made.item['id']})",
            "warn_before": 2,
        },
    }
    made.beside["notices"][0]["action"] = {"label": _("Corregir mi solicitud"), "target": "correction"}


def _parallel(made: NewStep, wish: Wish) -> None:
    """Two branches with a report each."""
    branches = []
    content, role = wish.content, wish.role
    for number in (1, 2):
        inner = new_step(Wish(content, "task", _("Informe %(number)s") % {"number": number}, role, [], wish.agency))
        inner.item["next"], role = "join", inner.item.get("role", "")
        for key, items in inner.beside.items():
            made.beside.setdefault(key, []).extend(items)
            content = {**content, key: [*(content.get(key) or []), *items]}
        content = {**content, "steps": [*content["steps"], inner.item]}
        made.bindings |= inner.bindings
        branches.append([inner.item])
    made.item |= {"join": "all", "branches": branches}


def _draft(made: NewStep, wish: Wish) -> None:
    made.item |= {"role": _role(made, wish), "document": _document(made, wish)}


def _sign(made: NewStep, wish: Wish) -> None:
    drafted = next((step["document"] for step in reversed(wish.before[-1:]) if step["kind"] == "draft"), None)
    document = drafted or _document(made, wish)
    made.item |= {"document": document, "signers": [_role(made, wish)], "level": "advanced"}
    if drafted:
        made.item["on_return"] = wish.before[-1]["id"]


def _seal(made: NewStep, wish: Wish) -> None:
    made.item["document"] = _document(made, wish)
    made.beside["documents"][0] |= {"kind": "certificate"}
    made.beside["documents"][0].pop("numbering", None)


def _notify(made: NewStep, wish: Wish) -> None:
    act = next((step for step in reversed(wish.before) if step["kind"] in ("sign", "seal")), None)
    body = _decided if act and act["kind"] == "sign" else _informed
    made.item["notice"] = _notice(made, wish, _("Hay novedades de tu solicitud N° {case.number}"), body)
    if act:
        made.item |= {"attach": [act["document"]], "act": act["id"]}


def _end(made: NewStep, wish: Wish) -> None:
    made.item["outcome"] = "other"


def _register(made: NewStep, wish: Wish) -> None:
    made.item |= {"fact": tree.new_id(made.item["title"], []), "key": "inicio.run"}


def _document(made: NewStep, wish: Wish) -> str:
    """A resolution complete in the parts that the law asks (Ley 19.880, art. 41), to be rewritten."""
    name = tree.new_id(made.item["title"], tree.ids(wish.content.get("documents")), "documento")
    made.beside["documents"] = [
        {
            "id": name,
            "kind": "resolution",
            "title": _("Resolución sobre %(title)s") % {"title": str(wish.content.get("title", "")).lower()},
            "numbering": {"book": "resoluciones"},
            "blocks": list(_blocks(wish)),
        }
    ]
    return name


def _blocks(wish: Wish) -> list[Data]:
    start = next((step["id"] for step in wish.content["steps"] if step["kind"] == "start"), "inicio")
    filed = _("Que con fecha {case.filed_on|long_date} se presentó la solicitud N° {case.number}, de {applicant.name}.")
    decided = _deciding(wish)
    reasons = f"{{{decided}.fundamento}}" if decided else _("Que la solicitud cumple los requisitos que fija la norma.")
    return [
        {"kind": "heading", "text": _("Vistos")},
        {
            "kind": "paragraph",
            "role": "law",
            "text": _("Lo dispuesto en la Ley N° 19.880 y en las normas que la rigen."),
        },
        {"kind": "heading", "text": _("Considerando")},
        {"kind": "paragraph", "role": "facts", "text": filed},
        {"kind": "answers", "role": "facts", "step": start},
        {"kind": "paragraph", "role": "reasons", "text": reasons},
        {"kind": "heading", "text": _("Resuelvo")},
        *_decision(decided),
        {"kind": "heading", "text": _("Recursos")},
        {"kind": "paragraph", "role": "appeals", "text": _appeals()},
    ]


def _decision(decided: str) -> list[Data]:
    granted = _("**Apruébase** lo pedido en la solicitud N° {case.number}. Notifíquese a la persona interesada.")
    if not decided:
        return [{"kind": "paragraph", "role": "decision", "text": granted}]
    refused = _("**Recházase** lo pedido en la solicitud N° {case.number}. Notifíquese a la persona interesada.")
    return [
        {"kind": "paragraph", "role": "decision", "text": text,
         "when": {"all": [{"field": f"{decided}.aprueba", "op": "eq", "value": value}]}}
        for text, value in ((granted, True), (refused, False))
    ]  # fmt: skip


def _deciding(wish: Wish) -> str:
    """The last task before, when its form asks whether to approve and why."""
    for step in reversed(wish.before):
        form: Any = tree.find(wish.content, ("forms", str(step.get("form")))) if step["kind"] == "task" else None
        if form and {"aprueba", "fundamento"} <= {field["id"] for _at, field in tree.fields_of_form(form)}:
            return str(step["id"])
    return ""


def _notice(made: NewStep, wish: Wish, subject: str, body: Any) -> str:
    name = tree.new_id(made.item["title"], tree.ids(wish.content.get("notices")), "aviso")
    action = {"label": _("Ver mi solicitud"), "target": "case"}
    made.beside["notices"] = [{"id": name, "subject": subject, "body": body(), "action": action}]
    return name


def _appeals() -> str:
    return _(
        "Contra esta resolución procede el recurso de reposición, dentro de cinco días hábiles desde su notificación "
        "(artículo 59 de la Ley N° 19.880)."
    )


def _correct() -> str:
    return _(
        "Hola, {applicant.name}:\n\nRevisamos tu solicitud y necesitamos que la corrijas.\n\nTienes 5 días hábiles "
        "desde que se te notifique. Si no la corriges en ese plazo, se te tendrá por desistida o desistido de tu "
        "solicitud (artículo 31 de la Ley N° 19.880)."
    )


def _decided() -> str:
    return _(
        "Hola, {applicant.name}:\n\nRespondimos tu solicitud con la resolución N° {act.number} del "
        "{act.date|long_date}, que va adjunta. En ella están las razones y los recursos que puedes presentar."
    )


def _informed() -> str:
    return _("Hola, {applicant.name}:\n\nTu solicitud N° {case.number} avanzó. Puedes ver cómo va cuando quieras.")


def _default_title(kind: str) -> str:
    return {
        "task": _("Revisión"),
        "correction": _("Corregir la solicitud"),
        "parallel": _("Informes"),
        "draft": _("Redactar la resolución"),
        "sign": _("Firma de la resolución"),
        "seal": _("Sello del certificado"),
        "notify": _("Comunicar la respuesta"),
        "register": _("Anotar en el registro"),
        "for_each": _("Revisión por cada fila"),
        "decision": _("Tabla de decisión"),
        "wait": _("Espera"),
        "lookup": _("Consulta de un registro"),
        "service": _("Consulta a otra institución"),
        "subcase": _("Otro trámite"),
        "referral": _("Derivación"),
        "end": _("Trámite terminado"),
    }[kind]


def _for_each(made: NewStep, wish: Wish) -> None:
    """The rows of the first list that is asked, with a task for each."""
    groups = [
        f"{step['id']}.{field['id']}"
        for _at, step in tree.all_steps(wish.content)
        for _here, field in tree.fields_of_form(tree.find(wish.content, ("forms", str(step.get("form")))) or {"id": ""})
        if field.get("type") == "group"
    ]
    inner = new_step(Wish(wish.content, "task", _("Revisar una fila"), wish.role, [], wish.agency))
    made.beside, made.bindings = inner.beside, inner.bindings
    made.item |= {"over": next(iter(groups), ""), "join": "all", "steps": [{**inner.item, "next": "join"}]}


_MAKERS: dict[str, Any] = {
    "task": _task,
    "correction": _correction,
    "parallel": _parallel,
    "draft": _draft,
    "sign": _sign,
    "seal": _seal,
    "notify": _notify,
    "register": _register,
    "for_each": _for_each,
    **MACHINE_MAKERS,
    "end": _end,
}
QUESTION_TYPES = frozenset(TYPE_NAMES)
ADDABLE = tuple(_MAKERS)
"""Kinds of step that a person may add, in the order of the list that offers them."""
