"""The jobs of a signature: prepare a revision that lacks only the signature, put the signature in, and close with
the proof that keeps it verifiable.

What each needs is stored by the one before, so any process can go on after a crash between them.
"""

from jobs import api as jobs
from signatures.handlers.apply import ApplySignature
from signatures.handlers.archive import ArchiveDocument
from signatures.handlers.prepare import PrepareSignature


def register() -> None:
    """Tell the job table which kinds this room attends."""
    jobs.register_external(PrepareSignature())
    jobs.register_external(ApplySignature())
    jobs.register_external(ArchiveDocument())
