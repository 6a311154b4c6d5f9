"""Who may end by silence, and who may appeal, for whom and until when (Ley 19.880 arts. 21, 22, 59, 64, 65)."""

import pytest
import time_machine

from tests.story import Story
from tests.workflows.desk import Visitor, at
from tests.workflows.test_law_blocks import days_later, read
from workflows.commands import silence
from workflows.errors import NotAllowed
from workflows.models import Case, CaseParty

pytestmark = pytest.mark.django_db
CERTIFY, COMPLAIN = "certificado-de-silencio", "denunciar-plazo"


def joined(story: Story, case: Case, who: str = "Bruno", **values: object) -> CaseParty:
    """Somebody else with part in the case."""
    given = {"kind": "affected", "person": story.people[who], "joined_at": story.now, **values}
    return CaseParty.objects.create(case=case, agency=case.agency, **given)


def post(story: Story, visitor: Visitor, who: str, url: str) -> int:
    """The answer to a measure asked for at the story's hour."""
    with time_machine.travel(story.now, tick=False):
        return int(visitor(who).post(url, {"reason": "No deciden"}).status_code)


def test_nobody_ends_the_application_of_another_by_asking_for_the_certificate_r20(
    story: Story, visitor: Visitor
) -> None:
    """A neighbour would turn it into a refusal (art. 65)."""
    case = story.file("ocupacion_espacio_publico")
    joined(story, case)
    days_later(story, 60)
    page = read(story, visitor, "Bruno", at("case", case.ref))
    assert "Lo pide quien presentó la solicitud. Con él, la solicitud se entiende rechazada" in page
    assert "tu solicitud" not in page[page.index("Ya se puede pedir") :][:300]
    assert at("measure", case.ref, CERTIFY) not in visitor("Bruno").get(at("case", case.ref)).content.decode()
    assert post(story, visitor, "Bruno", at("measure", case.ref, CERTIFY)) == 404
    with pytest.raises(NotAllowed, match="Solo puede pedirlo quien presentó"):
        silence.certify(case=case, by=story.people["Bruno"], now=story.now)
    assert not case.task_set.filter(step_id__startswith="law_silence").exists()
    assert post(story, visitor, "Ana", at("measure", case.ref, CERTIFY)) == 302
    page = read(story, visitor, "Bruno", at("case", case.ref))
    assert "Se pidió el certificado de que no decidieron a tiempo" in page


def test_who_represents_the_applicant_asks_for_the_certificate_r20(story: Story) -> None:
    case = story.file("ocupacion_espacio_publico")
    case.parties.update(representative=story.people["María"])
    days_later(story, 60)
    silence.certify(case=case, by=story.people["María"], now=story.now)
    assert case.task_set.filter(step_id__startswith="law_silence").exists()


def test_another_interested_person_complains_and_who_only_informed_does_not_r19(
    story: Story, case: Case, visitor: Visitor
) -> None:
    joined(story, case)
    joined(story, case, "Grace", kind="informer")
    days_later(story, 130)
    told = read(story, visitor, "Grace", at("case", case.ref))
    assert "pero no quien solo denunció un hecho (Ley 19.880, arts. 21 y 64)" in told
    assert post(story, visitor, "Grace", at("measure", case.ref, COMPLAIN)) == 404
    with pytest.raises(NotAllowed, match="no quien solo denunció"):
        silence.complain(case=case, reason="x", by=story.people["Grace"], now=story.now)
    told = read(story, visitor, "Bruno", at("case", case.ref))
    assert "quien presentó la solicitud puede pedir un certificado, y la solicitud se entiende aceptada" in told
    assert post(story, visitor, "Bruno", at("measure", case.ref, COMPLAIN)) == 302
    told = read(story, visitor, "Bruno", at("case", case.ref))
    assert "desde el día siguiente quien presentó la solicitud puede pedir el certificado" in told
    told = read(story, visitor, "Ana", at("case", case.ref))
    assert "Se denunció que no decidieron a tiempo" in told
    assert "desde el día siguiente puedes pedir aquí el certificado, y tu solicitud se entiende aceptada" in told
