"""Recipes under a name: kept from a preview, chosen at the next upload, shared, and the same as a map file."""

from __future__ import annotations

import io
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from django.urls import reverse

from xiaoguan.apps.customers.models import Customer
from xiaoguan.config.commands import import_
from xiaoguan.config.refused import Refused
from xiaoguan.kit import worker
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.transfer import saved
from xiaoguan.transfer.models import Import, SavedRecipe

from tests.cast import Cast

pytestmark = pytest.mark.django_db
ODD = "甲,乙,丙\n恒岑钢构,C1,昆山\n"


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def upload(client: Client, text: str, **more: Any) -> Import:
    file = io.BytesIO(text.encode())
    file.name = "odd.csv"
    client.post("/import/", {"file": file, **more})
    batch = Import.objects.latest("created_at")
    client.get(reverse("import:map", args=[batch.pk]))
    batch.refresh_from_db()
    return batch


@pytest.fixture
def recipe(cast: Cast) -> SavedRecipe:
    """A recipe kept on the page, for a file whose columns nobody could guess."""
    client = signed_in(cast.seller)
    batch = upload(client, ODD, **{"as": "customers"})
    data = {"col-0": "name", "col-1": "number", "col-2": "city", "mode": "both", "key": "number", "empty": "clear"}
    client.post(reverse("import:map", args=[batch.pk]), data)
    client.get(reverse("import:map", args=[batch.pk]))
    answer = client.post(reverse("import:keep", args=[batch.pk]), {"name": " Odd  file "})
    assert answer.status_code == 302
    return SavedRecipe.objects.get()


def test_kept_and_chosen(cast: Cast, recipe: SavedRecipe) -> None:
    assert (recipe.name, recipe.owner, recipe.shared) == ("Odd file", cast.seller, False)
    assert recipe.options["columns"] == {"甲": "name", "乙": "number", "丙": "city"}
    assert (recipe.options["key"], recipe.options["empty"]) == ("number", "clear")
    client = signed_in(cast.seller)
    assert "Odd file" in client.get("/import/?as=customers").content.decode()
    batch = upload(client, "甲,乙,丙,丁\n同砌,C2,,x\n", recipe=recipe.pk)
    assert (batch.entity, batch.recipe) == ("customers.customer", recipe)
    assert {each["header"]: each["slot"] for each in batch.preview["columns"]} == {
        "甲": "name", "乙": "number", "丙": "city", "丁": "",
    }  # fmt: skip
    client.post(reverse("import:run", args=[batch.pk]), {"mark": batch.preview["mark"]})
    worker.drain()
    assert Customer.objects.get().number == "C2"


def test_the_same_name_is_the_same_recipe(cast: Cast, recipe: SavedRecipe) -> None:
    saved.save(Entity.by_slug("customers"), "Odd file", {"columns": {"甲": "city"}}, actor=cast.seller)
    recipe.refresh_from_db()
    assert recipe.options == {"columns": {"甲": "city"}, "mode": "both", "empty": "keep"}
    saved.save(Entity.by_slug("customers"), "Odd file", {}, actor=cast.manager)
    assert SavedRecipe.objects.count() == 2


def test_sharing_renaming_deleting(cast: Cast, recipe: SavedRecipe) -> None:
    owner, other = signed_in(cast.seller), signed_in(cast.other_seller)
    address = reverse("import:recipe", args=[recipe.pk])
    assert "Odd file" not in other.get("/import/recipes/").content.decode()
    assert other.post(address, {"delete": "1"}).status_code == 404
    owner.post(address, {"name": "Odd file", "shared": "on"})
    assert "Odd file" in other.get("/import/recipes/").content.decode()
    assert other.get(reverse("import:recipe_file", args=[recipe.pk])).status_code == 200
    assert other.post(address, {"delete": "1"}).status_code == 403, "used by everybody, changed by its owner"
    owner.post(address, {"name": "Monthly list", "shared": "on"})
    recipe.refresh_from_db()
    assert recipe.name == "Monthly list"
    assert signed_in(cast.service).get("/import/recipes/").content.decode().count("Monthly list") == 0
    signed_in(cast.administrator).post(address, {"delete": "1"})
    assert not SavedRecipe.objects.exists()


def test_what_is_refused(cast: Cast, recipe: SavedRecipe) -> None:
    customers = Entity.by_slug("customers")
    with pytest.raises(Invalid):
        saved.save(customers, "  ", {}, actor=cast.seller)
    with pytest.raises(Invalid):
        saved.save(customers, "x" * 81, {}, actor=cast.seller)
    with pytest.raises(Denied):
        saved.save(customers, "mine", {}, actor=cast.auditor)
    other = saved.save(customers, "other", {}, actor=cast.seller)
    with pytest.raises(Invalid):
        saved.change(other, actor=cast.seller, name="Odd file", shared=False)


def test_map_files_go_both_ways(cast: Cast, recipe: SavedRecipe) -> None:
    client = signed_in(cast.seller)
    content = client.get(reverse("import:recipe_file", args=[recipe.pk])).content
    assert yaml.safe_load(content)["columns"]["甲"] == "name"
    file = io.BytesIO(content)
    file.name = "map.yaml"
    client.post("/import/recipes/", {"as": "customers", "name": "Again", "file": file})
    assert SavedRecipe.objects.get(name="Again").options == recipe.options
    for wrong in (b"- a\n- b\n", b"nonsense: 1\n", b"{", b"\xff\xfe\x00"):
        file = io.BytesIO(wrong)
        file.name = "map.yaml"
        assert client.post("/import/recipes/", {"as": "customers", "name": "Bad", "file": file}).status_code == 422


def command(*words: str) -> int:
    parser = ArgumentParser()
    import_.arguments(parser)
    return import_.run(parser.parse_args(words))


def test_the_command_line_reads_and_writes_them(
    cast: Cast, recipe: SavedRecipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "odd.csv", tmp_path / "map.yaml"
    file.write_text(ODD, encoding="utf-8")
    words = [str(file), "--as", "customers", "--by", cast.seller.username, "--json"]
    assert command(*words, "--recipe", "Odd file", "--write-map", str(out)) == 0
    assert json.loads(capsys.readouterr().out)["created"] == 1
    assert yaml.safe_load(out.read_text(encoding="utf-8")) == recipe.options
    assert command(*words, "--map", str(out)) == 0
    assert json.loads(capsys.readouterr().out)["unchanged"] == 1
    with pytest.raises(Refused):
        command(*words, "--recipe", "Nowhere")
    assert command(*words, "--recipe", "Odd file", "--map", str(out)) == 2
