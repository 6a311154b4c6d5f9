"""A procedure goes to a BPMN modeller and comes back whole, and what a modeller drew is read as far as it can be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import SpiffWorkflow
from lxml import etree

from designer import starting, tree
from designer.bpmn import BpmnError, read_bpmn, write_bpmn
from designer.bpmn.words import BPMNDI, bpmn, own
from procedures.api import check_data, partial_bundle

EXAMPLES = sorted(path.stem for path in starting.EXAMPLES.glob("*.yaml") if path.stem != "offerings")
SCHEMA = Path(SpiffWorkflow.__file__).parent / "bpmn" / "parser" / "schema" / "BPMN20.xsd"
"""The OMG's own schema, as that package carries it."""
NOTHING: dict[str, Any] = {"code": "nada", "title": "Nada", "forms": [], "steps": []}


def example(name: str) -> dict[str, Any]:
    bundle = starting.example(name).bundle
    assert bundle is not None
    return starting.plain(bundle)


def written(content: dict[str, Any]) -> Any:
    return etree.fromstring(write_bpmn(content, partial_bundle(content)))


def read(root: Any, present: dict[str, Any] | None = None) -> Any:
    return read_bpmn(etree.tostring(root), present or NOTHING)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_valid_bpmn_and_comes_back_the_same_bytes(name: str) -> None:
    content = example(name)
    root = written(content)
    etree.XMLSchema(etree.parse(str(SCHEMA))).assertValid(root)
    back = read(root)
    assert back.unread == []
    found, same = check_data(back.content).bundle, check_data(content).bundle
    assert found is not None
    assert same is not None
    assert found.canonical() == same.canonical()


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_element_stands_somewhere_on_the_canvas(name: str) -> None:
    root = written(example(name))
    drawn = {shape.get("bpmnElement") for shape in root.iter(f"{{{BPMNDI}}}BPMNShape", f"{{{BPMNDI}}}BPMNEdge")}
    process = root.find(bpmn("process"))
    there = {element.get("id") for element in process.iter() if element.get("id") and element is not process}
    assert there <= drawn


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_step_renamed_in_a_modeller_is_all_that_changes(name: str) -> None:
    """Read from the drawing itself: every way, branch, row and condition is there."""
    content = example(name)
    root = written(content)
    task = next(root.iter(bpmn("userTask"), bpmn("serviceTask")))
    task.set("name", "Otro nombre")
    back = read(root)
    assert back.unread == []
    wanted = json.loads(json.dumps(content))
    address = next(at for at, step in tree.all_steps(wanted) if step["id"] == task.get("id"))
    tree.get(wanted, address)["title"] = "Otro nombre"
    assert sorted(map(str, tree.leaves(back.content))) == sorted(map(str, tree.leaves(wanted)))


def test_a_condition_rewritten_in_a_modeller_is_taken_as_it_was_written() -> None:
    root = written(example("patente_comercial"))
    told = next(root.iter(bpmn("conditionExpression")))
    assert "admision.resultado" in str(told.text)
    told.text = "admision.resultado == 'admitir'"
    step = tree.get(read(root).content, ("steps", "admision"))
    assert step["next"][0]["when"] == {"cel": "admision.resultado == 'admitir'"}


def test_a_task_drawn_between_two_others_is_a_step_between_them() -> None:
    root = written(example("patente_comercial"))
    process = root.find(bpmn("process"))
    flow = next(one for one in process.iter(bpmn("sequenceFlow")) if one.get("targetRef") == "firma_decreto"
                and one.get("sourceRef") == "redaccion_decreto")  # fmt: skip
    etree.SubElement(process, bpmn("userTask"), id="Activity_0q1w", name="Visar el decreto")
    etree.SubElement(process, bpmn("sequenceFlow"), id="n1", sourceRef="Activity_0q1w", targetRef="firma_decreto")
    flow.set("targetRef", "Activity_0q1w")
    steps = {step["id"]: step for _at, step in tree.all_steps(read(root).content)}
    assert steps["redaccion_decreto"]["next"] == "visar_el_decreto"
    assert steps["visar_el_decreto"] == {
        "id": "visar_el_decreto", "kind": "task", "title": "Visar el decreto", "next": "firma_decreto",
    }  # fmt: skip


FOREIGN = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x"><process id="p">
<startEvent id="s" name="Llega"/><userTask id="a" name="Revisar"/><exclusiveGateway id="g" default="f4"/>
<parallelGateway id="k"/><userTask id="b" name="Informe uno"/><userTask id="c" name="Informe dos"/>
<parallelGateway id="j"/><scriptTask id="x" name="Calcular"/><inclusiveGateway id="i"/><endEvent id="e" name="Fin"/>
<sequenceFlow id="f1" sourceRef="s" targetRef="a"/><sequenceFlow id="f2" sourceRef="a" targetRef="g"/>
<sequenceFlow id="f3" sourceRef="g" targetRef="k" name="Sirve">
<conditionExpression>a.ok</conditionExpression></sequenceFlow>
<sequenceFlow id="f4" sourceRef="g" targetRef="e"/><sequenceFlow id="f5" sourceRef="k" targetRef="b"/>
<sequenceFlow id="f6" sourceRef="k" targetRef="c"/><sequenceFlow id="f7" sourceRef="b" targetRef="j"/>
<sequenceFlow id="f8" sourceRef="c" targetRef="j"/><sequenceFlow id="f9" sourceRef="j" targetRef="x"/>
<sequenceFlow id="f10" sourceRef="x" targetRef="e"/></process><process id="q"><task id="t"/></process></definitions>"""


def test_a_process_of_another_tool_is_read_as_far_as_it_can_be_and_the_rest_is_named() -> None:
    back = read_bpmn(FOREIGN.encode(), NOTHING)
    steps = {step["id"]: step for _at, step in tree.all_steps(back.content)}
    assert steps["a"]["next"] == [{"when": {"cel": "a.ok"}, "goto": "k", "label": "Sirve"}, {"otherwise": "e"}]
    assert [[one["id"] for one in branch] for branch in steps["k"]["branches"]] == [["b"], ["c"]]
    assert steps["b"]["next"] == "join"
    assert steps["k"]["next"] == "e"
    told = " ".join(back.unread)
    assert "«Calcular» (scriptTask)" in told
    assert "«q»" in told


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<a", "no es XML"),
        ("<a/>", "no es un proceso"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "entidades"),
        ('<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "ningún proceso"),
    ],
)
def test_what_is_no_bpmn_or_carries_entities_is_refused_in_words(text: str, why: str) -> None:
    with pytest.raises(BpmnError, match=why):
        read_bpmn(text.encode(), NOTHING)


def test_what_this_engine_wrote_inside_is_not_believed_when_it_is_no_json() -> None:
    root = written(example("patente_comercial"))
    next(root.iter(own("definition"))).text = "{"
    assert read(root, example("patente_comercial")).content["title"] == "Patente comercial definitiva"
