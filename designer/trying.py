"""Trying a draft: a story told entry by entry, played from its beginning each time on the engine that serves people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from accounts.models import Agency
from designer import tree
from designer.errors import DesignError
from legaltime.api import now
from procedures.api import Bundle, CorrectionStep, DraftStep, PageForm, SignStep, build_form
from workflows.api import ACTIONS, BadScenario, Entry, RehearsalFailed, Scenario, rehearse_apart, scenario_of

MOST_ENTRIES = 200
OFFERED = frozenset({"file", "step", "correct", "write", "sign", "notify", "time"})
"""What the page lets one do; a story brought in a file may have more."""


_SALT = "designer.trying"


class NotTried(DesignError):
    """What was sent cannot be played; the text says what to do."""


@dataclass(frozen=True)
class Offer:
    """Something that may happen next. `form_step` is the step whose questions are asked, if any."""

    action: str
    subject: str
    title: str
    who: str
    form_step: str = ""

    @property
    def key(self) -> str:
        """Names the offer in the page."""
        return f"{self.action}:{self.subject}"


@dataclass(frozen=True)
class Trial:
    """A story so far and what came of each of its entries, as plain data."""

    bundle: Bundle
    story: Scenario
    moments: tuple[dict[str, Any], ...] = ()
    """Nothing for a story that was only remembered: see `whole`."""
    open: tuple[dict[str, Any], ...] = ()
    """The steps that wait after the last entry."""
    answers: Mapping[str, Any] | None = None

    @property
    def told(self) -> str:
        """The story as the page carries it."""
        return json.dumps(self.story.as_data(), ensure_ascii=False)

    @property
    def sealed(self) -> str:
        """How the story stands, as the page carries it so that the next turn need not play it first."""
        standing = {"of": _mark(self.bundle, self.story), "open": self.open, "answers": self.answers}
        return signing.dumps(standing, salt=_SALT, compress=True)

    def offers(self) -> list[Offer]:
        """What may happen next: the filing, or each open step."""
        if not self.story.story:
            start = self.bundle.start
            return [Offer("file", self.bundle.code, _("Presentar la solicitud"), _("La persona"), start.id)]
        return [offer for task in self.open for offer in _offers(self.bundle, task)]

    def form(self, offer: Offer, data: Any = None) -> PageForm | None:
        """The questions of an offer, drawn and read by the form that people get; None where nothing is asked."""
        if not offer.form_step or self.bundle.form_of(offer.form_step) is None:
            return None
        known = {key: value for key, value in (self.answers or {}).items() if key != offer.form_step}
        return build_form(bundle=self.bundle, step_id=offer.form_step, page=None, answers=known, data=data, files=None)


def _offers(bundle: Bundle, task: Mapping[str, Any]) -> list[Offer]:
    step_id, title, who = task["step"], task["title"], task["responsible"]
    match bundle.steps_by_id.get(step_id):
        case CorrectionStep(amends=amended):
            told = Offer(
                "notify", step_id, _("Registrar que se notificó «%(step)s»") % {"step": title}, _("La oficina")
            )
            return [Offer("correct", step_id, title, who, amended), told]
        case DraftStep():
            return [Offer("write", step_id, title, who, step_id)]
        case SignStep():
            return [Offer("sign", step_id, title, who)]
    return [Offer("step", step_id, title, who, step_id)]


def begin(bundle: Bundle) -> Trial:
    """A story in which nothing has happened yet. It begins on the morning of this day."""
    return Trial(bundle, Scenario(title=_("Prueba de %(title)s") % {"title": bundle.title}, story=(), starts=_today()))


def _today() -> str:
    return now().date().isoformat()


def resume(bundle: Bundle, told: str) -> Scenario:
    """The story that a page carried. Raises NotTried."""
    try:
        story = scenario_of(json.loads(told), ACTIONS)
    except (ValueError, BadScenario) as error:
        raise NotTried(_("La prueba llegó incompleta. Empieza otra.")) from error
    if len(story.story) > MOST_ENTRIES:
        raise NotTried(_("Esta prueba es demasiado larga. Empieza otra."))
    return story


def play(bundle: Bundle, story: Scenario, like: Agency) -> Trial:
    """Play the story from its beginning. An entry that could not be done is the last one. Raises NotTried."""
    if not story.story:
        return Trial(bundle, story)
    try:
        [report] = rehearse_apart(bundle=bundle, scenarios=[story], like=like)
    except RehearsalFailed as error:
        raise NotTried(str(error)) from error
    moments = tuple(report["moments"])
    return Trial(bundle, story, moments, tuple(moments[-1]["open"]), report["answers"])


def standing(bundle: Bundle, story: Scenario, sealed: str, like: Agency) -> Trial:
    """How the story stands: as the page carries it, or played when the draft changed meanwhile. Raises NotTried."""
    try:
        known = signing.loads(sealed, salt=_SALT)
    except signing.BadSignature:
        known = {}
    if known.get("of") != _mark(bundle, story):
        return play(bundle, story, like)
    return Trial(bundle, story, open=tuple(known["open"]), answers=known["answers"])


def whole(trial: Trial, like: Agency) -> Trial:
    """The same trial with what came of each entry, to be shown. Raises NotTried."""
    return trial if trial.moments else play(trial.bundle, trial.story, like)


def _mark(bundle: Bundle, story: Scenario) -> str:
    return tree.fingerprint([bundle.sha256(), story.as_data()])


def with_entry(story: Scenario, entry: Entry) -> Scenario:
    """The story with another entry at its end."""
    return replace(story, story=(*story.story, entry))


def without_last(story: Scenario) -> Scenario:
    """The story without its last entry."""
    return replace(story, story=story.story[:-1])


def entry_of(offer: Offer, form: PageForm | None) -> Entry:
    """The entry that does what is offered; what was left blank is answered with examples."""
    answers = dict(form.values) if form is not None else {}
    if offer.action == "correct":
        return Entry("correct", answers)
    if offer.action in ("sign", "notify"):
        return Entry(offer.action, offer.subject)
    return Entry(offer.action, offer.subject, details={"answers": answers, "sample": True})


def typed_wrong(form: PageForm | None, data: Mapping[str, Any]) -> bool:
    """Whether something that was typed cannot be read; what was left blank is no fault here."""
    if form is None or form.is_valid():
        return False
    filled = {name for name, value in data.items() if str(value).strip()}
    wrong = (name.removeprefix("q-") for name in form.errors)
    return any(one == name or one.startswith((f"{name}_", f"{name}-")) for name in wrong for one in filled)
