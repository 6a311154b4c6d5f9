"""`manage.py verify_pdf FILE…`: what files prove by themselves, without the registry or the network."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from signatures.report import SignatureLine, report
from signatures.verification import MAX_FILE, verify_alone


class Command(BaseCommand):
    """Print the report on each file."""

    help = "Dice qué prueba un PDF por sí solo, sin el registro ni la red: firmas, sellos de tiempo, certificado."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="ARCHIVO")

    def handle(self, *, files: list[Path], **options: Any) -> None:
        """One report after the other. CommandError when a file cannot be read or is too big."""
        for path in files:
            try:
                if path.stat().st_size > MAX_FILE:
                    raise CommandError(f"{path}: pesa más de 20 MB.")
                data = path.read_bytes()
            except OSError as error:
                raise CommandError(f"{path}: no se pudo leer ({error.strerror}).") from error
            self._show(path, data)

    def _show(self, path: Path, data: bytes) -> None:
        result = report(verify_alone(data))
        self.stdout.write(f"{path}: {result.title}\n{result.explanation}")
        for line in result.questions:
            self.stdout.write(f"  {line.label}: {line.value}")
        for signature in result.found:
            self.stdout.write(f"  - {_in_words(signature)}")


def _in_words(line: SignatureLine) -> str:
    return ". ".join(part for part in (line.who, line.kind, line.when, line.certificate, line.revocation) if part)
