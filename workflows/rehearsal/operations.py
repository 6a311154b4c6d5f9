"""Rehearse a procedure: here (tests, commands) or in a process of its own (pages)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Agency
from documents.models import Document
from procedures.api import Bundle, ReferralStep, SubcaseStep
from procedures.models import Offering
from workflows.commands.desk import InvalidAnswers
from workflows.drafts import Incomplete
from workflows.errors import CommandRefused
from workflows.rehearsal.play import NotPlayed, Play, play
from workflows.rehearsal.report import Moment, Observer, Report
from workflows.rehearsal.scenario import REFUSED, BadScenario, Entry, Scenario
from workflows.rehearsal.stage import Stage, staged

REFUSALS = (NotPlayed, BadScenario, CommandRefused, InvalidAnswers, Incomplete)


class EngineBroke(Exception):
    """The engine failed at an entry of the story: the text is the title of its step, the cause what went wrong."""


def rehearse(
    *, bundle: Bundle, scenario: Scenario, like: Agency | None = None, beside: Mapping[str, Bundle] | None = None
) -> Report:
    """Play a scenario of a bundle that need not be published, and take everything back.

    `like` lends its name, place and time zone. `beside` are other procedures that the story may file, by code.
    Nothing is sent; what would be sent stands in the report. A flow stays compiled in this process: use
    `rehearse_apart` where the process lives long. Raises EngineBroke: a fault of the program, not of the story.
    """
    with staged(like=like, names=scenario.names) as stage:
        bundles = {**(beside or {}), bundle.code: bundle}
        playing = play(scenario, stage, lambda code: _offering(playing, scenario.story, bundles, code))
        return Report(scenario.title, tuple(_moments(playing, scenario, bundle)), _answers(playing), _ends(playing))


def _offering(playing: Play, story: Sequence[Entry], bundles: Mapping[str, Bundle], code: str) -> Offering:
    stage: Stage = playing.stage
    if code not in stage.offerings:
        if code not in bundles:
            raise NotPlayed(f"«{code}»")
        stage.offer(_at_home(bundles[code], stage.agency.code), cast_of(bundles[code], story), playing.now)
        for opened in _opened_by(bundles[code]) & bundles.keys():
            _offering(playing, story, bundles, opened)
    return stage.offerings[code]


def _opened_by(bundle: Bundle) -> set[str]:
    """The procedures of which a case of this one opens cases."""
    return {step.procedure for step in bundle.all_steps() if isinstance(step, SubcaseStep | ReferralStep)}


def _at_home(bundle: Bundle, agency: str) -> Bundle:
    """The same procedure, whose linked cases open at the agency of the rehearsal: it plays every part."""
    if not _opened_by(bundle):
        return bundle
    return Bundle.model_validate(_moved(json.loads(bundle.canonical()), agency))


def _moved(data: Any, agency: str) -> Any:
    if isinstance(data, list):
        return [_moved(item, agency) for item in data]
    if not isinstance(data, dict):
        return data
    moved = {key: _moved(value, agency) for key, value in data.items()}
    return {**moved, "agency": agency} if data.get("kind") in ("subcase", "referral") else moved


def _moments(playing: Play, scenario: Scenario, bundle: Bundle) -> Iterator[Moment]:
    observer = Observer(playing)
    for entry in scenario.story:
        try:
            playing.perform(entry)
        except REFUSALS as problem:
            if _is_expected(problem, entry):
                yield observer.moment(entry)
                continue
            yield observer.moment(entry, fault=_why(problem) or type(problem).__name__)
            return
        except Exception as error:
            raise EngineBroke(_step_of(entry, bundle)) from error
        yield observer.moment(entry, fault=_let_through(entry))


def _is_expected(problem: Exception, entry: Entry) -> bool:
    """Whether the story says that a command refuses this, in these words."""
    words = entry.expects.get(REFUSED)
    return bool(words) and isinstance(problem, CommandRefused) and str(words) in _why(problem)


def _let_through(entry: Entry) -> str:
    words = entry.expects.get(REFUSED)
    return _("Debía rechazarse diciendo «%(words)s», y se hizo.") % {"words": words} if words else ""


def _step_of(entry: Entry, bundle: Bundle) -> str:
    """The title of the step at which an entry happens; of the whole procedure where it names none."""
    step = bundle.start if entry.action == "file" else bundle.steps_by_id.get(str(entry.subject))
    return step.title if step is not None else bundle.title


def _why(problem: Exception) -> str:
    """The refusal, with the questions that it is about."""
    if isinstance(problem, InvalidAnswers):
        wrong = [
            f"{name.removeprefix('q-')}: {' '.join(map(str, errors))}" for name, errors in problem.form.errors.items()
        ]
        return " ".join([str(problem), *wrong])
    return str(problem)


def _answers(playing: Play) -> dict[str, Any]:
    return dict(playing.the_case().data) if playing.case else {}


def _ends(playing: Play) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for case in {one.pk: one for filed in playing.cases for one in playing.family_of(filed)}.values():
        acts = Document.objects.filter(file=case.file, state=Document.State.IN_FORCE)
        acts = acts.exclude(content={}).exclude(kind=Document.Kind.ATTACHMENT)
        for end in case.task_set.filter(flow_task_type="END"):
            found[end.step_id] = tuple(acts.order_by("pk").values_list("title", flat=True))
    return found


def cast_of(bundle: Bundle, story: Sequence[Entry]) -> dict[str, list[str]]:
    """{role slot: labels of those who act in it}, as the story names them; the signers of a step in their order."""
    cast: dict[str, list[str]] = defaultdict(list)
    steps = {step.id: step for step in bundle.all_steps()}
    turns: dict[str, int] = defaultdict(int)
    for entry in story:
        step = steps.get(str(entry.subject))
        if step is None or not entry.who:
            continue
        slots = list(getattr(step, "signers", ())) or [getattr(step, "role", "")]
        slot = slots[turns[step.id] % len(slots)]
        turns[step.id] = 0 if entry.action == "send_back" else turns[step.id] + 1
        if slot and entry.who not in cast[slot]:
            cast[slot].append(entry.who)
    return cast
