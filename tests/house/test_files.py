"""The same file names in every room; what else a room has is listed here with its subject, not called "utils"."""

import ast
from pathlib import Path

import pytest

from tests.house import tree

EVERYWHERE = (
    "__init__ apps models rules queries operations handlers errors checks views forms urls api migrations management"
)
OWN = {
    "designer": (
        "adding advising bpmn bringing cards causes contents creating flow importing machine_steps merging newstep "
        "numbers patterns presenting publishing references renaming reusing reviewing routes sample "
        "spreadsheet starting subcommands testing translating tree trying wording"
    ),
    "participation": "panels presenting recount sample",
    "workflows": (
        "access acts answers appealing bandeja basis bulk closing commands compiler connectors continuations controls "
        "cosigners deadlines declared desk_urls downloads drafts facts figures formalities heads holders incidents "
        "interrupted joinders keeping live measures messages nodes ordering outages panels parties pieces powers "
        "prepared presenting proof proofs receipts registry rehearsal reporting representing reuse rounds routing "
        "runtime sample scopes "
        "separation steps texts titles trails transfer turns uploads versions welcome "
        "authorising exchanges notified phone regime searching exemptions media withholding paper_forms papers "
        "representation reviewing certifying needless"
    ),
    "notifications": "context demo_mailbox mail saying smtp",
    "signatures": (
        "analysis backends demo_pki keystore pdf pki qr_urls receipt rehearsal report revocation throttle timestamps "
        "trust verification"
    ),
    "documents": (
        "antivirus bucket codes content copies disk emblems export fonts inspection language lettering limits metadata "
        "naming "
        "rendering storage style uploads watermark"
    ),
    "procedures": (
        "around catalogue changes checking data dated diagram expressions fees fields findings frozen gate graph "
        "handouts indicators institutions lists partial plain reading reference remembered schema soundness staffing "
        "subcommands support templatetags texts visibility wording writing"
    ),
    "accounts": "backends demo_identity intents keyring numbers oidc posts rotation sample sign_in vault",
    "audit": "triggers",
    "jobs": "crash_points dispatcher execution faults registry rehearsal supervisor tasks worker",
    "legaltime": "clock explanation national_calendar",
}
"""What a room holds besides, by subject."""
SHAPELESS = {"utils", "util", "helpers", "helper", "common", "misc", "base_utils", "services", "managers", "signals"}

WIRING = {"__init__.py", "apps.py", "urls.py", "wsgi.py"}
"""Files whose name says it all."""


@pytest.mark.parametrize("room", tree.layers())
def test_a_room_holds_the_usual_files_and_those_listed(room: str) -> None:
    found = {Path(path.parts[1]).stem for path in tree.files() if path.parts[0] == room}
    assert found - set(EVERYWHERE.split()) == set(OWN[room].split())


def test_no_file_is_called_after_nothing() -> None:
    assert [str(path) for path in tree.python_files() if path.stem in SHAPELESS] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path)
        for path in tree.python_files(*tree.layers(), "config", "bench", "tests")
        if path.name not in WIRING and "commands" not in path.parts and not ast.get_docstring(tree.syntax(path))
    ]
    assert silent == []
