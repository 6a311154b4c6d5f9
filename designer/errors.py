"""Why a change was not made; each text says what to do."""

from django.utils.translation import gettext_lazy as _

Address = tuple[str, ...]
"""As in `designer.tree`, which this room's errors are below of."""


class DesignError(Exception):
    """The root of the errors of this room."""


class ItemGone(DesignError):
    """The item does not exist any more."""

    def __init__(self) -> None:
        super().__init__(_("Esa parte del trámite ya no existe: otra persona la quitó o la movió. Vuelve a la lista."))


class ItemChanged(DesignError):
    """Somebody else changed the item after the page was opened."""

    def __init__(self, who: str, when: str) -> None:
        self.who, self.when = who, when
        text = _(
            "%(who)s cambió esto a las %(when)s, mientras lo editabas. Lo que escribiste sigue aquí: "
            "compáralo y guarda otra vez."
        )
        super().__init__(text % {"who": who, "when": when})


class StillUsed(DesignError):
    """The item is used elsewhere; `uses` says where, in words, with the address of each."""

    TEXT = _("No se puede quitar porque se usa en otras partes: %(uses)s. Cámbialas primero.")

    def __init__(self, uses: dict[str, Address]) -> None:
        self.uses = uses
        super().__init__(self.TEXT % {"uses": "; ".join(uses)})


class NothingToUndo(DesignError):
    """There is no earlier content to go back to."""

    def __init__(self) -> None:
        super().__init__(_("No hay ningún cambio anterior que deshacer."))


class CodeTaken(DesignError):
    """The agency already has a procedure or a draft with that code."""

    def __init__(self, title: str) -> None:
        super().__init__(
            _("Ya existe un trámite llamado «%(title)s». Ábrelo desde la lista o elige otro nombre.") % {"title": title}
        )


class CannotRead(DesignError):
    """An imported text is not a procedure."""


class NotReady(DesignError):
    """The draft has errors, or nobody was chosen for a role."""


class NotGreen(NotReady):
    """A saved test is red, or could not be run."""

    def __init__(self, titles: list[str]) -> None:
        self.titles = titles
        super().__init__(
            _("No se puede publicar: no pasan estos casos de prueba: %(titles)s. Corrige el trámite o acepta lo nuevo.")
            % {"titles": ", ".join(f"«{title}»" for title in titles)}
        )


class NotKept(DesignError):
    """A test that cannot be kept as it is."""


class BadName(DesignError):
    """The internal name is not one, or is taken."""


class NameFixed(DesignError):
    """The item was published under its name, which never changes after that."""

    def __init__(self) -> None:
        super().__init__(_("Esto ya se publicó con ese nombre interno, que no cambia nunca."))
