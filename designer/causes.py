"""Which questions of an application hang from which answers, so that independent causes are looked at one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from procedures.api import Bundle, Condition, Field, Form, Page, paths_in

Ids = frozenset[str]


def conditions_inside(form: Form | None) -> Iterator[Condition]:
    """Every condition that decides what a form asks or whether it can be sent."""
    for page in form.pages if form else ():
        holders = [page.visible_when, *(skip.when for skip in page.skip), *(way.when for way in page.exits)]
        for question in page.fields:
            holders += _of_question(question)
        yield from (condition for condition in holders if condition is not None)


def _of_question(question: Field) -> list[Condition | None]:
    return [question.visible_when, *(option.only_when for option in question.options)]


@dataclass(frozen=True)
class Causes:
    """The questions whose answers decide each part of the form of a start."""

    bundle: Bundle
    start: str
    form: Form
    of_question: dict[str, Ids]
    """Those that decide whether a question is asked, by question."""
    of_leaving: list[Ids]
    """Those that decide each skip and each way out."""

    @classmethod
    def of(cls, bundle: Bundle, start: str, form: Form) -> Causes:
        """The causes in the form of a start."""
        made = cls(bundle, start, form, {}, [])
        over: dict[str, Ids] = {}
        for place, page in enumerate(form.pages):
            around = made._named([page.visible_when]) | over.get(page.id, frozenset())
            for question in page.fields:
                made.of_question[question.id] = around | made._named(_of_question(question))
            for skip in page.skip:
                why = around | made._named([skip.when])
                made.of_leaving.append(why)
                over |= {passed: over.get(passed, frozenset()) | why for passed in _passed_by(form, place, skip.goto)}
            made.of_leaving.extend(around | made._named([way.when]) for way in page.exits)
        return made

    def _named(self, conditions: Iterable[Condition | None]) -> Ids:
        """The questions of this form that the conditions look at."""
        paths = [path for one in conditions if one is not None for path in paths_in(one, self.bundle)]
        return frozenset(path.partition(".")[2] for path in paths if path.partition(".")[0] == self.start)

    def together(self) -> list[tuple[str, ...]]:
        """The questions that decide, in order: those that decide on the same, or one on the other, in one group."""
        deciding = frozenset().union(*self.of_leaving, *self.of_question.values())
        of_deciding = (why | {name} for name, why in self.of_question.items() if name in deciding)
        groups: list[Ids] = []
        for tie in {*self.of_leaving, *self.of_question.values(), *of_deciding} - {frozenset()}:
            joined = tie.union(*(group for group in groups if group & tie))
            groups = [*(group for group in groups if not group & tie), joined]
        order = {question.id: place for place, question in enumerate(self.form.fields)}
        made = [tuple(sorted(group & order.keys(), key=order.__getitem__)) for group in groups]
        return sorted((members for members in made if members), key=lambda members: order[members[0]])

    def reduced_to(self, members: tuple[str, ...]) -> Bundle:
        """The bundle with no more in its form than these questions and what hangs from them."""
        wanted = frozenset(members)
        pages = [self._reduced(page, wanted) for page in self.form.pages]
        goals = {skip.goto for page in pages for skip in page.skip}
        kept = tuple(page for page in pages if page.fields or page.exits or page.id in goals)
        form = Form.model_construct(id=self.form.id, title=self.form.title, pages=kept)
        others = [other for other in self.bundle.forms if other.id != form.id]
        return self.bundle.model_copy(update={"forms": (form, *others)})

    def _reduced(self, page: Page, wanted: Ids) -> Page:
        fields = [each for each in page.fields if each.id in wanted or self.of_question[each.id] & wanted]
        around = self._named([page.visible_when])
        return page.model_copy(
            update={
                "fields": tuple(fields),
                "skip": tuple(skip for skip in page.skip if (around | self._named([skip.when])) & wanted),
                "exits": tuple(way for way in page.exits if (around | self._named([way.when])) & wanted),
            }
        )


def _passed_by(form: Form, place: int, goal: str) -> list[str]:
    """The pages between a place and the page that a skip goes to."""
    later = [page.id for page in form.pages[place + 1 :]]
    return later[: later.index(goal)] if goal in later else []
