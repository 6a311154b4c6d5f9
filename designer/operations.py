"""Writes: drafts of procedures, changed item by item. Each change locks its draft and leaves a revision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import Agency, Person, Role
from designer import contents, flow, renaming, tree, wording
from designer.errors import BadName, CodeTaken, ItemChanged, ItemGone, NameFixed, NothingToUndo, StillUsed
from designer.models import DraftRevision, ProcedureDraft, pack
from designer.queries import draft_path, was_published
from designer.references import users_of
from designer.testing.queries import saved_tests
from designer.testing.running import ask
from designer.translating import memory
from designer.translating.rules import followed
from designer.tree import Address, Data
from participation.api import unlink_draft
from procedures.api import bundle_of
from procedures.models import Procedure, ProcedureVersion

ONE_SITTING = timedelta(minutes=10)
"""Changes of one person to one item within this time are one revision: saving while typing floods no history."""
LOOKED_BACK = 20
"""Revisions among which the item that somebody saw is looked for."""


@dataclass(frozen=True)
class Edit:
    """Who changes which draft, when. The draft is locked inside."""

    draft: ProcedureDraft
    by: Person
    now: datetime


def create_draft(
    *,
    agency: Agency,
    content: Data,
    summary: str,
    by: Person,
    now: datetime,
    based_on: ProcedureVersion | None = None,
    bindings: dict[str, int] | None = None,
) -> ProcedureDraft:
    """A new draft with its first revision. Raises CodeTaken when the agency has another with that code."""
    try:
        with transaction.atomic():
            draft = ProcedureDraft.objects.create(
                agency=agency,
                code=content["code"],
                title=content["title"],
                content=contents.settled(content),
                bindings=bindings or {},
                procedure=based_on.procedure if based_on else None,
                based_on=based_on,
                created_at=now,
                created_by=by,
                changed_at=now,
                changed_by=by,
            )
            _keep_revision(Edit(draft, by, now), "", summary)
            memory.note(draft, {}, content)
    except IntegrityError as error:
        raise CodeTaken(content["title"]) from error
    return draft


@transaction.atomic
def put_item(
    *,
    draft: ProcedureDraft,
    address: Address,
    item: Any,
    seen: str,
    by: Person,
    now: datetime,
    beside: dict[str, list[Data]] | None = None,
    bindings: dict[str, int] | None = None,
    joins: bool = False,
) -> ProcedureDraft:
    """Another content for an item, unless it is no longer what the person saw (`seen` is its fingerprint).

    With `joins`, what somebody else changed meanwhile stays where the person did not touch it. Raises ItemGone and
    ItemChanged.
    """
    edit = _locked(draft, by, now)
    present = tree.find(edit.draft.content, address)
    if seen and tree.fingerprint(present) != seen and present != item:
        item = tree.joined(_as_seen(edit.draft, address, seen), item, present) if joins else None
        if item is None:
            raise _changed_by(edit.draft, address)
    if present == item:
        return edit.draft
    edit.draft.bindings |= bindings or {}
    changed = tree.put(_with(edit.draft.content, beside), address, item)
    return _save_part(edit, changed, address, _("Cambió %(what)s") % {"what": wording.name_of(changed, address)})


@transaction.atomic
def put_parts(
    *, draft: ProcedureDraft, parts: Data, seen: str, summary: str, by: Person, now: datetime
) -> ProcedureDraft:
    """Other contents for several keys, unless they are no longer what the person saw. Raises ItemChanged."""
    edit = _locked(draft, by, now)
    present = {key: edit.draft.content.get(key) for key in parts}
    if seen and tree.fingerprint(present) != seen and present != parts:
        raise _changed_by(edit.draft, ("ficha",))
    if present == parts:
        return edit.draft
    return _save_part(edit, {**edit.draft.content, **parts}, ("ficha",), summary)


@transaction.atomic
def add_item(
    *,
    draft: ProcedureDraft,
    into: Address,
    item: Any,
    by: Person,
    now: datetime,
    place: int | None = None,
    beside: dict[str, list[Data]] | None = None,
    bindings: dict[str, int] | None = None,
) -> ProcedureDraft:
    """A new item in a list, with what it needs in others (`beside`: a step's form or document). Raises ItemGone."""
    edit = _locked(draft, by, now)
    edit.draft.bindings |= bindings or {}
    content = tree.insert(_with(edit.draft.content, beside), into, item, place)
    if into[-1] == "steps" or "branches" in into:
        content = flow.thread(content, (*into, item["id"]))
    at = (*into, item["id"] if isinstance(item, dict) and "id" in item else str(len(tree.get(content, into)) - 1))
    return _save_part(edit, content, at, _("Agregó %(what)s") % {"what": wording.name_of(content, at)})


@transaction.atomic
def move_item(
    *, draft: ProcedureDraft, address: Address, into: Address, place: int, by: Person, now: datetime
) -> ProcedureDraft:
    """An item taken to another place of its list, or to another list of the same kind. Raises ItemGone."""
    edit = _locked(draft, by, now)
    content = edit.draft.content
    what = wording.name_of(content, address)
    if address[0] == "steps" and into == address[:-1] and "next" not in address:
        content = flow.swap_on_the_way(content, address, place)
    content = tree.move(content, address, into, place)
    return _save_part(edit, content, (*into, address[-1]), _("Movió %(what)s") % {"what": what})


@transaction.atomic
def remove_item(*, draft: ProcedureDraft, address: Address, by: Person, now: datetime) -> ProcedureDraft:
    """The draft without an item; the ways that led to a removed step lead to the one after it.

    Raises ItemGone, and StillUsed when another part needs it.
    """
    edit = _locked(draft, by, now)
    content = edit.draft.content
    tree.get(content, address)
    what = wording.name_of(content, address)
    if address[0] == "steps" and "next" not in address:
        content = flow.heal_around(content, address)
    uses = users_of(content, address)
    if uses:
        raise StillUsed(dict(sorted((wording.name_of(content, use.address), use.address) for use in uses)))
    return _save_part(edit, tree.remove(content, address), address, _("Quitó %(what)s") % {"what": what})


@transaction.atomic
def rename_item(*, draft: ProcedureDraft, address: Address, name: str, by: Person, now: datetime) -> ProcedureDraft:
    """Give an item another internal name, in everything that names it too.

    Raises ItemGone, BadName, and NameFixed for what was published (architecture 4.7: names are frozen by it).
    """
    edit = _locked(draft, by, now)
    content = edit.draft.content
    if is_name_fixed(edit.draft, address):
        raise NameFixed
    problem = renaming.problem_with(content, address, name)
    if problem:
        raise BadName(problem)
    if address[0] == "roles" and address[1] in edit.draft.bindings:
        edit.draft.bindings[name] = edit.draft.bindings.pop(address[1])
    here = (*address[:-1], name)
    changed = renaming.renamed(content, address, name)
    _take_comments_along(edit.draft, address, here)
    summary = _("Cambió el nombre interno de %(what)s") % {"what": wording.name_of(changed, here)}
    return _save(edit, changed, here, summary)


def _take_comments_along(draft: ProcedureDraft, old: Address, new: Address) -> None:
    """Comments on an item, or on what is inside it, stay with it under its new name."""
    for said in draft.comments.filter(address__startswith=tree.written(old)):
        here = tree.parse(said.address)
        if here[: len(old)] == old:
            said.address = tree.written((*new, *here[len(old) :]))
            said.save(update_fields=["address"])


@transaction.atomic
def rename_procedure(*, draft: ProcedureDraft, code: str, by: Person, now: datetime) -> ProcedureDraft:
    """Give a procedure that was never published another code. Raises BadName, NameFixed and CodeTaken."""
    edit = _locked(draft, by, now)
    if edit.draft.procedure_id is not None:
        raise NameFixed
    if not renaming.is_name(code):
        raise BadName(_("Escribe el código con minúsculas, números y guiones bajos, comenzando por una letra."))
    others = ProcedureDraft.objects.filter(agency=edit.draft.agency, code=code).exclude(pk=edit.draft.pk)
    published = Procedure.objects.filter(owner=edit.draft.agency, code=code)
    if others.exists() or published.exists():
        raise CodeTaken(code)
    edit.draft.code = code
    edit.draft.save(update_fields=["code"])
    return _save(edit, {**edit.draft.content, "code": code}, (), _("Cambió el código del trámite"))


def is_name_fixed(draft: ProcedureDraft, address: Address) -> bool:
    """Whether what stands at an address was published under its name, in any version."""
    return draft.procedure_id is not None and was_published(draft, address)


@transaction.atomic
def undo(*, draft: ProcedureDraft, revision: int, by: Person, now: datetime) -> ProcedureDraft:
    """Take back the latest change, when it is still the one that the person saw. Raises NothingToUndo."""
    edit = _locked(draft, by, now)
    before = edit.draft.revisions.filter(number=revision - 1).first()
    if edit.draft.revision != revision or before is None:
        raise NothingToUndo
    undone = edit.draft.revisions.get(number=revision)
    return _save(edit, before.content, (), _("Deshizo: %(what)s") % {"what": undone.summary}, undoes=revision)


@transaction.atomic
def restore(*, draft: ProcedureDraft, content: Data, summary: str, by: Person, now: datetime) -> ProcedureDraft:
    """A whole content in place of the present one: an older revision or version, or an imported file.

    The code stays: it is the procedure's identity.
    """
    edit = _locked(draft, by, now)
    return _save(edit, {**content, "code": edit.draft.code}, (), summary)


@transaction.atomic
def bind_role(*, draft: ProcedureDraft, slot: str, role: Role | None, by: Person, now: datetime) -> None:
    """Say which role of the agency fills a role slot."""
    edit = _locked(draft, by, now)
    edit.draft.bindings = {name: pk for name, pk in edit.draft.bindings.items() if name != slot}
    if role is not None and role.unit.agency_id == edit.draft.agency_id:
        edit.draft.bindings[slot] = role.pk
    edit.draft.save(update_fields=["bindings"])


@transaction.atomic
def discard_draft(*, draft: ProcedureDraft, by: Person, now: datetime) -> None:
    """Remove a draft with its history; published versions stay, and the saved tests of what was published."""
    locked = _locked(draft, by, now).draft
    unlink_draft(draft_path=draft_path(locked), by=by, now=now)
    if locked.procedure_id is None:
        saved_tests(locked).delete()
    locked.delete()


def edit_with(
    *, draft: ProcedureDraft, change: Callable[[Data], Data], address: Address, summary: str, by: Person, now: datetime
) -> ProcedureDraft:
    """Any pure change of the content, made on what the draft holds now and kept as one revision."""
    with transaction.atomic():
        edit = _locked(draft, by, now)
        return _save_part(edit, change(edit.draft.content), address, summary)


def _with(content: Data, beside: dict[str, list[Data]] | None) -> Data:
    for name, items in (beside or {}).items():
        for needed in items:
            content = tree.insert(content, (name,), needed)
    return content


def _locked(draft: ProcedureDraft, by: Person, now: datetime) -> Edit:
    found = ProcedureDraft.objects.select_for_update(of=("self",)).select_related("agency", "based_on")
    found = found.defer("based_on__canonical", "based_on__diagram_svg")
    try:
        return Edit(found.get(pk=draft.pk), by, now)
    except ProcedureDraft.DoesNotExist as error:
        raise ItemGone from error


def _as_seen(draft: ProcedureDraft, address: Address, seen: str) -> Any:
    """The item as it was when somebody saw it; None when no recent revision has it so."""
    recent = draft.revisions.order_by("-number")[:LOOKED_BACK]
    items = (tree.find(revision.content, address) for revision in recent)
    return next((item for item in items if tree.fingerprint(item) == seen), None)


def _changed_by(draft: ProcedureDraft, address: Address) -> ItemChanged:
    text = tree.written(address)
    latest = draft.revisions.filter(address=text).order_by("-number").select_related("by").first()
    who = latest.by if latest else draft.changed_by
    return ItemChanged(who.full_name, localtime(latest.at if latest else draft.changed_at).strftime("%H:%M"))


def _save_part(edit: Edit, content: Data, address: Address, summary: str) -> ProcedureDraft:
    """Keep a changed part; translations go along with the texts that moved."""
    return _save(edit, followed(edit.draft.content, content), address, summary)


def _save(edit: Edit, content: Data, address: Address, summary: str, undoes: int | None = None) -> ProcedureDraft:
    draft, before = edit.draft, edit.draft.content
    memory.note(draft, before, content)
    draft.content, draft.title = contents.settled(content), str(content.get("title") or draft.title)[:300]
    draft.changed_at, draft.changed_by = edit.now, edit.by
    text = tree.written(address)
    latest = draft.revisions.filter(number=draft.revision)
    if not _is_same_sitting(edit, text) or undoes:
        latest.update(packed=pack(before))
        draft.revision += 1
        _keep_revision(edit, text, summary, undoes)
    else:
        latest.update(at=edit.now)
    draft.save(update_fields=["content", "title", "bindings", "changed_at", "changed_by", "revision"])
    ask(draft=draft, now=edit.now)
    return draft


def _is_same_sitting(edit: Edit, address: str) -> bool:
    latest = edit.draft.revisions.filter(number=edit.draft.revision).only("address", "summary", "at", "by").first()
    return bool(
        latest
        and address
        and latest.address == address
        and latest.by_id == edit.by.pk
        and latest.summary.startswith(_("Cambió %(what)s") % {"what": ""})
        and edit.now - latest.at < ONE_SITTING
    )


def _keep_revision(edit: Edit, address: str, summary: str, undoes: int | None = None) -> None:
    DraftRevision.objects.create(
        draft=edit.draft,
        number=edit.draft.revision,
        address=address[:400],
        summary=summary[:300],
        undoes=undoes,
        at=edit.now,
        by=edit.by,
    )


def open_version(*, version: ProcedureVersion, agency: Agency, by: Person, now: datetime) -> ProcedureDraft:
    """The draft in which a published procedure is changed: the one there is, or a new one from the version."""
    present = ProcedureDraft.objects.filter(agency=agency, code=version.procedure.code).first()
    if present is not None:
        return present
    offering = version.offerings.filter(agency=agency).order_by("-effective_from").first()
    bound = {binding.slot: binding.role_id for binding in offering.role_bindings.all()} if offering else {}
    return create_draft(
        agency=agency,
        content=bundle_of(version).model_dump(mode="json", exclude_defaults=True),
        summary=_("Abrió la versión %(number)s") % {"number": version.number},
        by=by,
        now=now,
        based_on=version,
        bindings=bound,
    )


def lock_draft(*, draft: ProcedureDraft, by: Person, now: datetime) -> ProcedureDraft:
    """The draft as it is now, held until the transaction ends. Raises ItemGone."""
    return _locked(draft, by, now).draft


@transaction.atomic
def note_published(*, draft: ProcedureDraft, version: ProcedureVersion, by: Person, now: datetime) -> None:
    """Remember that the draft's content is now a version: what comes next is compared with it."""
    edit = _locked(draft, by, now)
    edit.draft.based_on, edit.draft.procedure = version, version.procedure
    edit.draft.save(update_fields=["based_on", "procedure"])
    _save(edit, edit.draft.content, (), _("Publicó la versión %(number)s") % {"number": version.number})
