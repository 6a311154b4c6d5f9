"""A private clamd that knows one virus: the EICAR test file, by a signature of our own."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.services import processes

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""What every antivirus takes for a virus, and does no harm."""
CONFIG = """Foreground yes
TCPAddr 127.0.0.1
TCPSocket {port}
DatabaseDirectory {folder}
StreamMaxLength 1M
"""


def find_program() -> str | None:
    """The server program, where Debian puts it too; None when there is none."""
    return shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")


@contextlib.contextmanager
def scanner() -> Iterator[str]:
    """The address of a clamd that ends with the block. RuntimeError when it cannot start."""
    program = find_program()
    if program is None:
        raise RuntimeError("no clamd: install clamav-daemon")
    with tempfile.TemporaryDirectory(prefix="sinpapeleo-clamd-") as name:
        folder, port = Path(name), processes.free_port()
        folder.chmod(0o755)
        (folder / "prueba.ndb").write_text(f"Prueba-EICAR:0:*:{EICAR.hex()}\n")
        (folder / "clamd.conf").write_text(CONFIG.format(port=port, folder=folder))
        log = folder / "log"
        process = processes.start([program, "--config-file", str(folder / "clamd.conf")], log)
        try:
            processes.wait_until(lambda: processes.listens(port), process, log)
            yield f"tcp://127.0.0.1:{port}"
        finally:
            processes.stop(process)
