"""Where cases are played: an agency, officials in four roles, whoever applies and somebody who has no part in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import Agency, Role, Unit
from procedures.api import Bundle
from procedures.models import Offering, ProcedureVersion, RoleBinding
from workflows.proof.making import OTHER_AGENCY, ROLES
from workflows.rehearsal.stage import LONG_AGO, Stage

APPLICANT, STRANGER = "solicitante", "nadie"
ANSWERS = {"nombre": "Ana", "correo": "ana@persona.example", "hechos": "Hechos", "peticion": "Pido", "autoriza": False}
PEOPLE = (*ROLES, APPLICANT, STRANGER)


@dataclass
class Scene:
    """A stage with its officials."""

    stage: Stage
    began: datetime
    roles: dict[str, Role] = field(default_factory=dict)
    """Who they are, where the scene was set before."""

    def __post_init__(self) -> None:
        if self.roles:
            return
        self.roles = _roles_of(self.stage.agency)
        for slot, role in self.roles.items():
            self.stage.official(slot, role)
        for label in (APPLICANT, STRANGER):
            self.stage.user(label)

    def offer(self, bundle: Bundle) -> Offering:
        """Put it on offer, with the scene's officials in its roles."""
        return self._offer(bundle, self.stage.publish(bundle, self.began), self.stage.agency, self.roles)

    def offer_here_and_there(self, bundle: Bundle) -> None:
        """Put it on offer also at another agency, to which applications are referred and where nobody does anything."""
        version, other = (
            self.stage.publish(bundle, self.began),
            Agency.objects.create(code=OTHER_AGENCY, name="Otra", commune="13101"),
        )
        self._offer(bundle, version, self.stage.agency, self.roles)
        self._offer(bundle, version, other, _roles_of(other))

    def _offer(self, bundle: Bundle, version: ProcedureVersion, agency: Agency, roles: Mapping[str, Role]) -> Offering:
        offering = Offering.objects.create(agency=agency, version=version, effective_from=LONG_AGO)
        bound = [RoleBinding(offering=offering, slot=slot.id, role=roles[slot.id]) for slot in bundle.roles]
        RoleBinding.objects.bulk_create(bound)
        return offering


def _roles_of(agency: Agency) -> dict[str, Role]:
    """One role for each slot, in a unit of its own."""
    units = {slot: Unit.objects.create(agency=agency, code=slot, name=slot) for slot in ROLES}
    return {slot: Role.objects.create(unit=unit, code=slot, name=slot) for slot, unit in units.items()}
