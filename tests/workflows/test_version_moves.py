"""Open cases go to another version of their procedure by order: only where they fit, one by one, and back."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from jobs.api import run_job
from jobs.models import Job
from procedures.api import bundle_of
from procedures.models import Offering, RoleBinding
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.flows import NAME, begin, ended, flow, form, offer, report, waiting, yes_no
from workflows import titles
from workflows.commands import desk, versions
from workflows.commands.effects import retry_incident
from workflows.errors import CommandRefused, OrderOfEntry
from workflows.models import Case, CaseMove, VersionMove
from workflows.presenting.history import history
from workflows.versions.standing import verdicts

pytestmark = pytest.mark.django_db
WHY = "La jefatura cambió el formulario"
Data = dict[str, Any]


def version(story: Story, *steps: Data, **more: Any) -> Offering:
    """The same procedure, published again with other steps."""
    return story.offering(offer(story, flow(*steps, **more)))


def two_reports(second: str = "segunda", **more: Any) -> tuple[Data, Data]:
    return report("primera", following=second), report(second, following="sello", **more)


def problems(case: Case, target: Offering) -> str:
    return " ".join(next(verdicts([case], case.offering, target)).problems)


def go(case: Case, target: Offering, story: Story) -> VersionMove:
    case.refresh_from_db()
    move = versions.order_move(source=case.offering, target=target, reason=WHY, by=story.people["Inés"], now=story.now)
    story.work()
    case.refresh_from_db()
    return move


def test_a_case_goes_on_in_the_version_it_was_taken_to(story: Story) -> None:
    case = begin(story, *two_reports())
    story.claim(case, "primera")
    better = report("extra", "obras", following="sello")
    target = version(story, report("primera", following="segunda"), report("segunda", following="extra"), better)
    go(case, target, story)
    assert (case.version, case.offering) == (target.version, target)
    story.do_claimed(case, story.task(case, "primera"))
    story.do(case, "segunda")
    assert waiting(case) == {"extra"}
    story.do(case, "extra")
    assert ended(story, case)
    told = next(line for line in history(case) if "Pasó de la versión 1 a la versión 2" in line.what)
    assert (told.who, told.detail) == (str(story.people["Inés"]), WHY)


def test_a_step_under_way_takes_the_name_that_the_other_version_gives_it_and_back(story: Story) -> None:
    case = begin(story, *two_reports())
    target = version(story, {**report("primera", following="segunda"), "title": "Revisar el local"}, two_reports()[1])
    move = go(case, target, story)
    assert story.task(case, "primera").step_title == "Revisar el local"
    versions.undo_move(move=move, reason=WHY, by=story.people["Inés"], now=story.now)
    story.work()
    assert story.task(case, "primera").step_title == "primera"


def test_what_was_done_before_the_move_keeps_the_words_that_those_who_apply_read(
    story: Story, visitor: Visitor
) -> None:
    """Not the name that the office gave it: the other version calls the step otherwise."""
    first = {**report("primera", following="segunda"), "title": "Primer informe", "applicant_title": "Te revisan"}
    case = begin(story, first, {**two_reports()[1], "title": "Segundo informe"})
    story.do(case, "primera")
    renamed = {**first, "title": "Otro informe", "applicant_title": "Otra revisión"}
    target = version(story, renamed, {**two_reports()[1], "title": "Segundo informe"})
    go(case, target, story)
    assert case.version == target.version
    task = case.task_set.get(step_id="primera")
    assert titles.for_applicant(task, bundle_of(case.version), "es") == "Te revisan"
    assert titles.for_official(task, bundle_of(case.version), "es") == "Primer informe"
    page = text_of(visitor("Ana").get(at("case", case.ref)))
    assert "Te revisan" in page
    assert "Primer informe" not in page


def test_a_case_in_a_step_that_the_other_version_lacks_stays(story: Story) -> None:
    case = begin(story, *two_reports())
    target = version(story, report("otra", following="sello"))
    assert problems(case, target) == "Está en el paso «primera», que la otra versión no tiene."
    with pytest.raises(CommandRefused, match="Ninguna"):
        go(case, target, story)


def test_a_case_stays_where_its_answers_would_be_lost_or_missed(story: Story) -> None:
    case = begin(story, *two_reports())
    story.do(case, "primera", favorable=True)
    without = version(story, *two_reports(), forms=(form("informe", NAME),))
    assert "Respondió «¿Es favorable?»" in problems(case, without)
    asked = {"when": {"all": [{"field": "primera.urgente", "op": "eq", "value": True}]}, "goto": "sello"}
    ways = [asked, {"otherwise": "sello"}]
    more = {**yes_no("urgente"), "label": "¿Es urgente?", "required": True}
    later = version(
        story,
        report("primera", following="segunda"),
        report("segunda", following=ways),
        forms=(form("informe", yes_no(), more),),
    )
    assert "usa «¿Es urgente?»" in problems(case, later)
    harmless = {**yes_no("comentable"), "required": False}
    assert problems(case, version(story, *two_reports(), forms=(form("informe", yes_no(), harmless),))) == ""


def test_a_case_inside_a_block_goes_only_where_the_block_is_the_same(story: Story) -> None:
    def block(join: str, *third: list[Data]) -> Data:
        branches = [[report("a", "obras")], [report("b", "salud")], *third]
        return {"id": "informes", "kind": "parallel", "title": "Informes", "join": join, "branches": branches,
                "next": "cierre"}  # fmt: skip

    close = report("cierre", following="sello")
    case = begin(story, block("all"), close)
    story.do(case, "a")
    assert "se reúnen de otra manera" in problems(case, version(story, block("any"), close))
    assert "se reúnen de otra manera" in problems(case, version(story, block("all", [report("c")]), close))
    same = version(story, block("all"), {**close, "title": "Cierre del caso"})
    go(case, same, story)
    story.do(case, "b")
    assert waiting(case) == {"cierre"}


def test_what_has_been_set_in_motion_is_not_taken_over_to_another_definition(story: Story) -> None:
    wait = {"id": "espera", "kind": "wait", "title": "Espera", "event": "la toma de razón", "role": "revision",
            "next": "sello"}  # fmt: skip
    case = begin(story, wait)
    assert "ya partió" in problems(case, version(story, {**wait, "event": "la publicación"}))
    assert problems(case, version(story, {**wait, "title": "Toma de razón"}, title="Otro nombre")) == ""


def test_the_step_goes_to_whoever_has_it_in_the_other_version(story: Story) -> None:
    case = begin(story, *two_reports())
    story.claim(case, "primera")
    go(
        case,
        version(story, report("primera", "obras", following="segunda"), report("segunda", following="sello")),
        story,
    )
    task = story.task(case, "primera")
    assert (task.owner, task.role.unit.code) == (None, "dom")  # type: ignore[union-attr]
    story.do(case, "primera")


def test_a_stuck_case_goes_on_after_going_to_the_corrected_version(story: Story) -> None:
    case = begin(story, report("primera", following="segunda"), report("segunda", "obras", following="sello"))
    RoleBinding.objects.filter(offering=case.offering, slot="obras").delete()
    story.do(case, "primera")
    incident = case.incidents.get()
    move = version(story, report("primera", following="segunda"), report("segunda", "salud", following="sello"))
    go(case, move, story)
    retry_incident(incident=incident, by=story.people["Beto"], now=story.now)
    assert story.task(case, "segunda").role.unit.code == "salud"  # type: ignore[union-attr]


def test_the_order_is_undone_case_by_case(story: Story) -> None:
    first, second = begin(story, *two_reports()), begin(story, *two_reports())
    old = first.offering
    target = version(story, report("primera", following="nueva"), report("nueva", following="segunda"),
                     report("segunda", following="sello"))  # fmt: skip
    move = go(first, target, story)
    story.do(second, "primera")
    with pytest.raises(CommandRefused, match="por qué"):
        versions.undo_move(move=move, reason=" ", by=None, now=story.now)
    back = versions.undo_move(move=move, reason="Era para las nuevas", by=None, now=story.now)
    story.work()
    states = dict(back.cases.values_list("case", "state"))
    assert states == {first.pk: "moved", second.pk: "refused"}
    first.refresh_from_db()
    assert first.offering == old
    story.do(first, "primera")
    assert waiting(first) == {"segunda"}
    with pytest.raises(CommandRefused, match="ya se deshizo"):
        versions.undo_move(move=move, reason="Otra vez", by=None, now=story.now)


def test_what_stopped_halfway_is_resumed_and_no_case_goes_twice(story: Story) -> None:
    case = begin(story, *two_reports())
    target = version(story, *two_reports(), title="Otro nombre")
    move = versions.order_move(source=case.offering, target=target, reason=WHY, by=None, now=story.now)
    Job.objects.filter(kind=versions.MOVE).delete()
    story.work()
    assert move.cases.get().state == CaseMove.State.PENDING
    assert versions.resume_move(move=move, now=story.now) == 1
    versions.resume_move(move=move, now=story.now)
    story.work()
    assert move.cases.get().state == CaseMove.State.MOVED
    assert sum("Pasó de la versión" in line.what for line in history(Case.objects.get(pk=case.pk))) == 1


def test_the_command_line_says_first_and_does_only_when_told(story: Story) -> None:
    case = begin(story, *two_reports())
    version(story, *two_reports(), title="Otro nombre")
    asked = ["procedures", "migrate", "prueba", "--agency", "muni-ejemplo", "--from", "1", "--to", "2"]
    said = StringIO()
    call_command(*asked, stdout=said)
    assert "De 1 solicitudes abiertas, 1 pueden pasar y 0 se quedan." in said.getvalue()
    with pytest.raises(CommandError, match="por qué"):
        call_command(*asked, "--apply", stdout=StringIO())
    call_command(*asked, "--apply", "--reason", WHY, stdout=StringIO())
    story.work()
    case.refresh_from_db()
    assert case.version.number == 2


def test_staff_see_what_would_happen_then_what_happened(story: Story, visitor: Visitor) -> None:
    case, kept = begin(story, *two_reports()), begin(story, *two_reports())
    target = version(story, *two_reports(), title="Otro nombre")
    ines = visitor("Inés")
    assert "versión 2" in text_of(ines.get(at("versions")))
    address = at("version_plan", case.offering_id, target.pk)
    assert "Pueden pasar 2" in text_of(ines.get(address))
    assert "Escribe por qué" in text_of(ines.post(address, {"dejar": [kept.pk]}))
    done = ines.post(address, {"dejar": [kept.pk], "motivo": WHY}, follow=True)
    assert "Por pasar 1" in text_of(done)
    story.work()
    assert "Pasaron 1" in text_of(ines.get(done.redirect_chain[-1][0]))
    kept.refresh_from_db()
    assert kept.version.number == 1
    assert visitor("Beto").get(address).status_code == 404


def test_a_new_version_does_not_let_a_later_case_go_before_an_earlier_one_r21(story: Story) -> None:
    """Ley 19.880 art. 7: the matter is of the same nature whichever text of the procedure asks for it."""
    begin(story, *two_reports())
    story.now += timedelta(minutes=5)
    version(story, *two_reports(), title="Otra versión")
    later = story.file("prueba")
    with pytest.raises(OrderOfEntry):
        story.claim(later, "primera")
    desk.claim(task=story.task(later, "primera"), by=story.user("Beto"), reason="Vence hoy", now=story.now)


def test_undoing_halfway_stops_the_cases_that_have_not_gone_yet(story: Story) -> None:
    """Otherwise they went over after the order that took them was undone."""
    first, second = begin(story, *two_reports()), begin(story, *two_reports())
    old = first.offering
    target = version(story, *two_reports(), title="Otro nombre")
    move = versions.order_move(source=old, target=target, reason=WHY, by=None, now=story.now)
    run_job(Job.objects.get(kind=versions.MOVE, case_id=first.pk).pk, now=story.now)
    back = versions.undo_move(move=move, reason="Era para las nuevas", by=None, now=story.now)
    story.work()
    assert list(back.cases.values_list("case", "state")) == [(first.pk, "moved")]
    for case in (first, second):
        case.refresh_from_db()
        assert case.offering == old
    stayed = move.cases.get(case=second)
    assert (stayed.state, stayed.problems) == ("refused", ["El cambio se deshizo antes de que pasara."])


def test_an_order_of_which_no_case_has_gone_yet_is_stopped(story: Story, visitor: Visitor) -> None:
    case = begin(story, *two_reports())
    target = version(story, *two_reports(), title="Otro nombre")
    move = versions.order_move(source=case.offering, target=target, reason=WHY, by=None, now=story.now)
    page = visitor("Inés")
    assert "Las que faltan ya no pasan" in text_of(page.get(at("version_move", move.pk)))
    page.post(at("version_move", move.pk), {"deshacer": "1", "motivo": "Fue un error"})
    story.work()
    case.refresh_from_db()
    assert case.version.number == 1
    with pytest.raises(CommandRefused, match="No falta ninguna"):
        versions.resume_move(move=move, now=story.now)


def test_a_moved_case_says_so_and_explains_what_it_passed_by_the_rules_of_then_r78(
    story: Story, visitor: Visitor
) -> None:
    """It said that the version in force when it was filed rules it, and showed rules that nobody had applied."""

    def measured(least: int) -> tuple[Data, ...]:
        ways = [{"when": {"all": [{"field": "medir.metros", "op": "gt", "value": least}]}, "goto": "chico"},
                {"otherwise": "sello"}]  # fmt: skip
        return {**report("medir", "revision", ways), "form": "medida"}, report("chico", "obras", "sello")

    forms = (form("medida", {"id": "metros", "type": "integer", "label": "Metros"}), form("informe", yes_no()))
    case = begin(story, *measured(100), forms=forms)
    story.do(case, "medir", metros=150)
    move = go(case, version(story, *measured(200), forms=forms), story)
    page = text_of(visitor("Beto").get(at("desk_why", case.ref)))
    assert "«Metros» es mayor que 100. Se cumple" in page
    assert "mayor que 200" not in page
    assert "empezó con la versión 1 y la institución la pasó a esta" in page
    assert "Rige la que estaba vigente" not in page
    versions.undo_move(move=move, reason=WHY, by=story.people["Inés"], now=story.now)
    story.work()
    assert "Rige la que estaba vigente" in text_of(visitor("Ana").get(at("why", case.ref)))
