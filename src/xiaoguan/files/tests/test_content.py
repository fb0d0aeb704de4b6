"""What a file is, is decided by its content; every trick of names and types is refused."""

import io

import pytest

from xiaoguan.files import content
from xiaoguan.files.tests import samples
from xiaoguan.kit.errors import Invalid

pytestmark = pytest.mark.once
WORD = "wordprocessingml.document"


@pytest.mark.parametrize(
    ("body", "name", "declared", "kind"),
    [
        (samples.picture(), "a.JPG", "image/jpeg", "image/jpeg"),
        (samples.picture(), "a.jpeg", "image/pjpeg", "image/jpeg"),
        (samples.picture("PNG"), "a.png", "image/png", "image/png"),
        (samples.picture("WEBP"), "a.webp", "", "image/webp"),
        (samples.moving(), "a.gif", "image/gif", "image/gif"),
        (samples.PDF, "a.pdf", "application/pdf", "application/pdf"),
        (samples.packed("[Content_Types].xml", "word/document.xml"), "a.docx", "", f"{content.OOXML}{WORD}"),
        (samples.packed("xl/workbook.xml", "[Content_Types].xml"), "a.xlsx", "", f"{content.OOXML}spreadsheetml.sheet"),
        (samples.packed("mimetype", "content.xml"), "a.odt", "", "application/vnd.oasis.opendocument.text"),
        (samples.packed("drawing.dwg"), "a.zip", "application/x-zip-compressed", "application/zip"),
        ("报价 单价\n12,5".encode("gb18030"), "a.csv", "application/vnd.ms-excel", "text/plain"),
        ("\ufeff报价".encode("utf-16"), "a.txt", "text/plain", "text/plain"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.xls", "", "application/x-ole-storage"),
        (b"AC1027" + bytes(100), "a.dwg", "", "image/vnd.dwg"),
    ],
)  # fmt: skip
def test_honest_files_are_recognised(body: bytes, name: str, declared: str, kind: str) -> None:
    """By content, whatever the case of the ending and the habits of browsers."""
    sort, kept = content.recognise(io.BytesIO(body), name, declared)
    assert (sort.type, kept) == (kind, name)


@pytest.mark.parametrize(
    ("body", "name", "declared"),
    [
        pytest.param(samples.HTML, "note.txt", "text/plain", id="a page called a text"),
        pytest.param(samples.HTML, "note.html", "text/html", id="a page"),
        pytest.param(b"  \n" + samples.HTML, "photo.jpg", "image/jpeg", id="a page called a picture"),
        pytest.param(samples.SVG, "logo.svg", "image/svg+xml", id="a drawing with script"),
        pytest.param(samples.SVG, "logo.txt", "text/plain", id="a drawing called a text"),
        pytest.param(samples.SVG.decode().encode("utf-16"), "logo.txt", "text/plain", id="a drawing in wide letters"),
        pytest.param(samples.picture("PNG"), "photo.jpg", "image/jpeg", id="another picture"),
        pytest.param(samples.picture(), "photo.jpg", "text/html", id="a picture declared a page"),
        pytest.param(samples.picture(), "photo.jpg", "image/svg+xml", id="a picture declared a drawing"),
        pytest.param(samples.picture(), "photo.pdf", "application/pdf", id="a picture called a document"),
        pytest.param(samples.PDF, "offer.jpg", "image/jpeg", id="a document called a picture"),
        pytest.param(samples.PDF, "offer.pdf.exe", "", id="two endings"),
        pytest.param(b"MZ" + bytes(200), "setup.exe", "application/x-msdownload", id="a program"),
        pytest.param(b"MZ" + bytes(200), "offer.pdf", "application/pdf", id="a program called a document"),
        pytest.param(b"\x7fELF" + bytes(200), "notes.txt", "text/plain", id="a program called a text"),
        pytest.param(b"#!/bin/sh\nrm -rf /\n", "run.sh", "", id="a script"),
        pytest.param(samples.packed("word/document.xml"), "offer.docx", "", id="an archive called a document"),
        pytest.param(b"PK\x03\x04" + bytes(90), "offer.zip", "", id="half an archive"),
        pytest.param(b"\x00\x00\x00\x18ftypheic" + bytes(90), "photo.heic", "image/heic", id="what we can't clean"),
    ],
)
def test_tricks_are_refused(body: bytes, name: str, declared: str) -> None:
    """The refusal names the file and the field."""
    with pytest.raises(Invalid) as refused:
        content.recognise(io.BytesIO(body), name, declared)
    assert content.clean_name(name) in str(refused.value.errors["file"][0])


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\chen\\报价.pdf", "报价.pdf"),
        ("offer\x00.pdf", "offer.pdf"),
        ("offer\r\nSet-Cookie: a=b.pdf", "offer Set-Cookie: a=b.pdf"),
        ("gpj.\u202efdp.exe", "gpj.fdp.exe"),
        (" .hidden ", "hidden"),
        ("..", "file"),
        ("", "file"),
        ("\ud800x.txt", "x.txt"),
    ],
)
def test_names_are_harmless(given: str, kept: str) -> None:
    """Neither ways nor line breaks nor signs that turn the reading direction."""
    assert content.clean_name(given) == kept


def test_long_names_keep_their_ending() -> None:
    """Two hundred signs, the ending among them."""
    name = content.clean_name("长" * 400 + ".pdf")
    assert len(name) == content.NAME and name.endswith(".pdf")


def test_a_name_without_ending_gets_the_right_one() -> None:
    """What a phone calls «image» is called image.jpg."""
    assert content.recognise(io.BytesIO(samples.picture()), "image")[1] == "image.jpg"
