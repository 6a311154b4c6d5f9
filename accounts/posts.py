"""Writes about an agency, its units and its posts (cargos): kept, closed, given and ended. All stand in its log."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.errors import PostRefused
from accounts.models import Agency, AgencyCapability, Grant, Membership, Person, Role, Unit
from accounts.operations import appoint, dismiss
from accounts.queries import has_capability, in_force
from audit.api import append_to_stream

ADMINISTER = AgencyCapability.ADMINISTER
NEW, CHANGED, SAME = "new", "changed", ""
MOST_LETTERS = 40


@transaction.atomic
def keep_agency(*, code: str, values: Mapping[str, str], by: str, now: datetime) -> tuple[Agency, str]:
    """The agency with that code and these columns, made or changed: NEW, CHANGED or SAME."""
    agency, is_new = Agency.objects.select_for_update(no_key=True).get_or_create(code=code, defaults=dict(values))
    changed = [name for name, value in values.items() if getattr(agency, name) != value]
    for name in changed:
        setattr(agency, name, values[name])
    if changed:
        agency.save(update_fields=changed)
    return agency, _told(agency, is_new, changed, "agency", {"code": code}, by, now)


@transaction.atomic
def keep_unit(*, agency: Agency, code: str, name: str, by: str, now: datetime) -> tuple[Unit, str]:
    """The unit with that code and name, made, renamed or opened again."""
    unit, is_new = Unit.objects.get_or_create(agency=agency, code=code, defaults={"name": name})
    changed = [] if unit.name == name and unit.closed_at is None else ["name", "closed_at"]
    if changed:
        unit.name, unit.closed_at = name, None
        unit.save(update_fields=changed)
    return unit, _told(agency, is_new, changed, "unit", {"unit": unit.pk}, by, now)


@transaction.atomic
def keep_role(*, unit: Unit, code: str, name: str, may: Collection[str], by: str, now: datetime) -> tuple[Role, str]:
    """The post with that code, name and capabilities, made, changed or opened again.

    Raises PostRefused where nobody would administer the agency any more.
    """
    role, is_new = Role.objects.get_or_create(unit=unit, code=code, defaults={"name": name})
    had = set(role.grants.values_list("capability", flat=True))
    if ADMINISTER in had - set(may):
        _refuse_last(unit.agency, Membership.objects.filter(role=role), by, now.date())
    changed = [] if (role.name, role.closed_at, had) == (name, None, set(may)) else ["name", "closed_at"]
    if changed:
        role.name, role.closed_at = name, None
        role.save(update_fields=changed)
        role.grants.exclude(capability__in=may).delete()
        Grant.objects.bulk_create(Grant(role=role, capability=one) for one in sorted(set(may) - had))
    return role, _told(unit.agency, is_new, changed, "role", {"role": role.pk, "may": sorted(may)}, by, now)


@transaction.atomic
def change_role(*, role: Role, name: str, may: Collection[str], by: Person, today: date, now: datetime) -> None:
    """Rename or open a post, or change what it lets do: nobody adds to one of their own. Raises PostRefused."""
    _refuse_strangers(role.unit.agency, by, today)
    added = set(may) - set(role.grants.values_list("capability", flat=True))
    if added and Membership.objects.filter(role=role, person=by).exclude(ends_on__lt=today).exists():  # or will hold
        raise PostRefused(_("Nadie agrega permisos a un cargo suyo: pídelo a otra persona que administre."))
    keep_role(unit=role.unit, code=role.code, name=name, may=may, by=f"person:{by.pk}", now=now)


def new_code(name: str, taken: Collection[str]) -> str:
    """A code made of a name that none of the others has."""
    plain = slugify(name)[: MOST_LETTERS - 4].strip("-").replace("_", "-") or "sin-nombre"
    return next(
        code for number in range(1, 1000) if (code := plain if number == 1 else f"{plain}-{number}") not in taken
    )


@transaction.atomic
def give_post(
    *, person: Person, role: Role, post: str, starts_on: date, by: Person, today: date, now: datetime
) -> None:
    """Give a post in the browser: as `appoint`, by whoever administers the agency, and to nobody by themselves.

    Raises PostRefused.
    """
    _refuse_strangers(role.unit.agency, by, today)
    if role.closed_at is not None:
        raise PostRefused(_("Este cargo está cerrado. Ábrelo antes de dárselo a alguien."))
    if person == by:
        raise PostRefused(
            _("Nadie se da un cargo: pídelo a otra persona que administre, o a quien opera la plataforma.")
        )
    held = Membership.objects.filter(in_force(max(starts_on, today)), person=person, role=role)
    if held.exists() or Membership.objects.filter(person=person, role=role, ends_on=None).exists():
        raise PostRefused(_("Esa persona ya tiene este cargo."))
    appoint(person=person, role=role, post=post, starts_on=starts_on, by=f"person:{by.pk}", now=now)


@transaction.atomic
def end_posts(*, posts: Collection[Membership], ends_on: date, by: Person, today: date, now: datetime) -> None:
    """End posts on a day, yesterday at the earliest: then whoever held them may do nothing more from now on.

    Raises PostRefused for whoever does not administer, days that make no sense, and the last who administers.
    """
    for post in posts:
        _refuse_strangers(post.role.unit.agency, by, today)
        if ends_on < today - timedelta(days=1):
            raise PostRefused(_("Ese día ya pasó: el último día puede ser ayer, hoy o uno que venga."))
    for agency in {post.role.unit.agency for post in posts}:
        leaving = Membership.objects.filter(pk__in=[post.pk for post in posts])
        _refuse_last(agency, leaving, f"person:{by.pk}", ends_on + timedelta(days=1))
    for post in posts:
        if post.ends_on is None or post.ends_on > ends_on:
            dismiss(membership=post, ends_on=ends_on, by=f"person:{by.pk}", now=now)


@transaction.atomic
def close_role(*, role: Role, by: Person, today: date, now: datetime) -> None:
    """Close a post: whoever holds it leaves it today, and nobody else is given it. Raises PostRefused."""
    _refuse_strangers(role.unit.agency, by, today)
    held = list(_still_held(role, today))
    end_posts(posts=held, ends_on=today, by=by, today=today, now=now)
    role.closed_at = now
    role.save(update_fields=["closed_at"])
    _told(role.unit.agency, False, ["closed"], "role", {"role": role.pk, "closed": True}, f"person:{by.pk}", now)


@transaction.atomic
def close_unit(*, unit: Unit, by: Person, today: date, now: datetime) -> None:
    """Close a unit whose posts are all closed. Raises PostRefused."""
    _refuse_strangers(unit.agency, by, today)
    if unit.roles.filter(closed_at=None).exists():
        raise PostRefused(_("Cierra antes cada uno de sus cargos."))
    unit.closed_at = now
    unit.save(update_fields=["closed_at"])
    _told(unit.agency, False, ["closed"], "unit", {"unit": unit.pk, "closed": True}, f"person:{by.pk}", now)


def _still_held(role: Role, on: date) -> list[Membership]:
    found = Membership.objects.filter(role=role).exclude(ends_on__lte=on)
    return list(found.select_related("role__unit__agency").order_by("pk"))


def _refuse_strangers(agency: Agency, by: Person, on: date) -> None:
    if not has_capability(by, agency, ADMINISTER, on):
        raise PostRefused(_("Esto lo hace quien administra las unidades y cargos de la institución."))


def _refuse_last(agency: Agency, leaving: object, by: str, on: date) -> None:
    """Refuse to leave an agency without anybody who goes on administering it; whoever runs the platform may.

    Who substitutes does so for some days, and who is known to leave does not stay.
    """
    if not by.startswith("person:"):
        return
    Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)  # two who end each other's post take turns
    held = Membership.objects.filter(
        in_force(on), role__unit__agency=agency, role__grants__capability=ADMINISTER, role__closed_at=None
    )
    others = held.filter(ends_on=None).exclude(pk__in=leaving.values("pk"))  # type: ignore[attr-defined]
    if held.filter(pk__in=leaving.values("pk")).exists() and not others.exists():  # type: ignore[attr-defined]
        raise PostRefused(_("Nadie más administra esta institución. Dale antes ese cargo a otra persona."))


def _told(
    agency: Agency, is_new: bool, changed: Collection[str], what: str, body: dict[str, object], by: str, now: datetime
) -> str:
    """Write what was made or changed in the agency's log; which of both it was."""
    if is_new or changed:
        kind = f"{what}.made" if is_new else f"{what}.changed"
        append_to_stream(stream=f"roles:{agency.pk}", kind=kind, actor=by, at=now, body=body)
    return NEW if is_new else CHANGED if changed else SAME
