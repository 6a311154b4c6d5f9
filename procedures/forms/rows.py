"""Which rows a group has on a page, and what their questions hang from."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from procedures.expressions import paths_in
from procedures.forms.questions import Box, QuestionForm
from procedures.schema import Bundle, Field
from procedures.visibility import Scope, asked_in_row

_ROW_ID = re.compile(r"[a-z0-9]{1,16}")


def row_ids(form: QuestionForm, box: Box, change: list[str], stored: list[str]) -> list[str]:
    """Ids of the rows on the page, after the button that was pressed. Unknown shapes and repeats are left out."""
    question = box.question
    if form.is_bound and not form.is_new(box):
        sent = dict.fromkeys(form.data.getlist(f"{box.name}-rows"))  # type: ignore[attr-defined]
        ids = [row_id for row_id in sent if _ROW_ID.fullmatch(row_id)][: question.max_rows]
    else:
        least = question.min_rows if question.required else 0
        # Always the same, as nothing keeps them yet: a file may be sent for a row of a page that was never saved.
        free = [name for name in map("r{}".format, range(1, least + len(stored) + 1)) if name not in stored]
        ids = stored + free[: max(0, least - len(stored))]
    if change[:2] == ["remove", box.name]:
        box.focus = True
        return [row_id for row_id in ids if row_id != change[-1]]
    if change == ["add", box.name] and len(ids) < question.max_rows:
        ids.append(_new_row_id())
    return ids


def _new_row_id() -> str:
    return secrets.token_hex(4)


def behind(bundle: Bundle, group: Field, column: str) -> set[str]:
    """A question of the rows of a group, and those of the same row from which it is worked out."""
    inside, found, pending = bundle.in_row(group), {column}, [column]
    while pending:
        formula = inside.field(f"{group.id}.{pending.pop()}").formula or ""
        used = (path.partition(".") for path in paths_in(formula, inside))
        new = {name for step, _dot, name in used if step == group.id} - found
        found |= new
        pending += new
    return found


def is_needed(group: Field, column: str, row: Mapping[str, Any], scope: Scope, bundle: Bundle) -> bool:
    """Whether a row has to have an answer to a question."""
    cells, _kept = asked_in_row(group, row, scope, bundle)
    return any(cell.id == column and cell.required for cell in cells)
