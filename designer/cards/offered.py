"""The answers that a condition may look at where it stands, and the words for one that it may not."""

from __future__ import annotations

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from designer import tree
from designer.cards.scene import Choices, Scene
from designer.references import steps_with_form
from procedures.api import Bundle

MOST_LETTERS = 70
"""Of a question's words in the list of those that a condition may look at."""


def offered_data(scene: Scene) -> SafeString:
    """The answers that a condition may look at, as groups of options: hundreds, for each row of each sentence."""
    written = '<option value="{}">{}</option>'
    groups = ((step, format_html_join("", written, options)) for step, options in known_data(scene))
    return format_html_join("", '<optgroup label="{}">{}</optgroup>', groups)


def known_data(scene: Scene) -> list[tuple[str, list[tuple[str, str]]]]:
    """The answers that a condition may look at, by step; of its own form, those that come before it."""
    bundle, groups = scene.bundle, _of_the_row(scene)
    forms, later, given = {form.id for form in bundle.forms}, _later_in_form(scene), _given_by_step(bundle)
    for step in bundle.all_steps():
        form = getattr(step, "form", None)
        if step.kind == "correction" or (scene.group is not None and step.id == scene.group.id):
            continue
        own = scene.address[:2] == ("forms", form)
        options = [
            (f"{step.id}.{question.id}", _short(question.label))
            for question in (bundle.fields_of(step.id) if form in forms else ())
            if question.is_question and not (own and question.id in later)
        ]
        named = {path for path, _label in options}
        if form not in forms:
            options += [(path, _short(label_of(path, bundle))) for path in given.get(step.id, ()) if path not in named]
        if options:
            groups.append((step.title, options))
    return groups


def _of_the_row(scene: Scene) -> list[tuple[str, list[tuple[str, str]]]]:
    """What the same row is asked before the item, where it stands in one."""
    group, names = scene.group, []
    for question in group.fields if group is not None else ():
        if question.id == scene.address[7]:
            break
        if question.is_question:
            names.append((f"{scene.address[5]}.{question.id}", _short(question.label)))
    return [(_("De la misma fila"), names)] if names else []


def _given_by_step(bundle: Bundle) -> dict[str, list[str]]:
    """The data that each step gives."""
    given: dict[str, list[str]] = {}
    for path in bundle.types:
        given.setdefault(path.partition(".")[0], []).append(path)
    return given


def _short(label: str) -> str:
    """The words of a question as a list of hundreds shows them."""
    return label if len(label) <= MOST_LETTERS else f"{label[: MOST_LETTERS - 1]}…"


def _later_in_form(scene: Scene) -> set[str]:
    """The questions of the item's own form that nobody has answered yet where its condition is looked at."""
    here = scene.address
    if here[:1] != ("forms",) or here[2:3] != ("pages",):
        return set()
    form = tree.find(scene.content, here[:2]) or {}
    asked = [at for at, _field in tree.fields_of_form(form)]
    first = next((place for place, at in enumerate(asked) if at[: len(here[:6])] == here[:6]), len(asked))
    if here[4:5] in (("exits",), ("skip",)):
        first = max((place + 1 for place, at in enumerate(asked) if at[:4] == here[:4]), default=0)
    return {at[-1] for at in asked[first:]}


def with_chosen(offered: str, path: str, scene: Scene) -> SafeString:
    """The options with a datum chosen; one that is not among them is added, so that saving does not lose it."""
    mark = f'value="{path}"'
    if not path or mark in offered:
        return SafeString(offered.replace(mark, f"{mark} selected", 1) if path else offered)
    return format_html('<option value="{}" selected>{}</option>{}', path, _unoffered(path, scene), SafeString(offered))


def _unoffered(path: str, scene: Scene) -> str:
    """Words for a datum that a condition looks at, and that is not offered where it stands."""
    step, _dot, question = path.partition(".")
    if path not in scene.bundle.types:
        return _("%(name)s (ya no existe)") % {"name": path}
    label = _short(label_of(path, scene.bundle))
    if scene.group is not None and step == scene.group.id:  # what the row was asked before is offered
        is_later = True
    else:
        is_later = question in _later_in_form(scene) and step in steps_with_form(scene.content, scene.address[1])
    return _("«%(label)s» se responde después") % {"label": label} if is_later else label


def label_of(path: str, bundle: Bundle) -> str:
    """The words of the question that gives a datum, or that a service's answer has for it; else those of its name.

    The path itself, of what nothing gives.
    """
    try:
        return bundle.field(path).label
    except KeyError:
        step, _dot, name = path.partition(".")
        value = getattr(bundle.steps_by_id.get(step), "values", {}).get(name)
        if path not in bundle.types and value is None:
            return path
        return getattr(value, "label", None) or tree.words_of(name)


def group_choices(scene: Scene) -> Choices:
    """Every question answered with rows, by step."""
    return [
        (step.title, [(f"{step.id}.{field.id}", field.label) for field in lists])
        for step in scene.bundle.all_steps()
        if getattr(step, "form", None) in {form.id for form in scene.bundle.forms}
        if (lists := [field for field in scene.bundle.fields_of(step.id) if field.type == "group"])
    ]


def data_choices(scene: Scene) -> Choices:
    """Every answer and datum, by step."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for path in scene.bundle.types:
        step = path.partition(".")[0]
        found = scene.bundle.steps_by_id.get(step)
        groups.setdefault(found.title if found else step, []).append((path, label_of(path, scene.bundle)))
    return list(groups.items())
