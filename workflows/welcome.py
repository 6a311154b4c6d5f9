"""What `./run` prints once the site answers: where things are, and who the demonstration's people are."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.api import demo_people
from jobs.api import announce


def lines() -> Iterator[str]:
    """Addresses, and each person with what they do."""
    site = settings.PUBLIC_URL
    yield _("  Trámites              %(site)s/") % {"site": site}
    yield _("  Bandeja               %(site)s/bandeja/") % {"site": site}
    yield _("  Verificar documentos  %(site)s/verificar/") % {"site": site}
    if settings.DEMO:
        yield _("  Correos enviados      %(site)s/correo-demo/") % {"site": site}
        yield _("Personas de la demostración (se elige una al entrar):")
        for person in demo_people():
            yield f"  {person.full_name:<28} {person.run:<14} {person.part}"


def register() -> None:
    """Have the supervisor print them."""
    announce(lines)
