"""Persons, organisations, agencies, units, roles and mandates. A RUN lives only here."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy


class Agency(models.Model):
    """A body of the Administration (órgano). Every row bound to a case carries one."""

    code = models.SlugField(max_length=40, unique=True)
    """Short code in addresses and flow names: letters, digits and hyphens, no double underscore."""
    body_code = models.CharField(max_length=20, blank=True, default="")
    """Code of the body in the State's code manager (GESCODE, D10 8)."""
    name = models.CharField(max_length=200)
    rut = models.CharField(max_length=12, blank=True, default="")
    commune = models.CharField(max_length=5)
    """Five-digit code of the commune of its seat: decides the holidays that count."""
    time_zone = models.CharField(max_length=40, default="America/Santiago")
    address = models.CharField(max_length=200, blank=True, default="")
    phone = models.CharField(max_length=30, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    office_hours = models.CharField(max_length=200, blank=True, default="")
    emblem = models.CharField(max_length=64, blank=True, default="")
    """SHA-256 of the picture beside its name on documents; empty for none."""

    class Meta:
        verbose_name_plural = "agencies"
        constraints = [models.CheckConstraint(name="agency_code_plain", condition=~Q(code__contains="__"))]

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """A unit of an agency: Rentas, Obras, Alcaldía."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="units")
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=200)
    closed_at = models.DateTimeField(null=True)
    """Since when nothing new is given to it; what it did stays under its name."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "code"], name="one_unit_per_code")]

    def __str__(self) -> str:
        return self.name


DECLARED = "declared"
"""Kind of document of somebody who only says who they are, where a law asks no more (Ley 20.285 art. 12)."""


class Person(models.Model):
    """A natural person, with a RUN or another identity document.

    The RUN is stored encrypted (`run_sealed`) and found by a keyed blind index (`run_index`).
    """

    run_sealed = models.BinaryField(null=True)
    run_index = models.CharField(max_length=64, null=True, unique=True)
    document_kind = models.CharField(max_length=20, blank=True, default="")
    document_country = models.CharField(max_length=2, blank=True, default="")
    document_sealed = models.BinaryField(null=True)
    document_index = models.CharField(max_length=64, null=True, unique=True)
    given_names = models.CharField(max_length=120)
    family_names = models.CharField(max_length=120, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    email_verified_at = models.DateTimeField(null=True)
    phone = models.CharField(max_length=30, blank=True, default="")
    language = models.CharField(max_length=8, blank=True, default="")
    """In which language they want to read what is written to them; empty while they never chose one."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="person_has_run_or_document",
                condition=Q(run_index__isnull=False) | Q(document_index__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def is_declared(self) -> bool:
        """Whether nobody checked who this is."""
        return self.document_kind == DECLARED

    @property
    def full_name(self) -> str:
        """Given names then family names, as on the identity card."""
        return f"{self.given_names} {self.family_names}".strip()


class Organisation(models.Model):
    """A legal person, keyed by its RUT (public data, so not encrypted)."""

    rut = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Users have no password: identity comes from the provider."""

    def create_for(self, person: Person) -> "User":
        """The account of `person`, made without a usable password."""
        user = self.model(person=person, username=f"p{person.pk}")
        user.set_unusable_password()
        user.save()
        return user


class User(AbstractBaseUser):
    """The account through which a person signs in."""

    username = models.CharField(max_length=40, unique=True)
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="user")
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "username"
    objects = UserManager()

    def __str__(self) -> str:
        return str(self.person)


class Role(models.Model):
    """What people of a unit may do: Revisor de Rentas, Alcaldesa. Procedures bind their role slots to roles."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="roles")
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=200)
    closed_at = models.DateTimeField(null=True)
    """Since when nobody is given it and no procedure may be published with it."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "code"], name="one_role_per_code")]

    def __str__(self) -> str:
        return f"{self.name}, {self.unit}"


class Membership(models.Model):
    """A person holds a role from a day to a day (both included; no end while in office)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="memberships")
    post = models.CharField(max_length=200)
    """The post (cargo) written below a signature: "Alcaldesa", "Secretario Municipal (S)"."""
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    absence = models.ForeignKey("Absence", null=True, on_delete=models.PROTECT, related_name="substitutions")
    """The absence during which a substitute holds it; it ends when that ends."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "role"], condition=Q(ends_on=None), name="one_open_membership"),
            models.CheckConstraint(
                name="membership_ends_after_start", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.post}"


class Absence(models.Model):
    """An official is away from a day to a day, both included; a substitute (subrogante) may hold their posts."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="absences")
    starts_on = models.DateField()
    ends_on = models.DateField()
    substitute = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    noted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField()
    change_reason = models.CharField(max_length=300, blank=True, default="")
    """Why it ended before the day noted at first; empty while it was not changed."""
    changed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="absence_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.starts_on} a {self.ends_on}"


class AgencyCapability(models.TextChoices):
    """What a membership may let a person do besides holding role slots."""

    DESIGN = "design", gettext_lazy("diseñar trámites")
    PUBLISH = "publish", gettext_lazy("publicar trámites")
    COUNTER = "counter", gettext_lazy("atender el mesón")
    OPERATE = "operate", gettext_lazy("ver y reintentar trabajos")
    MODERATE = "moderate", gettext_lazy("moderar la participación")
    POWERS = "powers", gettext_lazy("comprobar poderes")
    ORDER = "order", gettext_lazy("dictar órdenes de despacho de su unidad")
    ADMINISTER = "administer", gettext_lazy("administrar unidades y cargos")


class Grant(models.Model):
    """A capability of a role in its agency."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="grants")
    capability = models.CharField(max_length=20, choices=AgencyCapability)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "capability"], name="one_grant_per_capability")]

    def __str__(self) -> str:
        return f"{self.role}: {self.capability}"


class Mandate(models.Model):
    """A power (poder) by which a representative acts for a person or an organisation (Ley 19.880 art. 22)."""

    grantor_person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="mandates_given")
    grantor_organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="mandates")
    representative = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="mandates_held")
    is_solemn = models.BooleanField(default=False)
    """Whether it stands in a public deed or a document with advanced signature (R43)."""
    governs = models.BooleanField(default=False)
    """Whether its holder gives and takes back powers in the grantor's name, like a legal representative."""
    scope = models.CharField(max_length=200, blank=True, default="")
    """Code of the one procedure it covers; empty for all."""
    given_names = models.CharField(max_length=120, blank=True, default="", db_default="")
    family_names = models.CharField(max_length=120, blank=True, default="", db_default="")
    """How whoever gave it named its holder; empty where a document did."""
    is_misnamed = models.BooleanField(default=False, db_default=False)
    """Whether the RUN is of somebody with none of those names, by what ClaveÚnica says: then nobody acts by it."""
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="mandate_has_one_grantor",
                condition=Q(grantor_person__isnull=True, grantor_organisation__isnull=False)
                | Q(grantor_person__isnull=False, grantor_organisation__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.representative} por {self.grantor}"

    @property
    def grantor(self) -> Person | Organisation:
        """Whoever gave it."""
        given_by = self.grantor_person or self.grantor_organisation
        assert given_by is not None  # the database holds it to one of the two
        return given_by


class SignInRecord(models.Model):
    """One authenticated access (D9 13): who, when in UTC, through which provider."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sign_ins")
    at = models.DateTimeField()
    issuer = models.CharField(max_length=200)
    auth_time = models.DateTimeField()
    id_token_sha256 = models.CharField(max_length=64)
    id_token_sealed = models.BinaryField()
    purpose = models.CharField(max_length=20)
    """"session" for an ordinary sign-in, "signature" for the fresh one before a signing act."""

    def __str__(self) -> str:
        return f"{self.user} {self.at:%d/%m/%Y %H:%M}"


class SigningIntent(models.Model):
    """What a person is about to sign: single use, expires, bound to the hash of what was shown."""

    nonce = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    purpose = models.CharField(max_length=60)
    """Key of the registered continuation: "workflows.file_application", "workflows.sign_act"."""
    subject = models.CharField(max_length=80)
    """What is signed: the public ref of a draft, or "task:<id>"."""
    shown_sha256 = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)
    """Evidence of intent: when it was shown, when the declaration was checked, the button's words."""
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    sign_in = models.ForeignKey(SignInRecord, null=True, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return f"{self.purpose} {self.subject}"
