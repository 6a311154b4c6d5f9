"""Each dependency has a reason, and the locks say what to install without saying from where."""

import re
import tomllib

import pytest

from tests.house import tree

LOCKS = ["requirements.lock", "requirements-dev.lock"]


def dependency_lines() -> list[str]:
    text = (tree.ROOT / "pyproject.toml").read_text().partition("[tool.")[0]
    return [line for line in text.splitlines() if re.match(r'    "[a-z0-9.-]+(\[[a-z0-9,-]+\])?([=<>!~].*)?",', line)]


def test_every_dependency_says_why() -> None:
    lines = dependency_lines()
    named = tree.project()["project"]["dependencies"] + tree.project()["dependency-groups"]["dev"]
    assert len(lines) >= len(named)
    assert [line for line in lines if not re.search(r"#\s*\S+ \S+", line)] == []


def locked(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (tree.ROOT / name).read_text(), re.M))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host(name: str) -> None:
    assert not re.search(r"https?:|//|\.(com|org|net|cl|io)\b(?!==)", (tree.ROOT / name).read_text().replace("\n", " "))


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash(name: str) -> None:
    for entry in re.split(r"\n(?=[a-z0-9])", (tree.ROOT / name).read_text().strip()):
        assert "--hash=sha256:" in entry, entry


def test_the_development_lock_contains_the_production_lock() -> None:
    assert locked(LOCKS[0]).items() <= locked(LOCKS[1]).items()


def canonical(requirement: str) -> str:
    return re.split(r"[\[=<>!~ ;]", requirement)[0].lower().replace("_", "-").replace(".", "-")


@pytest.mark.parametrize(("lock", "group"), [(LOCKS[0], "project"), (LOCKS[1], "dev")])
def test_the_locks_contain_what_the_project_declares(lock: str, group: str) -> None:
    project = tomllib.loads((tree.ROOT / "pyproject.toml").read_text())
    declared = project["project"]["dependencies"] if group == "project" else project["dependency-groups"]["dev"]
    assert {canonical(item) for item in declared} <= {canonical(item) for item in locked(lock)}
