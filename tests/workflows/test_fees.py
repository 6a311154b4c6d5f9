"""What a procedure charges by the law in force when it was filed, and the same of appeals and oppositions (R78)."""

import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from documents.models import Document
from procedures.api import bundle_of, check, check_data, fees_on
from procedures.schema import Bundle
from tests.story import Story
from tests.workflows.desk import at, republish, text_of
from tests.workflows.flows import begin, flow, offer, report
from tests.workflows.refusals import appeal, notify, refused
from tests.workflows.test_law_blocks import finish_with_act
from tests.workflows.test_parties import bring
from workflows.commands import endings, versions
from workflows.errors import CommandRefused
from workflows.models import Case, Deadline, Incident
from workflows.regime import appeal_length, charges_of, charges_or_none
from workflows.runtime import Run
from workflows.texts import CaseData

pytestmark = pytest.mark.django_db
FEE: dict[str, Any] = {
    "id": "derechos",
    "title": "Derechos municipales",
    "amount": "0.5",
    "unit": "utm",
    "per": "metro cuadrado",
    "source": "Ordenanza 1, artículo 4",
    "amounts": [{"since": "2026-04-01", "amount": "0,75", "source": "Ordenanza 9, artículo 4"}],
}
BEFORE, AFTER = datetime(2026, 3, 31, 15, 0, tzinfo=UTC), datetime(2026, 4, 1, 15, 0, tzinfo=UTC)


def charged(fee: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A procedure of one report that charges this."""
    return flow(report("uno", "revision", "sello"), fees=[fee], **more)


def found(data: dict[str, Any]) -> dict[str, str]:
    """The codes of what the gate finds, with how grave it is."""
    return {one.code: one.severity for one in check_data(data).findings}


def noted(story: Story, fee: dict[str, Any] = FEE) -> Case:
    """A case whose certificate names the fee."""
    data = charged(fee)
    block = {"kind": "paragraph", "role": "decision", "text": "Paga {fee.derechos}."}
    document = {**data["documents"][0], "blocks": [*data["documents"][0]["blocks"], block]}
    return begin(story, report("uno", "revision", "sello"), fees=[fee], documents=[document])


@pytest.mark.parametrize(
    ("filed", "amount", "source"),
    [(BEFORE, "0,5 UTM por metro cuadrado", "Ordenanza 1"), (AFTER, "0,75 UTM por metro cuadrado", "Ordenanza 9")],
)
def test_a_case_is_charged_what_ruled_when_it_was_filed_in_its_document_and_in_why_r78(
    filed: datetime, amount: str, source: str
) -> None:
    story = Story.begin(filed)
    case = noted(story)
    story.now += timedelta(days=30)
    story.do(case, "uno")
    sealed = Document.objects.get(file=case.file, kind="certificate")
    assert f"Paga {amount}." in str(sealed.content)
    for who, page in (("Ana", "why"), ("Beto", "desk_why")):
        client = Client()
        client.force_login(story.user(who))
        said = text_of(client.get(at(page, case.ref)))
        assert amount in said, who
        assert source in said, who
        assert filed.strftime("%d/%m/%Y") in said, who


def test_the_ficha_shows_what_is_charged_today_and_from_when_it_changes_r78(story: Story) -> None:
    bundle = Bundle.model_validate(charged(FEE))
    (before,) = fees_on(bundle, BEFORE.date())
    assert (before.amount, before.source) == ("0,5 UTM por metro cuadrado", "Ordenanza 1, artículo 4")
    assert before.others == ["Desde el 01/04/2026: 0,75 UTM por metro cuadrado (Ordenanza 9, artículo 4)"]
    (after,) = fees_on(bundle, AFTER.date())
    assert (after.amount, after.others) == ("0,75 UTM por metro cuadrado", [])
    noted(story, {**FEE, "amounts": [{"since": "2199-01-01", "amount": 2, "source": "Ordenanza 9"}]})
    said = text_of(Client().get(at("ficha", story.agency.code, "prueba")))
    assert "Qué se cobra" in said
    assert "Desde el 01/01/2199: 2 UTM por metro cuadrado (Ordenanza 9)" in said


def test_a_fee_of_the_day_of_payment_and_one_that_depends_on_an_answer_r78(story: Story) -> None:
    rule = {"all": [{"field": "inicio.nombre", "op": "filled"}]}
    free = {"when": rule, "amount": 0, "source": "Ley 1, artículo 2"}
    case = noted(story, {**FEE, "ruled_by": "paid", "amounts": [free]})
    bundle = Bundle.model_validate(charged({**FEE, "ruled_by": "paid"}))
    assert [one.amount for one in charges_of(case, bundle, AFTER.date())] == ["0,75 UTM por metro cuadrado"]
    assert [one.amount for one in charges_of(case, bundle, BEFORE.date())] == ["0,5 UTM por metro cuadrado"]
    (charge,) = charges_of(case, Bundle.model_validate(charged({**FEE, "amounts": [free]})), AFTER.date())
    assert charge.amount == "sin costo"
    assert "Se cumple esta regla" in charge.why


def one(amount: str, **more: Any) -> dict[str, Any]:
    return {"amount": amount, "source": "Ordenanza", **more}


@pytest.mark.parametrize(
    ("amounts", "codes"),
    [
        ([one("1", until="2026-12-31"), one("2", since="2027-01-01")], {}),
        ([one("1", until="2027-01-01"), one("2", since="2027-01-01")], {"dates_overlap": "error"}),
        ([one("1", since="2026-01-01"), one("2", since="2027-01-01", until="2027-02-01")], {"dates_overlap": "error"}),
        ([one("1", until="2026-12-30"), one("2", since="2027-01-01")], {"dates_gap": "suggestion"}),
    ],
)
def test_values_that_rule_the_same_day_are_refused_and_days_without_one_pointed_out_r78(
    amounts: list[dict[str, Any]], codes: dict[str, str]
) -> None:
    codes_of_dates = {"dates_overlap", "dates_gap"}
    of_fee = found(charged({**FEE, "amounts": amounts}))
    assert {code: grave for code, grave in of_fee.items() if code in codes_of_dates} == codes
    lengths = [{**way, "amount": int(way["amount"])} for way in amounts]
    of_term = found(flow(report("uno"), term=term_of(*lengths)))
    assert {code: grave for code, grave in of_term.items() if code in codes_of_dates} == codes


def term_of(*amounts: dict[str, Any]) -> dict[str, Any]:
    return {"amount": 20, "unit": "business_days", "source": "Ley", "amounts": list(amounts)}


@pytest.mark.parametrize(
    ("fee", "code"),
    [
        ({**FEE, "unit": "clp"}, "pesos_whole"),
        ({**FEE, "amount": "mucho"}, "string_pattern_mismatch"),
        ({**FEE, "source": ""}, "string_too_short"),
        ({**FEE, "amounts": [{"amount": "1", "source": "Ordenanza"}]}, "amount_always"),
        (
            {**FEE, "amounts": [one("1", when={"all": [{"field": "uno.favorable", "op": "eq", "value": True}]})]},
            "fee_of_later_step",
        ),
    ],
)
def test_a_fee_without_a_norm_a_readable_amount_or_that_depends_on_a_later_step_is_not_published_r78(
    fee: dict[str, Any], code: str
) -> None:
    assert found(charged(fee)).get(code) == "error"


def test_a_text_that_names_a_fee_that_there_is_not_is_refused() -> None:
    data = copy.deepcopy(charged(FEE))
    data["documents"][0]["blocks"].append({"kind": "paragraph", "role": "decision", "text": "{fee.derecho}"})
    assert found(data).get("unknown_datum") == "error"


def test_a_step_named_like_what_texts_call_the_fees_keeps_its_name_until_both_meet_r78(story: Story) -> None:
    """Published ids are frozen: where an older version has such a step, its texts go on naming the step's answers."""
    step = report("fee", "revision", "sello")
    case = begin(story, step)
    story.do(case, "fee", favorable=True)
    both = Bundle.model_validate(flow(step, fees=[FEE]))
    for bundle in (bundle_of(case.version), both):
        assert CaseData(Run(case=case, now=story.now, by=None), bundle=bundle)["fee.favorable"] == "Sí"
    assert "id_of_texts" not in found(flow(step))
    assert found(flow(step, fees=[FEE])).get("id_of_texts") == "error"


RULES = """  opposition:
    {title: No, amount: 5, unit: business_days, source: L1, amounts: [{since: 2026-01-01, amount: 2, source: L2}]}
  appeals:
    amounts: [{since: 2026-01-01, until: 2026-12-31, amount: 3, source: 'Ley corta, artículo 1'}]
    decide_in_amounts: [{since: 2026-01-01, amount: 9, source: L3}]
"""


def test_the_time_to_appeal_or_oppose_is_that_of_the_law_in_force_when_the_application_was_filed_r66_r78(
    story: Story,
) -> None:
    """The act says it, and it is what counts (Ley 19.880, arts. 41 and 59)."""
    republish(story, Path("examples/patente_comercial.yaml").read_text().replace("  appeals:\n", RULES))
    case = story.file()
    bundle = bundle_of(case.version)
    assert bundle.term_from("law_appeal").amounts[0].amount == 9
    bring(story, case, may_oppose=True)
    clock = Deadline.objects.get(case=case, kind=Deadline.Kind.OPPOSITION)
    assert (clock.amount, clock.legal_source) == (2, "L2")
    endings.withdraw(case=case, reason="Ya no", by=story.people["Ana"], now=story.now)
    finish_with_act(story, case, "law_withdrawal")
    act = Document.objects.get(file=case.file, definition_id="law_withdrawal_act")
    assert "dentro de 3 días hábiles desde su notificación (Ley corta, artículo 1)" in str(act.content)
    assert appeal_length(case, bundle) == (3, "Ley corta, artículo 1")
    case.effective_at = datetime(2025, 12, 30, 15, 0, tzinfo=UTC)
    assert appeal_length(case, bundle)[0] == 5


LOCAL = "{all: [{field: inicio.rol_sii, op: eq, value: 1-1}]}"
LOCAL_CEL = "{cel: 'inicio.rol_sii == \"1-1\"'}"
CHARGED = """fees:
  - {id: patente, title: Patente, amount: 1, unit: utm, source: L1, amounts: [{when: RULE, amount: 2, source: L2}]}

law:
"""
DECIDED = """  appeals:
    amounts: [{when: RULE, amount: 10, source: L3}]
    decide_in_amounts: [{when: RULE, amount: 9, source: L4}]
"""


def ruled_by(rule: str) -> str:
    """The licence's procedure, whose charge and appeals depend on an answer of the application."""
    text = Path("examples/patente_comercial.yaml").read_text()
    text = text.replace("law:\n", CHARGED, 1).replace("  appeals:\n", DECIDED, 1)
    return text.replace("RULE", rule)


@pytest.mark.parametrize("rule", [LOCAL, LOCAL_CEL])
def test_an_appeal_keeps_the_rules_that_the_answers_of_its_application_chose_r66_r78(story: Story, rule: str) -> None:
    """It has no answers of the application itself, and what it is about was charged by them."""
    republish(story, ruled_by(rule))
    case = refused(story)
    notify(story, case, "aviso_infundada")
    made = appeal(story, case)
    term = Deadline.objects.get(case=made, kind=Deadline.Kind.TERM)
    assert (term.amount, term.legal_source) == (9, "L4")
    bundle = bundle_of(made.version)
    assert appeal_length(made, bundle) == (10, "L3")
    charges = charges_or_none(made, bundle, story.now.date())
    assert [one.amount for one in charges or ()] == ["2 UTM"]


@pytest.mark.parametrize(
    "law",
    [
        "  appeals:\n    amounts: [WAY]\n",
        "  appeals:\n    decide_in_amounts: [WAY]\n",
        "  opposition: {title: No, amount: 5, unit: business_days, source: L1, amounts: [WAY]}\n  appeals:\n",
    ],
)
def test_the_time_to_appeal_or_oppose_does_not_depend_on_a_later_step_r66_r78(law: str) -> None:
    way = "{when: {all: [{field: admision.resultado, op: filled}]}, amount: 2, source: L2}"
    text = Path("examples/patente_comercial.yaml").read_text()
    report_of = check(text.replace("  appeals:\n", law.replace("WAY", way), 1))
    assert [one.code for one in report_of.findings if one.severity == "error"] == ["law_term_of_later_step"]


def test_somebody_whose_time_to_oppose_cannot_be_known_is_not_brought_in_and_it_says_what_to_do(
    story: Story,
) -> None:
    """The rule looks at an answer that this applicant did not have to give."""
    rule = "{cel: 'size(inicio.razon_social) > 3'}"
    opposition = "{title: No, amount: 5, unit: business_days, source: L1, amounts: [WAY]}"
    way = f"{{when: {rule}, amount: 2, source: L2}}"
    law = f"  opposition: {opposition.replace('WAY', way)}\n  appeals:\n"
    republish(story, Path("examples/patente_comercial.yaml").read_text().replace("  appeals:\n", law, 1))
    case = story.file(por_empresa=False)
    with pytest.raises(CommandRefused, match="sin marcar «Puede oponerse"):
        bring(story, case, may_oppose=True)
    assert bring(story, case).pk


def test_why_a_clock_is_that_long_is_kept_in_spanish_whoever_acts(story: Story) -> None:
    longer = {"when": {"all": [{"field": "inicio.nombre", "op": "filled"}]}, "amount": 30, "source": "Ley 2"}
    code = offer(story, flow(report("uno", "revision", "sello"), term=term_of(longer)))
    with translation.override("en"):
        case = story.file(code)
    (note,) = Deadline.objects.get(case=case, kind=Deadline.Kind.TERM).explanation["notes"]
    assert note.startswith("Dura 30 porque se cumple esta regla:")


def test_a_rule_of_the_term_that_fails_keeps_nobody_from_filing_and_staff_see_it(story: Story) -> None:
    """The rule looks at an answer that this applicant did not have to give."""
    assert Deadline.objects.get(case=timed(story, por_empresa=True), kind=Deadline.Kind.TERM).amount == 3
    case = timed(story, por_empresa=False)
    assert Deadline.objects.get(case=case, kind=Deadline.Kind.TERM).amount == 6
    assert [incident.kind for incident in Incident.objects.filter(case=case, closed_at=None)] == [Incident.Kind.RULE]


def test_a_term_whose_rule_failed_says_so_and_is_counted_again_once_the_rule_is_mended(story: Story) -> None:
    case = timed(story, por_empresa=False)
    term = case.deadlines.get(kind=Deadline.Kind.TERM)
    assert "Rige el plazo general del trámite, porque falló la regla" in term.explanation["notes"][0]
    mend_term(story, "{when: {all: [{field: inicio.por_empresa, op: eq, value: false}]}, amount: 4, source: L3}")
    target, ines = story.offering("patente_comercial"), story.people["Inés"]
    versions.order_move(source=case.offering, target=target, reason="Se corrigió la regla", by=ines, now=story.now)
    story.work()
    mended = case.deadlines.get(kind=Deadline.Kind.TERM)
    assert (mended.amount, mended.legal_source) == (4, "L3")
    assert mended.due_on is not None
    assert term.due_on is not None
    assert mended.due_on < term.due_on
    assert "Se contó de nuevo el 04/03/2026" in mended.explanation["notes"][-1]
    case.refresh_from_db(fields=["due_on"])
    assert case.due_on == mended.due_on


def timed(story: Story, **answers: Any) -> Case:
    """A licence whose term depends on the name of a company."""
    mend_term(story, "{when: {cel: 'size(inicio.razon_social) > 3'}, amount: 3, source: L2}")
    return story.file(**answers)


def mend_term(story: Story, way: str) -> None:
    """Publish the licence with a rule of its term."""
    text = Path("examples/patente_comercial.yaml").read_text()
    republish(story, text.replace("\nterm:\n", f"\nterm:\n  amounts: [{way}]\n", 1))


def test_the_term_does_not_depend_on_a_later_step() -> None:
    way = {"when": {"all": [{"field": "uno.favorable", "op": "eq", "value": True}]}, "amount": 2, "source": "L2"}
    assert found(flow(report("uno", "revision", "sello"), term=term_of(way))).get("term_of_later_step") == "error"
