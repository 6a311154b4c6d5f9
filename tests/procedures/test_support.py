"""The score of electronic support counts what a procedure says, and says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from procedures.api import check_data, counted, electronic_support, read_yaml
from procedures.schema import Bundle

EXAMPLES = Path(__file__).parents[2] / "examples"


def example(name: str) -> Bundle:
    found = check_data(read_yaml((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8")).data).bundle
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "score", "missed"),
    [
        ("patente_comercial", (4, 4), ()),
        ("respuesta_ciudadana", (2, 3), ("Notificaciones",)),
        ("excepcion_medios_electronicos", (4, 5), ("Interoperabilidad",)),
    ],
)
def test_the_score_counts_what_the_procedure_says_and_leaves_out_the_rest_r74(
    name: str, score: tuple[int, int], missed: tuple[str, ...]
) -> None:
    """CPAT guide, the six criteria of electronic support."""
    bundle = example(name)
    criteria = electronic_support(bundle, bundle.ficha.channels)
    assert len(criteria) == 6
    assert counted(criteria) == score
    assert tuple(str(one.name) for one in criteria if one.met is False) == missed


def test_a_procedure_of_the_counter_alone_is_not_electronic_and_one_without_channels_neither() -> None:
    bundle = example("patente_comercial")
    for channels in (("counter",), ()):
        missed = [str(one.name) for one in electronic_support(bundle, channels) if one.met is False]
        assert {"Autenticación", "Plataformas"} <= set(missed)
