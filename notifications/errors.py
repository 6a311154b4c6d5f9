"""Everything that this room may refuse, as sentences for the screen."""

from datetime import date

from django.utils.translation import gettext as _


class NotificationRefused(Exception):
    """A legal notification that cannot be recorded; str() says why and what to do."""


class NotYetHappened(NotificationRefused):
    """The moment given lies in the future."""

    def __init__(self) -> None:
        super().__init__(_("La fecha y hora de la notificación no pueden ser futuras. Anótala cuando haya ocurrido."))


class BeforeTheAct(NotificationRefused):
    """The moment given comes before what is notified existed."""

    def __init__(self, existed_on: date) -> None:
        text = _("La notificación no puede ser anterior a lo que se notifica, que es del %(day)s. Revisa la fecha.")
        super().__init__(text % {"day": f"{existed_on:%d/%m/%Y}"})


class ActNotInForce(NotificationRefused):
    """The document is still a draft, or was replaced or annulled."""

    def __init__(self, title: str) -> None:
        text = _("«%(title)s» no está vigente. Solo se notifica un acto firmado o sellado que no fue reemplazado.")
        super().__init__(text % {"title": title})


class EvidenceMissing(NotificationRefused):
    """The medium needs evidence and none was given."""

    def __init__(self, what: str) -> None:
        super().__init__(_("Falta la prueba de la notificación: %(what)s.") % {"what": what})


class AlreadyNotified(NotificationRefused):
    """The same thing was already notified to the same person; a record is never replaced."""

    def __init__(self) -> None:
        super().__init__(_("Esta notificación ya está registrada. Los registros no se cambian ni se repiten."))


class InvalidAction(ValueError):
    """The link of a notice must be a path of this site; a programming mistake, never a person's."""
