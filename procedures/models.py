"""Procedures, their immutable versions, the offerings that put a version before the public, and the catalogue."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Agency, Person, Role, Unit
from procedures.rules import is_invited


class Procedure(models.Model):
    """A trámite as its owner agency identifies it; the content lives in its versions."""

    owner = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="procedures")
    code = models.SlugField(max_length=60)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "code"], name="one_procedure_per_owner_and_code"),
            models.CheckConstraint(name="procedure_code_plain", condition=~Q(code__contains="__")),
        ]

    def __str__(self) -> str:
        return self.code


class ProcedureVersion(models.Model):
    """One published bundle: immutable, stored as the canonical bytes under their SHA-256."""

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    schema_version = models.PositiveSmallIntegerField()
    canonical = models.BinaryField()
    """RFC 8785 bytes of the bundle, exactly as published."""
    sha256 = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    diagram_svg = models.TextField(blank=True, default="")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT)
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["procedure", "number"], name="one_version_per_number"),
            models.UniqueConstraint(fields=["procedure", "sha256"], name="one_version_per_content"),
        ]

    def __str__(self) -> str:
        return f"{self.procedure} v{self.number}"


class Offering(models.Model):
    """An agency offers a version from a day to a day (both included), with its own people and letterhead."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="offerings")
    version = models.ForeignKey(ProcedureVersion, on_delete=models.PROTECT, related_name="offerings")
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)
    pilot_share = models.PositiveSmallIntegerField(null=True)
    """Only this part of the people (per cent) is offered it, beside what all others are; None: it is for all."""
    pilot_unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    """In a pilot, the office at whose counter everybody is offered it."""
    letterhead = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "version"], name="one_offering_per_version"),
            models.CheckConstraint(
                name="offering_ends_after_start",
                condition=Q(effective_to=None) | Q(effective_to__gte=F("effective_from")),
            ),
            models.CheckConstraint(
                name="offering_pilot_share_possible", condition=Q(pilot_share=None) | Q(pilot_share__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency}: {self.version}"

    @property
    def is_pilot(self) -> bool:
        """Whether only some are offered it."""
        return self.pilot_share is not None

    def invites(self, person_id: int | None, unit_id: int | None) -> bool:
        """Whether a pilot is offered to a person, or to whoever is attended at the counter of an office."""
        if unit_id is not None and unit_id == self.pilot_unit_id:
            return True
        return person_id is not None and is_invited(pilot=self.pk, share=self.pilot_share or 0, person=person_id)


class RoleBinding(models.Model):
    """Which role of the agency fills a role slot of the bundle."""

    offering = models.ForeignKey(Offering, on_delete=models.CASCADE, related_name="role_bindings")
    slot = models.CharField(max_length=60)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="bindings")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["offering", "slot"], name="one_role_per_slot")]

    def __str__(self) -> str:
        return f"{self.slot} = {self.role}"


class Institution(models.Model):
    """A body that the catalogue names; it has an `agency` once it works with this platform."""

    code = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    agency = models.OneToOneField(Agency, null=True, on_delete=models.PROTECT, related_name="institution")

    def __str__(self) -> str:
        return self.name


class LifeEvent(models.TextChoices):
    """The moment of life in which somebody looks for a procedure."""

    FAMILY = "family", _("Tener o cuidar una familia")
    STUDY = "study", _("Estudiar")
    WORK = "work", _("Trabajar")
    BUSINESS = "business", _("Abrir o llevar un negocio")
    HOME = "home", _("Construir o arreglar una vivienda")
    VEHICLE = "vehicle", _("Tener un vehículo y manejar")
    HEALTH = "health", _("Cuidar la salud")
    RETIREMENT = "retirement", _("Jubilar o tener una discapacidad")
    SUPPORT = "support", _("Pedir una ayuda social")
    COMMUNITY = "community", _("Organizarse y participar")
    RIGHTS = "rights", _("Pedir información y ejercer derechos")
    IDENTITY = "identity", _("Identidad y antecedentes")
    STATE = "state", _("Tratar con el Estado como institución")


class Online(models.TextChoices):
    """Where a procedure is done today."""

    HERE = "here", _("En línea, en este sitio")
    ELSEWHERE = "elsewhere", _("En línea, en otro sitio")
    PARTLY = "partly", _("Una parte en línea")
    PAPER = "paper", _("En persona o en papel")
    UNKNOWN = "unknown", _("No sabemos si se hace en línea")


class CatalogueEntry(models.Model):
    """The ficha of a procedure, digital or not, in plain language. Empty means that its source does not say."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="entries")
    code = models.SlugField(max_length=80)
    cpat_code = models.CharField(max_length=40, blank=True, default="")
    name = models.CharField(max_length=200)
    summary = models.CharField(max_length=500, blank=True, default="")
    life_event = models.CharField(max_length=12, choices=LifeEvent, blank=True, default="")
    kind = models.CharField(max_length=80, blank=True, default="")
    """What it gives, as the source classes it: "Certificado/Constancia"."""
    audience = models.TextField(blank=True, default="")
    requirements = models.JSONField(default=list)
    """Lines of text."""
    steps = models.JSONField(default=list)
    """How it is done today, one line for each step."""
    cost = models.CharField(max_length=300, blank=True, default="")
    response = models.CharField(max_length=300, blank=True, default="")
    """How long the answer takes."""
    place = models.CharField(max_length=200, blank=True, default="")
    """The region or commune that it is for; empty for the whole country."""
    channels = models.CharField(max_length=300, blank=True, default="")
    """Where and how people do it today."""
    legal_basis = models.TextField(blank=True, default="")
    level = models.PositiveSmallIntegerField(null=True)
    """Level of digitalisation in the State's register, from 0 to 5."""
    yearly_volume = models.PositiveIntegerField(null=True)
    """How many are asked in a year."""
    keywords = models.JSONField(default=list)
    online = models.CharField(max_length=10, choices=Online, default=Online.UNKNOWN)
    external_url = models.URLField(max_length=500, blank=True, default="")
    procedure = models.ForeignKey(Procedure, null=True, on_delete=models.PROTECT, related_name="entries")
    """What this platform publishes of it."""
    source = models.CharField(max_length=300, blank=True, default="")
    remarks = models.JSONField(default=dict)
    """{column: text} of an import that has no place of its own or could not be read; nothing is lost. For staff."""
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "catalogue entries"
        constraints = [
            models.UniqueConstraint(fields=["institution", "code"], name="one_entry_per_institution_and_code"),
            models.CheckConstraint(name="entry_level_known", condition=Q(level=None) | Q(level__lte=5)),
        ]
        indexes = [models.Index(fields=["life_event", "name"]), models.Index(fields=["name"])]

    def __str__(self) -> str:
        return self.name


class CatalogueTerm(models.Model):
    """A stem by which an entry is found, and how much it says of it."""

    entry = models.ForeignKey(CatalogueEntry, on_delete=models.CASCADE, related_name="terms", db_index=False)
    stem = models.CharField(max_length=40)
    weight = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "stem"], name="one_term_per_entry")]
        indexes = [models.Index(fields=["stem", "entry", "weight"], name="entry_by_stem")]

    def __str__(self) -> str:
        return self.stem


class CatalogueWord(models.Model):
    """A word that some ficha uses, without accents: what a misspelt word is compared with."""

    word = models.CharField(max_length=40, unique=True)
    stem = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.word


class CatalogueImport(models.Model):
    """A file of fichas somebody sent: looked at first, applied when they say so."""

    name = models.CharField(max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    report = models.JSONField(default=list)
    """One item for each row once applied: line, outcome, name and what could not be read."""

    def __str__(self) -> str:
        return self.name


class HandOff(models.Model):
    """How many people went on to another site from a ficha on a day."""

    entry = models.ForeignKey(CatalogueEntry, on_delete=models.CASCADE, related_name="hand_offs")
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "day"], name="one_hand_off_count_per_day")]

    def __str__(self) -> str:
        return f"{self.entry} {self.day}: {self.count}"


class IndicatorValue(models.Model):
    """What one UF or UTM is worth in pesos from a day on."""

    class Code(models.TextChoices):
        UF = "uf", "UF"
        UTM = "utm", "UTM"

    code = models.CharField(max_length=3, choices=Code)
    day = models.DateField()
    pesos = models.DecimalField(max_digits=12, decimal_places=2)
    imported_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "day"], name="one_value_per_indicator_and_day")]

    def __str__(self) -> str:
        return f"{self.code} {self.day}"


class Handout(models.Model):
    """A form that staff hand out to be filled in, found by its digest. Never changed: versions name it for ever."""

    owner = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=100)
    content = models.BinaryField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "sha256"], name="one_handout_per_owner_and_content")]

    def __str__(self) -> str:
        return self.name


class ReferenceList(models.Model):
    """A long list that an agency keeps: schools, trades, models of vehicle. Its rows stand in its versions."""

    owner = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "code"], name="one_list_per_owner_and_code")]

    def __str__(self) -> str:
        return self.title


class ListVersion(models.Model):
    """The rows of a list as a file brought them. Once published they never change; before, nobody sees them."""

    reference = models.ForeignKey(ReferenceList, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(default=0)
    """Counted from 1 as versions are published; 0 until then."""
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    problems = models.JSONField(default=list)
    """What could not be read of the file, in words."""
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference", "number"], name="one_list_version_per_number"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} v{self.number}"


class ListEntry(models.Model):
    """A row of a version of a list."""

    version = models.ForeignKey(ListVersion, on_delete=models.CASCADE, related_name="entries")
    code = models.CharField(max_length=60)
    label = models.CharField(max_length=300)
    parent = models.CharField(max_length=60, blank=True, default="")
    """Code of the entry of the list above to which it belongs."""
    search = models.CharField(max_length=400)
    """Name and code in lower case without accents."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="one_list_entry_per_code")]
        indexes = [models.Index(fields=["version", "parent"], name="list_entry_by_parent")]

    def __str__(self) -> str:
        return self.label
