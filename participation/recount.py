#!/usr/bin/env python3
"""Recuenta los apoyos publicados, sin nada más que los archivos publicados y Python.

    python3 recontar.py 1.json 2.json 3.json …            recuenta todos los lotes, en orden
    python3 recontar.py --apoyos apoyos.json 1.json …     y compara con los totales publicados
    python3 recontar.py --comprobante mio.json 1.json …   y dice si un comprobante está contado

Termina en 0 si todo cuadra y en 1 si algo no cuadra. No usa la red ni ningún otro archivo del programa.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

NO_ROOT = "0" * 64
NAMES = {
    "web": "en línea",
    "counter": "mesón",
    "phone": "teléfono",
    "demostracion": "identidades de demostración",
    "otras": "otras, con alguna de menos de cinco",
}
"""Names of the published files, in words."""
SIGN = {"apoyo": 1, "restituido": 1, "retiro": -1, "excluido": -1}


def root_of(lines: list[str]) -> str:
    """The Merkle root of lines in their order (RFC 6962: leaves and nodes are told apart)."""
    level = [hashlib.sha256(b"\x00" + line.encode()).digest() for line in lines]
    while len(level) > 1:
        pairs = [level[place : place + 2] for place in range(0, len(level), 2)]
        level = [hashlib.sha256(b"\x01" + b"".join(pair)).digest() if len(pair) == 2 else pair[0] for pair in pairs]
    return level[0].hex() if level else NO_ROOT


def climb(line: str, proof: list[list[str]]) -> str:
    """The root to which a line climbs by its proof."""
    digest = hashlib.sha256(b"\x00" + line.encode()).digest()
    for side, neighbour in proof:
        other = bytes.fromhex(neighbour)
        digest = hashlib.sha256(b"\x01" + (other + digest if side == "left" else digest + other)).digest()
    return digest.hex()


def chain_problems(batches: list[dict[str, Any]]) -> list[str]:
    """What is wrong with the batches themselves: order, roots, and the chain between them."""
    problems, previous = [], NO_ROOT
    for place, batch in enumerate(batches, start=1):
        name = f"lote {batch['batch']}"
        if batch["batch"] != place:
            problems.append(f"{name}: falta el lote {place}")
        if batch["previous_root"] != previous:
            problems.append(f"{name}: no continúa el lote anterior")
        if root_of([*batch["lines"], *batch.get("came_by", [])]) != batch["root"]:
            problems.append(f"{name}: las líneas no dan la raíz publicada")
        previous = batch["root"]
    return problems


def count(batches: list[dict[str, Any]]) -> tuple[Counter[str], list[str]]:
    """Supports by ficha, and tags that counted twice in one period."""
    totals: Counter[str] = Counter()
    standing: Counter[tuple[int, str, str]] = Counter()
    problems = []
    for batch in batches:
        for text in batch["lines"]:
            subject, what, tag = text.split(" ")
            totals[subject] += SIGN[what]
            standing[(batch["period"], subject, tag)] += SIGN[what]
    problems += [f"{subject}: una etiqueta cuenta {n} veces" for (_p, subject, _t), n in standing.items() if n > 1]
    problems += [f"{subject}: más retiros que apoyos" for subject, n in totals.items() if n < 0]
    return totals, problems


def came_by(batches: list[dict[str, Any]]) -> tuple[dict[str, Counter[str]], list[str]]:
    """How many supports came by each door and who verified them, and batches in which the groups do not add up."""
    totals: dict[str, Counter[str]] = {"puerta": Counter(), "verifica": Counter()}
    problems = []
    for batch in batches:
        new, here = sum(" apoyo " in text for text in batch["lines"]), Counter[str]()
        for text in batch.get("came_by", []):
            what, name, number = text.split(" ")
            totals[what][name] += int(number)
            here[what] += int(number)
        if batch["version"] > 1 and any(here[what] != new for what in totals):
            problems.append(f"lote {batch['batch']}: sus puertas no suman sus apoyos")
    return totals, problems


def compare(totals: Counter[str], published: dict[str, Any]) -> list[str]:
    """Where the recount differs from what the site says is already in the tally."""
    said = {row["codigo"]: row["en_el_recuento"] for row in published["apoyos"]}
    codes = sorted(set(said) | {code for code, n in totals.items() if n})
    wrong = [code for code in codes if totals[code] != said.get(code, 0)]
    return [f"{code}: el recuento da {totals[code]} y el sitio dice {said.get(code, 0)}" for code in wrong]


def receipt_problem(receipt: dict[str, Any], batches: list[dict[str, Any]]) -> str:
    """Why a receipt is not in the tally; empty when it is."""
    found = [batch for batch in batches if batch["batch"] == receipt["batch"]]
    if not found or receipt["line"] not in found[0]["lines"]:
        return "el comprobante no está en el lote que dice"
    if climb(receipt["line"], receipt["proof"]) != found[0]["root"]:
        return "la prueba del comprobante no llega a la raíz del lote"
    subject, what, tag = receipt["line"].split(" ")
    if what != "apoyo":
        return "el comprobante no es de un apoyo"
    later = [text.split(" ") for batch in batches if batch["period"] == found[0]["period"] for text in batch["lines"]]
    if sum(SIGN[what] for code, what, named in later if (code, named) == (subject, tag)) < 1:
        return "está publicado, pero después se retiró o se excluyó: hoy no cuenta"
    return ""


def main(arguments: list[str]) -> int:
    """Recount what the files say and report in Spanish."""
    parser = argparse.ArgumentParser(description="Recuenta los apoyos publicados.")
    parser.add_argument("lotes", nargs="+", help="archivos de los lotes publicados, todos")
    parser.add_argument("--apoyos", help="archivo apoyos.json del sitio, para comparar")
    parser.add_argument("--comprobante", help="un comprobante de apoyo, para buscarlo")
    asked = parser.parse_args(arguments)
    batches = sorted((json.loads(Path(name).read_text("utf-8")) for name in asked.lotes), key=lambda one: one["batch"])
    totals, problems = count(batches)
    groups, uneven = came_by(batches)
    problems = chain_problems(batches) + problems + uneven
    if asked.apoyos:
        problems += compare(totals, json.loads(Path(asked.apoyos).read_text("utf-8")))
    if asked.comprobante:
        problem = receipt_problem(json.loads(Path(asked.comprobante).read_text("utf-8")), batches)
        print(f"Comprobante: {problem or 'está contado'}")
        problems += [problem] if problem else []
    for subject, number in sorted(totals.items()):
        print(f"{number:>8}  {subject}")
    for what, found in groups.items():
        for name, number in sorted(found.items()):
            print(f"{number:>8}  {what}: {NAMES.get(name, name)}")
    print("\n".join(f"✘ {problem}" for problem in problems) or f"✔ {len(batches)} lotes cuadran")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
