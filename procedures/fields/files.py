"""Files, which are stored when they are chosen: the question then holds what was stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.fields.base import FieldKind, register
from procedures.schema import Field

MEGABYTE = 1024 * 1024
MEDIA_TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}
_SIGNATURES = {"pdf": b"%PDF-", "jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}
_HEAD = 1024
"""Bytes in which the signature of a file must stand; PDF readers admit some rubbish before theirs."""
_OTHERS = (b"MZ", b"\x7fELF", b"PK", b"#!", b"<")
"""How programs, compressed files and web pages begin: a PDF's signature further on does not make a PDF of them."""
_TOO_MANY = gettext_lazy(
    "Adjunta hasta %(most)s archivos en «%(label)s». Guardamos los primeros: quita alguno para cambiarlo"
)
_WRITTEN = (".doc", ".docx", ".odt", ".rtf", ".txt", ".pages", ".xls", ".xlsx", ".ods")
"""How files end that whoever wrote them can save as a PDF."""
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")


def format_of(upload: UploadedFile[bytes]) -> str:
    """ "pdf", "jpg" or "png" by what the file holds, whatever its name says; "" when it is none of them."""
    upload.seek(0)
    head = upload.read(_HEAD)
    upload.seek(0)
    if _SIGNATURES["pdf"] in head and not head.lstrip().startswith(_OTHERS):
        return "pdf"
    return next((name for name in ("jpg", "png") if head.startswith(_SIGNATURES[name])), "")


def is_heic(upload: UploadedFile[bytes]) -> bool:
    """Whether it is a photo in the format in which iPhones keep theirs."""
    upload.seek(0)
    head = upload.read(12)
    upload.seek(0)
    return head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS


def accepted(field: Field) -> tuple[str, ...]:
    """The formats that a question admits."""
    return field.accept or tuple(MEDIA_TYPES)


def formats_in_words(field: Field) -> str:
    """ "PDF, JPG o PNG"."""
    return get_text_list([name.upper() for name in accepted(field)], _("o"))


def size_in_words(size: int) -> str:
    """ "1,2 MB" or "340 KB"."""
    if size >= MEGABYTE:
        return f"{size / MEGABYTE:.1f} MB".replace(".", ",")
    return f"{max(1, round(size / 1024))} KB"


class _FilesInput(forms.FileInput):
    needs_multipart_form = True
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """All the files of this name: a question may have a second control, which opens the camera."""
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name)


class _SignatureInput(_FilesInput):
    """A picture of a signature; a name that is typed instead becomes one, of equal value, without any script."""

    _made: tuple[str, UploadedFile[bytes]] | None = None

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The picture that was sent, or that of the typed name."""
        chosen = super().value_from_datadict(data, files, name)
        typed = "".join(char for char in str(data.get(f"{name}{TYPED}", "")) if char.isprintable())
        typed = " ".join(typed.split())[:MOST_LETTERS]
        if chosen or not typed or not _letterers:
            return chosen
        if self._made is None or self._made[0] != typed:
            title = _("Firma escrita de %(name)s") % {"name": typed}
            self._made = typed, SimpleUploadedFile(f"{title}.png", _letterers[-1](typed), MEDIA_TYPES["png"])
        return [self._made[1]]


TYPED = "-nombre"
"""What follows the name of a question in that of the box where a name is typed instead of drawn."""
MOST_LETTERS = 80
_letterers: list[Callable[[str], bytes]] = []


def draw_names_with(draw: Callable[[str], bytes]) -> None:
    """Let `draw(name)` give the PNG of a name that is typed instead of a drawn signature."""
    _letterers.append(draw)


def files_of(answer: Any) -> list[dict[str, Any]]:
    """The stored files of an answer, whether its question takes one or several."""
    return answer if isinstance(answer, list) else [answer] if answer else []


def files_in(question: Field, answer: Any) -> Iterator[tuple[Field, dict[str, Any]]]:
    """The stored files of an answer, those in the rows of a group included, each with the question that it answers."""
    if question.type == "file":
        yield from ((question, file) for file in files_of(answer))
    for row in (answer or ()) if question.type == "group" else ():
        for inner in question.fields:
            yield from files_in(inner, row.get(inner.id))


def as_answer(files: list[Any], question: Field) -> Any:
    """Stored files as the question holds them: a list, or the one that it takes; None without any."""
    return files or None if question.max_files > 1 else files[-1] if files else None


def without_file(answer: Any, sha256: str, question: Field) -> Any:
    """The answer without the first file of that digest; without any file when none is named."""
    files = list(files_of(answer)) if sha256 else []
    at = next((place for place, file in enumerate(files) if file["sha256"] == sha256), None)
    if at is not None:
        del files[at]
    return as_answer(files, question)


class StoredFileField(forms.FileField):
    """A file to choose, or several, and those already stored (`kept`)."""

    def __init__(self, question: Field) -> None:
        accept = ",".join(f".{name}" for name in accepted(question))
        accept += ",.jpeg,.heic,.heif" if "jpg" in accepted(question) else ""
        several = {"multiple": True} if question.max_files > 1 else {}
        control = _SignatureInput if question.drawn else _FilesInput
        super().__init__(widget=control(attrs={"class": "file-input", "accept": accept, **several}))
        self.question = question
        self.kept: list[dict[str, Any]] = []
        self._arrived = 0

    @property
    def room(self) -> int:
        """How many more files it takes; the one file of a question gives way to a new one."""
        return self.question.max_files - len(self.kept) if self.question.max_files > 1 else 1

    def keep(self, stored: dict[str, Any]) -> Any:
        """Note that a file was stored; returns the answer."""
        self.kept = [*self.kept, stored] if self.question.max_files > 1 else [stored]
        self._arrived += 1
        return as_answer(self.kept, self.question)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The new file, or the list of them; None when what is kept will do. ValidationError says what is wrong."""
        chosen = data if isinstance(data, list) else [data] if data is not None else []
        for upload in chosen:
            self.check(upload)
        total = len(self.kept) + max(0, len(chosen) - self._arrived)
        if total == 0 and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        if self.question.max_files == 1:
            return chosen[-1] if chosen else None
        if 0 < total < self.question.min_files:
            raise ValidationError(
                _("Adjunta al menos %(least)s archivos en «%(label)s»")
                % {"least": self.question.min_files, "label": self.question.label}
            )
        if total > self.question.max_files:
            raise ValidationError(_TOO_MANY % {"most": self.question.max_files, "label": self.question.label})
        return chosen or None

    def check_one_more(self, upload: UploadedFile[bytes]) -> None:
        """ValidationError when the file is not good, or no more fit."""
        if self.room <= 0:
            raise ValidationError(_TOO_MANY % {"most": self.question.max_files, "label": self.question.label})
        self.check(upload)

    def accepts(self, upload: UploadedFile[bytes]) -> bool:
        """Whether the file passes `check`."""
        try:
            self.check(upload)
        except ValidationError:
            return False
        return True

    def check(self, upload: UploadedFile[bytes]) -> None:
        """ValidationError when the file is empty, too big, of another format or locked with a password."""
        question, size = self.question, upload.size or 0
        if size == 0:
            raise ValidationError(_("El archivo está vacío. Elige otro archivo"))
        if size > question.max_mb * MEGABYTE:
            raise ValidationError(
                _("El archivo pesa más de %(max)s MB. Elige uno más liviano") % {"max": question.max_mb}
            )
        kind = "jpg" if is_heic(upload) else format_of(upload)
        if kind not in accepted(question):
            raise ValidationError(_wanted(question, str(upload.name or "")))
        if kind == "pdf" and _is_locked(upload):
            raise ValidationError(_("El PDF tiene contraseña. Sube una copia sin contraseña"))
        for inspect in _inspectors:
            inspect(upload)


def _wanted(question: Field, name: str) -> str:
    """Which formats the question admits, and how to come to one of them from what was chosen."""
    wanted = _("El archivo debe ser %(formats)s") % {"formats": formats_in_words(question)}
    if "pdf" in accepted(question) and name.lower().endswith(_WRITTEN):
        return _("%(wanted)s. Abre el tuyo, guárdalo como PDF y sube esa copia") % {"wanted": wanted}
    return wanted


class FilesField(forms.FileField):
    """Several files at once, of the formats and sizes that questions admit; [] when none was chosen."""

    most = 5
    """Files of one sending."""

    def __init__(self, *, label: Any, max_mb: int = 20) -> None:
        self.one = StoredFileField(Field(id="files", type="file", label=str(label), max_mb=max_mb))
        formats = {"formats": formats_in_words(self.one.question), "max": max_mb, "most": self.most}
        super().__init__(
            label=label,
            required=False,
            widget=_FilesInput(attrs={"accept": self.one.widget.attrs["accept"]}),
            help_text=_("Hasta %(most)s archivos: %(formats)s, de hasta %(max)s MB cada uno") % formats,
        )

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        """The files. ValidationError says what is wrong with the first that cannot be taken."""
        chosen: list[UploadedFile[bytes]] = [upload for upload in data or [] if upload]
        if len(chosen) > self.most:
            raise ValidationError(_("Elige hasta %(most)s archivos. Puedes enviar otros después") % {"most": self.most})
        for upload in chosen:
            try:
                self.one.check(upload)
            except ValidationError as error:
                told = {"name": upload.name, "problem": error.messages[0]}
                raise ValidationError(_("«%(name)s»: %(problem)s") % told if len(chosen) > 1 else error) from error
        return chosen


_inspectors: list[Callable[[UploadedFile[bytes]], None]] = []


def add_file_inspector(inspect: Callable[[UploadedFile[bytes]], None]) -> None:
    """Look into each good file with `inspect(upload)` too; it raises ValidationError with what to do."""
    _inspectors.append(inspect)


def _is_locked(upload: UploadedFile[bytes]) -> bool:
    """Whether a PDF is encrypted: its trailer is never compressed, so the word stands in plain sight."""
    upload.seek(0)
    locked = b"/Encrypt" in upload.read()
    upload.seek(0)
    return locked


@register
class FileKind(FieldKind):
    """A file: {"name", "sha256", "size" (bytes), "media_type", "draft_file"}; a list of them where it takes several."""

    name = "file"
    title = gettext_lazy("Archivo")
    template_name = "fields/file.html"
    missing = gettext_lazy("Adjunta «%(label)s»")

    def control(self, field: Field) -> forms.Field:
        """A file control, drawn by our own button where there is script."""
        return StoredFileField(field)

    def form_field(self, field: Field) -> forms.Field:
        """The hint states formats and size, which the person must know before choosing."""
        made = super().form_field(field)
        said = [field.hint.rstrip("."), _limits(field)] if field.hint else [_limits(field)]
        if field.identity:
            said.append(_("Quienes la revisan ven una copia marcada con el nombre de este trámite"))
        if field.drawn:
            said.append(_("Dibújala o escribe tu nombre: vale lo mismo. Es una imagen, no una firma electrónica"))
        made.help_text = ". ".join(said)
        made.template, made.camera = field.template, field.camera  # type: ignore[attr-defined]
        return made

    def as_data(self, name: str, answer: Any) -> dict[str, list[str]]:
        """Nothing: a stored file is not sent again."""
        return {}

    def stored(self, cleaned: Any) -> None:
        """None: what stands in the answer is what the store gives back, see `keep_file`."""
        return

    def display(self, field: Field, answer: Any) -> str:
        """Name and size of each file, one a line."""
        return "\n".join(f"{file['name']} ({size_in_words(file['size'])})" for file in files_of(answer))

    def json_schema(self, field: Field) -> dict[str, Any]:
        """What the store gives back."""
        one = {
            "type": "object",
            "required": ["name", "sha256", "size", "media_type"],
            "properties": {
                "name": {"type": "string"},
                "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "size": {"type": "integer", "minimum": 1},
                "media_type": {"enum": [MEDIA_TYPES[name] for name in accepted(field)]},
            },
        }
        if field.max_files == 1:
            return one
        return {"type": "array", "items": one, "minItems": field.min_files, "maxItems": field.max_files}

    def sample(self, field: Field) -> Any:
        """The description of as many files of one kilobyte as it needs."""
        kind = accepted(field)[0]
        one = {"name": f"ejemplo.{kind}", "sha256": "0" * 64, "size": 1024, "media_type": MEDIA_TYPES[kind]}
        return as_answer([dict(one) for _place in range(field.min_files)], field)


def _limits(field: Field) -> str:
    """Formats, size and number of files, which the person must know before choosing."""
    words = {
        "formats": formats_in_words(field),
        "max": field.max_mb,
        "least": field.min_files,
        "most": field.max_files,
    }
    if field.max_files == 1:
        return _("%(formats)s de hasta %(max)s MB") % words
    if field.min_files == 1:
        return _("Hasta %(most)s archivos %(formats)s, de hasta %(max)s MB cada uno") % words
    return _("De %(least)s a %(most)s archivos %(formats)s, de hasta %(max)s MB cada uno") % words
