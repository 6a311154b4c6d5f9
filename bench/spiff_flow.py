"""The measured procedure as SpiffWorkflow's manual would run it: the workflow as JSON in a row, read and written whole.

The library keeps no database. Its manual stores what the serializer gives and reads it back before the next task.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import connection, transaction
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

DIAGRAM = Path(__file__).with_suffix("").parent / "measured_procedure.bpmn"
SERIALIZER = BpmnWorkflowSerializer()


def prepare() -> Any:
    """Make the table of workflows; the parsed diagram."""
    key = "BIGINT GENERATED ALWAYS AS IDENTITY" if connection.vendor == "postgresql" else "INTEGER"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE spiff_workflow (id {key} PRIMARY KEY, state TEXT)")
    parser = BpmnParser()
    parser.add_bpmn_file(str(DIAGRAM))
    return parser.get_spec("medida")


@transaction.atomic
def begin(spec: Any, answers: dict[str, Any]) -> int:
    """Start a workflow; the id of its row."""
    workflow = BpmnWorkflow(spec)
    workflow.data.update(answers)
    workflow.do_engine_steps()
    with connection.cursor() as cursor:
        state = SERIALIZER.serialize_json(workflow)
        cursor.execute("INSERT INTO spiff_workflow (state) VALUES (%s) RETURNING id", [state])
        return int(cursor.fetchone()[0])


@transaction.atomic
def complete(case: int, step: str, answers: dict[str, Any]) -> None:
    """Read the workflow under its row's lock, run the step that waits, write it back."""
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT state FROM spiff_workflow WHERE id = %s{lock}", [case])
        workflow = SERIALIZER.deserialize_json(cursor.fetchone()[0])
        ready = workflow.get_next_task(state=TaskState.READY, spec_name=step)
        ready.data.update(answers)
        ready.run()
        workflow.do_engine_steps()
        state = SERIALIZER.serialize_json(workflow)
        cursor.execute("UPDATE spiff_workflow SET state = %s WHERE id = %s", [state, case])
