"""Recipes under a name: kept, shared, renamed, deleted; the same decisions as a map file of the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from xiaoguan.kit import access, clock
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.transfer.decisions import as_previewed
from xiaoguan.transfer.models import Import, SavedRecipe
from xiaoguan.transfer.options import BadOptions, Options

LASTING = ("columns", "mode", "key", "empty", "units", "orders", "relations", "values", "twins", "guessed_rows", "more")
LONGEST = 80
LARGEST = 256 * 1024


def usable(actor: Any, entity: Entity | None = None) -> QuerySet[SavedRecipe]:
    """One's own recipes and the shared ones, of what the actor may import."""
    allowed = [entity] if entity else list(entities.values())
    names = [each.name for each in allowed if access.may(actor, "import", each.model)]
    mine = Q(owner=actor) | Q(shared=True)
    return SavedRecipe.objects.filter(mine, entity__in=names).select_related("owner").order_by("entity", "name", "pk")


def manageable(recipe: SavedRecipe, actor: Any) -> bool:
    """Whether the actor may change or delete a recipe: his own, or a shared one where he imports for everybody."""
    if recipe.owner_id == actor.pk:
        return True
    return recipe.shared and access.grants(actor).scope(recipe.entity, "import") == "all"


def lasting(options: Options, *, sheets: int = 1) -> dict[str, Any]:
    """What of the decisions about one file holds for the next; a sheet is named only where there are several."""
    plain = options.to_json()
    found = {name: plain[name] for name in LASTING if plain[name]}
    if plain["header"] is not None:
        found["header"] = plain["header"]
    return found | ({"sheet": plain["sheet"]} if plain["sheet"] and sheets > 1 else {})


def of_batch(batch: Import) -> dict[str, Any]:
    """The decisions of an import as its preview shows them."""
    return lasting(as_previewed(batch), sheets=len(batch.preview.get("sheets", ())))


def save(entity: Entity, name: str, options: Mapping[str, Any], *, actor: Any, shared: bool = False) -> SavedRecipe:
    """Keep decisions under a name; one's own of that name is replaced. Raises Denied, Invalid or BadOptions."""
    if not access.may(actor, "import", entity.model):
        raise Denied("import", entity.model)
    now = clock.machine_now()
    values = {"options": lasting(Options.from_json(options), sheets=2), "shared": shared, "updated_at": now}
    made, _new = SavedRecipe.objects.update_or_create(
        owner=actor,
        entity=entity.name,
        name=_checked(name),
        defaults=values,
        create_defaults={**values, "created_at": now},
    )
    return made


def _checked(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())
    if not name:
        raise Invalid({"name": [_("Give the recipe a name.")]})
    if len(name) > LONGEST:
        raise Invalid({"name": [_("At most %(count)s characters.") % {"count": LONGEST}]})
    return name


def change(recipe: SavedRecipe, *, actor: Any, name: str, shared: bool) -> SavedRecipe:
    """Rename or share; raises Denied or Invalid."""
    if not manageable(recipe, actor):
        raise Denied("change", None)
    recipe.name, recipe.shared, recipe.updated_at = _checked(name), shared, clock.machine_now()
    same = SavedRecipe.objects.filter(owner=recipe.owner_id, entity=recipe.entity, name=recipe.name)
    if same.exclude(pk=recipe.pk).exists():
        raise Invalid({"name": [_("There is a recipe of this name already.")]})
    recipe.save()
    return recipe


def remove(recipe: SavedRecipe, *, actor: Any) -> None:
    """Delete a recipe; imports made with it stay. Raises Denied."""
    if not manageable(recipe, actor):
        raise Denied("delete", None)
    recipe.delete()


def options_of(recipe: SavedRecipe) -> Options:
    """A recipe as the decisions for a new file."""
    return Options.from_json(recipe.options)


def to_text(options: Mapping[str, Any]) -> str:
    """Decisions as a map file."""
    return yaml.safe_dump(dict(options), allow_unicode=True, sort_keys=False)


def from_text(text: str) -> dict[str, Any]:
    """The decisions of a map file; raises BadOptions."""
    try:
        found = yaml.safe_load(text) or {}
    except yaml.YAMLError as problem:
        raise BadOptions(_("This is no map file: %(reason)s") % {"reason": str(problem)[:200]}) from problem
    if not isinstance(found, dict):
        raise BadOptions(_("A map file holds names and values."))
    return Options.from_json(found).to_json()
