"""Verification codes as people type them; what is wrong is said in the language of the page."""

from django.utils.translation import gettext as _

from documents.rules import CODE_LENGTH, StrangeCharacter, WrongCheck, WrongLength, plain_code


class InvalidCode(ValueError):
    """The text is not a code of this service; its message says what to look at."""


def normalise_code(text: str) -> str:
    """The 16 characters of a code as a person typed it. Raises InvalidCode where they do not make one."""
    try:
        return plain_code(text)
    except WrongLength as error:
        told = _("El código tiene %(wanted)s letras y números, y el que escribiste tiene %(typed)s.")
        raise InvalidCode(told % {"wanted": CODE_LENGTH, "typed": error.args[0]}) from None
    except StrangeCharacter:
        strange = _("El código lleva solo números y letras sin Ñ, U ni signos. Revísalo y vuelve a escribirlo.")
        raise InvalidCode(strange) from None
    except WrongCheck:
        raise InvalidCode(_("Ese código no existe. Revisa si cambiaste una letra o un número de lugar.")) from None
