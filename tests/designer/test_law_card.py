"""The card of the legal blocks: which version of their steps and texts a procedure uses."""

import pytest

from designer.cards import law
from procedures.schema import Law


@pytest.mark.parametrize(("chosen", "kept"), [("ley-19880-1", "ley-19880-1"), (None, law.VERSION)])
def test_a_procedure_keeps_the_version_of_the_blocks_that_somebody_chose(chosen: str | None, kept: str) -> None:
    made = law.gathered(
        {"officer": "jefatura", "signers": {"0": "alcaldia"}, **({"version": chosen} if chosen else {})}
    )
    assert made is not None
    assert made["version"] == kept


def test_the_card_offers_every_version_that_there_is() -> None:
    versions = Law.model_fields["version"].annotation.__args__  # type: ignore[union-attr]
    assert {value for value, _words in law.VERSIONS} == set(versions)
    assert law.VERSIONS[0][0] == law.VERSION == max(versions)
