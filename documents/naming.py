"""Acts in words: what one is called, and what another did to it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from documents.models import Document


def name_of(act: Document) -> str:
    """The act as texts name it: title, number and day."""
    number = _(" N° %(number)s") % {"number": act.number} if act.number else ""
    day = f", {act.issued_on:%d/%m/%Y}" if act.issued_on else ""
    return f"{act.title}{number}{day}"


def change_of(act: Document) -> str:
    """What a later act did to this one; "" where none did (Ley 19.880 art. 59)."""
    if act.changed_by is None:
        return ""
    match act.state:
        case Document.State.REPLACED:
            words = _("Reemplazado por: %(act)s")
        case Document.State.ANNULLED:
            words = _("Sin efecto por: %(act)s")
        case _modified:
            words = _("Vigente, modificado por: %(act)s")
            return words % {"act": "; ".join(name_of(one) for one in changes_of(act))}
    return words % {"act": name_of(act.changed_by)}


def changes_of(act: Document) -> Iterator[Document]:
    """The later acts that changed this one, and then each other, the first one first."""
    while act.changed_by is not None:
        act = act.changed_by
        yield act
