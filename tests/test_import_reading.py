"""Opening files: every broken or odd file is refused by a named reason, or read with the bad rows marked."""

import io
import os
import zipfile
from pathlib import Path

import openpyxl
import pytest
from django.utils import translation

from xiaoguan.tables.encoding import detect_encoding
from xiaoguan.tables.limits import Limits
from xiaoguan.tables.source import open_path
from xiaoguan.tables.unreadable import FILE_MESSAGES, Unreadable

DATA = Path(os.environ.get("XIAOGUAN_TEST_FILES") or Path(__file__).resolve().parents[2] / "shared" / "data")
HEADER = "编号,客户,金额\r\n"
ROWS = "D1,昆山恒岑钢构有限公司,12000\r\nD2,上海同砌建筑设计院,3500\r\n"


def text_file(folder: Path, content: bytes | str, name: str = "deals.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def workbook(folder: Path, rows: list[list], name: str = "deals.xlsx") -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    path = folder / name
    book.save(path)
    return path


def rows_of(path: Path, **options):
    return list(open_path(path, **options).sheets[0].rows())


def refusal(path: Path, **options) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        [list(sheet.rows()) for sheet in open_path(path, **options).sheets]
    assert str(caught.value)
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_usual_encoding_is_found(tmp_path, encoding):
    rows = rows_of(text_file(tmp_path, HEADER + ROWS, encoding=encoding))
    assert [row.cells for row in rows] == [
        ["编号", "客户", "金额"],
        ["D1", "昆山恒岑钢构有限公司", "12000"],
        ["D2", "上海同砌建筑设计院", "3500"],
    ]
    assert not any(row.fault for row in rows)


def test_traditional_chinese_in_big5(tmp_path):
    text = "編號,客戶,負責人\r\nD1,臺北光環境工程股份有限公司,陳思遠\r\nD2,高雄鋼構營造廠,周敏\r\n"
    source = open_path(text_file(tmp_path, text, encoding="big5"))
    assert source.encoding == "big5"
    assert next(iter(source.sheets[0].rows())).cells == ["編號", "客戶", "負責人"]


def test_western_code_page(tmp_path):
    text = "id;name;city\r\n1;Müller & Söhne;Zürich\r\n2;Crème Brûlée SA;Genève\r\n"
    source = open_path(text_file(tmp_path, text, encoding="cp1252"))
    assert (source.encoding, source.delimiter) == ("cp1252", ";")
    assert list(source.sheets[0].rows())[1].cells == ["1", "Müller & Söhne", "Zürich"]


def test_gbk_bytes_after_a_megabyte_of_ascii_are_still_found():
    file = io.BytesIO(b"a,b,c\n" * 300_000 + "甲,乙,丙丁\n".encode("gbk"))
    assert detect_encoding(file).name == "gb18030"


def test_mixed_encodings_mark_only_the_foreign_lines(tmp_path):
    content = HEADER.encode() + ROWS.encode() * 3 + "D9,苏州启昉智造园,99\r\n".encode("gbk") + ROWS.encode()
    source = open_path(text_file(tmp_path, content))
    rows = list(source.sheets[0].rows())
    assert "mixed_encoding" in source.notices
    assert [(row.number, row.fault) for row in rows if row.fault] == [(8, "bad_encoding")]
    assert rows[7].cells == ["D9", "苏州启昉智造园", "99"], "the guess is shown to the user"
    assert len(rows) == 10


def test_utf8_lines_in_a_gbk_file(tmp_path):
    content = (HEADER + ROWS * 4).encode("gbk") + "D9,苏州启昉智造园,99\r\n".encode() + ROWS.encode("gbk")
    rows = rows_of(text_file(tmp_path, content))
    assert rows[1].cells[1] == "昆山恒岑钢构有限公司"
    assert len(rows) == 12


def test_an_override_of_the_encoding_is_obeyed(tmp_path):
    path = text_file(tmp_path, "id,name\n1,Café\n")
    assert rows_of(path)[1].cells == ["1", "Café"]
    assert rows_of(path, encoding="cp1252")[1].cells == ["1", "CafÃ©"]
    assert refusal(path, encoding="klingon").code == "wrong_encoding"


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters(tmp_path, delimiter):
    source = open_path(text_file(tmp_path, (HEADER + ROWS).replace(",", delimiter)))
    assert source.delimiter == delimiter
    assert source.sheets[0].width == 3


def test_the_separator_line_of_excel_is_obeyed_and_keeps_row_numbers(tmp_path):
    rows = rows_of(text_file(tmp_path, "sep=|\r\nname|note\r\nA|x,y,z\r\nB|p,q,r\r\n"))
    assert [(row.number, row.cells) for row in rows][1] == (3, ["A", "x,y,z"])


def test_quoted_line_breaks_and_delimiters_stay_in_their_cell(tmp_path):
    rows = rows_of(text_file(tmp_path, 'name,address\r\nA,"Street 1\nHouse 2, left"\r\nB,"say ""hi"""\r\n'))
    assert rows[1].cells == ["A", "Street 1\nHouse 2, left"]
    assert rows[2].cells == ["B", 'say "hi"']
    assert [row.number for row in rows] == [1, 2, 3]


def test_unquoted_commas_are_reported_with_their_row(tmp_path):
    rows = rows_of(text_file(tmp_path, "id,name,city\n1,Pavlova, Ltd.,Melbourne\n2,Mayumi,Osaka\n3,Tokyo,Tokyo\n"))
    assert [(row.number, row.fault, row.expected) for row in rows if row.fault] == [(2, "too_many_cells_in_row", 3)]


def test_half_a_row_at_the_end(tmp_path):
    rows = rows_of(text_file(tmp_path, HEADER + ROWS * 5 + "D7,无锡同"))
    assert [(row.number, row.fault) for row in rows if row.fault] == [(12, "too_few_cells")]


def test_a_row_cut_inside_a_quotation(tmp_path):
    rows = rows_of(text_file(tmp_path, HEADER + ROWS + 'D7,"无锡同砌'))
    assert rows[-1].fault == "open_quote"
    assert len(rows) == 4


def test_a_stray_quote_does_not_swallow_the_rows_below(tmp_path):
    body = "".join(f"D{number},客户{number},100\r\n" for number in range(600))
    rows = rows_of(text_file(tmp_path, HEADER + 'X1,"坏行,1\r\n' + body))
    assert len(rows) == 602
    assert [row.number for row in rows if row.fault] == [2]
    assert rows[2].cells == ["D0", "客户0", "100"]


def test_nul_bytes_mark_their_row_only(tmp_path):
    rows = rows_of(text_file(tmp_path, (HEADER + "D0,坏\0行,1\r\n" + ROWS * 9)))
    assert [(row.number, row.fault) for row in rows if row.fault] == [(2, "nul_bytes")]


def test_a_cell_of_two_megabytes_is_one_bad_row(tmp_path):
    rows = rows_of(text_file(tmp_path, HEADER + 'D0,"' + "x" * (2 << 20) + '",1\r\n' + ROWS))
    assert [row.fault for row in rows] == ["", "cell_too_long", "", ""]


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "deals.csv", "empty"),
        (b"", "deals.xlsx", "empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "deals.csv", "no_rows"),
        (b"%PDF-1.7 and so on", "deals.csv", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n", "deals.xlsx", "not_a_table"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "deals.xls", "html_table"),
        (b'<?xml version="1.0"?><Workbook/>', "deals.xls", "xml_table"),
        (bytes(range(256)) * 40, "deals.csv", "binary"),
        (b"\0" * 5000, "deals.csv", "no_rows"),
        (b"PK\x03\x04 broken archive", "deals.xlsx", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "Workbook".encode("utf-16-le"), "a.xls", "legacy_xls"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "WordDocument".encode("utf-16-le"),
            "a.xls",
            "not_a_table",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "secret.xlsx",
            "encrypted",
        ),
    ],
)
def test_files_that_are_no_table_are_refused_by_name(tmp_path, content, name, code):
    assert refusal(text_file(tmp_path, content, name)).code == code


def test_a_missing_file(tmp_path):
    assert refusal(tmp_path / "gone.csv").code == "missing"


def test_a_workbook_cut_in_half_is_damaged(tmp_path):
    path = workbook(tmp_path, [["编号", "客户"], *[[f"D{i}", f"客户{i}"] for i in range(500)]])
    path.write_bytes(path.read_bytes()[:-400])
    assert refusal(path).code == "damaged"


def test_a_flipped_byte_inside_a_workbook_is_damaged(tmp_path):
    path = workbook(tmp_path, [["编号", "客户"], *[[f"D{i}", f"客户{i}"] for i in range(500)]])
    with zipfile.ZipFile(path) as archive:
        where = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 200
    content = bytearray(path.read_bytes())
    content[where] ^= 0xFF
    path.write_bytes(bytes(content))
    assert refusal(path).code == "damaged"


def test_a_word_document_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "plan.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert refusal(tmp_path / "plan.xlsx").params == {"kind": "Word"}


def test_extensions_do_not_matter(tmp_path):
    as_text = workbook(tmp_path, [["编号", "客户"], ["D1", "恒岑"]]).rename(tmp_path / "deals.csv")
    source = open_path(as_text)
    assert (source.kind, source.notices) == ("workbook", ["named_as_text"])
    as_book = text_file(tmp_path, (HEADER + ROWS).replace(",", "\t"), "export.xls", "gbk")
    source = open_path(as_book)
    assert (source.kind, source.delimiter, source.notices) == ("text", "\t", ["named_as_workbook"])


def test_too_large_is_refused_before_reading(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(201 << 20)
    found = refusal(path)
    assert found.code == "too_large"
    assert found.params == {"size": 201, "limit": 200}


def test_a_zip_bomb_is_refused_by_its_directory(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (64 << 20))
    assert path.stat().st_size < 1 << 20
    assert refusal(path).code == "zip_bomb"


def test_a_bomb_of_many_moderate_parts_is_refused(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(12):
            archive.writestr(f"xl/media/{number}", b"ab" * (1 << 19))
    assert refusal(path, limits=Limits(max_unpacked=10 << 20)).code == "zip_bomb"


def test_two_cells_far_apart_are_not_unpacked_into_a_rectangle(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = "编号"
    book.active["XFD1048576"] = "x"
    book.save(tmp_path / "sparse.xlsx")
    found = refusal(tmp_path / "sparse.xlsx")
    assert found.code == "too_many_cells"
    assert (found.params["rows"], found.params["column"]) == (1048576, "XFD")


def test_styled_empty_cells_far_out_do_no_harm(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["编号", "客户"])
    book.active.append(["D1", "恒岑"])
    book.active["XFD1048576"].number_format = "0.00"
    book.save(tmp_path / "styled.xlsx")
    assert len(rows_of(tmp_path / "styled.xlsx")) == 2


def test_lost_formula_values_are_reported_per_cell(tmp_path):
    path = workbook(
        tmp_path, [["编号", "金额", "单价"], ["D1", "=B9*2", 3], ["D2", "#N/A", 4], ["合计", "=SUM(B2:B3)", 7]]
    )
    sheet = open_path(path).sheets[0]
    assert dict(sheet.cell_faults) == {
        (2, 2): ("formula_without_result", "=B9*2"),
        (3, 2): ("formula_error", "#N/A"),
    }
    assert sheet.total_rows == {4}


def test_rows_and_columns_keep_their_place_when_the_table_starts_further_in(tmp_path):
    book = openpyxl.Workbook()
    book.active["C4"] = "客户"
    book.active["C5"] = "恒岑"
    book.save(tmp_path / "inset.xlsx")
    rows = rows_of(tmp_path / "inset.xlsx")
    assert [(row.number, row.cells) for row in rows][-1] == (5, ["", "", "恒岑"])


def test_every_reason_has_a_sentence_in_both_languages():
    for code, message in FILE_MESSAGES.items():
        with translation.override("zh-hans"):
            assert translation.gettext(message) != message, code


@pytest.mark.skipif(not DATA.exists(), reason="the shared data folder is not beside the repository")
class TestRealFiles:
    """The public files that the importer is measured on."""

    def test_unquoted_commas_of_northwind(self):
        rows = rows_of(DATA / "northwind/malformed/suppliers.csv")
        assert len(rows) == 30
        marked = [row.number for row in rows if row.fault == "too_many_cells_in_row"]
        assert len(marked) == 9
        assert 8 in marked, "Pavlova, Ltd."

    def test_gbk_pipeline(self):
        source = open_path(DATA / "cn_dirty/crm_pipeline_gbk.csv")
        rows = list(source.sheets[0].rows())
        assert (source.encoding, len(rows), rows[0].cells[4], rows[1].cells[4]) == ("gb18030", 8801, "阶段", "赢单")

    def test_the_same_table_in_two_encodings(self):
        plain = rows_of(DATA / "cn_companies/szse_main_board.csv")
        gbk = rows_of(DATA / "cn_companies/szse_main_board_gbk.csv")
        assert [row.cells for row in plain] == [row.cells for row in gbk]

    def test_an_old_binary_workbook_is_read(self):
        source = open_path(DATA / "superstore/Sample - Superstore.xls")
        assert source.kind == "xls"
        assert {sheet.name: sum(1 for _ in sheet.rows()) for sheet in source.sheets} == {
            "Orders": 10195,
            "People": 5,
            "Returns": 801,
        }
