"""What can go wrong with documents. Each message is a Spanish sentence that says what to do."""


class DocumentError(Exception):
    """Base of the room's errors."""


class BlobDamaged(DocumentError):
    """Stored bytes are missing or no longer have their SHA-256."""


class FilesUnavailable(DocumentError):
    """The place where the bytes are kept does not answer now; another attempt may succeed."""


class FileClosed(DocumentError):
    """The electronic file takes no more items."""


class DocumentEmpty(DocumentError):
    """A document without content or bytes cannot enter the file."""


class ContentFrozen(DocumentError):
    """The content of a document that was rendered or entered the file cannot change."""


class NumberAntedated(DocumentError):
    """The clock shows an earlier date than the book's last number."""


class ContentTooLarge(DocumentError):
    """A document passes the limits of size, rows or pages."""


class RenderingFailed(DocumentError):
    """The document could not be made; the input is at fault, so another attempt gives the same."""


class RenderingStopped(DocumentError):
    """The child process ran out of time or memory, or died."""


class Quarantined(DocumentError):
    """The antivirus has not cleared the file yet, or found a virus in it."""


class UploadRefused(DocumentError):
    """An uploaded file is not what it seems, or cannot be handled safely."""
