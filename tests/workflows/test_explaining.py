"""¿Por qué?: the rule in words, the values it read, the date and the version behind what a case did (issue 4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.utils.translation import override

from accounts.models import Agency
from notifications.api import Notified
from procedures.api import RuleError
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.flows import begin, flow, form, offer, report
from tests.workflows.test_parties import bring
from workflows import routing
from workflows.commands.notification import record_notification
from workflows.models import Case, Deadline
from workflows.presenting.clocks import explained
from workflows.presenting.explaining import Explanation

pytestmark = pytest.mark.django_db
SECRET = {
    "id": "salud",
    "type": "text",
    "label": "Diagnóstico",
    "max_length": 80,
    "sensitive": True,
    "personal": {"purpose": "Decidir", "basis": "Ley N° 19.628, artículo 10"},
}
AREA = {"id": "metros", "type": "integer", "label": "Metros"}


def when(path: str, op: str, value: Any, goto: str, label: str = "") -> dict[str, Any]:
    way: dict[str, Any] = {"when": {"all": [{"field": path, "op": op, "value": value}]}, "goto": goto}
    return {**way, "label": label} if label else way


YES = {"id": "favorable", "type": "yes_no", "label": "¿Es favorable?"}


def test_each_way_tells_its_rule_and_the_values_of_that_moment_not_those_of_today(story: Story) -> None:
    case = begin(
        story,
        {
            **report(
                "medir", "revision", [when("medir.metros", "gt", 100, "chico", "Es grande"), {"otherwise": "sello"}]
            ),
            "form": "medida",
        },
        report("chico", "obras", "sello"),
        forms=(form("medida", AREA), form("informe", YES)),
    )
    story.do(case, "medir", metros=150)
    story.now += timedelta(hours=1)
    (crossing,) = Explanation(Case.objects.get(pk=case.pk), None).crossings()
    (way,) = crossing.ways
    assert (way.title, way.rule, way.verdict) == ("Es grande", "«Metros» es mayor que 100", "Se cumple")
    assert (way.values, way.taken) == ([("Metros", "150")], True)
    with override("en"):
        (crossing,) = Explanation(Case.objects.get(pk=case.pk), None).crossings()
        assert (crossing.ways[0].rule, crossing.ways[0].verdict) == ("«Metros» is greater than 100", "It holds")
    Case.objects.filter(pk=case.pk).update(data={**Case.objects.get(pk=case.pk).data, "medir": {"metros": 3}})
    first = case.submissions.get(step_id="medir")
    later = case.submissions.create(
        agency=case.agency,
        step_id="medir",
        occurrence=2,
        seq=99,
        at=story.now,
        locale="es",
        presentation=b"{}",
        presentation_sha256="0" * 64,
    )
    later.values.create(field_id="metros", value=3)
    case = Case.objects.get(pk=case.pk)
    (again,) = Explanation(case, None).crossings()
    assert again.ways[0].values == [("Metros", "150")], first.at


def test_the_alternatives_that_did_not_hold_are_told_too(story: Story) -> None:
    case = begin(
        story,
        {
            **report("medir", "revision", [when("medir.metros", "gt", 100, "chico"), {"otherwise": "sello"}]),
            "form": "medida",
        },
        report("chico", "obras", "sello"),
        forms=(form("medida", AREA), form("informe", YES)),
    )
    story.do(case, "medir", metros=20)
    (crossing,) = Explanation(Case.objects.get(pk=case.pk), None).crossings()
    assert [(way.verdict, way.taken) for way in crossing.ways] == [("No se cumple", False), ("", True)]


def test_a_question_that_was_not_asked_says_on_which_answer_it_depends(story: Story, case: Case) -> None:
    asked = Explanation(case, None)
    hidden = [one for told in asked.forms() for one in told.hidden]
    assert hidden
    assert all(one.rule for one in hidden)
    rules = [one for one in hidden if one.rule.startswith("Se pregunta solo si «")]
    assert rules
    assert all(one.values for one in rules)


def test_a_sensitive_answer_is_never_shown(story: Story) -> None:
    why: dict[str, Any] = {"id": "detalle", "type": "text", "label": "Detalle", "max_length": 80}
    why["visible_when"] = {"all": [{"field": "medir.salud", "op": "eq", "value": "asma"}]}
    case = begin(
        story,
        {**report("medir", "revision", "sello"), "form": "medida"},
        forms=(form("medida", SECRET, why),),
    )
    story.do(case, "medir", salud="gripe")
    (told,) = [found for found in Explanation(case, None).forms() if found.step == "medir"]
    (hidden,) = told.hidden
    assert hidden.values == [("Diagnóstico", "dato reservado")]


def test_another_interested_person_learns_nothing_of_what_the_applicant_answered_under_seal_r41(story: Story) -> None:
    """That a question was not asked says what was answered to the one that opens it."""
    sealed = {"sensitive": True, "personal": SECRET["personal"]}
    why = {"id": "detalle", "type": "text", "label": "Detalle", "max_length": 80,
           "visible_when": {"all": [{"field": "inicio.salud", "op": "eq", "value": "asma"}]}}  # fmt: skip
    data = flow(report("informar", "revision", "sello"))
    data["forms"][0]["pages"][0]["fields"] += [SECRET, {**why, **sealed}, {**TestRows.ROWS, **sealed}]
    case = story.file(offer(story, data), salud="gripe", socios=TestRows.GIVEN)
    bruno = bring(story, case).person
    told = {
        person: [one.title for found in Explanation(case, person).forms() for one in found.hidden]
        for person in (story.people["Ana"], bruno)
    }
    assert {"Detalle", "Socio 2: Pasaporte"} <= set(told[story.people["Ana"]])
    assert set(told[story.people["Ana"]]) - set(told[bruno]) == {"Detalle", "Socio 2: Pasaporte"}


def test_a_person_reads_what_their_own_answers_decided_and_not_what_officials_found(
    story: Story, case: Case, visitor: Visitor
) -> None:
    story.do(case, "admision", resultado="observar", observaciones="Corrige.")
    said = text_of(visitor("Ana").get(at("why", case.ref)))
    assert "Después de «Revisión de que no falte nada»" not in said
    assert "Versión 1 de «Patente comercial definitiva»" in said
    official = text_of(visitor("Beto").get(at("desk_why", case.ref)))
    assert "Después de «Examen de admisibilidad»" in official
    assert "Siguió por aquí" in official


class TestWhyThisDate:
    def test_it_names_the_notification_that_started_it_with_its_evidence(
        self, story: Story, case: Case, visitor: Visitor
    ) -> None:
        story.do(case, "admision", resultado="observar", observaciones="Corrige.")
        told = Notified(story.people["Ana"], "letter", story.now, "Seguimiento 9981", departure="Así lo pidió.")
        record_notification(case=case, step_id="correccion", notified=told, by=story.people["Beto"], now=story.now)
        clock = Deadline.objects.get(case=case, step_id="correccion")
        facts = {fact.name: fact.text for fact in explained(clock)["facts"]}
        assert "carta certificada" in facts["Empieza con"]
        assert "vale desde el 09/03/2026" in facts["Empieza con"]
        assert "Seguimiento 9981" in facts["Empieza con"]
        page = text_of(visitor("Beto").get(at("desk_why_this_date", case.ref, clock.pk)))
        assert "Seguimiento 9981" in page
        assert "sábado" in page

    def test_a_filing_on_a_sunday_says_when_it_came_and_from_when_it_counts_r6(self) -> None:
        story = Story.begin(datetime.fromisoformat("2026-03-08T15:00:00+00:00"))
        Agency.objects.filter(code="muni-ejemplo").update(commune="16101")
        clock = Deadline.objects.get(case=story.file(rol_sii="1-1"), kind=Deadline.Kind.TERM)
        facts = {fact.name: fact.text for fact in explained(clock)["facts"]}
        assert "llegó el 08/03/2026" in facts["Empieza con"]
        assert "vale desde el 09/03/2026" in facts["Empieza con"]
        assert "Chillán" in facts["Calendario"]


def test_a_way_that_could_not_be_found_is_told_with_its_incident_and_a_branch_that_ends_with_its_join(
    story: Story, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ways(step: str) -> list[dict[str, Any]]:
        return [when(f"{step}.favorable", "eq", True, "join", "A favor"), {"otherwise": "join"}]

    block = {"id": "juntos", "kind": "parallel", "title": "Juntos", "join": "all", "next": "sello"}
    branches = [[report("uno", "revision", ways("uno"))], [report("dos", "obras", ways("dos"))]]
    case = begin(story, {**block, "branches": branches})
    story.do(case, "uno", favorable=True)

    def broken(*arguments: Any) -> Any:
        raise RuleError("regla rota")

    with monkeypatch.context() as patched:
        patched.setattr(routing, "evaluate", broken)
        story.do(case, "dos", favorable=False)
    first, second = Explanation(Case.objects.get(pk=case.pk), None).crossings()
    assert [way.taken for way in first.ways] == [True]
    assert not any(way.taken for way in second.ways)
    assert "se abrió un incidente" in second.note


class TestRows:
    """What a row of a group did not ask, row by row."""

    ROWS: ClassVar[dict[str, Any]] = {
        "id": "socios", "type": "group", "label": "Socios", "row_title": "Socio",
        "fields": [
            {"id": "extranjero", "type": "yes_no", "label": "¿Es extranjero?"},
            {"id": "pasaporte", "type": "text", "label": "Pasaporte",
             "visible_when": {"all": [{"field": "socios.extranjero", "op": "eq", "value": True}]}},
        ],
    }  # fmt: skip
    GIVEN: ClassVar[list[dict[str, Any]]] = [
        {"id": "a", "extranjero": True, "pasaporte": "P1"},
        {"id": "b", "extranjero": False, "pasaporte": "no cuenta"},
    ]

    def _told(self, story: Story, **more: Any) -> Any:
        case = begin(
            story,
            {**report("medir", "revision", "sello"), "form": "medida"},
            forms=(form("medida", {**self.ROWS, **more}),),
        )
        story.do(case, "medir", socios=self.GIVEN)
        return Case.objects.get(pk=case.pk)

    def test_the_page_says_of_which_row_and_why(self, story: Story) -> None:
        case = self._told(story)
        (told,) = [found for found in Explanation(case, None).forms() if found.step == "medir"]
        (hidden,) = told.hidden
        assert hidden.title == "Socio 2: Pasaporte"
        assert hidden.rule == "Se pregunta solo si «¿Es extranjero?» es Sí."
        assert hidden.values == [("¿Es extranjero?", "No")]
        kept = case.submissions.get(step_id="medir").values.get(field_id="socios").value
        assert kept == [{"id": "a", "extranjero": True, "pasaporte": "P1"}, {"id": "b", "extranjero": False}]

    def test_of_a_sealed_group_an_official_is_told_nothing_row_by_row(self, story: Story) -> None:
        case = self._told(story, sensitive=True, personal={"purpose": "Ayudar", "basis": "Ley"})
        assert [found for found in Explanation(case, None).forms() if found.step == "medir"] == []
