"""`./run bench NAME [--quick]`: measure, show a table, store the result and print it as one last line of JSON."""

import argparse
import importlib
import json
import os
import pkgutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
NOT_BENCHES = {
    "__main__",
    "sides",
    "visitor",
    "engine_settings",
    "engine_sides",
    "catalogue_sides",
    "designer_sides",
    "documents_sides",
    "measured_procedure",
    "stock_flow",
}
"""What benches share."""


def names() -> list[str]:
    """The benches there are: each is a module with `run(quick: bool) -> dict`."""
    return sorted(module.name for module in pkgutil.iter_modules([str(HERE)]) if module.name not in NOT_BENCHES)


def purpose(name: str) -> str:
    """First line of the bench's docstring."""
    return (importlib.import_module(f"bench.{name}").__doc__ or "").strip().partition("\n")[0]


def commit() -> str:
    """The commit measured, with "+" when files differ from it; empty outside a repository."""
    answer = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--abbrev=12"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout.strip()


def circumstances(name: str, quick: bool) -> dict[str, Any]:
    """What a reader needs to repeat the measurement."""
    return {
        "bench": name,
        "command": f"./run bench {name}{' --quick' if quick else ''}",
        "commit": commit(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": sys.version.split()[0],
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }


def store(result: dict[str, Any]) -> Path:
    """Write the result to bench/results/; quick runs are not worth keeping apart, the last one stays."""
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    suffix = "-quick" if result["command"].endswith("--quick") else ""
    path = folder / f"{result['bench']}{suffix}.json"
    path.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n")
    return path


def main() -> int:
    """0 when the goal of the bench holds or it states none; 1 when it is missed; 64 when there is no such bench."""
    parser = argparse.ArgumentParser(prog="./run bench", description="Mide y guarda el resultado en bench/results/.")
    parser.add_argument("name", nargs="?", metavar="NOMBRE", help="qué medir; sin nombre, muestra las mediciones")
    parser.add_argument("--quick", action="store_true", help="pocas repeticiones: muestra que funciona, no cuánto")
    arguments = parser.parse_args()
    if arguments.name not in names():
        for name in names():
            print(f"{name:<16}{purpose(name)}")
        return 0 if arguments.name is None else 64
    result = circumstances(arguments.name, arguments.quick)
    result |= importlib.import_module(f"bench.{arguments.name}").run(quick=arguments.quick)
    print(f"Guardado en {store(result).relative_to(HERE.parent)}")
    print(json.dumps(result, ensure_ascii=False))
    return 0 if result.get("holds", True) else 1


if __name__ == "__main__":
    sys.exit(main())
