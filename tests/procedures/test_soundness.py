"""The gate on sound procedures: what it must not refuse, what it only advises, and how other rooms add checks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from procedures.checking import check, check_bundle
from procedures.findings import Finding
from procedures.gate import _CHECKS, Phase, Subject, register
from procedures.graph import ACT, OFFICIAL, Graph, granted_by, signed
from procedures.schema import AllOf, AnyOf, Bundle
from tests.procedures.bundles import certificate_data, licence, with_steps

EXAMPLES = sorted(
    path for path in (Path(__file__).parents[2] / "examples").glob("*.yaml") if path.name != "offerings.yaml"
)
SEAL = {"kind": "seal", "document": "certificado_vigente"}
END = {"id": "fin", "kind": "end", "title": "Fin", "outcome": "issued"}
OFFICE = [{"id": "oficina", "title": "Oficina"}]


def codes(bundle: Bundle, severity: str = "error") -> set[str]:
    return {finding.code for finding in check_bundle(bundle) if finding.severity == severity}


def task(name: str, following: Any) -> dict[str, Any]:
    return {"id": name, "kind": "task", "title": name, "role": "oficina", "form": "solicitud", "next": following}


def plain_documents() -> list[dict[str, Any]]:
    """One certificate whose text asks for no answers."""
    block = {"kind": "paragraph", "text": "Se certifica a {applicant.name}."}
    return [{"id": "certificado_vigente", "kind": "certificate", "title": "Certificado", "blocks": [block]}]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_can_be_published(path: Path) -> None:
    result = check(path.read_text(encoding="utf-8"), path.name)
    assert result.errors == []


def test_a_procedure_without_file_has_findings_without_line() -> None:
    bundle = with_steps(END)
    assert {finding.line for finding in check_bundle(bundle)} == {0}


def test_a_procedure_that_decides_alone_is_flagged_but_not_refused() -> None:
    """R70: automatic decisions are pointed out, with what to offer the person."""
    data = certificate_data()
    findings = [finding for finding in check_bundle(Bundle.model_validate(data)) if finding.code == "automatic_end"]
    assert [finding.severity for finding in findings] == ["suggestion", "suggestion"]
    assert "una persona lo revise" in findings[0].remedy


@pytest.mark.parametrize(
    ("changed", "is_found"),
    [
        ({"required": False}, False),
        (
            {
                "required": False,
                "visible_when": {"all": [{"field": "inicio.autoriza_sensibles", "op": "eq", "value": True}]},
            },
            True,
        ),
        ({"art30": None}, True),
    ],
)
def test_who_signs_in_may_leave_the_e_mail_blank_but_everybody_is_asked_for_it_r5(
    changed: dict[str, Any], is_found: bool
) -> None:
    """The medium is then the digital domicile that the person has without doing anything (DS 4 art. 18)."""
    data = certificate_data()
    [asked] = [one for page in data["forms"][0]["pages"] for one in page["fields"] if one.get("art30") == "medium"]
    asked.update(changed)
    assert ("application_without_medium" in codes(Bundle.model_validate(data))) is is_found


def test_no_sensitive_answer_goes_into_a_register_that_others_read() -> None:
    data = licence().model_dump(mode="json", exclude_defaults=True)
    fields = next(page["fields"] for page in data["forms"][0]["pages"] if page["id"] == "local")
    for field in fields:
        if field["id"] == "direccion":
            field.update(sensitive=True, personal={"purpose": "Ubicar el local", "basis": "Ley 19.628"})
    data["steps"][0].pop("summary_field")
    assert codes(Bundle.model_validate(data)) == {"sensitive_registered"}


def _household(**group: Any) -> Bundle:
    """The licence with the income of each member of a household, and what they add up to."""
    data = licence().model_dump(mode="json", exclude_defaults=True)
    income = {"id": "renta", "type": "money_clp", "label": "Renta"}
    members = {"id": "hogar", "type": "group", "label": "Personas", "fields": [income], **group}
    total = {"id": "suma", "type": "computed", "label": "Total", "sum_of": "hogar.renta", "result": "money_clp"}
    twice = {"id": "doble", "type": "computed", "label": "Doble", "formula": "inicio.suma * 2", "result": "integer"}
    data["forms"][0]["pages"][0]["fields"] += [members, total, twice]
    return Bundle.model_validate(data)


def test_what_is_worked_out_of_sealed_answers_is_sealed_too() -> None:
    sensitive = {"sensitive": True, "personal": {"purpose": "Conocer el hogar", "basis": "Ley 19.628"}}
    assert codes(_household()) == set()
    assert codes(_household(**sensitive)) == {"sensitive_computed"}


def test_an_official_on_every_way_takes_the_flag_away() -> None:
    bundle = with_steps(
        task("revisar", "sello"),
        {"id": "sello", "title": "Sello", "next": "fin", **SEAL},
        END,
        roles=OFFICE,
        documents=plain_documents(),
        notices=[],
    )
    assert "automatic_end" not in codes(bundle, "suggestion")
    assert codes(bundle) == set()


def test_a_decree_nobody_is_told_of_is_pointed_out() -> None:
    """R25: an act of particular effect is notified."""
    data = licence().model_dump(mode="json", exclude_defaults=True)
    for step in data["steps"]:
        step.pop("act", None)
    assert "act_not_notified" in codes(Bundle.model_validate(data), "suggestion")


def test_a_loop_through_a_task_is_sound() -> None:
    again = [
        {"when": {"all": [{"field": "revisar.motivo", "op": "eq", "value": "banco"}]}, "goto": "revisar"},
        {"otherwise": "sello"},
    ]
    bundle = with_steps(
        task("revisar", again),
        {"id": "sello", "title": "Sello", "next": "fin", **SEAL},
        END,
        roles=OFFICE,
        documents=plain_documents(),
        notices=[],
    )
    assert codes(bundle) == set()


def test_a_loop_through_a_block_with_a_person_in_one_branch_is_sound() -> None:
    look = {"kind": "lookup", "title": "Mirar", "fact": "hecho", "key": "inicio.rut", "next": "join"}
    again: list[dict[str, Any]] = [
        {"when": {"all": [{"field": "revisar.motivo", "op": "eq", "value": "banco"}]}, "goto": "juntos"},
        {"otherwise": "sello"},
    ]
    block: dict[str, Any] = {
        "id": "juntos",
        "kind": "parallel",
        "title": "Juntos",
        "join": "all",
        "branches": [[task("revisar", "join")], [{"id": "mirar", **look}]],
        "next": again,
    }
    seal = {"id": "sello", "title": "Sello", "next": "fin", **SEAL}
    bundle = with_steps(block, seal, END, roles=OFFICE, documents=plain_documents(), notices=[])
    assert codes(bundle) == set()
    block["branches"] = [[{"id": "otra", **look}], [{"id": "mirar", **look}]]
    block["next"] = [{**again[0], "when": {"all": [{"field": "mirar.found", "op": "eq", "value": True}]}}, again[1]]
    assert "endless_loop" in codes(with_steps(block, seal, END, documents=plain_documents(), notices=[]))


def test_where_branches_meet_all_their_steps_are_done() -> None:
    facts = Graph.of(licence()).facts
    assert {"informe_obras", "informe_salud"} <= facts["decision"]
    assert "contrainforme" not in facts["decision"]


def test_an_act_is_a_fact_only_after_its_signature_on_every_way() -> None:
    facts = Graph.of(licence()).facts
    assert {ACT, signed("decreto_patente"), OFFICIAL} <= facts["otorgada"]
    assert signed("decreto_rechazo") not in facts["rechazada"]  # reached also by the decree that gives no course
    assert ACT in facts["rechazada"]
    assert ACT not in facts["decision"]


def test_an_expired_deadline_does_not_count_as_a_finished_step() -> None:
    facts = Graph.of(licence()).facts
    assert "correccion" not in facts["sin_corregir"]
    assert "admision" in facts["sin_corregir"]


def test_what_a_condition_found_is_forgotten_when_the_answers_are_amended() -> None:
    answered = {"all": [{"field": "inicio.motivo", "op": "filled"}]}
    data = licence().model_dump(mode="json", exclude_defaults=True)
    data["steps"][0]["next"] = [{"when": answered, "goto": "admision"}, {"otherwise": "admision"}]
    graph = Graph.of(Bundle.model_validate(data))
    assert "inicio.motivo" not in graph.facts["admision"]
    assert "admision.resultado" in graph.facts["correccion"]
    assert "admision.resultado" not in graph.facts["informes"]


@pytest.mark.parametrize(
    ("condition", "granted"),
    [
        ({"all": [{"field": "a.b", "op": "eq", "value": 1}, {"field": "a.c", "op": "filled"}]}, {"a.b", "a.c"}),
        ({"all": [{"field": "a.b", "op": "empty"}]}, set()),
        ({"all": [{"any": [{"field": "a.b", "op": "filled"}, {"field": "a.c", "op": "filled"}]}]}, set()),
        ({"any": [{"field": "a.b", "op": "lt", "value": 1}, {"field": "a.b", "op": "gt", "value": 5}]}, {"a.b"}),
        ({"all": [{"field": "a.found", "op": "eq", "value": True}]}, {"a.found", "a.*"}),
        ({"all": [{"field": "a.found", "op": "eq", "value": False}]}, {"a.found"}),
    ],
)
def test_a_condition_that_holds_grants_the_answers_it_needs(condition: dict[str, Any], granted: set[str]) -> None:
    read = AllOf.model_validate(condition) if "all" in condition else AnyOf.model_validate(condition)
    assert {fact for fact in granted_by(read) if " " not in fact} == granted


def test_another_room_adds_a_check_once_and_it_blocks() -> None:
    def no_certificates(subject: Subject) -> Iterator[Finding]:
        yield subject.finding(("code",), "not_here", "Aquí no se publica.", "Vaya a otra parte.")

    try:
        register(Phase.NAMES)(no_certificates)
        register(Phase.NAMES)(no_certificates)
        findings = check_bundle(licence())
    finally:
        _CHECKS[Phase.NAMES].remove(no_certificates)
    assert [finding.code for finding in findings if finding.severity == "error"] == ["not_here"]
    assert no_certificates not in _CHECKS[Phase.NAMES]


def test_one_misspelt_name_does_not_bring_its_consequences() -> None:
    text = (Path(__file__).parent / "golden" / "licence.yaml").read_text(encoding="utf-8")
    errors = check(text.replace("        goto: redaccion_decreto\n", "        goto: redaccion_decretos\n")).errors
    assert [finding.code for finding in errors] == ["unknown_step"]


def test_two_faults_of_one_phase_are_both_told() -> None:
    text = (Path(__file__).parent / "golden" / "licence.yaml").read_text(encoding="utf-8")
    text = text.replace("    role: obras", "    role: obrass").replace("    form: informe_salud", "    form: informe")
    assert {finding.code for finding in check(text).errors} >= {"unknown_role", "unknown_form"}


def test_what_an_end_registers_would_be_lost_for_a_joined_case_r63() -> None:
    """A procedure that registers facts by a step cannot join its cases: the joined one takes no step of its own."""
    text = Path("examples/patente_comercial.yaml").read_text(encoding="utf-8")
    joining = text.replace("  extension: true\n", "  extension: true\n  joinder: true\n", 1)
    assert {finding.code for finding in check(joining).errors} == {"joinder_with_register"}


def test_silence_that_nobody_may_certify_is_pointed_out_r20() -> None:
    """The ficha promises an effect; without the block the person has no certificate to show (arts. 64 to 66)."""
    text = (EXAMPLES[0].parent / "ayuda_social.yaml").read_text(encoding="utf-8")
    block = "  silence: {superior: alcaldia, complaint: false}\n"
    assert text.count(block) == 1
    [advice] = [one for one in check(text.replace(block, "")).findings if one.severity == "suggestion"]
    assert advice.code == "silence_without_certificate"
    assert "Agregue «silence»" in advice.remedy


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_with_legal_blocks_lets_its_silence_be_certified_r20(path: Path) -> None:
    found = check(path.read_text(encoding="utf-8"), path.name).findings
    assert "silence_without_certificate" not in {one.code for one in found}
