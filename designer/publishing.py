"""From a draft to a published version: what changes, whom it touches, who will act, and from when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import AgencyCapability, Person, Role, Unit
from designer import operations, reviewing
from designer.errors import NotGreen, NotReady
from designer.models import ProcedureDraft
from designer.queries import draft_path, findings_of, latest_version, may_publish
from designer.testing.queries import not_green
from designer.testing.running import run_stale
from legaltime.api import local_date
from participation.api import link_published
from procedures.api import (
    Change,
    Pilot,
    ProcedureError,
    ThinRole,
    bundle_of,
    cancel_scheduled,
    changes,
    end_pilot,
    open_to_all,
    pilot_of,
    publish_data,
    scheduled_of,
    thin_roles,
    widen_pilot,
)
from procedures.models import Offering, ProcedureVersion
from workflows.api import RehearsalFailed
from workflows.models import Case, Draft


def changes_since_published(draft: ProcedureDraft) -> list[Change] | None:
    """What the draft changes of the latest version, in sentences; None when nothing was published."""
    version = latest_version(draft)
    if version is None:
        return None
    return changes(bundle_of(version).model_dump(mode="json", exclude_defaults=True), plain_content(draft))


@dataclass(frozen=True)
class News:
    """What publishing a draft would do: a new version; another people for what is offered; what was offered before,
    again; or nothing, as that is what is offered."""

    kind: Literal["version", "people", "again", "nothing"]
    number: int
    """Of the version that would be offered."""


def news_of(draft: ProcedureDraft) -> News:
    """What publishing the draft as it is would do."""
    return news_of_all([draft])[draft.pk]


def news_of_all(drafts: Sequence[ProcedureDraft]) -> dict[int, News]:
    """{draft: what publishing it as it is would do}; as many reads however many they are."""
    published = _published(drafts)
    offered = _offered([version for versions in published.values() for version in versions])
    bound = bound_roles_of_all(drafts)
    return {
        draft.pk: _news(draft, published[draft.agency_id, draft.code], offered, bound[draft.pk]) for draft in drafts
    }


def _news(
    draft: ProcedureDraft,
    versions: Sequence[ProcedureVersion],
    offered: Mapping[tuple[int, int], Offering],
    bound: Mapping[str, Role],
) -> News:
    """`versions`: those published of it, the latest first."""
    latest, bundle = next(iter(versions), None), findings_of(draft.content).bundle
    if latest is None or bundle is None:
        return News("version", latest.number + 1 if latest else 1)
    digest = bundle.sha256()
    same = next((version for version in versions if version.sha256 == digest), None)
    if same is None:
        return News("version", latest.number + 1)
    offering = offered.get((same.pk, draft.agency_id))
    if offering is None or offering.effective_to is not None:
        return News("again", same.number)
    people = {binding.slot: binding.role_id for binding in offering.role_bindings.all()}
    return News("nothing" if people == {slot: role.pk for slot, role in bound.items()} else "people", same.number)


def _published(drafts: Sequence[ProcedureDraft]) -> dict[tuple[int, str], list[ProcedureVersion]]:
    """{(agency, code): its versions, the latest first}, without their bytes."""
    found: dict[tuple[int, str], list[ProcedureVersion]] = defaultdict(list)
    versions = ProcedureVersion.objects.filter(
        procedure__owner__in={draft.agency_id for draft in drafts}, procedure__code__in={draft.code for draft in drafts}
    )
    for version in versions.select_related("procedure").defer("canonical", "diagram_svg").order_by("-number"):
        found[version.procedure.owner_id, version.procedure.code].append(version)
    return found


def _offered(versions: Sequence[ProcedureVersion]) -> dict[tuple[int, int], Offering]:
    """{(version, agency): its first offering there, with who acts in it}."""
    rows = Offering.objects.filter(version__in=[version.pk for version in versions]).order_by("-pk")
    return {(row.version_id, row.agency_id): row for row in rows.prefetch_related("role_bindings")}


def plain_content(draft: ProcedureDraft) -> dict[str, object]:
    """The content as it would be published, defaults left out; as it is while it cannot be read as a bundle."""
    bundle = findings_of(draft.content).bundle
    return bundle.model_dump(mode="json", exclude_defaults=True) if bundle else draft.content


def running(draft: ProcedureDraft) -> tuple[int, int]:
    """How many cases run under any version of the procedure, and how many applications people are filling in."""
    mine = {"version__procedure__owner": draft.agency_id, "version__procedure__code": draft.code}
    return Case.objects.filter(finished__isnull=True, **mine).count(), Draft.objects.filter(
        filed_at=None, **mine
    ).count()


def bound_roles(draft: ProcedureDraft) -> dict[str, Role]:
    """The roles of the agency behind the procedure's slots; slots without one are left out."""
    return bound_roles_of_all([draft])[draft.pk]


def bound_roles_of_all(drafts: Sequence[ProcedureDraft]) -> dict[int, dict[str, Role]]:
    """{draft: as `bound_roles` has it}; one read."""
    wanted = {pk for draft in drafts for pk in draft.bindings.values()}
    known = Role.objects.filter(closed_at=None).select_related("unit").in_bulk(wanted)
    return {
        draft.pk: {
            slot["id"]: role
            for slot in draft.content.get("roles") or ()
            if (role := known.get(draft.bindings.get(slot["id"], 0))) and role.unit.agency_id == draft.agency_id
        }
        for draft in drafts
    }


def unbound(draft: ProcedureDraft) -> list[str]:
    """Titles of the slots that nobody fills."""
    return unbound_among(draft, bound_roles(draft))


def unbound_among(draft: ProcedureDraft, bound: Mapping[str, Role]) -> list[str]:
    """Titles of the slots that are none of `bound`."""
    return [slot.get("title", slot["id"]) for slot in draft.content.get("roles") or () if slot["id"] not in bound]


def thin_roles_of(draft: ProcedureDraft, on: date) -> list[ThinRole]:
    """The roles with too few people for the draft's separations and signatures; none while it cannot be read."""
    bundle = findings_of(draft.content).bundle
    return thin_roles(bundle, bound_roles(draft), on) if bundle else []


def publish_draft(
    *,
    draft: ProcedureDraft,
    revision: int,
    by: Person,
    now: datetime,
    digest: str | None = None,
    effective_from: date | None = None,
    note: str = "",
    pilot: Pilot | None = None,
) -> Offering:
    """Publish what the person reviewed and offer it, now or from a date, to all or first to a `pilot`.

    What was reviewed is named by its `revision`, and by its `digest` where it was shown on a page: whoever goes on
    typing adds to the latest revision.
    Its saved tests are played first, those that were not yet played on what it holds.

    Raises NotReady: somebody changed the draft meanwhile, something is missing, a saved test does not hold
    (NotGreen), or the person may not publish.
    """
    _refuse_who_and_when(draft, by, effective_from, local_date(now, draft.agency.time_zone))
    _refuse_unseen(draft, revision, digest)
    _play_tests(draft, now)
    with transaction.atomic():
        locked = operations.lock_draft(draft=draft, by=by, now=now)
        _refuse_unseen(locked, revision, digest)
        _refuse_nothing(locked)
        _refuse_unagreed(locked)
        try:
            offering = publish_data(
                data=locked.content, agency=locked.agency, by=by, now=now, role_bindings=bound_roles(locked),
                effective_from=effective_from, note=note[:500], pilot=pilot,
            )  # fmt: skip
        except ProcedureError as error:
            raise NotReady(str(error)) from error
        operations.note_published(draft=locked, version=offering.version, by=by, now=now)
        _tell_who_asked(locked, offering, effective_from, now)
    return offering


def _refuse_who_and_when(draft: ProcedureDraft, by: Person, effective_from: date | None, today: date) -> None:
    if not may_publish(by, draft.agency, today):
        raise NotReady(_("No tienes permiso para publicar en tu institución. Pídeselo a quien publica."))
    if effective_from is not None and effective_from < today:
        raise NotReady(_("La fecha ya pasó. Elige hoy o un día que venga."))


def _refuse_nothing(locked: ProcedureDraft) -> None:
    news = news_of(locked)
    if news.kind == "nothing":
        text = _(
            "No hay nada que publicar: el borrador dice lo mismo que la versión %(number)s, que ya está publicada."
        )
        raise NotReady(text % {"number": news.number})


def _refuse_unagreed(locked: ProcedureDraft) -> None:
    """Saved tests must hold and the approvals that the agency asks for must be there."""
    red = not_green(locked)
    if red:
        raise NotGreen([test.title for test in red])
    lacking = reviewing.agreement_on(locked).lacking
    if lacking:
        raise NotReady(lacking)


def _tell_who_asked(draft: ProcedureDraft, offering: Offering, effective_from: date | None, now: datetime) -> None:
    """Move on the request of people that stood behind the draft."""
    zone = ZoneInfo(draft.agency.time_zone)
    opens_at = datetime.combine(effective_from, time.min, zone) if effective_from else now
    path, is_pilot = draft_path(draft), offering.is_pilot
    link_published(draft_path=path, offering=offering, opens_at=opens_at, pilot=is_pilot, now=now)


def offices(draft: ProcedureDraft) -> QuerySet[Unit]:
    """The offices that attend people at a counter, where a version may be tried first."""
    units = Unit.objects.filter(agency=draft.agency_id, roles__grants__capability=AgencyCapability.COUNTER)
    return units.distinct().order_by("name")


def change_pilot(*, draft: ProcedureDraft, what: str, share: int, by: Person, now: datetime) -> Offering | None:
    """Widen, open to all or close the draft's pilot, or take back what begins on a later day; None when taken back.

    Raises NotReady: the person may not publish, or it is too late.
    """
    today = local_date(now, draft.agency.time_zone)
    if not may_publish(by, draft.agency, today):
        raise NotReady(_("No tienes permiso para publicar en tu institución. Pídeselo a quien publica."))
    scheduled = scheduled_of(draft.agency, draft.code, today)
    pilot = pilot_of(draft.agency, draft.code, today)
    try:
        if what == "cancelar" and scheduled is not None:
            return cancel_scheduled(offering=scheduled, by=by, now=now)
        if pilot is None or what not in ("ampliar", "abrir", "cerrar"):
            raise NotReady(_("Ya no hay nada que cambiar: mira qué versión se ofrece ahora."))
        if what == "ampliar":
            return widen_pilot(offering=pilot, share=share, by=by, now=now)
        if what == "cerrar":
            return end_pilot(offering=pilot, by=by, now=now)
        return _open_to_all(draft, pilot, by, now)
    except ProcedureError as error:
        raise NotReady(str(error)) from error


@transaction.atomic
def _open_to_all(draft: ProcedureDraft, pilot: Offering, by: Person, now: datetime) -> Offering:
    opened = open_to_all(offering=pilot, by=by, now=now)
    _tell_who_asked(draft, opened, None, now)
    return opened


def _refuse_unseen(draft: ProcedureDraft, revision: int, digest: str | None) -> None:
    if draft.revision != revision or digest not in (None, reviewing.digest_of(draft)):
        raise NotReady(_("Alguien cambió el trámite mientras lo revisabas. Mira los cambios y publica otra vez."))


def _play_tests(draft: ProcedureDraft, now: datetime) -> None:
    """Outside any transaction: the process that plays them writes in the same database."""
    try:
        run_stale(draft=draft, now=now)
    except RehearsalFailed as error:
        raise NotReady(str(error)) from error
