"""`manage.py rehearse`: waits to play what a page of the site asks; see workflows.rehearsal.apart."""

import os
import stat
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from workflows.rehearsal.apart import serve_rehearsals


class Command(BaseCommand):
    """Is asked by a socket that its standard input is."""

    help = "Ensaya trámites sin dejar rastro. Lo inicia el sitio; para probar a mano: procedures test."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Play until nobody asks. Raises CommandError for somebody who started it by hand."""
        if not stat.S_ISSOCK(os.fstat(sys.stdin.fileno()).st_mode):
            raise CommandError(_("Esta orden la inicia el sitio. Para probar un trámite a mano usa «procedures test»."))
        serve_rehearsals()
