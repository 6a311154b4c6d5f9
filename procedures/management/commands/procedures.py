"""`manage.py procedures`: check, publish and draw procedures, and write their schema and its reference page."""

import argparse
import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Agency, Role
from legaltime.api import local_date, now
from procedures.checking import check
from procedures.diagram import render_diagram
from procedures.errors import ProcedureError
from procedures.findings import CheckResult
from procedures.handouts import keep_handout
from procedures.operations import publish
from procedures.queries import bundle_of, offerings_on
from procedures.reference import json_schema, reference_page
from procedures.staffing import thin_roles
from procedures.subcommands import subcommands

_WORDS = {"error": "error", "suggestion": "consejo"}


class Command(BaseCommand):
    """Exit codes: 0 done, 1 the procedure has errors or something is missing, 2 the command is badly written."""

    help = "Revisa, publica y dibuja trámites."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """One subcommand for each thing to do."""
        commands = parser.add_subparsers(dest="action", required=True, metavar="acción")
        checking = commands.add_parser("check", help="revisa trámites y dice qué corregir, con su línea")
        checking.add_argument("files", nargs="+", type=Path, metavar="ARCHIVO")
        publishing = commands.add_parser("publish", help="publica un trámite y lo ofrece en una institución")
        publishing.add_argument("file", type=Path, metavar="ARCHIVO")
        publishing.add_argument("--agency", required=True, metavar="CÓDIGO", help="código de la institución")
        publishing.add_argument(
            "--bind", action="append", default=[], metavar="CARGO=UNIDAD/FUNCIÓN", help="quién ocupa un cargo"
        )
        publishing.add_argument(
            "--from", dest="effective_from", type=date.fromisoformat, metavar="AAAA-MM-DD", help="desde qué día"
        )
        publishing.add_argument("--note", default="", metavar="TEXTO", help="qué cambia en esta versión")
        drawing = commands.add_parser("diagram", help="escribe el dibujo SVG de un trámite")
        drawing.add_argument("source", metavar="CÓDIGO|ARCHIVO")
        handing = commands.add_parser("template", help="guarda una plantilla para descargar y dice cómo nombrarla")
        handing.add_argument("file", type=Path, metavar="ARCHIVO")
        handing.add_argument("--agency", required=True, metavar="CÓDIGO", help="código de la institución")
        commands.add_parser("schema", help="escribe el JSON Schema de los trámites")
        commands.add_parser("reference", help="escribe la página de referencia del esquema")
        for extra in subcommands():
            extra.add_arguments(commands.add_parser(extra.name, help=extra.help))

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs the subcommand."""
        extra = next((one for one in subcommands() if one.name == options["action"]), None)
        if extra is not None:
            extra.run(options, self.stdout.write)
            return
        getattr(self, f"_{options['action']}")(options)

    def _check(self, options: dict[str, Any]) -> None:
        results = [check(_text(path), str(path)) for path in options["files"]]
        for result in results:
            self._report(result)
        errors = sum(len(result.errors) for result in results)
        if errors:
            raise CommandError(f"Errores por corregir: {errors}.")

    def _report(self, result: CheckResult) -> None:
        for finding in result.findings:
            where = f"{result.source_name}:{finding.line}"
            self.stdout.write(f"{where}: {_WORDS[finding.severity]}: {finding.message} → {finding.remedy}")
        if not result.errors:
            self.stdout.write(f"{result.source_name}: se puede publicar.")

    def _publish(self, options: dict[str, Any]) -> None:
        agency = Agency.objects.filter(code=options["agency"]).first()
        if agency is None:
            raise CommandError(f"No hay una institución con el código '{options['agency']}'.")
        text, moment = _text(options["file"]), now()
        result = check(text, str(options["file"]))
        if result.errors:
            self._report(result)
            raise CommandError(f"Errores por corregir: {len(result.errors)}.")
        bindings = dict(_binding(agency, written) for written in options["bind"])
        try:
            offering = publish(
                text=text,
                agency=agency,
                by=None,
                now=moment,
                role_bindings=bindings,
                effective_from=options["effective_from"],
                note=options["note"],
            )
        except ProcedureError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{agency}: «{offering.version.title}», versión {offering.version.number}, "
            f"se ofrece desde el {offering.effective_from:%d/%m/%Y}."
        )
        for thin in thin_roles(bundle_of(offering.version), bindings, local_date(moment, agency.time_zone)):
            self.stdout.write(f"aviso: {thin.role}: {thin.trouble} ({', '.join(thin.steps)}). {thin.fallback}")

    def _diagram(self, options: dict[str, Any]) -> None:
        source = options["source"]
        if Path(source).is_file():
            result = check(_text(Path(source)), source)
            if result.bundle is None:
                self._report(result)
                raise CommandError("El trámite no se puede dibujar todavía.")
            self.stdout.write(render_diagram(result.bundle))
            return
        today = local_date(now(), "America/Santiago")
        offering = offerings_on(today).filter(version__procedure__code=source).first()
        if offering is None:
            raise CommandError(f"Hoy no se ofrece un trámite con el código '{source}'.")
        self.stdout.write(render_diagram(bundle_of(offering.version)))

    def _template(self, options: dict[str, Any]) -> None:
        agency = Agency.objects.filter(code=options["agency"]).first()
        if agency is None:
            raise CommandError(f"No hay una institución con el código '{options['agency']}'.")
        path: Path = options["file"]
        try:
            kept = keep_handout(agency=agency, name=path.name, data=path.read_bytes(), by=None, now=now())
        except OSError:
            raise CommandError(f"No se puede leer «{path}».") from None
        except ProcedureError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f'template: {{name: "{kept["name"]}", sha256: {kept["sha256"]}}}')

    def _schema(self, options: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(json_schema(), ensure_ascii=False, indent=2))

    def _reference(self, options: dict[str, Any]) -> None:
        self.stdout.write(reference_page())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        raise CommandError(f"No se puede leer «{path}».") from None
    except UnicodeDecodeError:
        raise CommandError(f"«{path}» no está guardado como texto UTF-8.") from None


def _binding(agency: Agency, written: str) -> tuple[str, Role]:
    slot, _, place = written.partition("=")
    unit, _, code = place.partition("/")
    role = Role.objects.select_related("unit").filter(unit__agency=agency, unit__code=unit, code=code).first()
    if role is None or role.closed_at is not None:
        raise CommandError(f"«{written}»: no hay esa función en {agency}. Se escribe cargo=unidad/función.")
    return slot, role
