"""A second engine, which reads nothing but a definition and the log of a case, and says how the case must stand.

It is a token game over the plain data of the procedure: no row, no node, no database. Where it and the engine differ,
one of them is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflows.proof.tokens import Branch, Meeting, Step, Token, Told

AT_ONCE = {"lookup", "register", "referral"}
"""Kinds that stand for no time: all that can be done at once is done before branches meet."""
ACT = "acto"
"""The document by which what was asked is answered."""
OTHER_ENDINGS = ("law_withdrawal", "law_waiver", "law_impossibility")
"""How the ids of the steps begin by which a case ends otherwise."""


class Machine:
    """Fold the log with `tell`; then look at `standing`, `done`, `dropped` and `data`."""

    def __init__(self, procedure: Mapping[str, Any], blocks: Sequence[Step] = ()) -> None:
        """`blocks`: the steps that the law gives beside the procedure, by which a case may end in another way."""
        self.steps: dict[str, Step] = {}
        self.around: dict[str, tuple[str, ...]] = {}
        self._read(procedure["steps"], ())
        self._read(blocks, ())
        self.tokens: list[Token] = []
        self.meetings: list[Meeting] = []
        self.reached: list[int] = []
        """Places of the meetings that a branch has reached since they were last tried."""
        self.done: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()
        self.data: dict[str, Any] = {}
        self.outcome = ""
        self.is_decided = False
        """Whether the act that answers what was asked is signed, though something may be left to do."""

    def _read(self, steps: Any, around: tuple[str, ...]) -> None:
        for step in steps:
            self.steps[step["id"]], self.around[step["id"]] = step, around
            for branch in branches_of(step):
                self._read(branch, (*around, step["id"]))

    # What the log says

    def tell(self, told: Told) -> None:
        """Take one event. Those that move nothing are passed over."""
        handler = getattr(self, f"_{told.kind.replace('.', '_')}", None)
        if handler is not None:
            handler(told)
            self._meet()

    def _case_started(self, told: Told) -> None:
        start = next(step for step in self.steps.values() if step["kind"] == "start")
        self.data[start["id"]] = dict(told.answers or {})
        self.done[start["id"]] += 1
        self._leave(start["id"], ())

    def _task_completed(self, told: Told) -> None:
        token = self._take(told)
        step = self.steps[token.step]
        if told.answers is not None:
            self._answer(str(step.get("amends", token.step)), token, told.answers)
        if not token.is_late:
            self._leave(token.step, token.path)

    def _wait_ended(self, told: Told) -> None:
        self._go_on_with(told, {"happened": False})

    def _event_recorded(self, told: Told) -> None:
        self._go_on_with(told, {"happened": True})

    def _subcase_ended(self, told: Told) -> None:
        self._go_on_with(told, {"outcome": told.data["outcome"]})

    def _service_answered(self, told: Told) -> None:
        self._go_on_with(told, {"ok": True})

    def _fact_looked_up(self, told: Told) -> None:
        self._go_on_with(told, {"found": told.data["found"]})

    def _fact_registered(self, told: Told) -> None:
        self._go_on_with(told, {})

    def _case_referred(self, told: Told) -> None:
        self._go_on_with(told, {})

    def _go_on_with(self, told: Told, values: Mapping[str, Any]) -> None:
        token = self._take(told)
        if values:
            self._answer(token.step, token, values)
        self._leave(token.step, token.path)

    def _ending_asked(self, told: Told) -> None:
        self._enter(told.data["step"], ())

    def _ending_overtaken(self, told: Told) -> None:
        for token in [one for one in self.tokens if one.step.startswith(told.data["step"])]:
            self._drop(token)

    def _silence_certificate_asked(self, told: Told) -> None:
        self._enter("law_silence", ())

    def _act_reviewed(self, told: Told) -> None:
        """An appeal was upheld: whatever is still open was opened by that appeal, and is over."""
        self._drop_all()

    def _case_sent_back(self, told: Told) -> None:
        self.outcome, self.is_decided = "", False
        self._enter(told.data["step"], ())

    def _act_sealed(self, told: Told) -> None:
        self._signed("seal", told)

    def _act_signed(self, told: Told) -> None:
        self._signed("sign", told)

    def _signed(self, kind: str, told: Told) -> None:
        standing = ((one, self.steps[one.step]) for one in self.tokens)
        is_its = (kind, told.data["document"])
        token = next(one for one, step in standing if (step["kind"], step.get("document")) == is_its)
        self.done[token.step] += 1
        if token.position < len(self.steps[token.step].get("signers", ())):
            token.position += 1
            return
        if told.data["document"] == ACT:
            self._decide_what_was_asked()
        self.tokens.remove(token)
        self._leave(token.step, token.path)

    def _decide_what_was_asked(self) -> None:
        """Nobody resolves any more another way to end it that was pending."""
        self.is_decided = True
        for token in [one for one in self.tokens if one.step.startswith(OTHER_ENDINGS)]:
            self._drop(token)

    def _act_returned(self, told: Told) -> None:
        token = self._take(told)
        self._enter(self.steps[token.step]["on_return"], token.path)

    def _row_added(self, told: Told) -> None:
        number = max(n for n, one in enumerate(self.meetings) if one.step == told.data["step"] and not one.is_over)
        meeting = self.meetings[number]
        meeting.total += 1
        self.data[meeting.step]["rows"].append(dict(told.answers or {}))
        self._enter(self.steps[meeting.step]["steps"][0]["id"], (*meeting.path, (number, meeting.total)))

    def _deadline_expired(self, told: Told) -> None:
        token = next((one for one in self.tokens if self._is(one, told) and one.has_time), None)
        if token is None:
            return
        token.has_time = False
        onward = self.steps[token.step]["deadline"].get("on_expire")
        if token.is_late:
            return
        if onward:
            self._drop(token)
            self._enter(onward, token.path)

    def _take(self, told: Told) -> Token:
        found = [one for one in self.tokens if self._is(one, told) and one.is_late == told.is_late]
        if told.is_late:  # of those overtaken none changes anything, so that it does not matter which of them it was
            found = [one for one in found if self._is_overtaken(one) == told.is_overtaken][:1]
        assert len(found) == 1, f"{told} finds {found}"
        self.tokens.remove(found[0])
        self.done[found[0].step] += 1
        return found[0]

    def _is(self, token: Token, told: Told) -> bool:
        row = self._row(token)
        return token.step == told.data["step"] and row in (0, told.data.get("occurrence"))

    def _row(self, token: Token) -> int:
        """The row that a token stands in, counted from 1; 0 outside of rows."""
        found = self._row_branch(token)
        return found[1] if found else 0

    def _row_branch(self, token: Token) -> Branch | None:
        rows = [branch for branch in token.path if self.steps[self.meetings[branch[0]].step]["kind"] == "for_each"]
        return rows[-1] if rows else None

    def _answer(self, step_id: str, token: Token, values: Mapping[str, Any]) -> None:
        """Keep answers where rules look for them: those of a row with the row. A late one changes no later round."""
        branch = self._row_branch(token)
        if self._is_overtaken(token):
            return
        if branch is None:
            self.data[step_id] = dict(values)
        else:
            self.data[self.meetings[branch[0]].step]["rows"][branch[1] - 1][step_id] = dict(values)

    def _is_overtaken(self, token: Token) -> bool:
        """Whether a block around it was entered again since, from the same place."""
        around = [(number, self.meetings[number]) for number, _branch in token.path]
        return any(
            (later.step, later.path) == (meeting.step, meeting.path)
            for number, meeting in around
            for later in self.meetings[number + 1 :]
        )

    # How the case goes

    def _enter(self, step_id: str, path: tuple[Branch, ...]) -> None:
        step = self.steps[step_id]
        if step["kind"] in ("parallel", "for_each"):
            self._open(step, path)
        elif step["kind"] == "decision":
            self._decide(step, path)
        elif step["kind"] in ("notify", "carry_out"):
            self.done[step_id] += 1
            self._leave(step_id, path)
        elif step["kind"] == "stop":
            self.done[step_id] += 1
            self._drop_all()
            self._leave(step_id, path)
        elif step["kind"] == "goes_on":
            self.done[step_id] += 1
        elif step["kind"] == "end":
            self.outcome = step["outcome"]
            self._drop_all()
        else:
            self.tokens.append(Token(step_id, path, has_time="deadline" in step))

    def _leave(self, step_id: str, path: tuple[Branch, ...]) -> None:
        target = self._way(self.steps[step_id]["next"], path)
        if target == "join":
            self._arrive(path)
        else:
            self._enter(target, path)

    def _way(self, onward: Any, path: tuple[Branch, ...]) -> str:
        if isinstance(onward, str):
            return onward
        chosen = next(way for way in onward if "otherwise" in way or self._holds(way["when"], path))
        return str(chosen.get("goto") or chosen["otherwise"])

    def _holds(self, condition: Mapping[str, Any], path: tuple[Branch, ...]) -> bool:
        return all(self._is_met(row, self._read_datum(row["field"], path)) for row in condition["all"])

    def _is_met(self, row: Mapping[str, Any], found: Any) -> bool:
        return bool(found in row["value"] if row.get("op") == "in" else found == row["value"])

    def _read_datum(self, name: str, path: tuple[Branch, ...]) -> Any:
        step_id, _dot, question = name.partition(".")
        branch = self._row_branch(Token(step_id, path))
        if branch is not None and self.meetings[branch[0]].step in self.around[step_id]:
            rows = self.data[self.meetings[branch[0]].step]["rows"]
            return rows[branch[1] - 1].get(step_id, {}).get(question)
        return self.data.get(step_id, {}).get(question)

    def _decide(self, step: Step, path: tuple[Branch, ...]) -> None:
        self.done[step["id"]] += 1
        row = next(row for row in step["rows"] if all(self._fits(cell, path) for cell in row["when"]))
        self._answer(step["id"], Token(step["id"], path), row["then"])
        self._leave(step["id"], path)

    def _fits(self, cell: Mapping[str, Any], path: tuple[Branch, ...]) -> bool:
        value = self._read_datum(cell["data"], path)
        return bool(cell.get("min", value) <= value and (value < cell["below"] if "below" in cell else True))

    def _open(self, step: Step, path: tuple[Branch, ...]) -> None:
        self.done[step["id"]] += 1
        firsts = [branch[0]["id"] for branch in branches_of(step)]
        if step["kind"] == "for_each":
            rows = [dict(row) for row in self._read_datum(step["over"], path) or ()]
            self.data[step["id"]] = {"rows": rows}
            firsts = firsts * len(rows)
        number = len(self.meetings)
        self.meetings.append(Meeting(step["id"], path, len(firsts), is_over=not firsts))
        for branch, first in enumerate(firsts, 1):
            self._enter(first, (*path, (number, branch)))
        if not firsts:
            self._leave(step["id"], path)

    def _arrive(self, path: tuple[Branch, ...]) -> None:
        number, branch = path[-1]
        self.meetings[number].arrived.add(branch)
        self.reached.append(number)

    def _meet(self) -> None:
        """Try the blocks that branches have reached, and then those that wait for clocks.

        All that is done at once is done before: the log goes on to tell of it.
        """
        while not any(self.steps[one.step]["kind"] in AT_ONCE for one in self.tokens):
            if self.reached:
                self._try(self.reached.pop(0))
            elif not self._look():
                return

    def _try(self, number: int) -> None:
        meeting = self.meetings[number]
        if (
            self.outcome
            or meeting.is_over
            or not meeting.arrived
            or not self._is_enough(number, self.steps[meeting.step])
        ):
            return
        meeting.is_over = True
        if len(meeting.arrived) < meeting.total:  # else all that still stands are late reports of blocks inside it
            for token in self._within(number):
                self._leave_behind(token, self.steps[meeting.step].get("leftover", "cancel"))
        self._leave(meeting.step, meeting.path)

    def _is_enough(self, number: int, step: Step) -> bool:
        meeting, join = self.meetings[number], step["join"]
        if join == "all_required":
            firsts = [branch[0]["id"] for branch in step["branches"]]
            required = {place for place, first in enumerate(firsts, 1) if first in step["required"]}
            return required <= meeting.arrived and not self._awaited(number) - meeting.arrived
        needed: int = {"any": 1, "n": min(step.get("n", 0), meeting.total), "all": meeting.total}[join]
        return len(meeting.arrived) >= needed

    def _awaited(self, number: int) -> set[int]:
        timed = [one for one in self._within(number) if one.has_time and not one.is_late]
        return {branch for one in timed for meeting, branch in one.path if meeting == number}

    def _look(self) -> bool:
        """Let one block that waited for clocks go on, the innermost first; whether there was one."""
        inner_first = sorted(enumerate(self.meetings), key=lambda one: -len(one[1].path))
        for number, meeting in inner_first:
            waits_for_clocks = self.steps[meeting.step]["join"] == "all_required" and not meeting.is_over
            if waits_for_clocks and not any(self.meetings[outer].is_over for outer, _branch in meeting.path):
                self._try(number)
                if meeting.is_over:
                    return True
        return False

    def _within(self, number: int) -> list[Token]:
        return [one for one in self.tokens if any(meeting == number for meeting, _branch in one.path)]

    def _leave_behind(self, token: Token, leftover: str) -> None:
        if leftover == "accept" and self.steps[token.step]["kind"] == "task":
            token.is_late = True
        else:
            self._drop(token)

    def _drop_all(self) -> None:
        """Nothing else is waited for, and no block goes on."""
        for token in list(self.tokens):
            self._drop(token)
        for meeting in self.meetings:
            meeting.is_over = True

    def _drop(self, token: Token) -> None:
        self.tokens.remove(token)
        self.dropped[token.step] += 1

    # What can be compared

    def standing(self) -> Counter[tuple[str, int, bool]]:
        """What waits: (step, row counted from 1 or 0, whether it is late)."""
        return Counter((one.step, self._row(one), one.is_late) for one in self.tokens)


def branches_of(step: Step) -> Iterator[list[Step]]:
    """The lists of steps nested in a step."""
    yield from step.get("branches", ())
    if "steps" in step:
        yield step["steps"]
