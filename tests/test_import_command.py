"""The command line of the import: usage, refusals, the shape of what it prints."""

import json
from pathlib import Path

import pytest

from xiaoguan.apps.customers.models import Customer
from xiaoguan.config import cli

pytestmark = pytest.mark.django_db
TEXT = "客户编号,客户名称,城市\nC1,恒岑钢构,昆山\nC2,,上海\n合计,,\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "客户.csv"
    path.write_text(TEXT, encoding="gbk")
    return path


def run(capsys, *words: object) -> tuple[int, str, str]:
    code = cli.main(["import", *map(str, words)])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


@pytest.mark.parametrize("word", ["customers", "customer", "Customer", "customers.customer", "Customers"])
def test_the_object_at_the_end(capsys, file, word):
    code, out, _err = run(capsys, file, "--as", word, "--json")
    assert code == 0
    found = json.loads(out.splitlines()[-1])
    assert list(found) == ["rows", "created", "updated", "unchanged", "skipped", "errors", "warnings"]
    assert (found["rows"], found["created"], found["skipped"]) == (3, 1, 1)
    error = found["errors"][0]
    assert (error["row"], error["column"], error["code"]) == (3, "客户名称", "required")
    assert error["message"]
    bad = {each["row"] for each in found["errors"]}
    assert sum(found[name] for name in ("created", "updated", "unchanged", "skipped")) + len(bad) == found["rows"]


def test_a_dry_run_writes_nothing_and_says_the_same(capsys, file):
    dry = run(capsys, file, "--as", "customers", "--json", "--dry-run")
    assert not Customer.objects.exists()
    assert run(capsys, file, "--as", "customers", "--json")[1] == dry[1]
    assert Customer.objects.count() == 1


def test_readable_lines(capsys, file):
    code, out, _err = run(capsys, file, "--as", "customers")
    assert code == 0
    assert "created 1, updated 0, unchanged 0, skipped 1, errors 1" in out
    assert "客户名称 → name" in out


def test_a_map_file_decides(capsys, file, tmp_path):
    decisions = tmp_path / "map.yaml"
    decisions.write_text("columns: {城市: note, 客户编号: ''}\nmode: create\n", encoding="utf-8")
    code, out, _err = run(capsys, file, "--as", "customers", "--map", decisions, "--json")
    assert code == 0
    assert [each["column"] for each in json.loads(out)["warnings"]] == ["客户编号"]
    assert (Customer.objects.get().note, Customer.objects.get().number) == ("昆山", None)


@pytest.mark.parametrize(
    ("content", "words", "code"),
    [
        (b"", ["--as", "customers"], 1),
        (b"%PDF-1.4", ["--as", "customers"], 1),
        (TEXT.encode(), ["--as", "nonsense"], 2),
        (TEXT.encode(), ["--as", "customers", "--sheet", "x"], 1),
        (TEXT.encode(), ["--as", "customers", "--by", "nobody"], 1),
        (TEXT.encode(), ["--as", "customers", "--map", "missing.yaml"], 2),
    ],
)
def test_exit_codes(capsys, tmp_path, content, words, code):
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    found, out, err = run(capsys, path, *words)
    assert (found, out) == (code, "")
    assert err.strip()
    assert not Customer.objects.exists()


def test_wrong_usage_and_a_missing_file(capsys, tmp_path):
    with pytest.raises(SystemExit) as caught:
        run(capsys, tmp_path / "f.csv")
    assert caught.value.code == 2
    assert run(capsys, tmp_path / "f.csv", "--as", "customers")[0] == 1


@pytest.mark.parametrize("text", ["columns: [1, 2]", "mode: sideways", "nonsense: 1", "- a\n- b", "a: [unclosed"])
def test_a_map_file_that_makes_no_sense(capsys, file, tmp_path, text):
    decisions = tmp_path / "map.yaml"
    decisions.write_text(text, encoding="utf-8")
    code, _out, err = run(capsys, file, "--as", "customers", "--map", decisions)
    assert code == 2
    assert err.strip()
