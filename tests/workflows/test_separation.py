"""Another person, the same person, and who keeps out of a case."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership, Role
from notifications.models import Notice
from procedures.api import check_bundle
from procedures.schema import Bundle
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.flows import begin, flow, report, waiting
from tests.workflows.test_incidents import open_kinds
from workflows.bandeja import Bandeja
from workflows.commands import desk
from workflows.commands.separation import abstain, challenge, decide_challenge, refuse_abstention
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Case, CaseParty, Challenge, Recusal
from workflows.presenting.history import history
from workflows.separation import superiors

pytestmark = pytest.mark.django_db


def reviewed(story: Story, **more: Any) -> Case:
    """A first report by Beto, then a review in the same role."""
    case = begin(story, report("primera", following="segunda"), report("segunda", following="sello", **more))
    story.do(case, "primera")
    return case


def appoint_second(story: Story) -> str:
    """Carla joins Beto's role."""
    role = Role.objects.get(unit__agency=story.agency, unit__code="rentas", code="revision")
    since = story.now.date()
    Membership.objects.create(role=role, person=story.people["Carla"], post="Revisora (S)", starts_on=since)
    return "Carla"


def take(story: Story, case: Case, who: str, reason: str = "") -> None:
    desk.claim(task=story.task(case, "segunda"), by=story.user(who), now=story.now, reason=reason)


def test_a_second_reviewer_is_another_person(story: Story) -> None:
    other = appoint_second(story)
    case = reviewed(story, not_same_as=["primera"], if_alone="exception")
    with pytest.raises(NotAllowed, match="otra persona"):
        take(story, case, "Beto", reason="Apuro")
    take(story, case, other)


def test_alone_in_a_small_office_one_may_with_a_reason_on_record(story: Story, visitor: Visitor) -> None:
    case = reviewed(story, not_same_as=["primera"], if_alone="exception")
    with pytest.raises(NotAllowed, match="escribe la razón"):
        take(story, case, "Beto")
    page = visitor("Beto").get(reverse("workflows:desk_case", args=[case.ref])).content.decode()
    assert "Razón de la excepción" in page
    take(story, case, "Beto", reason="Soy el único revisor")
    assert any("Soy el único revisor" in line.detail for line in history(case))
    story.do_claimed(case, story.task(case, "segunda"))


def test_where_a_substitute_must_be_named_nobody_else_may(story: Story) -> None:
    case = reviewed(story, not_same_as=["primera"], if_alone="subrogate")
    with pytest.raises(NotAllowed):
        take(story, case, "Beto", reason="Apuro")
    take(story, case, appoint_second(story))


def test_a_step_may_belong_to_whoever_did_another(story: Story) -> None:
    other = appoint_second(story)
    case = reviewed(story, same_as="primera")
    with pytest.raises(NotAllowed, match="quien hizo el anterior"):
        take(story, case, other)
    take(story, case, "Beto")


def test_who_has_a_conflict_of_interest_keeps_out(story: Story, visitor: Visitor) -> None:
    """Ley 19.880 art. 12."""
    case = reviewed(story)
    take(story, case, "Beto")
    address = reverse("workflows:desk_abstain", args=[case.ref])
    assert visitor("Beto").post(address, {"motivo": " "}).status_code == 409
    assert visitor("Beto").post(address, {"motivo": "Es mi hermana"}).status_code == 302
    assert story.task(case, "segunda").owner is None
    with pytest.raises(NotAllowed, match="conflicto de interés"):
        take(story, case, "Beto")
    with pytest.raises(CommandRefused):
        abstain(case=case, by=story.user("Beto"), reason="Otra vez", now=story.now)
    take(story, case, appoint_second(story))
    assert waiting(case) == {"segunda"}


def test_a_rule_without_a_way_for_small_offices_is_not_published() -> None:
    data = flow(report("primera", following="segunda"), report("segunda", following="sello", not_same_as=["primera"]))
    assert "separation_without_fallback" in {finding.code for finding in check_bundle(Bundle.model_validate(data))}


def test_a_challenge_goes_to_a_superior_who_decides_with_reason(story: Story, visitor: Visitor) -> None:
    """Ley 19.880 art. 12."""
    case = story.file()
    story.claim(case, "admision")
    asking, deciding = at("measure", case.ref, "recusar"), at("desk_measure", case.ref, "resolver-recusacion")
    beto = story.people["Beto"]
    assert visitor("Bruno").get(asking).status_code == 404
    sent = visitor("Ana").post(asking, {"official": beto.pk, "reason": "Es mi vecino y me demandó"})
    assert sent.status_code == 302
    assert case.file.documents.filter(title__startswith="Recusación").exists()
    with pytest.raises(CommandRefused, match="Ya recusaste"):
        challenge(case=case, official=beto.pk, reason="Otra vez", by=story.people["Ana"], now=story.now)
    asked = case.challenges.get()
    assert not Notice.objects.filter(action_path=deciding).exists(), "whoever asks does not wait for the notices"
    story.work()
    told = Notice.objects.filter(action_path=deciding).values_list("person__given_names", flat=True)
    assert "Fabián" in told
    assert "Beto" not in told
    assert Notice.objects.filter(person=beto, subject__startswith="Te recusaron").exists()
    assert deciding in visitor("Fabián").get(at("inbox")).content.decode()
    assert deciding not in visitor("Beto").get(at("inbox")).content.decode()
    assert visitor("Beto").get(deciding).status_code == 404
    assert "y lo decides tú" in text_of(visitor("Fabián").get(at("desk_case", case.ref)))
    read = text_of(visitor("Fabián").get(deciding))
    assert "Ana María Pérez Soto pidió el" in read
    assert "que Beto Araya Molina no intervenga: «Es mi vecino y me demandó»." in read, "nobody decides it unread"
    own = text_of(visitor("Ana").get(at("case", case.ref)))
    assert "Recusaste a Beto Araya Molina Su superior lo resuelve" in own
    assert "Recusar a quien tramita mi solicitud" not in own, "there is nobody else to challenge"
    assert "No intervienes" not in text_of(visitor("Beto").get(at("desk_case", case.ref)))
    assert visitor("Fabián").post(deciding, {"challenge": asked.pk, "decision": "yes"}).status_code == 422
    done = visitor("Fabián").post(deciding, {"challenge": asked.pk, "decision": "yes", "reason": "Hay un juicio"})
    assert done.status_code == 302
    assert deciding not in visitor("Fabián").get(at("inbox")).content.decode()
    assert "Recusaste a" not in text_of(visitor("Ana").get(at("case", case.ref)))
    assert story.task(case, "admision").owner is None
    assert "No intervienes en esta solicitud" in text_of(visitor("Beto").get(at("desk_case", case.ref)))
    with pytest.raises(NotAllowed, match="conflicto de interés"):
        desk.claim(task=story.task(case, "admision"), by=story.user("Beto"), now=story.now)
    assert {"Es mi vecino y me demandó", "Hay un juicio"} <= {line.detail for line in history(case)}


def test_whoever_is_partial_in_the_case_decides_on_no_challenge(story: Story, case: Case) -> None:
    """Ley 19.880 art. 12."""
    story.claim(case, "admision")
    ana, beto, fabian = (story.people[name] for name in ("Ana", "Beto", "Fabián"))
    asked = challenge(case=case, official=beto.pk, reason="Es mi vecino", by=ana, now=story.now)
    row: dict[str, Any] = {"case": case, "agency": case.agency}
    party: dict[str, Any] = {**row, "kind": CaseParty.Kind.AFFECTED, "joined_at": story.now}
    for made in (
        CaseParty(**party, person=fabian),
        CaseParty(**party, person=story.people["Bruno"], representative=fabian),
        Recusal(**row, person=fabian, at=story.now),
        Challenge(**row, person=fabian, asked_by=ana, asked_at=story.now),
        Challenge(**row, person=beto, asked_by=fabian, asked_at=story.now),
    ):
        assert fabian in superiors(case, beto, story.now.date())
        made.save()
        assert fabian not in superiors(case, beto, story.now.date())
        with pytest.raises(NotAllowed):
            decide_challenge(case=case, challenge_id=asked.pk, grants=False, reason="No", by=fabian, now=story.now)
        made.delete()


def test_the_bandeja_reads_any_number_of_challenges_with_the_same_statements(story: Story) -> None:
    beto, fabian = story.people["Beto"], story.people["Fabián"]

    def asked() -> tuple[int, int]:
        desk_of_fabian = Bandeja(fabian, story.now.date())
        assert desk_of_fabian.offerings
        with CaptureQueriesContext(connection) as read:
            found = desk_of_fabian.challenges()
        return len(found), len(read)

    statements = set()
    for number in (1, 2, 3):
        case = story.file()
        Challenge.objects.create(
            case=case, agency=case.agency, person=beto, asked_by=story.people["Ana"], asked_at=story.now
        )
        found, read = asked()
        assert found == number
        statements.add(read)
    assert len(statements) == 1
    Recusal.objects.create(case=case, agency=case.agency, person=fabian, at=story.now)
    assert asked()[0] == 2, "in a case that they keep out of they decide nothing"


def test_an_abstention_reaches_the_superior_who_may_not_accept_it_r45(story: Story, visitor: Visitor) -> None:
    """Art. 12: whoever keeps out says so to their superior, who resolves; until then they do nothing in the case."""
    case = story.file(rol_sii="1-1")
    beto, fabian = story.user("Beto"), story.people["Fabián"]
    abstain(case=case, by=beto, reason="Soy primo de la solicitante", now=story.now)
    told = Notice.objects.get(person=fabian, subject__startswith="Se abstuvieron")
    assert "Beto Araya Molina declaró que no debe intervenir" in told.body
    assert "primo" not in told.body, "the reason stays in the case"
    recusal = case.recusals.get()
    page = at("desk_measure", case.ref, "no-aceptar-abstencion")
    assert visitor("Beto").post(page, {"recusal": recusal.pk, "reason": "Sigo"}).status_code == 404
    assert visitor("Elena").post(page, {"recusal": recusal.pk, "reason": "Que siga"}).status_code == 404
    with pytest.raises(NotAllowed):
        refuse_abstention(case=case, recusal_id=recusal.pk, reason="x", by=story.people["Elena"], now=story.now)
    assert open_kinds(case) == ["no_responsible"], "Beto was alone in his post"
    read = text_of(visitor("Fabián").get(page))
    assert "Beto Araya Molina se abstuvo el" in read
    assert "«Soy primo de la solicitante»" in read, "nobody resolves on what they have not read"
    assert visitor("Fabián").post(page, {"recusal": recusal.pk, "reason": "No son parientes"}).status_code == 302
    assert open_kinds(case) == []
    assert Notice.objects.filter(person=beto.person, body__contains="No son parientes").exists()
    story.claim(case, "admision", "Beto")
    said = [one.what for one in history(case)]
    assert "No aceptó la abstención: esa persona vuelve a intervenir" in " ".join(said)


def test_who_was_kept_out_by_a_challenge_is_not_brought_back_as_if_they_had_abstained_r45(story: Story) -> None:
    case, fabian = story.file(rol_sii="1-1"), story.people["Fabián"]
    story.claim(case, "admision", "Beto")
    asked = challenge(
        case=case, official=story.people["Beto"].pk, reason="Primo", by=story.people["Ana"], now=story.now
    )
    decide_challenge(case=case, challenge_id=asked.pk, grants=True, reason="Consta", by=fabian, now=story.now)
    with pytest.raises(CommandRefused):
        refuse_abstention(case=case, recusal_id=case.recusals.get().pk, reason="x", by=fabian, now=story.now)
