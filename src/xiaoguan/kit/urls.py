"""Addresses that follow from the entities, and the few pages of the kit itself."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, URLResolver, include, path

from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.pages import (
    act,
    board,
    bulk,
    calendar,
    cell,
    detail,
    edit,
    exporting,
    filtering,
    jobs,
    list as lists,
    options,
    overview,
    printing,
    remove,
    searching,
    shelf,
    views,
    where,
)
from xiaoguan.kit.pages.answers import page

BOTH = ("GET", "POST")


def of_entity(entity: Entity) -> list[URLPattern]:
    """The pages of one entity, named `list`, `detail` … in the namespace of its slug."""

    def at(route: str, view: Any, name: str, methods: tuple[str, ...] = ("GET",)) -> URLPattern:
        return path(route, page(view, entity, methods=methods), name=name)

    return [
        at("", lists.list_page, "list"),
        at("counts/", lists.counts, "counts"),
        at("new/", edit.new, "new", BOTH),
        at("board/", board.board_page, "board"),
        at("board/more/", board.column_page, "board_column"),
        at("calendar/", calendar.calendar_page, "calendar"),
        at("calendar/<int:pk>/", calendar.move_page, "calendar_move", BOTH),
        at("where/", where.where_page, "where"),
        at("views/", views.views_page, "views", BOTH),
        at("views/save/", views.save_page, "view_save", BOTH),
        at("export/", exporting.export_page, "export"),
        at("print/", printing.listing, "print"),
        at("options/", options.options, "options"),
        at("bin/", remove.bin_, "bin"),
        at("menu/", filtering.menu_page, "menu"),
        at("filter/<slug:name>/", filtering.filter_page, "filter"),
        at("bulk/<slug:name>/", bulk.bulk, "bulk", ("POST",)),
        at("done/<int:pk>/", bulk.done, "bulk_done"),
        at("lines/<slug:accessor>/", edit.line_row, "line"),
        at("<int:pk>/", detail.detail, "detail"),
        at("<int:pk>/edit/", edit.edit, "edit", BOTH),
        at("<int:pk>/delete/", remove.delete, "delete", BOTH),
        at("<int:pk>/restore/", remove.restore, "restore", ("POST",)),
        at("<int:pk>/do/<slug:name>/", act.act, "do", BOTH),
        at("<int:pk>/cell/", cell.cell, "cell", BOTH),
        at("<int:pk>/tab/<slug:code>/", detail.tab_page, "tab"),
        at("<int:pk>/print/", printing.record, "paper"),
        at("<int:pk>/star/", shelf.star, "star", ("POST",)),
        at("<int:pk>/seen/", shelf.seen, "seen", ("POST",)),
        at("<int:pk>/timeline/", detail.timeline_page, "timeline"),
    ]


urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/", page(overview.settings_page), name="settings"),
    path("search/", page(searching.search_page), name="search"),
    path("find/", page(searching.find_part), name="find"),
    path("jobs/", page(jobs.jobs_page), name="jobs"),
    path("jobs/<int:pk>/", page(jobs.job_page), name="job"),
    path("jobs/<int:pk>/cancel/", page(jobs.cancel, methods=("POST",)), name="job_cancel"),
    path("jobs/<int:pk>/retry/", page(jobs.retry, methods=("POST",)), name="job_retry"),
    path("undo/<int:pk>/", page(remove.undo_page, methods=("POST",)), name="undo"),
    *(path(f"{entity.slug}/", include((of_entity(entity), entity.slug))) for entity in entities.values()),
]
