"""Reading YAML: bounded, without surprises, and with the line of everything."""

import pytest

from procedures.checking import check
from procedures.reading import read_yaml
from procedures.reading.yaml import MAX_CHARACTERS


def test_scalars_keep_the_form_they_were_written_in() -> None:
    data = read_yaml("a: 1\nb: '1'\nc: 0.5\nd: 2026-01-01\ne: true\nf: yes\ng:\nh: 0123\ni: -4\n").data
    assert data == {
        "a": 1, "b": "1", "c": "0.5", "d": "2026-01-01", "e": True, "f": "yes", "g": None, "h": "0123", "i": -4,
    }  # fmt: skip


def test_every_part_has_its_line() -> None:
    lines = read_yaml("a:\n  - b: 1\n    c: [x,\n      y]\n").lines
    assert (lines["a",], lines["a", 0, "c"], lines["a", 0, "c", 1]) == (1, 3, 4)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_a_mapping"),
        ("# solo un comentario\n", "not_a_mapping"),
        ("una frase", "not_a_mapping"),
        ("- una\n- lista\n", "not_a_mapping"),
        ("a: 1\n---\nb: 2\n", "many_documents"),
        ("[" * 100 + "]" * 100, "too_deep"),
        ("a: [" + "x, " * 120_000 + "x]", "too_deep"),
        ("a: " + "x" * MAX_CHARACTERS, "too_big"),
        ("a: \x07", "broken_yaml"),
        ("a: 'sin cerrar", "broken_yaml"),
        ("? [clave]\n: valor\n", "key_not_text"),
        ("a: &x [1]\nb: *x\n", "yaml_alias"),
        ("a: !!python/object:os.system x\n", "yaml_tag"),
    ],
)
def test_what_is_not_a_plain_document_is_refused_with_a_remedy(text: str, code: str) -> None:
    result = check(text)
    assert result.bundle is None
    assert [finding.code for finding in result.findings] == [code]
    assert result.findings[0].remedy


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    assert [finding.code for finding in check(bomb).findings] == ["yaml_alias"]


def test_an_empty_mapping_lists_what_is_missing() -> None:
    findings = check("schema_version: 1\n").findings
    assert {finding.message for finding in findings} >= {"Falta «code».", "Falta «steps».", "Falta «term»."}
