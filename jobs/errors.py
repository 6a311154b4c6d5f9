"""What can go wrong with a job. The first four are signals that a handler raises to say how it ended."""

from django.utils.translation import gettext as _


class Signal(Exception):
    """A handler's verdict about its own attempt. `reason` is stored and shown: never put personal data in it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Retry(Signal):
    """The effect certainly did not happen; try again after a back-off."""


class OutcomeUnknown(Signal):
    """The effect may have happened; the next attempt asks before it repeats."""


class GiveUp(Signal):
    """No further attempt can help; the job is dead at once."""


class Blocked(Signal):
    """Something is missing on this machine; wait, without counting time, until somebody resumes the job."""


class Lost(Exception):
    """Another worker claimed the job meanwhile; everything this attempt wrote is rolled back."""


class UnknownKind(Exception):
    """No handler is registered under this kind."""

    def __init__(self, kind: str) -> None:
        super().__init__(_("Ningún programa instalado atiende trabajos de tipo «%(kind)s».") % {"kind": kind})


class CaseMissing(Signal):
    """The case that a job names has no row."""

    def __init__(self) -> None:
        super().__init__(_("El caso de este trabajo no existe."))


class KindTaken(Exception):
    """Two handlers want the same kind."""

    def __init__(self, kind: str) -> None:
        super().__init__(_("El tipo de trabajo «%(kind)s» ya tiene quien lo atienda.") % {"kind": kind})


class NotRetryable(Exception):
    """The job is not in a state from which a person may send it again."""

    def __init__(self, job_id: int) -> None:
        text = _("El trabajo %(id)s no está abandonado ni bloqueado: no hay nada que reintentar.")
        super().__init__(text % {"id": job_id})


def describe(error: BaseException) -> str:
    """The class of `error`, and its reason when the handler gave one on purpose; at most 500 characters.

    The text of any other exception may quote a value of a case, so it is dropped.
    """
    name = type(error).__name__
    return f"{name}: {error.reason}"[:500] if isinstance(error, Signal) else name
