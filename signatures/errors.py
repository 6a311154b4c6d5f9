"""What can go wrong with signatures. Each text is for a person and says what to do; none holds personal data."""

from django.utils.translation import gettext as _


class SignatureError(Exception):
    """Base of the room's errors."""


class SignatureUnderWay(SignatureError):
    """Another signature of this document is being made."""

    def __init__(self) -> None:
        super().__init__(_("Ya hay una firma en curso para este documento. Espera a que termine y vuelve a mirar."))


class AlreadySigned(SignatureError):
    """This place of the document is signed."""

    def __init__(self) -> None:
        super().__init__(_("Este documento ya tiene esa firma."))


class EarlierSignatureMissing(SignatureError):
    """Signers sign in order."""

    def __init__(self) -> None:
        super().__init__(_("Falta una firma anterior en este documento. Espera a que la otra persona firme."))


class WrongSignatureKind(SignatureError):
    """The definition of the act asks for another kind of signature (R64)."""

    def __init__(self) -> None:
        super().__init__(_("Este documento exige otro tipo de firma y no puede tener efecto con esta."))


class NoSigningKey(SignatureError):
    """There is no means of signing for this holder on this installation."""

    def __init__(self) -> None:
        super().__init__(_("Falta configurar con qué se firma: la institución o la persona no tiene un certificado."))


class CertificateNotValid(SignatureError):
    """The certificate is outside its dates."""

    def __init__(self) -> None:
        super().__init__(_("El certificado con que se firma está vencido o aún no rige. Hay que renovarlo."))


class CertificateRevoked(SignatureError):
    """Its issuer revoked the certificate, or one above it."""

    def __init__(self) -> None:
        super().__init__(_("El certificado con que se firma fue revocado por quien lo emitió. Hay que instalar otro."))


class CertificateNotTrusted(SignatureError):
    """The certificate does not lead to a root that this installation trusts."""

    def __init__(self) -> None:
        super().__init__(
            _("El certificado con que se firma no lleva a una raíz de confianza. Falta instalar la raíz de su emisor.")
        )


class RevocationUnknown(SignatureError):
    """Nobody says whether the certificate is revoked."""

    def __init__(self) -> None:
        super().__init__(
            _("No se pudo consultar si el certificado está revocado: su emisor no responde. Se reintenta solo.")
        )


class TimestampUnavailable(SignatureError):
    """The time stamp authority does not answer, or not with a stamp."""

    def __init__(self) -> None:
        super().__init__(_("La autoridad de sello de tiempo no responde. Se reintenta solo; no hay que hacer nada."))


class SignatureNotSound(SignatureError):
    """What came back does not validate, so it was not accepted."""

    def __init__(self) -> None:
        super().__init__(_("La firma que se obtuvo no es válida y no se aceptó. Vuelve a intentarlo."))


class DocumentChanged(SignatureError):
    """The document has another revision than the one prepared."""

    def __init__(self) -> None:
        super().__init__(_("El documento cambió mientras se firmaba. Hay que preparar la firma otra vez."))


class TooManyAttempts(SignatureError):
    """The network asked too often."""

    def __init__(self) -> None:
        super().__init__(_("Hiciste muchas consultas en poco tiempo. Espera unos minutos y vuelve a intentarlo."))
