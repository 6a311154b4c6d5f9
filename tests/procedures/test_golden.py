"""The canonical form is for ever: what was published once reads and digests the same under every later program."""

import json
from pathlib import Path

import pytest

from procedures.checking import check
from procedures.schema import SCHEMA_VERSION, UnknownSchemaVersion, bundle_from_canonical, upcast

GOLDEN = Path(__file__).parent / "golden"
DIGESTS = json.loads((GOLDEN / "digests.json").read_text())


@pytest.mark.parametrize("name", DIGESTS)
def test_stored_bytes_read_back_to_the_same_bytes_and_digest(name: str) -> None:
    stored = (GOLDEN / f"{name}.json").read_bytes()
    bundle = bundle_from_canonical(stored)
    assert bundle.canonical() == stored
    assert bundle.sha256() == DIGESTS[name]


@pytest.mark.parametrize("name", DIGESTS)
def test_yaml_gives_the_stored_bytes(name: str) -> None:
    bundle = check((GOLDEN / f"{name}.yaml").read_text(encoding="utf-8")).bundle
    assert bundle is not None
    assert bundle.canonical() == (GOLDEN / f"{name}.json").read_bytes()


def test_writing_a_default_does_not_change_the_digest() -> None:
    text = (GOLDEN / "certificate.yaml").read_text(encoding="utf-8")
    explicit = text.replace("type: rut, label", "type: rut, required: true, label")
    assert explicit != text
    bundle = check(explicit).bundle
    assert bundle is not None
    assert bundle.sha256() == DIGESTS["certificate"]


def test_a_changed_copy_has_its_own_digest_and_its_own_steps() -> None:
    bundle = bundle_from_canonical((GOLDEN / "certificate.json").read_bytes())
    last = bundle.steps[-1]
    assert bundle.sha256() == DIGESTS["certificate"]
    assert bundle.has_step(last.id)
    shorter = bundle.model_copy(update={"steps": bundle.steps[:-1]})
    assert shorter.sha256() == bundle_from_canonical(shorter.canonical()).sha256() != bundle.sha256()
    assert not shorter.has_step(last.id)


def test_a_bundle_of_a_later_schema_is_refused() -> None:
    with pytest.raises(UnknownSchemaVersion, match="99"):
        upcast({"schema_version": SCHEMA_VERSION + 98})
