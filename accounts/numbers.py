"""RUN of persons and RUT of organisations as people type them; what is wrong is said in the language of the page."""

from django.utils.translation import gettext as _

from accounts.rules import NotANumber, WrongDigit, plain_number


class InvalidRun(ValueError):
    """What was typed is no RUN; str() tells the person how to write one."""


class InvalidRut(ValueError):
    """What was typed is no RUT; str() tells the person how to write one."""


def normalise_run(text: str) -> str:
    """ "12.345.678-5", "12 345 678 5" and "012345678-5" as "12345678-5". Raises InvalidRun."""
    try:
        return plain_number(text)
    except NotANumber:
        raise InvalidRun(_("Escribe un RUN con su dígito verificador, por ejemplo 12.345.678-5.")) from None
    except WrongDigit:
        wrong = _("El dígito verificador no corresponde al RUN. Revisa los números, por ejemplo 12.345.678-5.")
        raise InvalidRun(wrong) from None


def normalise_rut(text: str) -> str:
    """The same for the RUT of an organisation: "76.543.210-3" as "76543210-3". Raises InvalidRut."""
    try:
        return plain_number(text)
    except NotANumber:
        raise InvalidRut(_("Escribe un RUT con su dígito verificador, por ejemplo 76.543.210-3.")) from None
    except WrongDigit:
        wrong = _("El dígito verificador no corresponde al RUT. Revisa los números, por ejemplo 76.543.210-3.")
        raise InvalidRut(wrong) from None
