"""What other rooms may use of the electronic file and its documents."""

from documents.codes import InvalidCode, normalise_code
from documents.content import (
    Attachment,
    Block,
    DocumentContent,
    Heading,
    Letterhead,
    ListBlock,
    Paragraph,
    Row,
    Signer,
    Table,
    Verification,
)
from documents.copies import mark_of, marked_copy
from documents.emblems import emblem_png, keep_emblem
from documents.errors import (
    BlobDamaged,
    ContentFrozen,
    ContentTooLarge,
    DocumentEmpty,
    DocumentError,
    FileClosed,
    FilesUnavailable,
    NumberAntedated,
    RenderingFailed,
    RenderingStopped,
    UploadRefused,
)
from documents.export import export_file, export_name, format_of
from documents.language import in_spanish
from documents.lettering import name_picture
from documents.limits import ChildStopped, LimitedChild
from documents.metadata import Actor, SignatureFact, document_metadata, file_metadata, set_signature_source
from documents.operations import (
    add_item,
    adopt,
    attach_upload,
    close_file,
    copy_act,
    create_document,
    forget_blobs,
    freeze_content,
    give_number,
    open_file,
    put_in_force,
    read_blob,
    record_access,
    renew_bytes,
    start_issuing,
    store_blob,
    store_upload,
)
from documents.queries import document_by_code, document_by_sha256, index_of, items_of
from documents.rendering.client import RenderedPdf, render
from documents.rendering.html import blocks_html
from documents.rules import format_code, new_code
from documents.storage import StoredBytes
from documents.storage import read as read_bytes
from documents.storage import write as write_bytes
from documents.uploads import Inspected, inspect_upload

__all__ = [
    "Actor",
    "Attachment",
    "BlobDamaged",
    "Block",
    "ChildStopped",
    "ContentFrozen",
    "ContentTooLarge",
    "DocumentContent",
    "DocumentEmpty",
    "DocumentError",
    "FileClosed",
    "FilesUnavailable",
    "Heading",
    "Inspected",
    "InvalidCode",
    "Letterhead",
    "LimitedChild",
    "ListBlock",
    "NumberAntedated",
    "Paragraph",
    "RenderedPdf",
    "RenderingFailed",
    "RenderingStopped",
    "Row",
    "SignatureFact",
    "Signer",
    "StoredBytes",
    "Table",
    "UploadRefused",
    "Verification",
    "add_item",
    "adopt",
    "attach_upload",
    "blocks_html",
    "close_file",
    "copy_act",
    "create_document",
    "document_by_code",
    "document_by_sha256",
    "document_metadata",
    "emblem_png",
    "export_file",
    "export_name",
    "file_metadata",
    "forget_blobs",
    "format_code",
    "format_of",
    "freeze_content",
    "give_number",
    "in_spanish",
    "index_of",
    "inspect_upload",
    "items_of",
    "keep_emblem",
    "mark_of",
    "marked_copy",
    "name_picture",
    "new_code",
    "normalise_code",
    "open_file",
    "put_in_force",
    "read_blob",
    "read_bytes",
    "record_access",
    "render",
    "renew_bytes",
    "set_signature_source",
    "start_issuing",
    "store_blob",
    "store_upload",
    "write_bytes",
]
