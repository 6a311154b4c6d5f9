"""A reasoned order puts a class of cases before the others for a time (Ley 19.880 art. 7; R21)."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import Unit
from procedures.api import bundle_of
from procedures.models import Offering
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from workflows.bandeja import Bandeja
from workflows.commands import desk
from workflows.commands.entry_orders import NewOrder, end_order, give_order
from workflows.errors import CommandRefused, NotAllowed, OrderOfEntry
from workflows.models import Case, CaseTask, EntryOrder
from workflows.presenting.entry_orders import OrderForm
from workflows.presenting.history import history

pytestmark = pytest.mark.django_db
OWNERS = {"all": [{"field": "inicio.titulo", "op": "eq", "value": "propietario"}]}


def ordered(story: Story, *, days: tuple[int, int] = (0, 10), by: str = "Elena", **changes: Any) -> EntryOrder:
    today = story.now.date()
    new: dict[str, Any] = {
        "offering": story.offering("patente_comercial"),
        "unit": Unit.objects.get(agency=story.agency, code="rentas"),
        "condition": OWNERS,
        "starts_on": today + timedelta(days=days[0]),
        "ends_on": today + timedelta(days=days[1]),
        "reason": "Vencen los contratos de la feria.",
        **changes,
    }
    order = give_order(new=NewOrder(**new), by=story.people[by], now=story.now)
    story.work()
    return order


def filed(story: Story, **answers: Any) -> Case:
    story.now += timedelta(minutes=1)
    return story.file(**answers)


def next_of(story: Story) -> int | None:
    task = Bandeja(story.people["Beto"], story.now.date()).next_tasks().first()
    return task.process_id if task else None


def happened(case: Case) -> str:
    return "\n".join(f"{line.what} {line.detail}" for line in history(case))


def test_its_class_is_kept_in_spanish_whoever_gives_it(story: Story) -> None:
    with translation.override("en"):
        order = ordered(story, filed_from=story.now.date())
    assert "; presentadas desde el " in order.words


def test_it_changes_the_order_of_cases_that_wait_and_of_those_that_come(story: Story) -> None:
    older, waiting = filed(story, titulo="arriendo"), filed(story, titulo="propietario")
    assert next_of(story) == older.pk
    ordered(story)
    coming = filed(story, titulo="propietario")
    assert next_of(story) == waiting.pk
    with pytest.raises(OrderOfEntry):
        story.claim(older, "admision")
    listed = [task.process_id for task in Bandeja(story.people["Beto"], story.now.date()).unclaimed()]
    assert listed == [waiting.pk, coming.pk, older.pk]
    story.claim(waiting, "admision")
    story.claim(coming, "admision")
    story.claim(older, "admision")
    for case in (waiting, coming):
        assert "Una orden fundada puso «Examen de admisibilidad» antes" in happened(case)
        assert "Vencen los contratos de la feria." in happened(case)
    assert "orden fundada" not in happened(older)


def test_it_rules_only_its_days_and_only_its_unit(story: Story) -> None:
    older, covered = filed(story, titulo="arriendo"), filed(story, titulo="propietario")
    ordered(story, days=(2, 3))
    assert next_of(story) == older.pk
    story.now += timedelta(days=2)
    story.work()
    assert next_of(story) == covered.pk
    story.do(covered, "admision", resultado="admitir")
    assert not covered.task_set.exclude(unit__code="rentas").filter(rank=0).exists()
    again = filed(story, titulo="propietario")
    assert next_of(story) == again.pk
    story.now += timedelta(days=2)
    story.work()
    assert next_of(story) == older.pk
    assert "volvió al orden de llegada" in happened(again)
    assert EntryOrder.objects.get().is_over


def test_it_is_ended_early_with_a_reason(story: Story) -> None:
    older, covered = filed(story, titulo="arriendo"), filed(story, titulo="propietario")
    order = ordered(story)
    assert next_of(story) == covered.pk
    with pytest.raises(NotAllowed):
        end_order(order=order, reason="Ya no", by=story.people["Beto"], now=story.now)
    with pytest.raises(CommandRefused, match="por qué"):
        end_order(order=order, reason=" ", by=story.people["Elena"], now=story.now)
    end_order(order=order, reason="La feria se suspendió.", by=story.people["Elena"], now=story.now)
    with pytest.raises(CommandRefused, match="ya terminó"):
        end_order(order=order, reason="Otra vez", by=story.people["Elena"], now=story.now)
    story.work()
    assert next_of(story) == older.pk


@pytest.mark.parametrize(
    ("days", "changes", "said"),
    [
        ((3, 20), {}, "ya rige otra orden"),
        ((20, 15), {}, "termina antes de empezar"),
        ((-1, 5), {}, "hacia atrás"),
        ((20, 400), {}, "seis meses"),
        ((20, 25), {"reason": " "}, "motivo"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(
    story: Story, days: tuple[int, int], changes: dict[str, Any], said: str
) -> None:
    ordered(story)
    with pytest.raises(CommandRefused, match=said):
        ordered(story, days=days, **changes)
    assert EntryOrder.objects.count() == 1


def test_a_case_that_is_written_right_after_the_order_was_applied_gets_its_place_too(story: Story) -> None:
    """Its command had read that there is no order, or that there still is one."""
    covered = filed(story, titulo="propietario")
    order = ordered(story)
    for rank in (0, 1):
        assert story.task(covered, "admision").rank == rank
        CaseTask.objects.filter(process=covered).update(rank=1 - rank)
        story.now += timedelta(minutes=1)
        story.work()
        assert story.task(covered, "admision").rank == rank
        if rank == 0:
            end_order(order=order, reason="La feria se suspendió.", by=story.people["Elena"], now=story.now)
            story.work()


def test_one_about_a_procedure_that_is_not_offered_any_more_is_ended(story: Story) -> None:
    order, today = ordered(story), story.now.date()
    gone = Offering.objects.filter(version__procedure=order.procedure, agency=order.agency)
    gone.update(effective_from=today - timedelta(days=9), effective_to=today - timedelta(days=1))
    with pytest.raises(NotAllowed):
        end_order(order=order, reason="Ya no", by=story.people["Beto"], now=story.now)
    assert end_order(order=order, reason="Ya no", by=story.people["Elena"], now=story.now).is_over


def test_only_who_heads_the_unit_or_signs_the_acts_may_give_it(story: Story) -> None:
    works = Unit.objects.get(agency=story.agency, code="dom")
    own = Unit.objects.get(agency=story.agency, code="rentas")
    mayors = Unit.objects.get(agency=story.agency, code="alcaldia")
    for by, unit in (("Beto", own), ("Inés", own), ("Elena", works), ("Fabián", works), ("Fabián", own)):
        with pytest.raises(NotAllowed):
            ordered(story, by=by, unit=unit)
    ordered(story, by="Fabián", unit=mayors)


def test_a_single_case_may_still_go_first_with_its_own_reason(story: Story) -> None:
    older, _covered = filed(story, titulo="arriendo"), filed(story, titulo="propietario")
    ordered(story)
    task = story.task(older, "admision")
    desk.claim(task=task, by=story.user("Beto"), now=story.now, reason="Vence hoy su plazo.")
    assert "Vence hoy su plazo." in happened(older)


def test_the_head_gives_and_ends_it_on_its_pages(story: Story, visitor: Visitor) -> None:
    _older, covered = filed(story, titulo="arriendo"), filed(story, titulo="propietario")
    elena, beto = visitor("Elena"), visitor("Beto")
    offering, unit = story.offering("patente_comercial"), Unit.objects.get(agency=story.agency, code="rentas")
    page = at("entry_order_give", offering.pk, unit.pk)
    assert elena.get(at("entry_orders"), {"para": f"{offering.pk}-{unit.pk}"}).url == page  # type: ignore[attr-defined]
    assert elena.get(at("entry_orders"), {"para": f"{'9' * 5000}-1"}).status_code == 200, "no number is that long"
    assert beto.get(page).status_code == 404
    today = story.now.date()
    given = {
        "first": "titulo=propietario",
        "second": "",
        "starts_on": today.strftime("%d/%m/%Y"),
        "ends_on": (today + timedelta(days=5)).strftime("%d/%m/%Y"),
        "reason": "",
    }
    wrong = elena.post(page, given)
    assert wrong.status_code == 422
    assert "Escribe el motivo" in text_of(wrong)
    assert elena.post(page, {**given, "reason": "Se vence la feria."}).status_code == 302
    again = elena.post(page, {**given, "reason": "Se vence la feria."})
    assert (again.status_code, "ya rige otra orden" in text_of(again)) == (409, True)
    story.work()
    for shown in (beto.get(at("desk_case", covered.ref)), beto.get(at("entry_orders"))):
        assert "Se vence la feria." in text_of(shown)
    assert "va antes por orden fundada" in text_of(beto.get(at("inbox"), {"ver": "grupo"}))
    order = EntryOrder.objects.get()
    assert beto.post(at("entry_order_end", order.pk), {"motivo": "No"}).status_code == 409
    assert elena.post(at("entry_order_end", order.pk), {"motivo": "Se suspendió."}).status_code == 302
    assert "Se suspendió." in text_of(beto.get(at("entry_orders")))


def test_ending_it_without_a_reason_asks_for_the_reason_in_its_place(story: Story, visitor: Visitor) -> None:
    """The question was folded away again, and the problem led nowhere."""
    order = ordered(story)
    elena = visitor("Elena")
    assert "pasos sin tomar" not in text_of(elena.get(at("entry_orders"))), "it covers nothing: no «0» of them"
    refused = elena.post(at("entry_order_end", order.pk), {"motivo": " "})
    assert refused.status_code == 409
    page = refused.content.decode()
    assert f'<a href="#motivo-{order.pk}">Escribe por qué termina antes.</a>' in page
    assert "<details open>" in page
    end_order(order=order, reason="Se acabó la feria", by=story.people["Elena"], now=story.now)
    again = text_of(elena.post(at("entry_order_end", order.pk), {"motivo": "Otra vez"}))
    assert "Esta orden ya terminó" in again


def test_two_answers_that_nobody_gives_together_make_no_order(story: Story) -> None:
    bundle = bundle_of(story.offering("patente_comercial").version)
    given = {"first": "titulo=propietario", "starts_on": "04/03/2026", "ends_on": "05/03/2026", "reason": "Feria."}
    form = OrderForm({**given, "second": "titulo=arriendo"}, bundle=bundle, today=story.now.date())
    assert "Nadie respondió las dos cosas" in str(form.errors["second"])
    assert OrderForm({**given, "second": "titulo=propietario"}, bundle=bundle, today=story.now.date()).is_valid()


def test_an_order_past_its_last_day_is_not_said_to_be_coming(story: Story, visitor: Visitor) -> None:
    order = ordered(story)
    EntryOrder.objects.filter(pk=order.pk).update(starts_on=date(2020, 1, 2), ends_on=date(2020, 1, 3))
    shown = text_of(visitor("Elena").get(at("entry_orders")))
    assert "terminada" in shown
    assert "por empezar" not in shown


def test_a_class_may_be_a_range_of_numbers_or_of_days_of_filing_r21(story: Story, visitor: Visitor) -> None:
    """Ley 19.880, art. 7: a class of cases of similar nature is described by what they ask or by when they came."""
    cheap, dear = filed(story, capital=1_000_000), filed(story, capital=9_000_000)
    elena, beto = visitor("Elena"), visitor("Beto")
    unit = Unit.objects.get(agency=story.agency, code="rentas")
    page = at("entry_order_give", story.offering("patente_comercial").pk, unit.pk)
    today = story.now.strftime("%d/%m/%Y")
    given = {"starts_on": today, "ends_on": today, "reason": "Feria.", "measured": "capital", "least": "5.000.000"}
    for wrong, said in (
        ({"measured": "", "least": ""}, "Elige qué solicitudes van primero"),
        ({"measured": ""}, "Elige a qué respuesta"),
        ({"least": "mucho"}, "Escribe un número"),
        ({"most": "1000"}, "igual o mayor"),
        ({"filed_from": today, "filed_to": "01/01/2020"}, "igual o posterior"),
    ):
        shown = elena.post(page, {**given, **wrong})
        assert (shown.status_code, said in text_of(shown)) == (422, True), said
    seen = elena.post(page, {**given, "filed_from": today, "ver": ""})
    assert seen.status_code == 200
    assert "Hoy cubriría 1 de 2 pasos que nadie ha tomado. Todavía no se ha dictado." in text_of(seen)
    assert not EntryOrder.objects.exists()
    assert elena.post(page, {**given, "filed_from": today}).status_code == 302
    story.work()
    assert next_of(story) == dear.pk
    late = filed(story, capital=9_500_000)
    assert story.task(late, "admision").rank == 0
    words = text_of(beto.get(at("entry_orders")))
    assert "es mayor o igual a" in words
    assert f"presentadas desde el {today}" in words
    assert story.task(cheap, "admision").rank == 1


def test_an_order_over_days_of_filing_alone_covers_nothing_that_came_on_another_r21(story: Story) -> None:
    older = filed(story)
    story.now += timedelta(days=1)
    newer = filed(story)
    order = ordered(story, condition={}, filed_from=story.now.date(), filed_to=story.now.date())
    assert next_of(story) == newer.pk
    assert story.task(older, "admision").rank == 1
    assert order.words == f"presentadas del {story.now:%d/%m/%Y} al {story.now:%d/%m/%Y}"
    with pytest.raises(CommandRefused, match="qué solicitudes"):
        ordered(story, days=(20, 25), condition={})


def test_going_back_to_code_that_knows_no_days_of_filing_ends_the_orders_over_them(story: Story) -> None:
    today = story.now.date()
    by_days = ordered(story, condition={}, filed_from=today, filed_to=today, days=(0, 1))
    by_answers = ordered(story, days=(2, 10))
    import_module("workflows.migrations.0035_order_by_days").end_orders_by_days(apps, None)
    by_days.refresh_from_db()
    by_answers.refresh_from_db()
    assert (by_days.is_over, by_answers.is_over) == (True, False)


def test_the_list_reads_as_much_for_one_order_as_for_several(story: Story, visitor: Visitor) -> None:
    elena = visitor("Elena")
    ordered(story)
    with CaptureQueriesContext(connection) as one:
        elena.get(at("entry_orders"))
    for days in ((20, 25), (30, 35), (40, 45)):
        ordered(story, days=days)
    with CaptureQueriesContext(connection) as several:
        assert text_of(elena.get(at("entry_orders"))).count("por empezar") == 3
    assert len(several) <= len(one)
