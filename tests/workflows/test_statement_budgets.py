"""How many SQL statements a command may cost, and that lists compile nothing: ceilings, so that waste is noticed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents.models import Document, ElectronicFile
from procedures.models import Offering, Procedure, ProcedureVersion, RoleBinding
from tests.story import Story
from tests.workflows.desk import Visitor, at
from tests.workflows.flows import begin, report
from workflows import registry
from workflows.commands import acts, desk, filing
from workflows.commands.separation import abstain
from workflows.incidents import finding
from workflows.models import Case, CaseTask, Incident

pytestmark = pytest.mark.django_db
VERSIONS = 1000


@pytest.fixture
def case(story: Story) -> Case:
    return story.file()


def cost(act: Callable[[], Any]) -> int:
    """Statements of an act, savepoints and all."""
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def completing(story: Story, case: Case, step: str, **answers: Any) -> Callable[[], None]:
    task = story.claim(case, step)
    user, data = story.user(story.holder(task)), story.posted(case, step, answers)
    return lambda: desk.complete(task=task, by=user, answered=desk.Answered(data=data), now=story.now)


def test_filing(story: Story) -> None:
    """With application, receipt, attachments, seals, evidence, clocks and e-mail."""
    draft = story.draft(story.offering("patente_comercial"))
    signature, ana = story.signature(draft), story.people["Ana"]
    assert cost(lambda: filing.start(draft=draft, by=ana, signature=signature, now=story.now)) <= 118


def test_what_needs_no_number_is_stored_before_the_book_of_requests_is_locked(story: Story) -> None:
    """Other filings of the agency wait from the book's lock on."""
    draft = story.draft(story.offering("patente_comercial"))
    signature, ana = story.signature(draft), story.people["Ana"]
    with CaptureQueriesContext(connection) as captured:
        filing.start(draft=draft, by=ana, signature=signature, now=story.now)
    statements = [query["sql"] for query in captured]
    locked = next(place for place, sql in enumerate(statements) if "documents_numberingbook" in sql)
    for table in (
        "workflows_submissionvalue",
        "signatures_evidencerecord",
        "workflows_deadline",
        "workflows_caseparty",
    ):
        assert any(f'INSERT INTO "{table}"' in sql for sql in statements[:locked]), table
    for table in ("workflows_submissionvalue", "signatures_evidencerecord"):
        assert not any(f'INSERT INTO "{table}"' in sql for sql in statements[locked:]), table


def test_claiming(story: Story, case: Case) -> None:
    task, beto = story.task(case, "admision"), story.user("Beto")
    assert cost(lambda: desk.claim(task=task, by=beto, now=story.now)) <= 10


def test_answering_a_step_that_splits(story: Story, case: Case) -> None:
    assert cost(completing(story, case, "admision", resultado="admitir")) <= 36


def test_answering_a_step(story: Story, case: Case) -> None:
    story.do(case, "admision", resultado="admitir")
    assert cost(completing(story, case, "informe_obras", favorable=True)) <= 18


def test_answering_the_step_that_joins(story: Story, case: Case) -> None:
    story.do(case, "admision", resultado="admitir")
    story.do(case, "informe_obras", favorable=True)
    assert cost(completing(story, case, "informe_salud", favorable=True)) <= 31


def test_asking_for_a_signature(story: Story, case: Case) -> None:
    """With the number of the act, the signers printed on it and the job that signs."""
    story.do(case, "admision", resultado="rechazar")
    story.finish_draft(case, "redaccion_rechazo_inicial")
    task, fabian = story.claim(case, "firma_infundada"), story.user("Fabián")
    act = Document.objects.get(pk=task.data["document"])
    intent = story.intent("Fabián", f"task:{task.pk}", act.content_sha256)
    assert cost(lambda: acts.sign(task=task, by=fabian, intent=intent, now=story.now)) <= 58


def test_a_bandeja_with_a_thousand_distinct_versions_compiles_no_flow(
    story: Story, case: Case, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    many_versions(story, case)
    assert Case.objects.values("version").distinct().count() == VERSIONS + 1
    client = visitor("Beto")
    monkeypatch.setattr(registry, "_flows", {})
    with CaptureQueriesContext(connection) as captured:
        page = client.get(at("inbox"), {"ver": "grupo"})
    assert page.status_code == 200
    assert registry._flows == {}
    assert len(captured) <= 27


def many_versions(story: Story, model: Case) -> None:
    """As many cases, each pinned to a version of its own, each with a step to take; no such flow can be compiled."""
    task, now = model.task_set.get(step_id="admision"), story.now
    offerings = Offering.objects.bulk_create(
        Offering(agency=story.agency, version=version, effective_from=now.date()) for version in versions(story)
    )
    RoleBinding.objects.bulk_create(RoleBinding(offering=offering, slot="x", role=task.role) for offering in offerings)
    files = ElectronicFile.objects.bulk_create(
        ElectronicFile(agency=story.agency, iuie=f"P-{offering.pk}", opened_at=now) for offering in offerings
    )
    cases = Case.objects.bulk_create(
        copy(model, ref=file.iuie, number=file.iuie, file=file, offering=offering, version=offering.version)
        for offering, file in zip(offerings, files, strict=True)
    )
    CaseTask.objects.bulk_create(copy(task, process=found) for found in cases)
    with connection.cursor() as cursor:
        name = "'workflows/live.muni_ejemplo_otro__v' || {} || '__00000000'"
        new = [model.pk]
        cursor.execute(f"UPDATE workflows_case SET flow_class = {name.format('version_id')} WHERE id <> %s", new)
        step = f"{name.format('case_id')} || '.n_admision'"
        cursor.execute(f"UPDATE workflows_casetask SET flow_task = {step} WHERE case_id <> %s", new)
        cursor.execute("ANALYZE")  # else PostgreSQL plans by the empty tables that rolled-back tests left behind


def versions(story: Story) -> list[ProcedureVersion]:
    """Rows of published versions; nobody may open their content."""
    procedure = Procedure.objects.create(owner=story.agency, code="otro", created_at=story.now)
    common = {"procedure": procedure, "schema_version": 1, "canonical": b"{}", "title": "Otro"}
    return ProcedureVersion.objects.bulk_create(
        ProcedureVersion(number=number, sha256=f"{number:064x}", published_at=story.now, **common)
        for number in range(1, VERSIONS + 1)
    )


def copy(row: Any, **changes: Any) -> Any:
    """A new row of the same kind that differs in these columns."""
    values = {field.name: getattr(row, field.name) for field in row._meta.concrete_fields if not field.primary_key}
    return type(row)(**{**values, **changes})


def test_a_search_for_what_nobody_may_do_costs_the_same_however_much_waits(story: Story) -> None:
    """Steps where one person may do both with a reason, steps that only another may do, and incidents still open."""
    both: dict[str, Any] = {"not_same_as": ["primera"], "if_alone": "exception"}
    third: dict[str, Any] = {"not_same_as": ["segunda"], "if_alone": "subrogate"}
    case = begin(
        story,
        report("primera", following="segunda"),
        report("segunda", following="tercera", **both),
        report("tercera", following="sello", **third),
    )
    beto = story.user("Beto")

    def search() -> tuple[list[int], list[int]]:
        today = story.now.date()
        return finding.suspicious_cases(story.now, today), finding.solved_cases(story.now, today)[0]

    def more(wanted: int) -> None:
        for turn in range(wanted):
            story.now += timedelta(minutes=1)
            other = story.file("prueba")
            story.do(other, "primera")
            if turn % 3 == 0:
                desk.claim(task=story.task(other, "segunda"), by=beto, reason="No hay nadie más", now=story.now)
                data = story.posted(other, "segunda", {})
                done = desk.Answered(data=data)
                desk.complete(task=story.task(other, "segunda"), by=beto, answered=done, now=story.now)
            if turn % 3 == 1:
                abstain(case=other, by=beto, reason="Es mi hermana", now=story.now)

    story.do(case, "primera")
    more(3)
    few = cost(lambda: search())
    more(6)
    many = cost(lambda: search())
    found, solved = search()
    assert len(found) == 3, "nobody else may do the third step"
    assert solved == []
    assert Incident.objects.filter(closed_at=None).count() == 3
    assert many == few <= 45
