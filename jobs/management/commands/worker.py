"""`manage.py worker`: runs jobs and dispatches them."""

import os
import warnings
from typing import Any

from celery.exceptions import SecurityWarning
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils.module_loading import import_string

from jobs.worker import make_worker


class Command(BaseCommand):
    requires_system_checks = []  # a worker serves no pages: it need not load them
    help = "Atiende los trabajos de la tabla de trabajos. Puede haber varios a la vez, en una o más máquinas."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", default="worker", help="nombre de este proceso; también el de su latido")
        parser.add_argument("--concurrency", type=int, default=max(2, os.cpu_count() or 2), help="procesos hijos")
        parser.add_argument("--queues", default="", help="colas separadas por comas; por omisión, todas")

    def handle(self, *, name: str, concurrency: int, queues: str, **options: Any) -> None:
        warnings.simplefilter("ignore", SecurityWarning)  # about pickle, which is not accepted
        os.environ["CELERY_SKIP_CHECKS"] = "1"
        worker = make_worker(
            import_string(settings.CELERY_APP),
            name=name,
            concurrency=concurrency,
            queues=queues,
            heartbeat=str(settings.HEARTBEAT_DIR / name),
        )
        worker.start()
        raise SystemExit(worker.exitcode)
