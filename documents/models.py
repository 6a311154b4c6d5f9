"""The electronic file (expediente electrónico), its documents, and the books that number acts."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from accounts.models import Agency, Person


class Scan(models.TextChoices):
    """What the antivirus says of a file that came from outside; nothing where none is set up."""

    NONE = "", gettext_lazy("sin revisar")
    PENDING = "pending", gettext_lazy("revisando si tiene virus")
    CLEAN = "clean", gettext_lazy("revisado")
    INFECTED = "infected", gettext_lazy("rechazado: contiene virus")


class Blob(models.Model):
    """Immutable bytes in storage, encrypted. Written first, then this row is committed; orphans are swept."""

    sha256 = models.CharField(max_length=64, db_index=True)
    """Of the plaintext."""
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100)
    storage_key = models.CharField(max_length=100, unique=True)
    key_id = models.CharField(max_length=40)
    """Key under which it was first sealed; after a rotation the file's own head names the present one."""
    created_at = models.DateTimeField()
    scan = models.CharField(max_length=10, choices=Scan, blank=True, default=Scan.NONE)

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def is_quarantined(self) -> bool:
        """Whether nobody may have its bytes: they are still being looked at, or carry a virus."""
        return self.scan in (Scan.PENDING, Scan.INFECTED)


class ElectronicFile(models.Model):
    """One per procedure instance (Ley 19.880 art. 18). `iuie` is assigned at start, unique with the body."""

    class Access(models.IntegerChoices):
        PUBLIC = 1, "público"
        RESERVED = 2, "reservado"
        SECRET = 3, "secreto"

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="files")
    iuie = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    subject = models.CharField(max_length=300)
    procedure_code = models.CharField(max_length=120)
    """CPAT code, or the procedure's name where it has none (GM 27, 28)."""
    access_level = models.PositiveSmallIntegerField(choices=Access, default=Access.RESERVED)
    holds_personal_data = models.BooleanField(default=True)
    last_seq = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "iuie"], name="iuie_unique_in_agency")]

    def __str__(self) -> str:
        return self.iuie


class Document(models.Model):
    """A document of a file. `sha256` and `blob` are those of its final form; drafts have neither."""

    class Kind(models.TextChoices):
        APPLICATION = "application", gettext_lazy("solicitud")
        RECEIPT = "receipt", gettext_lazy("certificado de presentación")
        ATTACHMENT = "attachment", gettext_lazy("documento adjunto")
        RESOLUTION = "resolution", gettext_lazy("resolución")
        DECREE = "decree", gettext_lazy("decreto")
        CERTIFICATE = "certificate", gettext_lazy("certificado")
        REPORT = "report", gettext_lazy("informe")
        LETTER = "letter", gettext_lazy("oficio")
        NOTIFICATION = "notification", gettext_lazy("constancia de notificación")
        EVIDENCE = "evidence", gettext_lazy("evidencia")
        REFERENCE = "reference", gettext_lazy("referencia a algo físico")

    class State(models.TextChoices):
        DRAFT = "draft", gettext_lazy("borrador")
        ISSUING = "issuing", gettext_lazy("en emisión")
        IN_FORCE = "in_force", gettext_lazy("vigente")
        REPLACED = "replaced", gettext_lazy("reemplazado")
        ANNULLED = "annulled", gettext_lazy("anulado")

    file = models.ForeignKey(ElectronicFile, on_delete=models.PROTECT, related_name="documents")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    definition_id = models.CharField(max_length=60, blank=True, default="")
    """Id of the document in the bundle; empty for uploads and receipts."""
    kind = models.CharField(max_length=20, choices=Kind)
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    code = models.CharField(max_length=16, unique=True, null=True)
    """Verification code, Crockford base 32, printed 4×4 on the document."""
    number = models.CharField(max_length=40, blank=True, default="")
    """The act's own number: "Decreto N° 12 de 2026" is number "12", year of `issued_on`."""
    issued_on = models.DateField(null=True)
    is_public = models.BooleanField(default=False)
    """Whether whoever has the code may read the whole text on the verification page."""
    content = models.JSONField(default=dict)
    """Frozen input of the rendering: blocks with data already placed, language, letterhead, digests."""
    content_sha256 = models.CharField(max_length=64, blank=True, default="")
    required_signature = models.CharField(max_length=10, default="seal")
    """"seal", "simple" or "advanced": without it the act cannot become effective (R64)."""
    rendered = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    blob = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, blank=True, default="", db_index=True)
    pages = models.PositiveSmallIntegerField(null=True)
    toolchain = models.JSONField(default=dict)
    """Versions of what rendered it: under the same ones, the same content gives the same bytes."""
    is_demonstration = models.BooleanField(default=False)
    changed_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    """The later act that replaced it, modified it or left it without effect, as the state says (Ley 19.880 art. 59)."""
    copy_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="copies")
    """The act that was signed, of a copy of it in the file of another case that it decides or changes too."""
    pauses = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    """When its effects were suspended while an appeal was decided (Ley 19.880 art. 57), the first time first:
    [{"order": whose request, "by": the resolution, "since": day, "until": day, or "" while it lasts}]."""
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.title


class FileItem(models.Model):
    """An entry of the file's index: gap-free order, date and hour, who or what entered it (R2, R3). Append-only."""

    class Direction(models.TextChoices):
        IN = "in", gettext_lazy("recibido")
        OUT = "out", gettext_lazy("enviado")
        INTERNAL = "internal", gettext_lazy("interno")

    file = models.ForeignKey(ElectronicFile, on_delete=models.PROTECT, related_name="items")
    seq = models.PositiveIntegerField()
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="item")
    entered_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    """When it was received on paper, where that was before it entered (DS 4 art. 8); NULL: as it entered."""
    direction = models.CharField(max_length=10, choices=Direction)
    origin = models.CharField(max_length=40)
    """web form, paper, system, interoperability (D10 30)."""
    entered_by = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    """Of the final bytes; of the content, for a document that entered before its seal was on it."""

    class Meta:
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["file", "seq"], name="file_item_one_per_place")]

    def __str__(self) -> str:
        return f"{self.file} {self.seq}"


class PhysicalEntry(models.Model):
    """What happened to something that stays outside the electronic file because it cannot be digitised. Append-only.

    Its sealed document takes its place in the index like any other. Where the thing is now is what the latest entry
    about it says (DS 4 art. 14; D10 art. 26; R51).
    """

    class Kind(models.TextChoices):
        ANNOUNCED = "announced", gettext_lazy("se anunció que se entregará")
        RECEIVED = "received", gettext_lazy("se recibió")
        MOVED = "moved", gettext_lazy("cambió de lugar")
        RETURNED = "returned", gettext_lazy("se devolvió")

    class Cause(models.TextChoices):
        """The only three for which something may stay undigitised."""

        QUANTITY = "quantity", gettext_lazy("por su cantidad de hojas")
        FORMAT = "format", gettext_lazy("por su formato, como un plano muy grande")
        NATURE = "nature", gettext_lazy("por su naturaleza: no se puede escanear, como una maqueta o una muestra")

    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="physical")
    first = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="later")
    """The entry by which the thing came to be known; NULL on that one."""
    kind = models.CharField(max_length=10, choices=Kind)
    what = models.CharField(max_length=300)
    cause = models.CharField(max_length=10, choices=Cause)
    reason = models.TextField()
    """Why it cannot be digitised; of a later entry, why it was moved or given back."""
    resolution = models.CharField(max_length=200, blank=True, default="")
    """The reasoned resolution that sets from how many pages nothing is digitised; only of a quantity."""
    place = models.CharField(max_length=300, blank=True, default="")
    """Where it is kept since then."""
    handed_by = models.CharField(max_length=200, blank=True, default="")
    received_by = models.CharField(max_length=200, blank=True, default="")
    happened_on = models.DateField(null=True)
    """The day on which it changed hands; NULL of what is only announced."""

    class Meta:
        verbose_name_plural = "physical entries"
        constraints = [
            models.CheckConstraint(
                name="physical_kept_somewhere", condition=~Q(kind__in=["received", "moved"]) | ~Q(place="")
            ),
            models.CheckConstraint(
                name="physical_quantity_by_resolution",
                condition=~Q(kind="received", cause="quantity") | ~Q(resolution=""),
            ),
            models.CheckConstraint(
                name="physical_moves_what_is_known",
                condition=~Q(kind__in=["moved", "returned"]) | Q(first__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.what


class NumberingBook(models.Model):
    """The book of numbers of one kind of act of an agency in a Chilean year. Locked last."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    kind = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)
    last_on = models.DateField(null=True)
    """Date of the last number: a later number never carries an earlier date."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "kind", "year"], name="one_book_per_kind_and_year")]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}"


class BookEntry(models.Model):
    """A number given to a document. Never reused, never removed."""

    book = models.ForeignKey(NumberingBook, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField()
    document = models.OneToOneField(Document, null=True, on_delete=models.PROTECT, related_name="book_entry")
    """NULL for a book that numbers something else (the N° de solicitud)."""
    given_on = models.DateField()
    given_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["book", "number"], name="one_entry_per_number")]

    def __str__(self) -> str:
        return f"{self.book} N° {self.number}"


class DocumentAccess(models.Model):
    """Which document a person opened, and when (R40)."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="accesses")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField()
    through = models.CharField(max_length=20)
    """desk, citizen, verification."""

    def __str__(self) -> str:
        return f"{self.document_id} {self.at}"


class Emblem(models.Model):
    """A picture that an agency puts beside its name, found by its digest. Never changed: documents name it for ever."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, db_index=True)
    content = models.BinaryField()
    """A PNG without transparency, as `documents.emblems` writes it."""
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "sha256"], name="one_emblem_per_agency_and_content")]

    def __str__(self) -> str:
        return self.sha256
