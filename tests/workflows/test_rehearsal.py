"""A rehearsal plays on the production engine, sends nothing, and leaves nothing behind."""

from __future__ import annotations

import json
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils.translation import override

from jobs.api import Job
from jobs.registry import PureHandler, get
from notifications.models import Delivery
from procedures.api import Bundle, check
from tests.services import migrated
from workflows.api import (
    ACTIONS,
    BadScenario,
    EngineBroke,
    RehearsalFailed,
    Report,
    Scenario,
    read_scenarios,
    rehearse,
    rehearse_apart,
    scenario_of,
)
from workflows.nodes import HumanNode
from workflows.rehearsal import apart
from workflows.rehearsal.operations import cast_of
from workflows.sample import EXAMPLES

pytestmark = pytest.mark.django_db


def example(code: str) -> Bundle:
    """An example as it is written."""
    bundle = check((EXAMPLES / f"{code}.yaml").read_text(encoding="utf-8")).bundle
    assert bundle is not None
    return bundle


@pytest.fixture
def patente() -> Bundle:
    return example("patente_comercial")


@pytest.fixture
def whole_story() -> Scenario:
    text = (EXAMPLES / "scenarios" / "patente_comercial.yaml").read_text(encoding="utf-8")
    return read_scenarios(text, ACTIONS)[0]


def told(*entries: dict[str, Any], **head: Any) -> Scenario:
    """A scenario written in plain data."""
    return scenario_of({"title": "Prueba", "story": list(entries), **head}, ACTIONS)


def play(bundle: Bundle, *entries: dict[str, Any], **head: Any) -> Report:
    return rehearse(bundle=bundle, scenario=told(*entries, **head))


def rows() -> dict[str, int]:
    """How many rows each table has."""
    there = set(connection.introspection.table_names())
    models = [model for model in apps.get_models() if model._meta.db_table in there]
    return {model._meta.label: model._default_manager.count() for model in models}


class Here:
    """Answers in this process what the warm one would: the test's own database lives here."""

    def ask(self, told: bytes) -> bytes:
        """What a child would answer."""
        return json.dumps(apart._tried(json.loads(told))).encode()


FILED = {"file": "patente_comercial", "sample": True}


def test_the_whole_story_of_an_example_holds_and_leaves_no_row_behind(patente: Bundle, whole_story: Scenario) -> None:
    before = rows()
    beside = {"certificado_patente_vigente": example("certificado_patente_vigente")}
    report = rehearse(bundle=patente, scenario=whole_story, beside=beside)
    assert report.holds, [moment.faults for moment in report.moments]
    assert len(report.moments) == len(whole_story.story)
    assert rows() == before


def test_what_would_be_sent_is_shown_and_not_sent(patente: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    handlers = [get(kind) for kind in ("notifications.email", "signatures.prepare", "signatures.apply")]
    assert not any(isinstance(handler, PureHandler) for handler in handlers)
    for handler in handlers:
        monkeypatch.setattr(type(handler), "call", lambda *args: pytest.fail("an effect outside the database"))
    moment = play(patente, FILED).moments[0]
    assert any("Recibimos tu solicitud" in sent.subject for sent in moment.sent)
    assert not Delivery.objects.exists()
    assert not Job.objects.exists()


def test_a_missing_answer_is_named(patente: Bundle) -> None:
    [moment] = play(patente, {"file": "patente_comercial", "answers": {"nombre": "Ana"}}).moments
    assert moment.faults[0].startswith("por_empresa: Elige Sí o No")


def test_an_answer_to_a_question_that_does_not_exist_is_named(patente: Bundle) -> None:
    [moment] = play(patente, {"file": "patente_comercial", "answers": {"color": "azul"}}).moments
    assert "color" in moment.faults[0]


def test_the_play_stops_at_what_cannot_be_done_and_says_what_is_open(patente: Bundle) -> None:
    report = play(patente, FILED, {"step": "decision", "sample": True}, {"step": "admision", "sample": True})
    assert len(report.moments) == 2
    assert "«decision» no está abierto" in report.moments[1].faults[0]
    assert "admision" in report.moments[1].faults[0]


def test_an_expectation_that_does_not_hold_is_told(patente: Bundle) -> None:
    wrong = {**FILED, "expects": {"open": ["decision"], "notices": ["Felicitaciones"], "acts": ["Decreto"]}}
    faults = play(patente, wrong).moments[0].faults
    assert len(faults) == 3
    right = {**FILED, "expects": {"open": ["admision"], "notices": ["Recibimos"], "incidents": []}}
    assert play(patente, right).holds


def test_how_it_should_end_may_be_written_in_another_language_than_that_of_the_page() -> None:
    code = "certificado_patente_vigente"
    ends = {"ends": "emitido", "act": "Certificado de no tener patente", "mail": ["No hay patente vigente"]}
    with override("en"):
        report = play(example(code), {"file": code, "sample": True}, ends)
    assert report.holds, [moment.faults for moment in report.moments]


@pytest.mark.parametrize(("ends", "holds"), [("Certificado negativo emitido", True), ("Certificado emitido", False)])
def test_how_it_should_end_may_be_written_as_the_person_reads_it(ends: str, holds: bool) -> None:
    """Two ends of one outcome are told apart."""
    code = "certificado_patente_vigente"
    assert play(example(code), {"file": code, "sample": True}, {"ends": ends}).holds == holds


def test_time_passes_and_an_expired_correction_goes_to_an_official(patente: Bundle) -> None:
    """The clock runs through each timer at its own instant (R11: nothing ends by itself)."""
    observe = {"step": "admision", "answers": {"resultado": "observar", "observaciones": "Falta el rol."}}
    report = play(
        patente,
        FILED,
        {**observe, "observe": {"rol_sii": "Escribe el rol."}},
        {"notify": "correccion"},
        {"time": "un mes", "at": "2026-04-20"},
    )
    assert report.holds, report.moments[-1].faults
    assert "correccion" not in {task.step for task in report.moments[-1].open}
    assert report.moments[-1].open, "the case waits for an official"
    assert not report.moments[-1].outcome


def test_a_simple_power_is_refused_in_a_solemn_procedure_and_a_public_deed_passes_r43() -> None:
    """A definition for this test alone: no norm of the examples asks for a solemn power (Ley 19.880 art. 22)."""
    text = (EXAMPLES / "certificado_patente_vigente.yaml").read_text(encoding="utf-8")
    law = "    summary_field: rut\n    solemn_power: Norma de esta prueba\n"
    solemn = check(text.replace("    summary_field: rut\n", law, 1)).bundle
    assert solemn is not None
    asked = {"who": "bruno", "file": solemn.code, "for": "ana", "sample": True}
    refused = {**asked, "expects": {"refused": "escritura pública"}}
    passes = {**asked, "power": "solemn", "expects": {"outcome": "emitido"}}
    assert rehearse(bundle=solemn, scenario=told(refused, passes)).holds
    plain = example("certificado_patente_vigente")
    assert rehearse(bundle=plain, scenario=told(asked)).holds, "elsewhere a simple power is enough"
    (moment,) = rehearse(bundle=plain, scenario=told(refused)).moments
    assert moment.faults == ("Debía rechazarse diciendo «escritura pública», y se hizo.",)


def test_time_does_not_run_backwards(patente: Bundle) -> None:
    report = play(patente, FILED, {"time": "antes", "at": "2026-01-01"})
    assert "vuelve atrás" in report.moments[1].faults[0]


def test_a_broken_engine_fails_the_rehearsal(patente: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the production engine: what breaks there breaks here."""
    monkeypatch.setattr(HumanNode, "entered", lambda self, activation: 1 / 0)
    with pytest.raises(EngineBroke, match=patente.start.title) as broke:
        play(patente, FILED)
    assert isinstance(broke.value.__cause__, ZeroDivisionError)


def test_the_command_says_at_which_step_the_engine_broke(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HumanNode, "entered", lambda self, activation: 1 / 0)
    with pytest.raises(CommandError, match=r"el motor falló en «.+»: ZeroDivisionError"):
        call_command("procedures", "test", str(EXAMPLES / "patente_comercial.yaml"), stdout=StringIO())


def test_who_tries_reads_at_which_step_it_broke_and_who_runs_the_site_finds_where_in_the_log(
    patente: Bundle, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What the error said stays out of both: it may hold what somebody answered."""

    def breaks(self: HumanNode, activation: object) -> None:
        raise ValueError("Ana Pérez")

    monkeypatch.setattr(HumanNode, "entered", breaks)
    monkeypatch.setattr("workflows.rehearsal.apart._warm", Here())
    with pytest.raises(RehearsalFailed) as failed:
        rehearse_apart(bundle=patente, scenarios=[told(FILED)])
    reference = str(failed.value).removesuffix(".")[-8:]
    assert f"se detuvo en «{patente.start.title}»" in str(failed.value)
    assert f"A rehearsal broke ({reference}): ValueError at tests/workflows/test_rehearsal.py" in caplog.text
    assert "workflows/commands/filing.py" in caplog.text
    assert "Ana" not in f"{failed.value} {caplog.text}"


def test_whoever_signs_is_cast_in_the_order_of_the_signatures(patente: Bundle) -> None:
    story = told(*({"who": who, "sign": "firma_decreto"} for who in ("fabian", "gloria"))).story
    slots = patente.steps_by_id["firma_decreto"].signers  # type: ignore[attr-defined]
    assert cast_of(patente, story) == {slots[0]: ["fabian"], slots[1]: ["gloria"]}


@pytest.mark.parametrize(
    ("story", "words"),
    [
        ([], "Una prueba se escribe"),
        (["presenta"], "renglón 1"),
        ([{"who": "ana"}], "no dice qué pasa"),
        ([{"file": "x", "expects": {"clima": "bueno"}}], "clima"),
    ],
)
def test_a_scenario_that_cannot_be_read_says_where(story: list[Any], words: str) -> None:
    data = {"title": "Prueba", "story": story} if story else {"title": "Prueba"}
    with pytest.raises(BadScenario, match=words):
        scenario_of(data, ACTIONS)


def test_the_command_tests_the_stories_beside_a_procedure() -> None:
    out = StringIO()
    call_command("procedures", "test", str(EXAMPLES / "certificado_patente_vigente.yaml"), stdout=out)
    assert "✔ certificado_patente_vigente.yaml" in out.getvalue()


def test_the_command_fails_when_a_story_does_not_hold(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "patente_comercial.yaml").write_text((EXAMPLES / "patente_comercial.yaml").read_text())
    story = "title: Mal\nstory:\n  - file: patente_comercial\n    sample: true\n    expects: {open: [decision]}\n"
    (tmp_path / "scenarios" / "patente_comercial.yaml").write_text(story)
    out = StringIO()
    with pytest.raises(CommandError, match="no pasaron: 1"):
        call_command("procedures", "test", str(tmp_path / "patente_comercial.yaml"), stdout=out)
    assert "Debían quedar abiertos" in out.getvalue()


def test_a_rehearsal_in_another_process_gives_the_same_report(
    patente: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test's own database lives in this process, so the other one gets a file of its own."""
    story = told(FILED, {"step": "admision", "answers": {"resultado": "admitir"}})
    monkeypatch.setenv("SINPAPELEO_DATA", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "")
    migrated.copied_into(tmp_path)
    [there] = rehearse_apart(bundle=patente, scenarios=[story])
    here = json.loads(json.dumps(rehearse(bundle=patente, scenario=story).as_data()))
    assert there["holds"], there
    assert [moment["open"] for moment in there["moments"]] == [moment["open"] for moment in here["moments"]]


def test_a_process_that_fails_is_told_in_words(patente: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(RehearsalFailed, match="Inténtalo de nuevo"):
        rehearse_apart(bundle=patente, scenarios=[told(FILED)])


def test_an_act_that_somebody_signed_cannot_be_sent_back_here_either(patente: Bundle) -> None:
    report = play(
        patente,
        FILED,
        {"step": "admision", "answers": {"resultado": "admitir"}},
        {"step": "informe_obras", "sample": True, "answers": {"favorable": True}},
        {"step": "informe_salud", "sample": True, "answers": {"favorable": True}},
        {"step": "decision", "sample": True, "answers": {"aprueba": True}},
        {"write": "redaccion_decreto"},
        {"who": "fabian", "sign": "firma_decreto"},
        {"who": "gloria", "send_back": "firma_decreto"},
    )
    assert [bool(moment.faults) for moment in report.moments] == [False] * 7 + [True]
    assert "ya no se puede devolver" in report.moments[-1].faults[0]
