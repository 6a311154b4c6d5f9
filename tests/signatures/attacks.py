"""Ways to tamper with a signed PDF: seventeen, and those on its archival proof. Each gives the altered bytes."""
# mypy: disable-error-code="no-untyped-call"

from collections.abc import Callable
from io import BytesIO

from asn1crypto import tsp
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, copy_into_new_writer
from pyhanko.sign import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko.sign.timestamps.api import TimeStamper
from pyhanko.stamp import TextStampStyle

from legaltime.api import now as clock_now
from signatures import pki
from signatures.backends import KeySigner
from signatures.demo_pki.clock import stamp

Attack = Callable[[bytes], bytes]


def edited(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """The PDF with one more revision."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def flip_a_signed_byte(pdf: bytes) -> bytes:
    place = pdf.index(b"/MediaBox") + 12
    return pdf[:place] + bytes((pdf[place] ^ 1,)) + pdf[place + 1 :]


def new_page_text(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        stream = generic.StreamObject(stream_data=b"BT ET")
        page = writer.find_page_for_modification(0)[0].get_object()
        page[pdf_name("/Contents")] = writer.add_object(stream)
        writer.update_container(page)

    return edited(pdf, change)


def another_page(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        page = PageObject(contents=writer.add_object(generic.StreamObject(stream_data=b"")), media_box=(0, 0, 9, 9))
        writer.insert_page(page)

    return edited(pdf, change)


def pages_out_of_order(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        kids = writer.root["/Pages"]["/Kids"]
        writer.root["/Pages"][pdf_name("/Kids")] = generic.ArrayObject(reversed(list(kids)))
        writer.root["/Pages"][pdf_name("/Count")] = generic.NumberObject(7)
        writer.update_container(writer.root["/Pages"])

    return edited(pdf, change)


def text_note(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        note = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/FreeText"),
                pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 300, 300))),
                pdf_name("/Contents"): pdf_string("Rechazada"),
            }
        )
        page = writer.find_page_for_modification(0)[0].get_object()
        annotations = page.get("/Annots", generic.ArrayObject())
        page[pdf_name("/Annots")] = generic.ArrayObject([*annotations, writer.add_object(note)])
        writer.update_container(page)

    return edited(pdf, change)


def script_on_opening(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        action = {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): pdf_string("app.alert(1)")}
        writer.root[pdf_name("/OpenAction")] = generic.DictionaryObject(action)
        writer.update_root()

    return edited(pdf, change)


def other_metadata(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        stream = generic.StreamObject(stream_data=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
        writer.root[pdf_name("/Metadata")] = writer.add_object(stream)
        writer.update_root()

    return edited(pdf, change)


def other_attachment(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        names = generic.DictionaryObject({pdf_name("/EmbeddedFiles"): generic.DictionaryObject()})
        writer.root[pdf_name("/Names")] = names
        writer.root[pdf_name("/AF")] = generic.ArrayObject()
        writer.update_root()

    return edited(pdf, change)


def empty_signature_field(pdf: bytes) -> bytes:
    spec = SigFieldSpec("Ajena", box=(50, 300, 550, 700))
    return edited(pdf, lambda writer: append_signature_field(writer, spec))


def signature_of_a_stranger(pdf: bytes) -> bytes:
    """A valid signature of somebody else, whose appearance covers the page."""
    now = clock_now()
    stranger = pki.new_holder(pki.new_authority(now), name="Intruso", number="", now=now)
    spec = SigFieldSpec("Ajena", box=(50, 300, 550, 700))
    style = TextStampStyle(stamp_text="Rechazada")
    signer = PdfSigner(
        PdfSignatureMetadata(field_name="Ajena"), KeySigner(stranger), new_field_spec=spec, stamp_style=style
    )
    out = signer.sign_pdf(_unguarded(pdf))
    return bytes(out.getbuffer())


def _unguarded(pdf: bytes) -> IncrementalPdfFileWriter:
    """A writer that forgets that the document's locks forbid another signature, as an attacker's would."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    writer.prev._embedded_signatures = []  # type: ignore[assignment]
    writer.prev._historical_resolver_cache = {}
    return writer


def other_title(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        writer.set_info(writer.add_object(generic.DictionaryObject({pdf_name("/Title"): pdf_string("Otro título")})))

    return edited(pdf, change)


def bytes_after_the_end(pdf: bytes) -> bytes:
    return pdf + b"\n% y algo mas\n"


def shorter_byte_range(pdf: bytes) -> bytes:
    place = pdf.rindex(b"/ByteRange")
    start = pdf.index(b"[", place)
    end = pdf.index(b"]", place)
    numbers = pdf[start + 1 : end].split()
    shorter = b" ".join((*numbers[:3], b"%d" % (int(numbers[3]) - 100)))
    return pdf[:start] + b"[" + shorter.ljust(end - start - 1) + pdf[end:]


def zeroed_contents(pdf: bytes) -> bytes:
    start = pdf.index(b"<", pdf.rindex(b"/Contents")) + 1
    return pdf[:start] + b"0" * 200 + pdf[start + 200 :]


def emptied_field(pdf: bytes) -> bytes:
    return _without_values(pdf, ["Firma2"])


def first_signature_removed(pdf: bytes) -> bytes:
    return _without_values(pdf, ["Sello"])


def all_signatures_removed(pdf: bytes) -> bytes:
    """The same pages in a new file: nothing in it says where it comes from."""
    reader = PdfFileReader(BytesIO(pdf))
    writer = copy_into_new_writer(reader)
    del writer.root["/AcroForm"]
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _without_values(pdf: bytes, fields: list[str]) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        for reference in writer.root["/AcroForm"]["/Fields"]:
            field = reference.get_object()
            if field["/T"] in fields:
                del field["/V"]
                writer.update_container(field)

    return edited(pdf, change)


ATTACKS: dict[str, Attack] = {
    "a byte of the signed text is flipped": flip_a_signed_byte,
    "the text of a page is replaced": new_page_text,
    "a page is added": another_page,
    "the page tree is rewritten": pages_out_of_order,
    "a note is written over the text": text_note,
    "a script runs on opening": script_on_opening,
    "the metadata are replaced": other_metadata,
    "the attachments are taken away": other_attachment,
    "an empty signature field is laid over the text": empty_signature_field,
    "a stranger signs with a stamp over the page": signature_of_a_stranger,
    "the Info dictionary gets another title": other_title,
    "bytes follow the end of the file": bytes_after_the_end,
    "the signed range is shortened": shorter_byte_range,
    "the signature is zeroed": zeroed_contents,
    "the last signature is emptied": emptied_field,
    "the seal is removed": first_signature_removed,
    "all signatures are removed": all_signatures_removed,
}


def stripped_proof(pdf: bytes) -> bytes:
    """The chains and revocation lists are taken out of the catalogue."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        del writer.root["/DSS"]
        writer.update_root()

    return edited(pdf, change)


def emptied_proof(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        writer.root[pdf_name("/DSS")] = generic.DictionaryObject({pdf_name("/Certs"): generic.ArrayObject()})
        writer.update_root()

    return edited(pdf, change)


def stamp_cut_off(pdf: bytes) -> bytes:
    """The last revision, with the document time stamp, is cut off."""
    return pdf[: pdf.rindex(b"%%EOF", 0, len(pdf) - 10) + 6]


def zeroed_stamp(pdf: bytes) -> bytes:
    return zeroed_contents(pdf)


def stamp_of_another_text(pdf: bytes) -> bytes:
    """The token of the last signature's own stamp is put in the place of the document's."""
    reader = PdfFileReader(BytesIO(pdf))
    for attribute in reader.embedded_regular_signatures[-1].signer_info["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            return _with_last_contents(pdf, attribute["values"][0].dump())
    raise AssertionError("the signature has a stamp of its own")


def stamp_of_a_stranger(pdf: bytes) -> bytes:
    """A sound token over the right bytes, of an authority that nobody trusts."""
    now = clock_now()
    clock = pki.new_clock(pki.new_authority(now), now=now)
    item = PdfFileReader(BytesIO(pdf)).embedded_signatures[-1]
    _, request = TimeStamper().request_cms(item.compute_digest(), "sha256")
    answer = tsp.TimeStampResp.load(stamp(request.dump(), clock, now))
    return _with_last_contents(pdf, answer["time_stamp_token"].dump())


def later_stamp_of_a_stranger(pdf: bytes) -> bytes:
    """One more document time stamp, which would seem to renew the proof."""
    now = clock_now()
    clock = pki.new_clock(pki.new_authority(now), now=now)

    class Stranger(TimeStamper):
        async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
            return tsp.TimeStampResp.load(stamp(req.dump(), clock, now))

    return bytes(PdfTimeStamper(Stranger()).timestamp_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), "sha256").getbuffer())


def _with_last_contents(pdf: bytes, cms: bytes) -> bytes:
    start = pdf.index(b"<", pdf.rindex(b"/Contents")) + 1
    room = pdf.index(b">", start) - start
    return pdf[:start] + cms.hex().encode().ljust(room, b"0") + pdf[start + room :]


ARCHIVAL_ATTACKS: dict[str, Attack] = {
    "the proof is stripped": stripped_proof,
    "the proof is emptied": emptied_proof,
    "the closing stamp is cut off": stamp_cut_off,
    "the closing stamp is zeroed": zeroed_stamp,
    "the closing stamp is one over another text": stamp_of_another_text,
    "the closing stamp is a stranger's": stamp_of_a_stranger,
    "a stranger stamps once more": later_stamp_of_a_stranger,
}
