"""How a case runs: the case, its tasks, what was filed, who takes part, deadlines and incidents.

Case and CaseTask are viewflow's process and task over our own tables (docs/decisions/0001).
"""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from viewflow.workflow.models import AbstractProcess, AbstractTask

from accounts.models import Agency, Mandate, Organisation, Person, Role, Unit
from documents.models import Blob, Document, ElectronicFile
from procedures.models import Offering, ProcedureVersion


class Channel(models.TextChoices):
    """The door through which something was filed."""

    WEB = "web", gettext_lazy("en línea")
    COUNTER = "counter", gettext_lazy("mesón")
    PHONE = "phone", gettext_lazy("teléfono")
    PAPER = "paper", gettext_lazy("papel")
    OWN_MOTION = "own_motion", gettext_lazy("de oficio")
    LINKED = "linked", gettext_lazy("desde otro caso")
    DECLARED = "declared", gettext_lazy("en línea, sin ClaveÚnica")
    SYSTEM = "system", gettext_lazy("otro sistema")


class Draft(models.Model):
    """What a person is filling in. Its `ref` becomes the case's. Kept for 30 days after the last change."""

    ref = models.CharField(max_length=16, unique=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT)
    version = models.ForeignKey(ProcedureVersion, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="drafts")
    task = models.ForeignKey("CaseTask", null=True, on_delete=models.PROTECT, related_name="drafts")
    """The correction or other citizen task that this draft answers; NULL for a new application."""
    original = models.ForeignKey("Case", null=True, on_delete=models.PROTECT, related_name="+")
    """The case whose act this draft appeals against or asks to be clarified."""
    about = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="+")
    """That act."""
    party = models.ForeignKey("CaseParty", null=True, on_delete=models.PROTECT, related_name="+")
    """For whom of that case: who appeals, themselves or through who fills it in (art. 22)."""
    attendance = models.ForeignKey("Attendance", null=True, on_delete=models.PROTECT, related_name="drafts")
    """The attendance, at the counter or by phone, in which it is filled in; it is filed for the person attended."""
    taken_up_at = models.DateTimeField(null=True)
    """Since when an official goes on with what the person had begun; NULL for what began in the attendance."""
    helped_before = models.ForeignKey("Attendance", null=True, on_delete=models.PROTECT, related_name="+")
    """Its attendance, if any, before it was taken up; it is put back when the person gets the draft again."""
    mandate = models.ForeignKey(Mandate, null=True, on_delete=models.PROTECT, related_name="+")
    """The power by which `person` fills it in for somebody else."""
    step_id = models.CharField(max_length=60)
    answers = models.JSONField(default=dict)
    """{field id: value as stored}; values of sensitive fields are sealed strings."""
    typed = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    """{field id: what its control gave}: what is no answer yet, kept as it was typed; sealed as in `answers`."""
    set_aside = models.JSONField(default=list)
    """[{"label", "id", "sealed"}]: what was typed for questions that the version it went over to does not ask."""
    trail = models.JSONField(default=dict)
    """Seconds on each page and questions answered wrong, for figures of the form (workflows.trails)."""
    salt = models.BinaryField(max_length=16, default=bytes)
    """Keeps the hash of what was shown from being guessed back to the answers."""
    revision = models.PositiveIntegerField(default=0)
    locale = models.CharField(max_length=8, default="es")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    filed_at = models.DateTimeField(null=True)
    signing_since = models.DateTimeField(null=True)
    """Since when it waits for others to sign; nobody changes it meanwhile."""

    def __str__(self) -> str:
        return self.ref

    @property
    def is_closed(self) -> bool:
        """Whether its answers can no longer change: it was filed, or others are signing it."""
        return self.filed_at is not None or self.signing_since is not None

    @property
    def applicant(self) -> Person | Organisation:
        """For whom it is filed: whose appeal it is, who is attended, who gave the power, or who fills it in."""
        found = self.party.organisation or self.party.person if self.party is not None else None
        if found is not None:
            return found
        if self.attendance is not None:
            return self.attendance.person
        if self.mandate is not None:
            return self.mandate.grantor
        return self.person

    @property
    def is_at_counter(self) -> bool:
        """Whether an official is filling it in, at the counter or on the phone, not the person."""
        return self.attendance is not None and self.attendance.official_id == self.person_id


class DraftFile(models.Model):
    """A file stored when it was chosen, so that an error elsewhere never loses it."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="files")
    field_id = models.CharField(max_length=60)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class UploadPiece(models.Model):
    """A piece of a file that is still arriving. The next one continues where the last one ended."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="pieces")
    key = models.CharField(max_length=32)
    """What tells the files of a draft apart, made of size and date by the page."""
    offset = models.BigIntegerField()
    size = models.PositiveIntegerField()
    storage_key = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "key", "offset"], name="one_piece_per_place")]

    def __str__(self) -> str:
        return f"{self.key}+{self.offset}"


class EmailCheck(models.Model):
    """A code sent to an address that somebody wrote, and whether it came back."""

    draft = models.ForeignKey(Draft, null=True, on_delete=models.CASCADE, related_name="email_checks")
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    """Who gives it to be told of things, where no application asks for it."""
    field_id = models.CharField(max_length=60, blank=True, default="")
    address_index = models.CharField(max_length=64)
    """Keyed blind index of the address."""
    sealed = models.BinaryField(null=True)
    """Address and code, sealed; gone once the code is used or worthless."""
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    proved_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["address_index", "sent_at"], name="check_of_address")]
        constraints = [
            models.CheckConstraint(
                name="check_of_draft_or_person",
                condition=Q(draft__isnull=False, person=None) | Q(draft=None, person__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.draft_id}.{self.field_id}"


class Case(AbstractProcess):
    """A running or finished procedure instance, pinned to its version for life."""

    class Outcome(models.TextChoices):
        APPROVED = "approved", gettext_lazy("aprobada")
        REJECTED = "rejected", gettext_lazy("rechazada")
        WITHDRAWN = "withdrawn", gettext_lazy("desistida")
        ISSUED = "issued", gettext_lazy("emitido")
        OTHER = "other", gettext_lazy("terminada")
        WAIVED = "waived", gettext_lazy("renunciada")
        ABANDONED = "abandoned", gettext_lazy("abandonada")
        IMPOSSIBLE = "impossible", gettext_lazy("imposible de continuar")
        DEEMED_YES = "deemed_yes", gettext_lazy("aceptada por silencio")
        DEEMED_NO = "deemed_no", gettext_lazy("rechazada por silencio")
        UPHELD = "upheld", gettext_lazy("acogido")
        DISMISSED = "dismissed", gettext_lazy("rechazado")
        PARTLY = "partly", gettext_lazy("acogido en parte")
        JOINED = "joined", gettext_lazy("resuelta junto con otra")

    ref = models.CharField(max_length=16, unique=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="cases")
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT)
    version = models.ForeignKey(ProcedureVersion, on_delete=models.PROTECT)
    file = models.OneToOneField(ElectronicFile, on_delete=models.PROTECT, related_name="case")
    original = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="linked")
    """The case whose act this one appeals against or asks to be clarified (arts. 59 and 62)."""
    about = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="+")
    """That act."""
    number = models.CharField(max_length=30)
    """N° de solicitud: year and gap-free order in the agency, for people to say aloud."""
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=200, blank=True, default="")
    channel = models.CharField(max_length=12, choices=Channel, default=Channel.WEB)
    data = models.JSONField(default=dict)
    """Projection of the latest submissions {step: {field: value}}; sensitive fields never stand here."""
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True, default="")
    filed_at = models.DateTimeField()
    """When it was really received."""
    effective_at = models.DateTimeField()
    """Legal moment of filing: first hour of the next business day where it arrived on another (R6)."""
    due_on = models.DateField(null=True)
    is_urgent = models.BooleanField(default=False)
    """Whether it was ordered to halve its time limits (Ley 19.880 art. 63)."""
    joined_to = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="joined")
    """The older case that decides for both, and in whose file this one's is nested (art. 33; D10 23)."""
    is_principal = models.BooleanField(default=False)
    """Whether others were joined to it."""
    audit_seq = models.PositiveIntegerField(default=0)
    audit_head = models.BinaryField(max_length=32, default=bytes(32))

    # What viewflow's activations look for on a process, and below on a task; subcases are linked rows of our own.
    parent_task = seed = None

    class Meta:
        default_permissions = ("add", "change", "delete", "view", "manage")
        constraints = [models.UniqueConstraint(fields=["agency", "number"], name="one_case_per_number")]
        indexes = [
            models.Index(fields=["version", "status"]),
            models.Index(fields=["agency", "filed_at"], name="case_open", condition=Q(finished__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.number

    @cached_property
    def former_versions(self) -> list[ProcedureVersion]:
        """The versions that the case was in before it was moved, the latest first; one query."""
        moves = self.moves.filter(state="moved").select_related("move__source__version").order_by("-pk")
        return [one.move.source.version for one in moves]


RESERVED = "Persona con identidad reservada"
"""What pages and acts call an interested person whose identity is kept back."""


class CaseParty(models.Model):
    """An interested person of the case (Ley 19.880 art. 21), with own role, address and representative."""

    class Kind(models.TextChoices):
        APPLICANT = "applicant", gettext_lazy("solicitante")
        AFFECTED = "affected", gettext_lazy("persona con derechos que pueden afectarse")
        JOINED = "joined", gettext_lazy("tercero interesado")
        INFORMER = "informer", gettext_lazy("denunciante")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    kind = models.CharField(max_length=10, choices=Kind)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="cases")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="cases")
    representative = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="represented_cases")
    mandate = models.ForeignKey(Mandate, null=True, on_delete=models.PROTECT, related_name="parties")
    """The power by which the representative acts: when it ends, so do they. None where an official noted them."""
    email = models.EmailField(blank=True, default="")
    postal_address = models.CharField(max_length=300, blank=True, default="")
    language = models.CharField(max_length=8, blank=True, default="")
    """In which language they filled it in; empty for those who joined otherwise."""
    is_reserved = models.BooleanField(default=False)
    """Whether who it is stays out of acts, notices and pages, as for somebody who complains."""
    reason = models.CharField(max_length=300, blank=True, default="")
    """Why they have an interest, where an official brought them in."""
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    has_rated = models.BooleanField(default=False)
    """Whether the person answered how it went; what they answered is only counted (SatisfactionCount)."""

    class Meta:
        verbose_name_plural = "case parties"
        constraints = [
            models.CheckConstraint(
                name="party_is_somebody", condition=Q(person__isnull=False) | Q(organisation__isnull=False)
            ),
            models.UniqueConstraint(fields=["case", "person", "kind"], name="one_party_per_person_and_kind"),
        ]

    def __str__(self) -> str:
        return RESERVED if self.is_reserved else str(self.organisation or self.person)


class PastRepresentation(models.Model):
    """Somebody who represented an interested person until then: what they were told meanwhile, the person was."""

    party = models.ForeignKey(CaseParty, on_delete=models.PROTECT, related_name="past_representations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person} · {self.ended_at:%d/%m/%Y}"


NEVER = date.max
"""The last day of what has none: after every other."""
FIRST, ORDINARY = 0, 1
IN_ORDER = ["last_day", "filed_at", "id"]
"""How lists of steps are ordered: by legal deadline, then by order of entry."""


class CaseTask(AbstractTask):
    """A step under way or done. Lists read only these columns, never `flow_task` (it would compile the flow)."""

    process = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="task_set", related_query_name="task", db_column="case_id"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="tasks")
    status = models.CharField(max_length=50, default="NEW")
    created = models.DateTimeField(default=timezone.now)
    scheduled = models.DateTimeField(null=True)
    external_task_id = models.CharField(max_length=50, null=True)

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    """Who must act: the case's agency, or another one that reports."""
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.ForeignKey(Role, null=True, on_delete=models.PROTECT, related_name="+")
    for_applicant = models.BooleanField(default=False)
    step_id = models.CharField(max_length=80)
    step_kind = models.CharField(max_length=20)
    step_title = models.CharField(max_length=200)
    occurrence = models.PositiveSmallIntegerField(default=1)
    due_on = models.DateField(null=True)
    last_day = models.DateField(default=NEVER)
    """By which lists are ordered: the step's own last day, else the whole procedure's, else `NEVER`."""
    filed_at = models.DateTimeField()
    """Order of entry of the case (art. 7), where lists read it without the case."""
    rank = models.PositiveSmallIntegerField(default=ORDINARY)
    """Before the order of entry: `FIRST` while an order on record puts its class before the others."""
    data = models.JSONField(default=dict)
    """Small technical facts of the step (document id, job id, chosen alternative); never answers."""
    finished_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    seed = artifact = None

    class Meta:
        indexes = [
            models.Index(fields=["role", "rank", *IN_ORDER], name="task_of_role", condition=Q(status="NEW")),
            models.Index(
                fields=["owner", *IN_ORDER], name="task_of_owner", condition=Q(status__in=["ASSIGNED", "STARTED"])
            ),
            models.Index(
                fields=IN_ORDER,
                name="task_of_applicant",
                condition=Q(for_applicant=True, status__in=["NEW", "ASSIGNED"]),
            ),
            models.Index(fields=["role", "rank", "filed_at", "id"], name="task_by_entry", condition=Q(status="NEW")),
            models.Index(fields=IN_ORDER, name="task_that_waits", condition=Q(status="SCHEDULED")),
            models.Index(fields=["process", "step_id"], name="task_of_case"),
        ]

    def __str__(self) -> str:
        return f"{self.step_title} ({self.status})"


class AgencyFact(models.Model):
    """A fact the agency holds because one of its acts established it: "patente vigente" of a RUT and address."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    kind = models.CharField(max_length=60)
    key_index = models.CharField(max_length=64)
    """Keyed blind index of the fact's key (often a RUT)."""
    values = models.JSONField(default=dict)
    source_case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="facts")
    act = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="+")
    """The resolution or decree on which it rests, where the case had dictated one."""
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    ended_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    """The later fact that took its place; NULL where its own time ended it."""
    withdrawn_at = models.DateTimeField(null=True)
    """Since when it is handed out no more, because its act fell (Ley 19.880 art. 59)."""
    withdrawn_by = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="+")
    """The act by which that one fell."""

    class Meta:
        indexes = [models.Index(fields=["agency", "kind", "key_index"])]

    def __str__(self) -> str:
        return self.kind
