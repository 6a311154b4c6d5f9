"""`manage.py jobs`: what waits, what failed, and sending it again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from jobs.errors import NotRetryable
from jobs.models import ATTENTION, Job
from jobs.operations import resume_blocked, retry_job
from jobs.queries import counts_by_state, oldest_due_age
from legaltime.api import now as clock_now


class Command(BaseCommand):
    help = "Muestra los trabajos que piden atención, los reintenta o reanuda los bloqueados."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action")
        listing = actions.add_parser("list", help="cuántos hay en cada estado, y los que piden atención")
        listing.add_argument("--limit", type=int, default=50, help="cuántos mostrar, los más nuevos primero")
        actions.add_parser("retry", help="envía de nuevo trabajos abandonados").add_argument("ids", nargs="+", type=int)
        actions.add_parser("resume", help="reanuda trabajos bloqueados").add_argument("kind", nargs="?")

    def handle(self, *, action: str | None, **options: Any) -> None:
        if action == "retry":
            self._retry(options["ids"])
        elif action == "resume":
            count = resume_blocked(options["kind"], clock_now())
            self.stdout.write(_("Trabajos reanudados: %(count)s.") % {"count": count})
        else:
            self._list(options.get("limit", 50))

    def _retry(self, ids: list[int]) -> None:
        try:
            for job_id in ids:
                retry_job(job_id=job_id, now=clock_now())
        except NotRetryable as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(_("Trabajos enviados de nuevo: %(count)s.") % {"count": len(ids)})

    def _list(self, limit: int) -> None:
        for state, count in counts_by_state().items():
            self.stdout.write(f"{Job.State(state).label}: {count}")
        age = oldest_due_age(clock_now())
        self.stdout.write(
            _("El trabajo vencido más antiguo espera hace %(age)s s.") % {"age": int(age.total_seconds())}
        )
        for job in Job.objects.filter(state__in=ATTENTION).order_by("-id")[:limit]:
            case = f" caso {job.case_id}" if job.case_id else ""
            self.stdout.write(
                f"{job.pk}  {job.kind}{case}  {job.get_state_display()}  {job.attempts}  {job.last_error}"
            )
