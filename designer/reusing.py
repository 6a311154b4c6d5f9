"""Pages of questions that the agency already published, taken from a version into another procedure."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass

from accounts.models import Agency
from designer import tree
from designer.errors import ItemGone
from designer.references import steps_with_form
from designer.tree import Data
from procedures.api import bundle_of
from procedures.models import ProcedureVersion


@dataclass(frozen=True)
class Source:
    """A page of a published version."""

    version: ProcedureVersion
    form: Data
    page: Data

    @property
    def key(self) -> str:
        """Names it in the page that offers it."""
        return f"{self.version.pk}:{self.form['id']}:{self.page['id']}"

    @property
    def labels(self) -> list[str]:
        """What it asks."""
        return [field.get("label") or field["id"] for field in self.page["fields"]]


def sources(agency: Agency, without: str) -> Iterator[Source]:
    """The pages of the latest version of each procedure of the agency, but of the one with the code `without`."""
    latest: dict[int, ProcedureVersion] = {}
    versions = ProcedureVersion.objects.filter(procedure__owner=agency).exclude(procedure__code=without)
    for version in versions.select_related("procedure").order_by("title", "number"):
        latest[version.procedure_id] = version
    for version in latest.values():
        content = bundle_of(version).model_dump(mode="json", exclude_defaults=True)
        for form in content["forms"]:
            yield from (Source(version, form, page) for page in form["pages"])


def source_named(agency: Agency, key: str) -> Source:
    """The page with that key. Raises ItemGone."""
    found = next((source for source in sources(agency, "") if source.key == key), None)
    if found is None:
        raise ItemGone
    return found


def page_from(source: Source, content: Data, form_id: str) -> tuple[Data, list[str]]:
    """The page for a form of another procedure, and the questions that lost their condition on the way.

    Questions keep their names where they are free. A condition stays when all that it asks about came along.
    """
    form = tree.get(content, ("forms", form_id))
    page = copy.deepcopy(source.page)
    taken = {field["id"] for _at, field in tree.fields_of_form(form)}
    names: dict[str, str] = {}
    for field in page["fields"]:
        names[field["id"]] = _free(field["id"], taken)
        taken.add(names[field["id"]])
        field["id"] = names[field["id"]]
    page["id"] = _free(page["id"], tree.ids(form["pages"]))
    step = next(iter(steps_with_form(content, form_id)), "")
    lost = [field.get("label", "") for field in page["fields"] if not _all_adapted(field, names, step)]
    for key in ("visible_when", "skip", "exits"):
        page.pop(key, None)
    return page, lost


def _free(name: str, taken: set[str]) -> str:
    return name if name not in taken else tree.new_id(name.replace("_", " "), taken)


def _all_adapted(field: Data, names: dict[str, str], step: str) -> bool:
    """Whether every condition of a question, of its options and of its rows could be kept."""
    paths = {name: f"{step}.{new}" for name, new in names.items()} if step else {}
    old = next(name for name, new in names.items() if new == field["id"])
    inside = {f"{old}.{inner['id']}": f"{field['id']}.{inner['id']}" for inner in field.get("fields") or ()}
    asking = [field, *(field.get("fields") or ())]
    kept = [_adapted(one, key, paths, inside) for one in asking for key in ("visible_when", "required_when")]
    options = (option for one in asking for option in one.get("options") or ())
    return all([*kept, *[_adapted(option, "only_when", paths, inside) for option in options]])


def _rows(group: Data) -> Iterator[Data]:
    """The comparisons of a condition, those of its groups included; of CEL, none."""
    for key in ("all", "any", "none"):
        for item in group.get(key) or ():
            if "field" in item:
                yield item
            else:
                yield from _rows(item)


def _adapted(field: Data, key: str, paths: dict[str, str], inside: dict[str, str]) -> bool:
    """Whether the condition of a question could be kept, asking about the questions under their new names.

    `paths`: by its old name, the datum that each question of the page gives now; `inside`: by old datum, those of rows.
    """
    condition = field.get(key)
    if condition is None:
        return True
    rows = list(_rows(condition))
    found = [inside.get(row["field"]) or paths.get(row["field"].partition(".")[2]) for row in rows]
    if not rows or not all(found):
        field.pop(key)
        return False
    for row, path in zip(rows, found, strict=True):
        row["field"] = path
    return True
