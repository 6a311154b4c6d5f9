"""Rooms know only the rooms below them, and only through their front door."""

import ast
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.models import ForeignKey, ManyToManyField

from tests.house import tree

BESIDE = {"bench", "config", "docs", "examples", "locale", "static", "templates", "tests"}
"""Top-level folders that are not rooms."""

FRONT_DOORS = {"api", "models"}
WIDER_DOORS = {"audit.triggers"}
"""Modules besides api and models that another room may import; migrations need the last."""


def test_the_top_level_folders_are_exactly_the_rooms() -> None:
    found = {path.parts[0] for path in tree.files() if len(path.parts) > 1 and not path.parts[0].startswith(".")}
    assert found == BESIDE | set(tree.layers())


def test_django_knows_the_rooms_in_the_same_order() -> None:
    rooms = tree.layers()
    assert [name for name in settings.INSTALLED_APPS if name in rooms] == rooms


def test_each_layer_says_what_it_is_for() -> None:
    text = (tree.ROOT / "pyproject.toml").read_text()
    block = text[text.index("\nlayers = [") :].partition("]")[0]
    for line in block.splitlines()[2:]:
        assert not line.strip() or "# " in line, line


def test_no_foreign_key_points_upward() -> None:
    rank = {name: place for place, name in enumerate(tree.layers())}
    upward = [
        f"{model.__name__}.{field.name} -> {target.__name__}"
        for model in apps.get_models()
        if model._meta.app_label in rank
        for field in (*model._meta.fields, *model._meta.many_to_many)
        if isinstance(field, ForeignKey | ManyToManyField) and isinstance(target := field.related_model, type)
        if rank.get(target._meta.app_label, len(rank)) < rank[model._meta.app_label]
    ]
    assert upward == []


def enters_by_the_front(room: str, module: str) -> bool:
    """Whether code of `room` may import `module` (dotted) of another room."""
    top, _, rest = module.partition(".")
    if top == room or top not in tree.layers():
        return True
    return rest.split(".")[0] in FRONT_DOORS or module in WIDER_DOORS or module.rpartition(".")[0] in WIDER_DOORS


def test_rooms_use_each_other_only_through_api_and_models() -> None:
    trespasses = [
        f"{path}:{line} imports {module}"
        for path in tree.python_files(*tree.layers())
        for module, line in tree.imports(path)
        if not enters_by_the_front(path.parts[0], module)
    ]
    assert trespasses == []


def statements_beyond_imports(path: Path) -> list[str]:
    return [
        ast.unparse(node)[:60]
        for node in tree.syntax(path).body
        if not isinstance(node, ast.Import | ast.ImportFrom)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        and not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__")
    ]


def test_an_api_only_passes_names_on() -> None:
    for room in tree.layers():
        path = Path(room) / "api.py"
        if path in tree.files():
            assert statements_beyond_imports(path) == [], path
            assert "__all__" in (tree.ROOT / path).read_text(), path
