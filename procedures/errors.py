"""Why a procedure could not be published, offered or read; each text says what to do."""

from procedures.findings import Finding


class ProcedureError(Exception):
    """The root of the errors of this room."""


class NotPublishable(ProcedureError):
    """The publish gate found errors; `findings` holds everything it found."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        errors = sum(finding.severity == "error" for finding in findings)
        super().__init__(f"El trámite tiene {errors} errores. Corríjalos y publique otra vez.")


class MissingRoleBindings(ProcedureError):
    """The agency did not say who fills some role slots."""

    def __init__(self, slots: list[str]) -> None:
        super().__init__(f"Falta decir qué función de la institución ocupa estos cargos: {', '.join(slots)}.")


class UnknownRoleBindings(ProcedureError):
    """Roles were given for slots that the procedure does not have, or roles of another agency."""

    def __init__(self, slots: list[str]) -> None:
        super().__init__(f"Estos cargos no son del trámite, o su función es de otra institución: {', '.join(slots)}.")


class StartsBeforeCurrent(ProcedureError):
    """The new version would take effect before the one on offer did."""

    def __init__(self) -> None:
        super().__init__("Ya hay una versión que comienza después. Elija esa fecha o una posterior.")


class TamperedVersion(ProcedureError):
    """The stored bytes of a version do not match their digest."""

    def __init__(self) -> None:
        super().__init__(
            "El contenido guardado de esta versión no coincide con su huella: avise a quien opera el sistema."
        )


class UnreadableCatalogue(ProcedureError):
    """A file of fichas that is neither CSV nor JSON, or holds too much."""


class AlreadyApplied(ProcedureError):
    """The file was applied before."""

    def __init__(self) -> None:
        super().__init__("Este archivo ya se cargó. Mira su informe; si lo corregiste, envíalo de nuevo.")


class BadIndicatorFile(ProcedureError):
    """A line of a file of UF or UTM values cannot be read."""

    def __init__(self, line: int) -> None:
        super().__init__(f"La línea {line} no se entiende: escriba fecha y valor, como 21-11-2026;39.643,59.")


class HandoutRefused(ProcedureError):
    """A file to hand out is too big, or is not a document that people can fill in."""


class PilotNotPossible(ProcedureError):
    """A pilot cannot be opened, widened or ended like this; the text says why."""


class ListRefused(ProcedureError):
    """A list that cannot be used."""
