"""Pages of recipes: the list with renaming, sharing and deleting, keeping one from a preview, map files in and out."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from xiaoguan.kit import access, toasts
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.errors import Invalid
from xiaoguan.transfer import saved
from xiaoguan.transfer.models import Import, SavedRecipe
from xiaoguan.transfer.options import BadOptions


def recipes(request: HttpRequest) -> HttpResponse:
    """The recipes the person may use; a map file becomes one of his own."""
    problem = _take_map(request) if request.method == "POST" else ""
    if request.method == "POST" and not problem:
        return redirect("import:recipes")
    offers = [
        each for each in entities.values() if each.names("form") and access.may(request.user, "import", each.model)
    ]
    context = {
        "page_title": _("Import recipes"),
        "page_fact": _("How a kind of file is read, kept under a name"),
        "rows": [_facts(row, request.user) for row in saved.usable(request.user)],
        "offers": offers,
        "problem": problem,
    }
    return TemplateResponse(request, "transfer/recipes.html", context, status=422 if problem else 200)


def _facts(row: SavedRecipe, actor: Any) -> dict[str, Any]:
    return {
        "row": row,
        "entity": entities[row.entity].plural,
        "slug": entities[row.entity].slug,
        "columns": len([slot for slot in row.options.get("columns", {}).values() if slot]),
        "mine": row.owner_id == actor.pk,
        "manageable": saved.manageable(row, actor),
    }


def _take_map(request: HttpRequest) -> str:
    """Keep an uploaded map file as a recipe, or say what is wrong with it."""
    upload = request.FILES.get("file")
    try:
        entity = Entity.by_slug(request.POST.get("as", ""))
    except KeyError:
        return _("Choose what the file holds.")
    if upload is None:
        return _("Choose a file.")
    if (upload.size or 0) > saved.LARGEST:
        return _("A map file holds names and values.")
    try:
        text = upload.read().decode("utf-8-sig")
        saved.save(entity, request.POST.get("name", ""), saved.from_text(text), actor=request.user)
    except UnicodeDecodeError:
        return _("A map file holds names and values.")
    except (BadOptions, Invalid) as problem:
        return _said(problem)
    toasts.tell(request, _("The recipe is kept"))
    return ""


def _said(problem: Exception) -> str:
    if isinstance(problem, Invalid):
        return " ".join(str(text) for texts in problem.errors.values() for text in texts)
    return str(problem)


def keep(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Keep the decisions of an import that stands at its preview as a recipe."""
    batch = Import.objects.filter(pk=pk, actor=request.user).first()
    if batch is None or batch.entity not in entities or not batch.preview:
        raise Http404
    shared = "shared" in request.POST
    try:
        made = saved.save(
            entities[batch.entity],
            request.POST.get("name", ""),
            saved.of_batch(batch),
            actor=request.user,
            shared=shared,
        )
    except Invalid as problem:
        toasts.tell(request, _said(problem))
        return redirect("import:map", pk=batch.pk)
    Import.objects.filter(pk=batch.pk).update(recipe=made)
    toasts.tell(request, _("The recipe “%(name)s” is kept") % {"name": made.name})
    return redirect("import:map", pk=batch.pk)


def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename, share or stop sharing, or delete."""
    recipe = _usable(request, pk)
    if "delete" in request.POST:
        saved.remove(recipe, actor=request.user)
        toasts.tell(request, _("The recipe “%(name)s” is deleted") % {"name": recipe.name})
        return redirect("import:recipes")
    try:
        saved.change(
            recipe, actor=request.user, name=request.POST.get("name", recipe.name), shared="shared" in request.POST
        )
    except Invalid as problem:
        toasts.tell(request, _said(problem))
    else:
        toasts.tell(request, _("The recipe is kept"))
    return redirect("import:recipes")


def as_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A recipe as the map file of the command line."""
    recipe = _usable(request, pk)
    response = HttpResponse(saved.to_text(recipe.options), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{recipe.name}.yaml")
    return response


def _usable(request: HttpRequest, pk: int) -> SavedRecipe:
    """A recipe the person may use; any other is not there."""
    found = saved.usable(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
