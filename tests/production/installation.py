"""The installation of docs/how-to/run-in-production.md on loopback: every part a process of its own."""

import contextlib
import itertools
import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tests.jobs.databases import ROOT, not_ours
from tests.jobs.waiting import until
from tests.services import processes
from tests.services.s3 import S3

MANAGE = [sys.executable, str(ROOT / "manage.py")]
RECIPE = ROOT / "docs" / "how-to" / "run-in-production.md"
WORKERS = ("mesa", "pdf")


class Proxy(socketserver.ThreadingTCPServer):
    """Gives each new connection to the next web process, as the reverse proxy of the recipe does."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, ports: list[int]) -> None:
        super().__init__(("127.0.0.1", 0), _Relay)
        self.turns, self.served = itertools.cycle(ports), dict.fromkeys(ports, 0)

    def next_port(self) -> int:
        """Whose turn it is."""
        port = next(self.turns)
        self.served[port] += 1
        return port


class _Relay(socketserver.BaseRequestHandler):
    """Copies bytes both ways until one side ends."""

    server: Proxy

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.next_port())) as behind:
            answer = threading.Thread(target=_copy, args=(behind, self.request))
            answer.start()
            _copy(self.request, behind)
            answer.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


class Installation:
    """Two web processes, two workers, and the stand-ins of the demonstration, over services that others run."""

    def __init__(self, folder: Path, *, database: str, broker: str, files: S3) -> None:
        self.folder, self.database, self.broker = folder, database, broker
        self.webs = [processes.free_port() for _ in range(2)]
        self.proxy = Proxy(self.webs)
        self.url = f"http://127.0.0.1:{self.proxy.server_address[1]}"
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        identity, mail, provider = (processes.free_port() for _ in range(3))
        self.environment = {
            **not_ours(),
            **files.environment,
            "DATABASE_URL": database,
            "CELERY_BROKER_URL": broker,
            "SINPAPELEO_PUBLIC_URL": self.url,
            "SINPAPELEO_KEYS": str(folder / "keys"),
            "SINPAPELEO_IDENTITY_PORT": str(identity),
            "SINPAPELEO_SMTP_SINK_PORT": str(mail),
            "SINPAPELEO_DEMO_PKI_PORT": str(provider),
            "SECRET_KEY": "la-misma-en-todos-los-procesos-de-esta-prueba",
            "OIDC_CLIENT_SECRET": "la-misma-tambien",
        }

    def start(self) -> None:
        """The order of the recipe: tables first, then everything at once. Web and workers share no folder."""
        for command in ("migrate", "seed_demo"):
            self._run(command, "--verbosity=0")
        threading.Thread(target=self.proxy.serve_forever, daemon=True).start()
        for port in self.webs:
            self._launch(f"web-{port}", "web", "--port", str(port), machine="web")
        for name in ("demo_identity", "demo_mail", "demo_pki"):
            self._launch(name, name, machine="web")
        for name in WORKERS:
            self.begin(name)
        for port in self.webs:
            until(lambda port=port: processes.listens(port), seconds=300)  # type: ignore[misc]

    def _run(self, *command: str) -> None:
        subprocess.run([*MANAGE, *command], env=self._environment("web"), check=True, stdout=subprocess.DEVNULL)

    def _environment(self, machine: str) -> dict[str, str]:
        return {**self.environment, "SINPAPELEO_DATA": str(self.folder / machine)}

    def _launch(self, name: str, *command: str, machine: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [*MANAGE, *command], env=self._environment(machine), stdout=log, stderr=log, start_new_session=True
            )

    def begin(self, name: str) -> None:
        """Start a worker."""
        self._launch(name, "worker", "--name", name, "--concurrency", "2", machine=name)

    def end(self, name: str) -> None:
        """Have a worker finish what it does and end: one that is only stopped may keep a lock from everybody."""
        worker = self.running[name]
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=240)
        del self.running[name]

    def signal(self, name: str, number: signal.Signals) -> None:
        """To a process and all that it started."""
        os.killpg(self.running[name].pid, number)

    def kill_at_work(self, name: str, kind: str, *, seconds: float) -> int:
        """Kill a worker that has claimed a job of `kind` and not finished it; the number of the job."""
        found: list[int] = []
        with psycopg.connect(self.database, autocommit=True) as connection:

            def caught() -> bool:
                running = "SELECT id FROM jobs_job WHERE state = 'running' AND kind = %s"
                if connection.execute(running, [kind]).fetchone() is None:
                    return False
                self.signal(name, signal.SIGSTOP)
                found.extend(row[0] for row in connection.execute(running, [kind]).fetchall())
                if not found:
                    self.signal(name, signal.SIGCONT)
                return bool(found)

            until(caught, seconds=seconds)
        self.signal(name, signal.SIGKILL)
        self.running.pop(name).wait()
        return found[0]

    def unfinished(self) -> int:
        """Jobs that are due and not done."""
        with psycopg.connect(self.database) as connection:
            count = "SELECT count(*) FROM jobs_job WHERE run_at < now() + interval '10 minutes'"
            row = connection.execute(count).fetchone()
        assert row
        return int(row[0])

    def outcome(self, job: int) -> tuple[str, int]:
        """State and attempts of a job."""
        with psycopg.connect(self.database) as connection:
            row = connection.execute("SELECT state, attempts FROM jobs_job WHERE id = %s", [job]).fetchone()
        assert row
        return str(row[0]), int(row[1])

    def stop(self) -> None:
        """Ask everything to end, and end what does not."""
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            try:
                process.wait(timeout=120)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.proxy.shutdown()
        self.proxy.server_close()

    def logs(self) -> str:
        """What the processes complained of."""
        return "\n".join(f"{path.name}: {path.read_text()[-2000:]}" for path in self.folder.glob("*.log"))


@contextlib.contextmanager
def installed(folder: Path, *, database: str, broker: str, files: S3) -> Iterator[Installation]:
    """The whole installation for the length of a block."""
    own = Installation(folder, database=database, broker=broker, files=files)
    try:
        own.start()
        yield own
    finally:
        own.stop()
