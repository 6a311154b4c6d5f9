"""Values that occur nowhere else are sent through the whole path: afterwards no log, job or chain holds them."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from logging.config import DictConfigurator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.api import run_of
from audit.models import Event
from jobs.models import Job
from procedures.api import publish
from tests.story import Story
from workflows import drafts
from workflows.answers import answers_of
from workflows.models import Case, Draft, Incident, Submission
from workflows.sample import EXAMPLES

WORDS = {
    "nombre": "Canaria Plumaverde Zorzal",
    "correo": "canaria.plumaverde@correo.example",
    "telefono": "+56987650321",
    "direccion": "Pasaje Jilguero 7731",
    "rol_sii": "7731-8842",
    "descripcion": "Vende alpiste al por mayor",
    "peticion": "Pido patente para mi pajarería",
}
REMARK = "Observación canaria sobre el alpiste"


def spellings(story: Story) -> list[str]:
    """Everything that must stay where it belongs: answers, remarks, and Ana's RUN in its usual forms."""
    run = run_of(story.people["Ana"])
    number, _hyphen, digit = run.partition("-")
    dotted = f"{int(number):,}".replace(",", ".")
    return [*WORDS.values(), REMARK, number, dotted, f"{dotted}-{digit}", story.people["Ana"].family_names]


def whole_path(story: Story) -> Case:
    """From filing to the signed act, by way of a correction; the mail server does not answer."""
    case = story.file(**WORDS)
    story.do(case, "admision", observe={"direccion": REMARK}, resultado="observar", observaciones=REMARK)
    story.work()
    story.correct(case)
    story.do(case, "admision", resultado="admitir")
    for step in ("informe_obras", "informe_salud"):
        story.do(case, step, favorable=True, fundamento=REMARK)
    story.do(case, "decision", aprueba=True, fundamento=REMARK)
    draft = case.task_set.get(step_kind="draft", status="NEW")
    story.finish_draft(case, draft.step_id)
    for _signer in range(2):
        story.sign(case, case.task_set.get(step_kind="sign", status="NEW").step_id)
        story.work()
    case.refresh_from_db()
    return case


def columns_of_jobs() -> Iterator[str]:
    for job in Job.objects.all():
        yield json.dumps([job.payload, job.result, job.last_error, job.dedup_key], ensure_ascii=False)


def test_no_log_no_job_and_no_chain_holds_what_a_person_wrote(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    case = whole_path(story)
    assert case.outcome == "approved"
    places = {
        "logs": caplog.text,
        "jobs": "\n".join(columns_of_jobs()),
        "chains": "\n".join(bytes(event.body).decode() + event.actor for event in Event.objects.all()),
        "incidents": "\n".join(Incident.objects.values_list("detail", flat=True)),
        "flow tasks": json.dumps(list(case.task_set.values_list("data", flat=True)), default=str, ensure_ascii=False),
    }
    assert Job.objects.exclude(last_error="").exists()  # the mail server that is not there left its mark
    found = {(place, word) for place, text in places.items() for word in spellings(story) if word in text}
    assert found == set()


def test_the_control_finds_what_is_there(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    case = story.file(**WORDS)
    logging.getLogger("workflows").warning("%s", WORDS["direccion"])
    assert WORDS["direccion"] in caplog.text
    assert WORDS["direccion"] in json.dumps(case.data, ensure_ascii=False)


def test_a_page_that_breaks_logs_where_and_not_what_somebody_wrote(
    client: Client, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    """The database, for one, quotes the row that it refuses."""

    def broken(*_arguments: Any) -> str:
        try:
            raise ValueError(WORDS["nombre"])
        except ValueError as error:
            raise KeyError(WORDS["telefono"]) from error

    monkeypatch.setattr("workflows.views.site.render", broken)
    written = StringIO()
    console = logging.StreamHandler(written)
    console.setFormatter(_formatter())
    logging.getLogger().addHandler(console)
    client.raise_request_exception = False
    try:
        assert client.get(reverse("workflows:help")).status_code == 500
    finally:
        logging.getLogger().removeHandler(console)
    told = written.getvalue()
    assert all(word in told for word in ("Internal Server Error", "in broken", "ValueError", "KeyError"))
    assert not [word for word in WORDS.values() if word in told]


def test_the_log_says_what_ails_the_machine() -> None:
    try:
        raise OSError("No space left on device")
    except OSError as error:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "x", None, (type(error), error, error.__traceback__))
    assert "No space left on device" in _formatter().format(record)


def _formatter() -> logging.Formatter:
    """As settings say it."""
    made: logging.Formatter = DictConfigurator({}).configure_formatter(dict(settings.LOGGING["formatters"]["line"]))
    return made


DIAGNOSIS = "Ornitosis canaria crónica"
SENSITIVE = """          - {id: salud, type: text, label: Tu diagnóstico, sensitive: true,
             personal: {purpose: Decidir la solicitud, basis: 'Ley N° 19.628, artículo 16'}}
"""


ROWS = """          - {id: salud, type: group, label: Quienes viven contigo, sensitive: true,
             personal: {purpose: Decidir la solicitud, basis: 'Ley N° 19.628, artículo 16'},
             fields: [{id: mal, type: text, label: Qué enfermedad tiene}]}
"""


@pytest.mark.parametrize(
    ("question", "answer"), [(SENSITIVE, DIAGNOSIS), (ROWS, [{"id": "a1", "mal": DIAGNOSIS}])], ids=["alone", "in rows"]
)
def test_a_sensitive_answer_is_legible_nowhere_but_in_the_application(story: Story, question: str, answer: Any) -> None:
    text = (EXAMPLES / "certificado_patente_vigente.yaml").read_text()
    place = "          - {id: correo, type: email"
    assert place in text
    publish(text=text.replace(place, question + place), agency=story.agency, by=None, now=story.now, role_bindings={})
    draft = story.draft(story.offering("certificado_patente_vigente"), salud=answer)
    assert drafts.read(draft)["salud"] == answer
    assert DIAGNOSIS not in json.dumps(draft.answers, ensure_ascii=False)
    case = story.file("certificado_patente_vigente", salud=answer)
    assert answers_of(case, "inicio")["salud"] == answer
    story.work()
    case.refresh_from_db()
    places = {
        "case": json.dumps(case.data, ensure_ascii=False),
        "drafts": json.dumps(list(Draft.objects.values_list("answers", flat=True)), ensure_ascii=False),
        "submissions": repr(list(Submission.objects.values())),
        "jobs": "\n".join(columns_of_jobs()),
        "chains": "\n".join(bytes(event.body).decode() for event in Event.objects.all()),
        "disk": "".join(
            path.read_bytes().decode("latin-1") for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()
        ),
    }
    assert [place for place, text in places.items() if DIAGNOSIS in text] == []
