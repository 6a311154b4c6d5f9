"""Everything that this room may refuse, as sentences for the screen. No text ever holds personal data."""

from django.utils.translation import gettext as _


class AccountsError(Exception):
    """A refusal; str() says what happened and what to do."""


class AbsenceRefused(AccountsError):
    """The absence makes no sense: its days, or who substitutes."""


class PostRefused(AccountsError):
    """A unit or a post may not be kept, given or ended that way."""


class KeyMissing(AccountsError):
    """The key that sealed a value is not in KEYS_DIR."""

    def __init__(self, key_id: str) -> None:
        super().__init__(_("Falta la llave %(id)s: cópiala desde el respaldo a la carpeta de llaves.") % {"id": key_id})


class SealBroken(AccountsError):
    """A sealed value was altered, cut or moved to another place."""

    def __init__(self) -> None:
        super().__init__(_("Un dato cifrado fue alterado o está fuera de su lugar. Recupéralo desde el respaldo."))


class IntentExpired(AccountsError):
    """The person took longer than the intent lives."""

    def __init__(self) -> None:
        super().__init__(_("Pasó demasiado tiempo desde que revisaste el texto. Vuelve atrás y firma de nuevo."))


class IntentAlreadyUsed(AccountsError):
    """The intent has already signed something."""

    def __init__(self) -> None:
        super().__init__(_("Esta firma ya se usó. Revisa si tu trámite quedó enviado antes de repetirla."))


class NotFreshlySignedIn(AccountsError):
    """Nobody has proved again who they are since the text was shown."""

    def __init__(self) -> None:
        super().__init__(_("Para firmar tienes que entrar de nuevo con tu clave. Vuelve atrás e inténtalo otra vez."))


class OtherIdentity(AccountsError):
    """Somebody else proved their identity in the middle of a signature."""

    def __init__(self) -> None:
        super().__init__(
            _("Entraste con otra identidad. Nada se firmó: vuelve atrás y firma con la identidad que empezó.")
        )


class ProviderDown(AccountsError):
    """The identity provider did not answer, or answered with its own failure."""

    def __init__(self) -> None:
        super().__init__(
            _("El servicio de identidad no responde. Lo que llevas escrito está guardado: inténtalo en unos minutos.")
        )


class SignInRefused(AccountsError):
    """The provider's answer proves nothing. `code` is for the log and names the check that failed."""

    def __init__(self, code: str) -> None:
        super().__init__(_("No pudimos comprobar tu identidad. Vuelve a intentarlo desde el comienzo."))
        self.code = code


class ClaimsIncomplete(AccountsError):
    """The provider vouches for somebody without a RUN or a name."""

    def __init__(self) -> None:
        super().__init__(
            _("El servicio de identidad no entregó tu RUN y tu nombre, y sin ellos no puedes entrar. Acude al mesón.")
        )


class AccountClosed(AccountsError):
    """The account is not active."""

    def __init__(self) -> None:
        super().__init__(_("Tu cuenta está desactivada. Pregunta en el mesón de la institución."))
