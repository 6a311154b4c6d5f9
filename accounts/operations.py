"""Writes: persons, posts, powers."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounts.errors import AbsenceRefused
from accounts.models import DECLARED, Absence, Agency, Grant, Mandate, Membership, Organisation, Person, Role, User
from accounts.numbers import InvalidRun, normalise_run, normalise_rut
from accounts.queries import is_named_otherwise, memberships_of, run_context, run_index, whose_absences
from accounts.vault import blind_index, seal
from audit.api import append_to_stream


def get_or_create_person(run: str, given_names: str, family_names: str = "") -> Person:
    """The person with this RUN, in any spelling; made with these names when new. Raises InvalidRun."""
    number, _, digit = normalise_run(run).partition("-")
    return keep_person(number=int(number), digit=digit, given_names=given_names, family_names=family_names)


def keep_person(*, number: int, digit: str, given_names: str, family_names: str) -> Person:
    """The person keyed by the number of a RUN (R37); the digit is kept as its source says, not recomputed."""
    index = run_index(number)
    sealed = seal(f"{number}-{digit.upper()}".encode(), run_context(index))
    names = {"given_names": given_names, "family_names": family_names}
    person, _created = Person.objects.get_or_create(run_index=index, defaults={"run_sealed": sealed, **names})
    return person


def keep_email(*, person: Person, email: str, proved_at: datetime | None) -> None:
    """Keep the address at which the person wants to be told of what concerns them, as they proved; empty for none."""
    Person.objects.filter(pk=person.pk).update(email=email, email_verified_at=proved_at)


def keep_language(*, person: Person, language: str) -> None:
    """Keep in which language the person wants to read what is written to them."""
    Person.objects.filter(pk=person.pk).exclude(language=language).update(language=language)


@transaction.atomic
def wear_emblem(*, agency: Agency, sha256: str, by: Person, now: datetime) -> None:
    """Put the picture with this digest beside the agency's name on its documents from now on; empty for none."""
    if agency.emblem == sha256:
        return
    agency.emblem = sha256
    agency.save(update_fields=["emblem"])
    append_to_stream(
        stream=f"publishing:{agency.pk}", kind="agency.emblem", actor=f"person:{by.pk}", at=now,
        body={"sha256": sha256},
    )  # fmt: skip


def keep_declared_person(*, key: str) -> Person:
    """Somebody who only says who they are, as a law lets them. Nothing else is ever found under this person.

    `key` is a secret of the one application that they fill in.
    """
    return keep_foreign_person(kind=DECLARED, country="", number=key, given_names="", family_names="")


def name_declared_person(*, person: Person, name: str, email: str) -> None:
    """Keep what the person said of themselves."""
    person.given_names, person.email = name[:120], email
    person.save(update_fields=["given_names", "email"])


def forget_declared_person(*, person: Person) -> int:
    """Remove somebody who began to say who they are and never did; 1, or 0 when they did, or something names them."""
    try:
        with transaction.atomic():
            gone, _what = Person.objects.filter(pk=person.pk, document_kind=DECLARED, given_names="").delete()
    except ProtectedError:
        return 0
    return min(gone, 1)


def keep_foreign_person(*, kind: str, country: str, number: str, given_names: str, family_names: str) -> Person:
    """The person with an identity document that is no RUN, such as a passport; made with these names when new.

    `country` is the two-letter code of who issued it. Raises InvalidRun for an empty number.
    """
    written = "".join(char for char in number.upper() if char.isalnum())
    if not written:
        raise InvalidRun(_("Escribe el número del documento."))
    index = blind_index(f"{country}:{kind}:{written}", "person.document")
    names = {"given_names": given_names, "family_names": family_names}
    sealed = seal(written.encode(), f"accounts_person.document:{index}")
    values = {"document_kind": kind, "document_country": country, "document_sealed": sealed, **names}
    person, _created = Person.objects.get_or_create(document_index=index, defaults=values)
    return person


def keep_organisation(*, rut: str, name: str) -> Organisation:
    """The company or organisation with this RUT, in any spelling; made with this name when new. Raises InvalidRut."""
    found, _created = Organisation.objects.get_or_create(rut=normalise_rut(rut), defaults={"name": name})
    return found


@transaction.atomic
def update_names(*, person: Person, given_names: str, family_names: str) -> Person:
    """Writes the names that the identity provider vouches for over those we had."""
    if (person.given_names, person.family_names) != (given_names, family_names):
        person.given_names, person.family_names = given_names, family_names
        person.save(update_fields=["given_names", "family_names"])
    _compare_names(person)
    return person


def _compare_names(person: Person) -> None:
    """Whether the powers given to a RUN are of whom it is: at their first sign-in, and later for those that were not.

    Whoever changes names keeps the powers that they have, and gets by it those given by the new ones.
    """
    powers = person.mandates_held.filter(revoked_at=None).exclude(given_names="", family_names="")
    if User.objects.filter(person=person).exists():
        powers = powers.filter(is_misnamed=True)
    for power in powers:
        power.is_misnamed = is_named_otherwise(person, power.given_names, power.family_names)
        power.save(update_fields=["is_misnamed"])


@transaction.atomic
def appoint(*, person: Person, role: Role, post: str, starts_on: date, by: str, now: datetime) -> Membership:
    """Gives a role to a person from a day on; does nothing while the person holds it."""
    membership, is_new = Membership.objects.get_or_create(
        person=person, role=role, ends_on=None, defaults={"post": post, "starts_on": starts_on}
    )
    if is_new:
        body = {"membership": membership.pk, "role": role.pk, "starts_on": starts_on.isoformat()}
        _tell(f"roles:{role.unit.agency_id}", "role.given", by, now, body)
        for told in _appointed:
            told(role, now)
    return membership


_appointed: list[Callable[[Role, datetime], None]] = []


def on_appointed(told: Callable[[Role, datetime], None]) -> None:
    """`told(role, now)` runs in the transaction that gives a role to somebody: a higher room may wait for that."""
    _appointed.append(told)


@transaction.atomic
def dismiss(*, membership: Membership, ends_on: date, by: str, now: datetime) -> Membership:
    """Ends a post on a day, the last one included; one that begins later is never held, and only the log keeps it."""
    pk, role = membership.pk, membership.role
    membership.ends_on = ends_on
    if ends_on >= membership.starts_on:
        membership.save(update_fields=["ends_on"])
    else:
        _undo(membership)
    body = {"membership": pk, "role": role.pk, "ends_on": ends_on.isoformat()}
    _tell(f"roles:{role.unit.agency_id}", "role.ended", by, now, body)
    return membership


def _undo(post: Membership) -> None:
    """Remove a post that was not to be; where records of today name it, it is over and they keep it."""
    try:
        with transaction.atomic():
            Membership.objects.filter(pk=post.pk).delete()
    except ProtectedError:
        post.starts_on = post.ends_on  # type: ignore[assignment]  # no day before it was held: nothing was done on it
        post.save(update_fields=["starts_on", "ends_on"])


@transaction.atomic
def note_absence(
    *, person: Person, starts_on: date, ends_on: date, substitute: Person | None, by: Person | None, now: datetime
) -> Absence:
    """Note that an official is away, both days included; the substitute holds their posts on those days.

    Raises AbsenceRefused for days in the wrong order, days already noted, a substitute who is the same person or away
    too, and whoever would get by it permissions that they lack (Ley 19.880 art. 12).
    """
    if ends_on < starts_on:
        raise AbsenceRefused(_("La ausencia termina antes de empezar. Corrige las fechas."))
    if _away(person, starts_on, ends_on):
        raise AbsenceRefused(_("Ya hay una ausencia anotada en esos días."))
    if substitute is not None and (substitute == person or _away(substitute, starts_on, ends_on)):
        raise AbsenceRefused(_("Quien subroga debe ser otra persona que no esté ausente en esos días."))
    posts = list(memberships_of(person, starts_on))
    if (
        substitute is not None
        and substitute == by
        and _permissions(posts) - _permissions(memberships_of(by, starts_on))
    ):
        raise AbsenceRefused(_("Sus cargos te darían permisos que no tienes: que la anote esa persona, u otra."))
    made = Absence.objects.create(
        person=person, starts_on=starts_on, ends_on=ends_on, substitute=substitute, noted_by=by, noted_at=now
    )
    if substitute is not None:
        _substitute(substitute, posts, made)
    _tell_agencies(made, posts, "absence.noted", by, now)
    return made


def _permissions(posts: Iterable[Membership]) -> set[tuple[int, str]]:
    """What posts let do, by agency."""
    roles = [post.role_id for post in posts]
    return set(Grant.objects.filter(role__in=roles).values_list("role__unit__agency", "capability"))


def _tell_agencies(
    absence: Absence, posts: Iterable[Membership], kind: str, by: Person | None, now: datetime, reason: str = ""
) -> None:
    """Write what became of an absence in the log of each agency whose posts it leaves."""
    starts_on, ends_on = absence.starts_on.isoformat(), absence.ends_on.isoformat()
    body: dict[str, object] = {"absence": absence.pk, "starts_on": starts_on, "ends_on": ends_on}
    for agency_id in {post.role.unit.agency_id for post in posts}:
        actor = f"person:{by.pk}" if by else "system:command"
        _tell(f"roles:{agency_id}", kind, actor, now, body, {"reason": reason} if reason else None)


@transaction.atomic
def shorten_absence(*, absence: Absence, ends_on: date, reason: str, by: Person, today: date, now: datetime) -> Absence:
    """End an absence on an earlier day, yesterday at the earliest: from the next day on the person is back.

    Who substitutes leaves the posts on the same day. Raises AbsenceRefused for whoever may not change it, without a
    reason or for a day that makes no sense.
    """
    current = Absence.objects.select_for_update(of=("self",)).select_related("person").get(pk=absence.pk)
    _refuse_others(current.person, by, today)
    if not reason.strip():
        raise AbsenceRefused(_("Escribe por qué termina antes."))
    if ends_on >= current.ends_on:
        raise AbsenceRefused(_("Ese día no es antes del que estaba anotado. Para más días, anota otra ausencia."))
    if ends_on < current.starts_on:
        raise AbsenceRefused(_("No puede terminar antes de empezar. Si empieza hoy o después, déjala sin efecto."))
    if ends_on < today - timedelta(days=1):
        raise AbsenceRefused(_("Esos días ya pasaron: el último día puede ser ayer, hoy o uno que venga."))
    posts = list(memberships_of(current.person, current.starts_on))
    current.ends_on, current.change_reason = ends_on, reason.strip()[:300]
    current.changed_by, current.changed_at = by, now
    current.save(update_fields=["ends_on", "change_reason", "changed_by", "changed_at"])
    current.substitutions.filter(ends_on__gt=ends_on).update(ends_on=ends_on)
    _tell_agencies(current, posts, "absence.shortened", by, now, reason.strip())
    return current


@transaction.atomic
def withdraw_absence(*, absence: Absence, reason: str, by: Person, today: date, now: datetime) -> None:
    """Leave without effect an absence that begins today at the earliest: nobody substitutes. The log keeps its reason.

    Raises AbsenceRefused for whoever may not change it, without a reason, or once it began.


    Whoever acted as substitute today holds the posts until tonight. Raises AbsenceRefused without a reason, or once it
    began on an earlier day.
    """
    current = Absence.objects.select_for_update(of=("self",)).select_related("person").get(pk=absence.pk)
    _refuse_others(current.person, by, today)
    if not reason.strip():
        raise AbsenceRefused(_("Escribe por qué queda sin efecto."))
    if current.starts_on < today:
        raise AbsenceRefused(_("La ausencia empezó antes de hoy. Cambia su último día."))
    posts = list(memberships_of(current.person, current.starts_on))
    _tell_agencies(current, posts, "absence.withdrawn", by, now, reason.strip())
    for post in current.substitutions.all():
        _leave(post, today)
    current.delete()


def _refuse_others(person: Person, by: Person, today: date) -> None:
    if not whose_absences(by, today).filter(pk=person.pk).exists():
        raise AbsenceRefused(_("La cambia esa persona, o quien vigila los trabajos de su institución."))


def _leave(post: Membership, today: date) -> None:
    """Remove the post of a substitute; one that records of today name ends today."""
    try:
        with transaction.atomic():
            post.delete()
    except ProtectedError:
        post.ends_on, post.absence = today, None
        post.save(update_fields=["ends_on", "absence"])


def _substitute(substitute: Person, posts: list[Membership], absence: Absence) -> None:
    held = {post.role_id for post in memberships_of(substitute, absence.starts_on)}
    Membership.objects.bulk_create(
        Membership(
            person=substitute,
            role=post.role,
            post=f"{post.post} (S)"[:200],
            starts_on=absence.starts_on,
            ends_on=absence.ends_on,
            absence=absence,
        )
        for post in posts
        if post.role_id not in held
    )


def _away(person: Person, starts_on: date, ends_on: date) -> bool:
    return person.absences.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).exists()


@transaction.atomic
def register_mandate(
    *,
    grantor: Person | Organisation,
    representative: Person,
    starts_on: date,
    ends_on: date | None = None,
    scope: str = "",
    is_solemn: bool = False,
    governs: bool = False,
    named: tuple[str, str] = ("", ""),
    by: str,
    now: datetime,
) -> Mandate:
    """Registers a power (Ley 19.880 art. 22; D10 35.1). Without a `scope` it covers every procedure.

    `named`: given and family names that its giver wrote with the RUN. Nobody acts by it where ClaveÚnica named its
    holder otherwise, and the giver is not told so, or they would learn whose a RUN is.
    """
    is_known = User.objects.filter(person=representative).exists()
    mandate = Mandate.objects.create(
        grantor_person=grantor if isinstance(grantor, Person) else None,
        grantor_organisation=grantor if isinstance(grantor, Organisation) else None,
        representative=representative,
        is_solemn=is_solemn,
        governs=governs,
        given_names=named[0],
        family_names=named[1],
        is_misnamed=is_known and is_named_otherwise(representative, *named),
        scope=scope,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    _tell("mandates", "mandate.registered", by, now, {"mandate": mandate.pk, "scope": scope, "solemn": is_solemn})
    return mandate


@transaction.atomic
def revoke_mandate(*, mandate: Mandate, by: str, now: datetime, seen: dict[str, object] | None = None) -> Mandate:
    """Ends a power at once; a revoked one stays revoked. `seen`: what an official saw who did it for its giver."""
    if mandate.revoked_at is None:
        mandate.revoked_at = now
        mandate.save(update_fields=["revoked_at"])
        _tell("mandates", "mandate.revoked", by, now, {"mandate": mandate.pk, **(seen or {})})
    return mandate


def _tell(
    stream: str, kind: str, by: str, now: datetime, body: dict[str, object], personal: dict[str, object] | None = None
) -> None:
    append_to_stream(stream=stream, kind=kind, actor=by, at=now, body=body, personal=personal)
