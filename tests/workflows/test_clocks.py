"""What may change a legal clock, each interested person's own, and the readings printed (R7, R12, R13, R52)."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format

from accounts.models import Agency
from documents.models import Document
from notifications.api import Notified
from notifications.models import Notice
from procedures.api import NotPublishable
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.flows import begin, days, report
from workflows import deadlines
from workflows.commands import clocks, outages
from workflows.commands.notification import record_notification
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Case, CaseParty, CaseTask, Deadline, Outage
from workflows.presenting.afterwards import public_state
from workflows.presenting.clocks import explained

pytestmark = pytest.mark.django_db
BETO, ANA = "Beto", "Ana"


@pytest.fixture
def asked(story: Story) -> Case:
    """A case that waits for its applicants' correction."""
    case = story.file(rol_sii="1-1")
    bruno = story.people["Bruno"]
    CaseParty.objects.create(
        case=case, agency=case.agency, kind=CaseParty.Kind.APPLICANT, person=bruno, joined_at=story.now
    )
    story.do(case, "admision", resultado="observar", observaciones="Corrige el rol.")
    return case


def notify(story: Story, case: Case, who: str) -> None:
    told = Notified(story.people[who], "office", story.now, "")
    record_notification(case=case, step_id="correccion", notified=told, by=story.people[BETO], now=story.now)


def own(case: Case, story: Story, who: str) -> Deadline:
    return Deadline.objects.get(case=case, step_id="correccion", party__person=story.people[who])


def term(case: Case) -> Deadline:
    return Deadline.objects.get(case=case, kind=Deadline.Kind.TERM)


def content_of(case: Case, title: str) -> str:
    """What a document that entered the file says."""
    found = Document.objects.get(file=case.file, title=title, item__isnull=False)
    return json.dumps(found.content, ensure_ascii=False)


def test_each_applicant_has_a_clock_that_only_their_own_notification_starts_r23(story: Story, asked: Case) -> None:
    notify(story, asked, ANA)
    assert own(asked, story, ANA).due_on == date(2026, 3, 11)
    assert own(asked, story, "Bruno").state == Deadline.State.WAITING
    story.now += timedelta(days=5)
    notify(story, asked, "Bruno")
    assert own(asked, story, "Bruno").due_on == date(2026, 3, 16)


def test_one_expired_clock_does_not_end_the_time_of_the_other_applicant_r18(story: Story, asked: Case) -> None:
    notify(story, asked, ANA)
    story.now += timedelta(days=5)
    notify(story, asked, "Bruno")
    story.now = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
    story.work()
    assert own(asked, story, ANA).state == Deadline.State.EXPIRED
    assert CaseTask.objects.get(process=asked, step_id="correccion").status == "NEW"
    story.now = datetime(2026, 3, 17, 12, 0, tzinfo=UTC)
    story.work()
    assert asked.task_set.filter(step_id="sin_corregir", status="NEW").exists()


def test_an_extension_asked_in_time_moves_the_last_day_and_keeps_both_reasons_r12(story: Story, asked: Case) -> None:
    notify(story, asked, ANA)
    clock = own(asked, story, ANA)
    clocks.ask_extension(case=asked, deadline_id=clock.pk, reason="Viajo", by=story.people[ANA], now=story.now)
    clocks.extend(case=asked, deadline_id=clock.pk, amount=2, reason="Se concede", by=story.people[BETO], now=story.now)
    clock.refresh_from_db()
    assert clock.due_on == date(2026, 3, 13)
    told = " ".join(change["text"] for change in explained(clock)["changes"])
    assert all(words in told for words in ("11/03/2026", "Viajo", "Se concede"))


def test_an_extension_never_exceeds_half_without_fractions_r12(story: Story, asked: Case) -> None:
    notify(story, asked, ANA)
    clock = own(asked, story, ANA)
    with pytest.raises(clocks.TooLong, match="2"):
        clocks.extend(case=asked, deadline_id=clock.pk, amount=3, reason="x", by=story.people[BETO], now=story.now)


def test_an_extension_asked_on_the_last_day_and_decided_the_day_after_is_refused_r12(story: Story, asked: Case) -> None:
    notify(story, asked, ANA)
    clock = own(asked, story, ANA)
    story.now = datetime(2026, 3, 11, 20, 0, tzinfo=UTC)
    clocks.ask_extension(case=asked, deadline_id=clock.pk, reason="Viajo", by=story.people[ANA], now=story.now)
    story.now += timedelta(days=1)
    with pytest.raises(clocks.TooLate):
        clocks.extend(case=asked, deadline_id=clock.pk, amount=1, reason="x", by=story.people[BETO], now=story.now)


def test_a_stranger_asks_for_no_extension(story: Story, asked: Case) -> None:
    notify(story, asked, ANA)
    clock = own(asked, story, ANA)
    with pytest.raises(NotAllowed):
        clocks.ask_extension(case=asked, deadline_id=clock.pk, reason="x", by=story.people["Hugo"], now=story.now)


def test_urgency_halves_what_runs_and_what_comes_in_favour_of_the_person_r13(story: Story, asked: Case) -> None:
    CaseParty.objects.create(
        case=asked, agency=asked.agency, kind=CaseParty.Kind.AFFECTED, person=story.people["Dora"], joined_at=story.now
    )
    notify(story, asked, ANA)
    clocks.make_urgent(case=asked, reason="Interés público", by=story.people[BETO], now=story.now)
    assert own(asked, story, ANA).due_on == date(2026, 3, 9)
    assert own(asked, story, "Bruno").amount == 3
    assert term(asked).due_on == date(2026, 6, 4)
    notify(story, asked, "Bruno")
    clock = own(asked, story, "Bruno")
    assert clock.due_on == date(2026, 3, 9)
    assert any("art. 63" in note for note in explained(clock)["readings"])
    order = Document.objects.get(file=asked.file, title="Orden de tramitación de urgencia")
    assert "Interés público" in str(order.content), "the order is in the file"
    assert Notice.objects.filter(person=story.people[ANA], body__contains="Interés público").exists()
    told = Notice.objects.filter(person=story.people["Dora"], subject__contains="en que intervienes")
    assert told.exists(), "who opposes has time limits too"
    with pytest.raises(CommandRefused):
        clocks.make_urgent(case=asked, reason="otra vez", by=story.people[BETO], now=story.now)


def test_urgency_takes_no_granted_extension_away_r13(story: Story, asked: Case) -> None:
    """Five business days until 11 March, two more granted: half of five is three, and the two stay (arts. 26, 63)."""
    notify(story, asked, ANA)
    clock, beto = own(asked, story, ANA), story.people[BETO]
    clocks.extend(case=asked, deadline_id=clock.pk, amount=2, reason="Se concede", by=beto, now=story.now)
    clocks.make_urgent(case=asked, reason="Interés público", by=beto, now=story.now)
    assert own(asked, story, ANA).due_on == date(2026, 3, 11)


def test_urgency_does_not_count_the_days_on_which_a_clock_stood_still_r13(story: Story, asked: Case) -> None:
    """Four days are left when it runs again, until 8 April; two less are 6 April, not the day after the order."""
    notify(story, asked, ANA)
    beto = story.people[BETO]
    story.now += timedelta(days=1)
    clock = own(asked, story, ANA)
    clocks.suspend(case=asked, deadline_id=clock.pk, cause="fuerza_mayor", reason="Aluvión", by=beto, now=story.now)
    story.now = datetime(2026, 4, 1, 13, 0, tzinfo=UTC)
    clocks.resume(case=asked, deadline_id=clock.pk, reason="", by=beto, now=story.now)
    clocks.make_urgent(case=asked, reason="Interés público", by=beto, now=story.now)
    assert own(asked, story, ANA).due_on == date(2026, 4, 6)


def test_urgency_reaches_a_clock_that_stands_still_r13(story: Story, asked: Case) -> None:
    """It is halved as the others are, and runs again with what is left of its half; 3 April is Good Friday."""
    notify(story, asked, ANA)
    beto = story.people[BETO]
    story.now += timedelta(days=1)
    clock = own(asked, story, ANA)
    clocks.suspend(case=asked, deadline_id=clock.pk, cause="fuerza_mayor", reason="Aluvión", by=beto, now=story.now)
    story.now += timedelta(days=5)
    clocks.make_urgent(case=asked, reason="Interés público", by=beto, now=story.now)
    story.work()
    assert own(asked, story, ANA).state == Deadline.State.SUSPENDED
    story.now = datetime(2026, 4, 1, 13, 0, tzinfo=UTC)
    clocks.resume(case=asked, deadline_id=clock.pk, reason="", by=beto, now=story.now)
    assert (own(asked, story, ANA).amount, own(asked, story, ANA).due_on) == (3, date(2026, 4, 6))


def test_nobody_is_warned_on_the_day_that_an_extension_left_behind_r12(story: Story) -> None:
    case = begin(story, report("uno", following="sello", deadline=days(4, warn_before=1)))
    clock, beto = case.deadlines.get(step_id="uno"), story.people[BETO]
    clocks.extend(case=case, deadline_id=clock.pk, amount=2, reason="Se concede", by=beto, now=story.now)
    told = Notice.objects.filter(subject__startswith="Vence pronto")
    story.now = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
    story.work()
    assert not told.exists(), "it ended on the 10th, and ends on the 12th now"
    story.now = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
    story.work()
    assert told.filter(person=beto).count() == 1


def test_a_suspended_clock_does_not_expire_and_resumes_with_what_was_left(story: Story, asked: Case) -> None:
    notify(story, asked, ANA)
    clock = own(asked, story, ANA)
    beto = story.people[BETO]
    story.now += timedelta(days=1)
    clocks.suspend(case=asked, deadline_id=clock.pk, cause="fuerza_mayor", reason="Aluvión", by=beto, now=story.now)
    order = Document.objects.get(file=asked.file, title="Suspensión de un plazo")
    assert "Aluvión" in str(order.content)
    story.now = datetime(2026, 4, 1, 13, 0, tzinfo=UTC)
    story.work()
    clock.refresh_from_db()
    assert clock.state == Deadline.State.SUSPENDED
    with translation.override("en"):
        clocks.resume(case=asked, deadline_id=clock.pk, reason="", by=beto, now=story.now)
    clock.refresh_from_db()
    kept = clock.changes.latest("pk").reason
    assert kept.startswith("Quedaba por correr:"), "whoever acts may read another language"
    assert clock.due_on == date(2026, 4, 8), "four business days; 3 April is Good Friday"


def test_nobody_reads_a_last_day_to_decide_while_that_time_does_not_run(
    story: Story, asked: Case, visitor: Visitor
) -> None:
    due = date_format(term(asked).due_on or "", "SHORT_DATE_FORMAT")
    assert due in text_of(visitor(BETO).get(at("desk_case", asked.ref)))
    clocks.suspend(
        case=asked, deadline_id=term(asked).pk, cause="fuerza_mayor", reason="x", by=story.people[BETO], now=story.now
    )
    official = text_of(visitor(BETO).get(at("desk_case", asked.ref)))
    assert "no corre" in official
    assert due not in official.split("En qué está")[0]
    citizen = text_of(visitor(ANA).get(at("case", asked.ref)))
    assert "para responder no corre desde el" in citizen
    assert "debe responder a más tardar" not in citizen
    asked.refresh_from_db()
    assert public_state(asked)["due_on"] is None, "nor by phone or with the number and code"


def test_what_is_asked_and_ordered_about_a_term_stands_in_the_file_and_all_are_told_r12_r2(
    story: Story, asked: Case, visitor: Visitor
) -> None:
    CaseParty.objects.create(
        case=asked, agency=asked.agency, kind=CaseParty.Kind.AFFECTED, person=story.people["Dora"], joined_at=story.now
    )
    notify(story, asked, ANA)
    clock, beto = own(asked, story, ANA), story.people[BETO]
    ask: Any = {"case": asked, "deadline_id": clock.pk, "by": story.people[ANA], "now": story.now}
    with translation.override("en"):
        clocks.ask_extension(reason="Viajo", **ask)
    told = Notice.objects.get(person=story.people[BETO], subject__startswith="Piden más plazo")
    assert "vence el 11 de marzo de 2026" in told.body, "who asked for the correction answers, before that day"
    desk = text_of(visitor(BETO).get(at("desk_case", asked.ref)))
    assert "Piden más plazo (Ley 19.880, art. 26)" in desk
    assert "Motivo: Viajo" in desk
    assert "todavía no te responden" in text_of(visitor(ANA).get(at("case", asked.ref)))
    wanted = content_of(asked, "Petición de más plazo")
    assert "Viajo" in wanted
    assert "Pido más plazo" in wanted, "the file is in Spanish"
    clocks.refuse_extension(case=asked, deadline_id=clock.pk, reason="Apura a otros", by=beto, now=story.now)
    assert "Apura a otros" in content_of(asked, "Plazo que no se amplía")
    clocks.extend(case=asked, deadline_id=clock.pk, amount=2, reason="Se concede", by=beto, now=story.now)
    order = content_of(asked, "Ampliación de un plazo")
    for said in ("11 de marzo de 2026", "13 de marzo de 2026", "Se concede", "artículo 26", "Beto Araya Molina"):
        assert said in order
    for who, titles in ((ANA, ["Ampliación de un plazo"]), ("Bruno", []), ("Dora", [])):
        told = Notice.objects.get(person=story.people[who], subject__startswith="Se amplió un plazo")
        assert [document.title for document in told.documents.all()] == titles
        assert "13 de marzo de 2026" in told.body


def test_a_suspension_and_its_resumption_stand_in_the_file_and_all_are_told_r2(story: Story, asked: Case) -> None:
    CaseParty.objects.create(
        case=asked, agency=asked.agency, kind=CaseParty.Kind.AFFECTED, person=story.people["Dora"], joined_at=story.now
    )
    notify(story, asked, ANA)
    clock, beto = own(asked, story, ANA), story.people[BETO]
    clocks.suspend(case=asked, deadline_id=clock.pk, cause="fuerza_mayor", reason="Aluvión", by=beto, now=story.now)
    assert "artículo 27" in content_of(asked, "Suspensión de un plazo")
    story.now += timedelta(days=7)
    with translation.override("en"):
        clocks.resume(case=asked, deadline_id=clock.pk, reason="Pasó el aluvión", by=beto, now=story.now)
    order = content_of(asked, "Reanudación de un plazo")
    for said in ("11 de marzo de 2026", "18 de marzo de 2026", "Quedaba por correr: 5 días hábiles", "artículo 27"):
        assert said in order
    for subject in ("Se suspendió un plazo", "Sigue corriendo un plazo"):
        told = Notice.objects.filter(subject__startswith=subject).values_list("person", flat=True)
        assert set(told) == {story.people[who].pk for who in (ANA, "Bruno", "Dora")}


def test_only_the_causes_of_the_procedure_suspend(story: Story, asked: Case) -> None:
    with pytest.raises(CommandRefused):
        clocks.suspend(
            case=asked, deadline_id=term(asked).pk, cause="vacaciones", reason="", by=story.people[BETO], now=story.now
        )


def state(story: Story, starts_at: datetime, ends_at: datetime, who: str = "Inés", **more: Any) -> Outage:
    told = outages.Stated(starts_at, ends_at, "Corte de luz", "Resolución exenta N° 8", **more)
    found = outages.record_outage(agency=story.agency, stated=told, by=story.people[who], now=story.now)
    story.work()
    story.work()
    return found


def test_an_outage_is_noted_on_every_clock_that_ran_meanwhile_and_moves_none_r52(story: Story, asked: Case) -> None:
    before = term(asked).due_on
    story.now += timedelta(days=2)
    span = (story.now - timedelta(hours=5), story.now - timedelta(hours=1))
    state(story, *span)
    noted = term(asked).changes.get()
    assert (noted.reason, noted.legal_source) == ("Corte de luz", "Resolución exenta N° 8")
    assert term(asked).due_on == before
    with pytest.raises(NotAllowed):
        state(story, *span, who=BETO)
    with pytest.raises(CommandRefused, match="en esas horas"):
        state(story, *span)
    assert Outage.objects.count() == 1


LAST_DAY = datetime(2026, 3, 11, 13, 0, tzinfo=UTC)
"""When the correction of `asked`, notified on 4 March, has its last day."""


def test_an_outage_on_the_last_day_gives_the_person_the_next_business_day_where_it_is_ordered_r52(
    story: Story, asked: Case
) -> None:
    notify(story, asked, ANA)
    office = term(asked).due_on
    story.now = LAST_DAY + timedelta(hours=3)
    outage = state(story, LAST_DAY, story.now, gives_time=True)
    clock = own(asked, story, ANA)
    assert (clock.due_on, term(asked).due_on) == (date(2026, 3, 12), office)
    (change,) = explained(clock)["changes"]
    assert change["text"].startswith(
        "El sitio no se pudo usar del 11/03/2026 10:00 al 11/03/2026 13:00. "
        "El último día pasó del 11/03/2026 al 12/03/2026. Corte de luz. La constancia"
    ), "the hours of the outage are not taken for the days of the clock, nor one sentence for the next"
    (other,) = explained(term(asked))["changes"]
    assert "El último día no cambió." in other["text"]
    assert any(fact.text.startswith("La notificación (en la oficina) del ") for fact in explained(clock)["facts"])
    assert change["url"].endswith(f"#interrupcion-{outage.pk}")
    assert "La constancia sellada está entre los documentos" in change["text"]
    sealed = Document.objects.get(file=asked.file, title="Constancia de interrupción de la plataforma")
    assert set(clock.changes.values_list("certificate", flat=True)) == {sealed.pk}
    assert set(term(asked).changes.values_list("certificate", flat=True)) == {sealed.pk}
    for said in ("Resolución exenta N° 8", "Corte de luz", "ahora vence el 12", "no se amplía"):
        assert said in str(sealed.content), said
    assert sealed.revisions.exists(), "it is sealed"
    assert clock.due_on in list(asked.task_set.filter(step_id="correccion").values_list("due_on", flat=True))


def test_an_outage_gives_no_time_beyond_half_nor_to_a_clock_that_is_over_r12(story: Story, asked: Case) -> None:
    notify(story, asked, ANA)
    clocks.extend(
        case=asked,
        deadline_id=own(asked, story, ANA).pk,
        amount=2,
        reason="De oficio",
        by=story.people[BETO],
        now=story.now,
    )
    story.now = datetime(2026, 3, 13, 16, 0, tzinfo=UTC)
    state(story, story.now - timedelta(hours=3), story.now, gives_time=True)
    assert own(asked, story, ANA).due_on == date(2026, 3, 13), "half of five days was given already"
    story.now += timedelta(days=3)
    story.work()
    assert own(asked, story, ANA).state == Deadline.State.EXPIRED
    state(story, story.now - timedelta(days=3), story.now - timedelta(days=2, hours=20), gives_time=True)
    clock = own(asked, story, ANA)
    assert (clock.due_on, clock.changes.filter(outage__isnull=False).count()) == (date(2026, 3, 13), 2)


def test_anybody_reads_when_the_platform_was_down_and_only_who_operates_an_agency_states_it(
    story: Story, asked: Case, visitor: Visitor
) -> None:
    posted = {"agency": story.agency.pk, "cause": "Corte de luz", "resolution": "Res. 8", "gives_time": "no"}
    hours = {"first_day": "03/03/2026", "first_hour": "10:00", "last_day": "03/03/2026", "last_hour": "12:30"}
    ines = visitor("Inés")
    wrong = ines.post(at("outage_record"), {**posted, **hours, "last_hour": "25"})
    assert (wrong.status_code, "Escribe la hora como 15:30" in text_of(wrong)) == (422, True)
    assert "Corte de luz" in wrong.content.decode()
    future = ines.post(at("outage_record"), {**posted, **hours, "last_day": "03/03/2027"})
    assert future.status_code == 409
    told = ines.post(at("outage_record"), {**posted, **hours})
    assert "No corría ningún plazo en esas horas" in text_of(told), "first it says what it would touch"
    assert "Counted" not in text_of(told), "what it counted is no question"
    seen = {"counted": told.context["counted"]}
    changed = ines.post(at("outage_record"), {**posted, **hours, **seen, "gives_time": "yes"})
    assert changed.status_code == 200, "what was changed since is counted again"
    assert not story.agency.outages.exists()
    assert ines.post(at("outage_record"), {**posted, **hours, **seen}).status_code == 302
    said = text_of(Client().get(at("outages")))
    assert "Del 03/03/2026 10:00 al 03/03/2026 12:30" in said
    assert "2 horas y 30 minutos" in said


@pytest.mark.parametrize(("commune", "due"), [("16101", date(2026, 8, 25)), ("16301", date(2026, 8, 24))])
def test_twenty_august_moves_the_clock_in_chillan_and_not_in_san_carlos_r7(commune: str, due: date) -> None:
    story = Story.begin(datetime(2026, 8, 14, 14, 0, tzinfo=UTC))
    Agency.objects.filter(code="muni-ejemplo").update(commune=commune)
    case = story.file(rol_sii="1-1")
    story.do(case, "admision", resultado="observar", observaciones="Corrige.")
    story.now = datetime(2026, 8, 17, 14, 0, tzinfo=UTC)
    notify(story, case, ANA)
    assert own(case, story, ANA).due_on == due


@pytest.mark.parametrize(
    ("notified_on", "over_at", "why"),
    [
        (date(2026, 9, 11), datetime(2026, 9, 22, 3, 0, tzinfo=UTC), "18 September is a Friday"),
        (date(2026, 3, 30), datetime(2026, 4, 8, 4, 0, tzinfo=UTC), "the clock went back on Saturday 4 April"),
        (date(2026, 8, 31), datetime(2026, 9, 8, 3, 0, tzinfo=UTC), "the clock went ahead on Saturday 5 September"),
    ],
)
def test_a_clock_ends_at_the_midnight_of_its_place_whatever_jumps(
    notified_on: date, over_at: datetime, why: str
) -> None:
    story = Story.begin(datetime(notified_on.year, notified_on.month, notified_on.day, 15, 0, tzinfo=UTC))
    case = story.file(rol_sii="1-1")
    story.do(case, "admision", resultado="observar", observaciones="Corrige.")
    notify(story, case, ANA)
    story.now = over_at - timedelta(seconds=1)
    story.work()
    assert own(case, story, ANA).state == Deadline.State.RUNNING, why
    story.now = over_at
    story.work()
    assert own(case, story, ANA).state == Deadline.State.EXPIRED, why
    assert deadlines.in_words(own(case, story, ANA)) == "vencido"


def dated(source: str, **more: Any) -> dict[str, Any]:
    return {"amount": 10, "source": source, **more}


@pytest.mark.parametrize(
    ("filed", "amount", "source"),
    [
        (datetime(2026, 3, 31, 15, 0, tzinfo=UTC), 20, "Ley vieja"),
        (datetime(2026, 4, 1, 15, 0, tzinfo=UTC), 10, "Ley nueva"),
        (datetime(2026, 4, 30, 15, 0, tzinfo=UTC), 10, "Ley nueva"),
        (datetime(2026, 5, 4, 15, 0, tzinfo=UTC), 20, "Ley vieja"),
    ],
)
def test_a_length_that_changes_by_law_is_that_of_the_day_of_filing_r78(
    filed: datetime, amount: int, source: str
) -> None:
    story = Story.begin(filed)
    new = dated("Ley nueva", since="2026-04-01", until="2026-05-03")
    case = begin(story, report("uno", "revision", "sello"), term=days_of_term(20, "Ley vieja", new))
    clock = term(case)
    assert (clock.amount, clock.legal_source) == (amount, source)
    told = " ".join(explained(clock)["readings"])
    assert ("01/04/2026" in told) == (amount == 10)


def test_an_older_case_keeps_its_length_when_a_later_step_opens_under_the_new_law_r78(story: Story) -> None:
    """The date that matters is that of filing, not that on which the step is reached."""
    new = dated("Ley nueva", since="2026-04-01")
    slow = {**days(20), "source": "Ley vieja", "amounts": [new]}
    case = begin(story, report("uno", "revision", "dos"), report("dos", "obras", "sello", deadline=slow))
    story.now = datetime(2026, 4, 10, 15, 0, tzinfo=UTC)
    story.do(case, "uno")
    assert Deadline.objects.get(case=case, step_id="dos").amount == 20


def test_a_filing_on_a_saturday_before_the_change_counts_for_the_monday_r6_r78() -> None:
    story = Story.begin(datetime(2026, 5, 2, 15, 0, tzinfo=UTC))
    new = dated("Ley nueva", since="2026-05-04")
    case = begin(story, report("uno", "revision", "sello"), term=days_of_term(20, "Ley vieja", new))
    assert term(case).amount == 10


def days_of_term(amount: int, source: str, *amounts: dict[str, Any]) -> dict[str, Any]:
    return {"amount": amount, "unit": "business_days", "source": source, "amounts": list(amounts)}


@pytest.mark.parametrize(
    "wrong", [{}, {"since": "2026-05-01", "until": "2026-04-01"}, {"since": "2026-02-30"}, {"since": "mañana"}]
)
def test_a_length_without_condition_or_with_dates_that_do_not_exist_is_not_published(
    story: Story, wrong: dict[str, Any]
) -> None:
    with pytest.raises(NotPublishable):
        begin(story, report("uno", "revision", "sello"), term=days_of_term(20, "Ley", dated("Otra", **wrong)))
