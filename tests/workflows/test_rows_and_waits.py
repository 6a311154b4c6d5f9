"""Blocks that repeat for each row, waits for a day or an event, and decision tables."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from procedures.api import check_bundle
from procedures.schema import Bundle
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.flows import (
    FORMS,
    GROUP,
    LIST,
    ROWS,
    begin,
    ended,
    flow,
    form,
    offer,
    report,
    visits,
    waiting,
    yes_no,
)
from workflows.commands import desk
from workflows.commands.desk import Answered
from workflows.commands.rows import add_row
from workflows.commands.waiting import Happened, record_event
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Case, Incident
from workflows.presenting.history import history
from workflows.queries import addable
from workflows.runtime import Run
from workflows.texts import CaseData

pytestmark = pytest.mark.django_db

UNFAVOURABLE = {"all": [{"field": "visita.favorable", "op": "eq", "value": False}]}


def visited(story: Story, rows: list[dict[str, Any]], *inner: dict[str, Any], **more: Any) -> Case:
    case = begin(story, LIST, visits(*inner, **more), report("decision", "jefatura", "sello"), forms=FORMS)
    story.do(case, "listar", locales=rows)
    return case


def visit(story: Story, case: Case, row: str, favorable: bool, step: str = "visita") -> None:
    task = case.task_set.get(step_id=step, step_title__endswith=row, status="NEW")
    user = story.user(story.holder(task))
    desk.claim(task=task, by=user, now=story.now)
    answered = Answered(data=story.posted(case, step, {"favorable": favorable}))
    desk.complete(task=task, by=user, answered=answered, now=story.now)


class TestForEach:
    def test_each_row_has_its_own_branch_and_the_results_are_a_list(self, story: Story) -> None:
        case = visited(story, ROWS)
        titles = set(case.task_set.filter(step_id="visita").values_list("step_title", flat=True))
        assert titles == {"visita: Norte", "visita: Sur"}
        visit(story, case, "Sur", False)
        assert waiting(case) == {"visita"}
        visit(story, case, "Norte", True)
        assert waiting(case) == {"decision"}
        case.refresh_from_db()
        assert [row["visita"]["favorable"] for row in case.data["visitas"]["rows"]] == [True, False]
        assert CaseData(Run(case=case, now=story.now, by=None))["visitas.summary"] == (
            "Norte. ¿Es favorable?: Sí\nSur. ¿Es favorable?: No"
        )
        story.do(case, "decision")
        assert ended(story, case)

    def test_a_later_rule_reads_the_list(self, story: Story) -> None:
        ways = [
            {"when": {"cel": "visitas.rows.all(r, r.visita.favorable)"}, "goto": "sello"},
            {"otherwise": "decision"},
        ]
        for favourable, expected in ((True, "sello"), (False, "decision")):
            case = visited(story, ROWS, next=ways)
            visit(story, case, "Norte", True)
            visit(story, case, "Sur", favourable)
            assert waiting(case) == {expected}
            Case.objects.filter(pk=case.pk).update(filed_at=story.now - timedelta(days=1))

    def test_a_rule_within_a_row_reads_its_own_row(self, story: Story) -> None:
        again = [{"when": UNFAVOURABLE, "goto": "repaso"}, {"otherwise": "join"}]
        case = visited(story, ROWS, report("visita", "obras", again), report("repaso", "salud"))
        visit(story, case, "Norte", True)
        visit(story, case, "Sur", False)
        assert set(case.task_set.filter(status="NEW").values_list("step_title", flat=True)) == {"repaso: Sur"}

    def test_without_rows_the_case_goes_straight_on(self, story: Story) -> None:
        optional = (form("lista", {**GROUP, "required": False, "min_rows": 0}), *FORMS[1:])
        case = begin(story, LIST, visits(), report("decision", "jefatura", "sello"), forms=optional)
        task = story.claim(case, "listar")
        answered = Answered(data=MultiValueDict({"locales-rows": [""]}))
        desk.complete(task=task, by=story.user("Beto"), answered=answered, now=story.now)
        assert waiting(case) == {"decision"}

    def test_a_row_added_while_it_runs_is_waited_for_too(self, story: Story, visitor: Visitor) -> None:
        case = visited(story, ROWS, added_by="revision", form="otro_local")
        visit(story, case, "Norte", True)
        address = reverse("workflows:desk_add_row", args=[case.ref, "visitas"])
        beto = visitor("Beto")
        shown = beto.get(address)
        assert (shown.status_code, "Completa" in text_of(shown)) == (200, False), "nothing is wrong before it is sent"
        assert beto.post(address, {"nombre": ""}).status_code == 422
        sent = {"nombre": "Poniente", "filas": shown.context["rows"]}
        assert beto.post(address, sent).status_code == 302
        again = beto.post(address, sent)
        assert again.status_code == 409
        assert "Hace un momento se agregó una fila igual" in text_of(again)
        assert case.task_set.filter(step_title="visita: Poniente").count() == 1, "a second press adds nothing"
        assert visitor("Carla").get(address).status_code == 404
        visit(story, case, "Sur", True)
        assert waiting(case) == {"visita"}
        visit(story, case, "Poniente", True)
        assert waiting(case) == {"decision"}
        assert beto.get(address).status_code == 404
        with pytest.raises(CommandRefused):
            add_row(case=case, step_id="visitas", by=story.user("Beto"), answered=Answered({}), now=story.now)
        with pytest.raises(NotAllowed):
            add_row(case=case, step_id="visitas", by=story.user("Carla"), answered=Answered({}), now=story.now)

    def test_a_row_whose_first_step_cannot_be_opened_is_refused_with_the_reason(
        self, story: Story, visitor: Visitor
    ) -> None:
        """The rule of who does it fails with what was written there."""
        few = [{"when": {"cel": "int(visitas.nombre) > 9"}, "role": "salud"}]
        steps = visits(report("visita", "obras", role_when=few), added_by="revision", form="otro_local")
        case = begin(story, LIST, steps, report("decision", "jefatura", "sello"), forms=FORMS)
        story.do(case, "listar", locales=[{"id": "a1", "nombre": "1"}, {"id": "b2", "nombre": "2"}])
        answer = visitor("Beto").post(at("desk_add_row", case.ref, "visitas"), {"nombre": "Poniente", "filas": 2})
        assert answer.status_code == 409
        assert "La condición no dio verdadero ni falso" in text_of(answer)
        case.refresh_from_db()
        assert case.data["visitas"]["count"] == 2

    @pytest.mark.parametrize("leftover", ["cancel", "accept"])
    def test_no_row_is_added_once_the_case_went_on_without_the_block(self, story: Story, leftover: str) -> None:
        """A branch born then would belong to nobody: the case would end with a step still open."""
        listed = [LIST, visits(added_by="revision", form="otro_local", next="join")]
        around = {
            "id": "bloque", "kind": "parallel", "title": "Informes", "join": "any", "leftover": leftover,
            "branches": [listed, [report("uno")]], "next": "decision",
        }  # fmt: skip
        case = begin(story, around, report("decision", "jefatura", "sello"), forms=FORMS)
        story.do(case, "listar", locales=ROWS)
        assert addable(case, story.people["Beto"], story.now.date())
        story.do(case, "uno")
        assert addable(case, story.people["Beto"], story.now.date()) == []
        answered = Answered(MultiValueDict({"nombre": ["Poniente"]}))
        with pytest.raises(CommandRefused):
            add_row(case=case, step_id="visitas", by=story.user("Beto"), answered=answered, now=story.now)
        story.do(case, "decision")
        assert ended(story, case)


DATED = (form("fechas", {"id": "dia", "type": "date", "label": "Día"}), form("informe", yes_no()))
ASK_DATE = {"id": "fijar", "kind": "task", "title": "Fijar", "role": "revision", "form": "fechas", "next": "espera"}


class TestWait:
    def test_the_case_goes_on_when_the_day_comes(self, story: Story) -> None:
        wait = {"id": "espera", "kind": "wait", "title": "Espera", "until": "fijar.dia", "next": "sello"}
        case = begin(story, ASK_DATE, wait, forms=DATED)
        story.do(case, "fijar", dia="2026-03-20")
        story.work()
        assert waiting(case) == {"espera"}
        assert case.task_set.get(step_id="espera").due_on == date(2026, 3, 20)
        story.now += timedelta(days=16)
        assert ended(story, case)
        assert case.data["espera"] == {"happened": False, "on": "2026-03-20"}

    def test_an_official_records_what_happened_outside(self, story: Story, visitor: Visitor) -> None:
        case = self._awaiting_event(story)
        task = case.task_set.get(step_id="espera")
        page = visitor("Beto").get(reverse("workflows:desk_step", args=[case.ref, task.pk]))
        assert "la toma de razón" in page.content.decode()
        with pytest.raises(NotAllowed):
            self._record(story, case, "Carla", story.now.date())
        with pytest.raises(CommandRefused, match="futura"):
            self._record(story, case, "Beto", date(2027, 1, 1))
        posted = {"on": "04/03/2026", "evidence": "Oficio 12"}
        assert visitor("Beto").post(page.request["PATH_INFO"], posted).status_code == 302
        assert waiting(case) == {"sello"}
        assert any("Registró que ocurrió" in line.what and line.detail == "Oficio 12" for line in history(case))
        story.now += timedelta(days=60)
        assert ended(story, case)

    def test_the_day_ends_the_wait_when_nothing_happened(self, story: Story) -> None:
        case = self._awaiting_event(story)
        story.now += timedelta(days=30)
        story.work()
        case.refresh_from_db()
        assert case.data["espera"]["happened"] is False

    def _awaiting_event(self, story: Story) -> Case:
        more = {"event": "la toma de razón", "role": "revision", "after": {"amount": 10, "unit": "business_days"}}
        return begin(story, {"id": "espera", "kind": "wait", "title": "Espera", "next": "sello", **more})

    def _record(self, story: Story, case: Case, who: str, on: date) -> None:
        task = case.task_set.get(step_id="espera")
        happened = Happened(on=on)
        record_event(task=task, by=story.user(who), happened=happened, answered=Answered({}), now=story.now)


def table(*rows: dict[str, Any]) -> dict[str, Any]:
    ways = [
        {"when": {"all": [{"field": "tarifa.tramo", "op": "eq", "value": "alto"}]}, "goto": "decision"},
        {"otherwise": "sello"},
    ]
    values = {"tramo": "text", "monto": "money_clp"}
    return {"id": "tarifa", "kind": "decision", "title": "Tarifa", "values": values, "rows": list(rows), "next": ways}


def row(tramo: str, monto: int, **bounds: Any) -> dict[str, Any]:
    return {"when": [{"data": "medir.metros", **bounds}], "then": {"tramo": tramo, "monto": monto}}


METRES = (form("medidas", {"id": "metros", "type": "integer", "label": "Metros", "min": 1}), form("informe", yes_no()))
MEASURE = {"id": "medir", "kind": "task", "title": "Medir", "role": "revision", "form": "medidas", "next": "tarifa"}


def findings(*rows: dict[str, Any], forms: tuple[dict[str, Any], ...] = METRES) -> dict[str, str]:
    data = flow(MEASURE, table(*rows), report("decision", "jefatura", "sello"), forms=forms)
    found = check_bundle(Bundle.model_validate(data))
    return {finding.code: finding.message for finding in found if finding.severity == "error"}


class TestDecision:
    def test_the_row_that_holds_gives_the_values_and_the_history_says_which(self, story: Story) -> None:
        step = table(row("bajo", 100, below=50), row("alto", 900, min=50))
        case = begin(story, MEASURE, step, report("decision", "jefatura", "sello"), forms=METRES)
        story.do(case, "medir", metros=50)
        case.refresh_from_db()
        assert case.data["tarifa"] == {"tramo": "alto", "monto": 900}
        assert waiting(case) == {"decision"}
        assert "«Tarifa»: sirvió la fila 2 de la tabla" in [line.what for line in history(case)]
        assert not Incident.objects.exists()

    def test_a_case_without_a_row_is_found_at_publishing(self) -> None:
        found = findings(row("bajo", 100, below=50), row("alto", 900, min=51))
        assert set(found) == {"table_gap"}
        assert "cuando «Metros» es 50" in found["table_gap"]

    def test_two_rows_for_one_case_are_found_at_publishing(self) -> None:
        found = findings(row("bajo", 100, below=51), row("alto", 900, min=50))
        assert set(found) == {"table_overlap"}
        assert "Las filas 1 y 2" in found["table_overlap"]

    @pytest.mark.parametrize("way", ["condition", "skip"])
    def test_a_question_that_some_never_reach_has_no_answer_in_some_case(self, way: str) -> None:
        """Its page is shown to some only, or others go past it: without a row for them their case would stop there."""
        asked = {"all": [{"field": "medir.tiene", "op": "eq", "value": True}]}
        first = {"id": "antes", "title": "Antes", "fields": [{**yes_no("tiene"), "required": True}]}
        pages = [first, {"id": "unica", "title": "Única", "fields": METRES[0]["pages"][0]["fields"]},
                 {"id": "fin", "title": "Fin", "fields": [yes_no("otra")]}]  # fmt: skip
        if way == "condition":
            pages[1]["visible_when"] = asked
        else:
            pages[0]["skip"] = [{"when": asked, "goto": "fin"}]
        measures = {"id": "medidas", "title": "Medidas", "pages": pages}
        rows = (row("bajo", 100, below=50), row("alto", 900, min=50))
        found = findings(*rows, forms=(measures, METRES[1]))
        assert set(found) == {"table_gap"}
        assert "cuando «Metros» no tiene respuesta" in found["table_gap"]
        without = {"when": [{"data": "medir.metros", "empty": True}], "then": {"tramo": "bajo", "monto": 0}}
        assert findings(*rows, without, forms=(measures, METRES[1])) == {}

    def test_a_gap_between_two_near_decimals_is_found_at_publishing(self) -> None:
        decimal = form("medidas", {"id": "metros", "type": "decimal", "label": "Metros"})
        rows = (row("bajo", 1, below=50), row("alto", 2, equals=[50]), row("alto", 3, min="50.0004"))
        assert set(findings(*rows, forms=(decimal, METRES[1]))) == {"table_gap"}

    def test_a_complete_table_is_accepted(self) -> None:
        assert findings(row("bajo", 100, below=50), row("alto", 900, min=50)) == {}


def test_a_datum_of_a_row_is_unknown_outside_its_block() -> None:
    away = {"all": [{"field": "visitas.nombre", "op": "filled"}]}
    ways = [{"when": away, "goto": "decision"}, {"otherwise": "sello"}]
    data = flow(LIST, visits(next=ways), report("decision", "jefatura", "sello"), forms=FORMS)
    assert "datum_of_a_row" in {finding.code for finding in check_bundle(Bundle.model_validate(data))}


def test_an_act_cannot_be_issued_within_a_row() -> None:
    draft = {"id": "redacta", "kind": "draft", "title": "Redactar", "role": "obras", "document": "x", "next": "join"}
    data = flow(LIST, visits(draft), report("decision", "jefatura", "sello"), forms=FORMS)
    assert "kind_in_a_row" in {finding.code for finding in check_bundle(Bundle.model_validate(data))}


def test_it_can_be_offered(story: Story) -> None:
    assert offer(story, flow(LIST, visits(), report("decision", "jefatura", "sello"), forms=FORMS)) == "prueba"
