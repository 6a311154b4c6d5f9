"""El recorrido del README, por HTTP y desde cero: solicitud, firma, correo, verificación y copia alterada."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import requests
from ruamel.yaml import YAML

from bench.visitor import NotAsPromised, Visitor

ROOT = Path(__file__).resolve().parent.parent
SCENARIO = ROOT / "examples" / "scenarios" / "patente_comercial.yaml"
MOST_SECONDS_TO_START = 240
"""How long the first page may take on a busy machine."""
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def run(quick: bool) -> dict[str, Any]:
    """Start a fresh instance, walk, and stop it. `holds` is False at the first thing that is not as promised."""
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="sinpapeleo-walk-") as folder:
        try:
            with instance(Path(folder), seconds) as base:
                Walk(base, seconds).scenario(YAML(typ="safe").load(SCENARIO))
        except NotAsPromised as problem:
            print(f"✘ {problem}")
            return {"holds": False, "problem": str(problem), "seconds": seconds}
    return {"holds": True, "seconds": seconds, "total": round(sum(seconds.values()), 1)}


@contextmanager
def instance(folder: Path, seconds: dict[str, float], database: str = "") -> Iterator[str]:
    """A new database, keys, people and procedures, and the product serving them on loopback."""
    with free_ports() as port:
        environment = {**os.environ, "SINPAPELEO_DATA": str(folder), "PORT": str(port), "DATABASE_URL": database}
        with _served(folder, seconds, environment, f"http://127.0.0.1:{port}") as base:
            yield base


@contextmanager
def _served(folder: Path, seconds: dict[str, float], environment: dict[str, str], base: str) -> Iterator[str]:
    manage = [sys.executable, str(ROOT / "manage.py")]
    started = time.monotonic()
    for command in ("migrate", "seed_demo"):
        subprocess.run([*manage, command, "--verbosity=0"], env=environment, check=True, stdout=subprocess.DEVNULL)
    with (folder / "serve.log").open("wb") as log:
        server = subprocess.Popen([*manage, "serve"], env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_until_served(base, server, folder)
        _note(seconds, "preparar y servir la primera página", started)
        yield base
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)


@contextmanager
def free_ports() -> Iterator[int]:
    """The first of four neighbouring free ports. The fifth is held until the block ends, for others to see."""
    for port in sorted(range(8400, 9400, 5), key=lambda _port: secrets.randbits(32)):
        with socket.socket() as held:
            try:
                held.bind(("127.0.0.1", port + 4))
                for offset in range(4):
                    with socket.socket() as probe:
                        probe.bind(("127.0.0.1", port + offset))
            except OSError:
                continue
            yield port
            return
    raise NotAsPromised("No hay puertos libres.")


def _wait_until_served(base: str, server: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + MOST_SECONDS_TO_START
    while time.monotonic() < until:
        if server.poll() is not None:
            raise NotAsPromised("El servidor terminó: " + (folder / "serve.log").read_text()[-600:])
        try:
            if requests.get(base, timeout=MOST_SECONDS_TO_START).status_code == 200:
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    raise NotAsPromised(f"La primera página no llegó en {MOST_SECONDS_TO_START} segundos.")


def _note(seconds: dict[str, float], what: str, started: float) -> None:
    took = time.monotonic() - started
    seconds[what] = round(took, 2)
    print(f"✔ {took:6.2f} s  {what}", flush=True)


class Walk:
    """The people of a scenario, each with a browser, doing what it says, one entry after another."""

    patience = 240
    """Seconds to wait for what a worker does."""

    def __init__(self, base: str, seconds: dict[str, float]) -> None:
        self.base, self.seconds = base, seconds
        self.visitors: dict[str, Visitor] = {}
        self.ref, self.number, self.started = "", "", time.monotonic()

    def scenario(self, scenario: Mapping[str, Any]) -> None:
        """Do every entry; each kind of entry is a method of this class."""
        self.visitors = {name: self.person(name, run) for name, run in scenario["people"].items()}
        self.agency = scenario["agency"]
        for place, entry in enumerate(scenario["story"], start=1):
            who = self.visitors[entry["who"]]
            kind = next(key for key in entry if hasattr(self, f"do_{key}"))
            action: Callable[[Visitor, Any, Mapping[str, Any]], None] = getattr(self, f"do_{kind}")
            started = time.monotonic()
            action(who, entry[kind], entry)
            _note(self.seconds, f"{place}. {entry['who']}: {WORDS[kind]} {_short(entry[kind])}", started)

    def person(self, name: str, run: str) -> Visitor:
        """Somebody with a browser of their own; without a RUN, a stranger."""
        return Visitor(self.base, run)

    def do_file(self, who: Visitor, code: str, entry: Mapping[str, Any]) -> None:
        """Fill in, review, declare, sign by a fresh sign-in, and get the receipt."""
        who.visit(f"/tramites/{self.agency}/{code}/").press("Empezar")
        self._fill_pages(who, entry["answers"])
        self._sign_application(who)
        who.expect("Solicitud enviada", "Certificado de presentación")
        self.ref = who.url.rstrip("/").rsplit("/", 1)[-1]
        self.number = str(who.page.xpath("//strong[contains(@class,'nowrap')]")[0].text_content())

    def do_correct(self, who: Visitor, answers: Mapping[str, Any], entry: Mapping[str, Any]) -> None:
        """Answer what was observed, and sign again."""
        who.visit(f"/s/{self.ref}/").expect("Te toca a ti").press("Corregir ahora")
        who.press("Continuar", _as_posted(answers, who))
        while "/revisar/" not in who.url:
            who.press("Continuar")
        self._sign_application(who)

    def _fill_pages(self, who: Visitor, answers: Mapping[str, Any]) -> None:
        for _turn in range(30):
            if "/p/" not in who.url:
                return
            self._press_on(who, answers)
            if who.status == 422:
                raise NotAsPromised(f"La página no acepta las respuestas: {who.text[:400]}")
        raise NotAsPromised("El formulario no termina.")

    def _press_on(self, who: Visitor, answers: Mapping[str, Any]) -> None:
        posted = self._posted_answers(who, answers)
        files = {name: value for name, value in posted.items() if isinstance(value, tuple)}
        who.press("Continuar", {name: value for name, value in posted.items() if name not in files}, files)

    def _posted_answers(self, who: Visitor, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The answers that the page asks for, by the names of its controls; a file as name, content and type."""
        asked = {name: value for name, value in answers.items() if _asks(who, name)}
        files = {name: (asked.pop(name), BytesIO(PDF), "application/pdf") for name in _file_names(who) if name in asked}
        return {**_as_posted(asked, who), **files}

    def _sign_application(self, who: Visitor) -> None:
        who.expect("Revisa tus respuestas").follow("Continuar a la firma")
        who.press("Firmar y enviar", {"declaro": "1"})

    def do_step(self, who: Visitor, step: str, entry: Mapping[str, Any]) -> None:
        """Take the step in the inbox and answer it."""
        self._open_step(who)
        remarks = {f"obs-{name}": text for name, text in entry.get("observe", {}).items()}
        answers = _as_posted(entry["answers"], who)
        who.press("Guardar y continuar", {**answers, **remarks})
        if who.status == 422 or "Necesitamos un dato más" in who.text:
            who.press("Guardar y continuar", {**_as_posted(entry["answers"], who), **remarks})
        if f"/bandeja/{self.ref}/pasos/" in who.url:
            raise NotAsPromised(f"El paso {step} no avanzó: {who.text[:400]}")

    def do_write(self, who: Visitor, step: str, entry: Mapping[str, Any]) -> None:
        """Read the act that the template gives and send it on to signature."""
        self._open_step(who)
        who.press("Enviar a firma")

    def do_sign(self, who: Visitor, step: str, entry: Mapping[str, Any]) -> None:
        """Sign the act by a fresh sign-in and wait for the signature to stand on it."""
        self._open_step(who)
        who.press("Firmar")
        until = time.monotonic() + self.patience
        while "Firmando" in who.text:
            if time.monotonic() > until:
                raise NotAsPromised(f"La firma no llegó en {self.patience} segundos.")
            time.sleep(0.3)
            who.visit(who.url)

    def do_notify(self, who: Visitor, step: str, entry: Mapping[str, Any]) -> None:
        """Record by hand a notification made in the office."""
        who.visit(f"/bandeja/{self.ref}/notificar/{step}/")
        who.press("Registrar", {"medium": entry["medium"], "evidence": entry["evidence"]})

    def do_waits(self, who: Visitor, words: str, entry: Mapping[str, Any]) -> None:
        """The person's page says what it waits for."""
        who.visit(f"/s/{self.ref}/").expect(words)

    def do_ends(self, who: Visitor, outcome: str, entry: Mapping[str, Any]) -> None:
        """The case is over; the mail came; the signed PDF verifies and a changed byte does not."""
        who.visit(f"/s/{self.ref}/").wait_for("Tu solicitud terminó el", seconds=self.patience).expect(f": {outcome}")
        who.visit(f"/s/{self.ref}/").wait_for(f"{entry['act']}", seconds=self.patience)
        self._check_mail(who, entry["mail"])
        links = who.visit(f"/s/{self.ref}/").page.xpath(f"//a[contains(., '{entry['act']}')]/@href")
        pdf = who.fetch(next(link for link in links if "/documentos/" in link))
        self._verify(who, pdf)
        if "primer PDF verificado" not in self.seconds:
            _note(self.seconds, "primer PDF verificado", self.started)

    def _check_mail(self, who: Visitor, subjects: list[str]) -> None:
        who.visit("/correo-demo/")
        for subject in subjects:
            who.wait_for(subject, seconds=self.patience)

    def _verify(self, who: Visitor, pdf: bytes) -> None:
        stranger = self.person("nadie", "")
        self._upload(stranger, pdf)
        stranger.expect("Auténtico e íntegro", "DEMOSTRACIÓN")
        changed = bytearray(pdf)
        changed[pdf.index(b"/MediaBox") + 1] ^= 1
        self._upload(stranger, bytes(changed))
        if "Auténtico e íntegro" in stranger.text:
            raise NotAsPromised("Un byte cambiado pasó por auténtico.")

    def _upload(self, stranger: Visitor, pdf: bytes) -> None:
        stranger.visit("/verificar/")
        name = next(iter(_file_names(stranger)))
        stranger.press("Comparar archivo", files={name: ("documento.pdf", BytesIO(pdf), "application/pdf")})

    def _open_step(self, who: Visitor) -> None:
        who.visit(f"/bandeja/{self.ref}/")
        if who.has_button("Tomar"):
            who.press("Tomar")
        if "/pasos/" not in who.url:
            links = who.page.xpath("//a[contains(@href, '/pasos/')]/@href")
            if not links:
                raise NotAsPromised(f"La solicitud {self.number} no ofrece el paso: {who.text[:300]}")
            who.visit(links[0])


WORDS = {
    "file": "presenta",
    "correct": "corrige",
    "step": "resuelve",
    "write": "redacta",
    "sign": "firma",
    "notify": "registra la notificación de",
    "waits": "lee",
    "ends": "recibe el acto, el correo y verifica:",
}


def _short(value: Any) -> str:
    return ", ".join(value) if isinstance(value, dict) else str(value)


def _asks(who: Visitor, name: str) -> bool:
    return any(control == name or control.startswith(f"{name}_") for control in who.names())


def _file_names(who: Visitor) -> set[str]:
    return set(who.page.xpath("//input[@type='file']/@name"))


def _as_posted(answers: Mapping[str, Any], who: Visitor) -> dict[str, Any]:
    """Stored answers as a browser sends them: ticks, yes and no by their options, dates in their boxes."""
    posted: dict[str, Any] = {}
    names = who.names()
    ticks = {tick.get("name"): tick.get("value", "on") for tick in who.page.xpath("//input[@type='checkbox']")}
    for name, value in answers.items():
        if name in ticks:
            posted.update({name: ticks[name]} if value else {})
        elif isinstance(value, bool):
            posted[name] = "yes" if value else "no"
        elif f"{name}_0" in names:
            posted.update(zip((f"{name}_0", f"{name}_1", f"{name}_2"), reversed(str(value).split("-")), strict=True))
        else:
            posted[name] = str(value)
    return posted
