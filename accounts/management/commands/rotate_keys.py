"""`manage.py rotate_keys`: a new key-encryption key, and everything sealed re-wrapped under it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.keyring import add_key, current_key_id, key_ids
from accounts.rotation import count_by_key, rewrap_all


class Command(BaseCommand):
    help = "Crea una llave de cifrado nueva y vuelve a envolver con ella las llaves de los datos."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to finish an interrupted rotation instead of starting one."""
        parser.add_argument("--continuar", action="store_true", help="no crea otra llave: termina la rotación anterior")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotates and says which old keys nothing in the database uses any more."""
        new = current_key_id() if options["continuar"] else add_key()
        self.stdout.write(f"Llave vigente: {new}. Valores envueltos de nuevo: {rewrap_all()}.")
        in_use = count_by_key()
        for key_id in key_ids():
            self.stdout.write(f"  {key_id}: {in_use.get(key_id, 0)} valores")
