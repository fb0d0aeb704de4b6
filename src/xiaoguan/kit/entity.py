"""One declaration per record type; list, form, filter, import, export, API and search follow from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.urls import reverse
from django.utils.text import capfirst

from xiaoguan.kit import kinds
from xiaoguan.kit.extra import PREFIX

if TYPE_CHECKING:
    from xiaoguan.kit.action import Action
    from xiaoguan.kit.fact import Fact

entities: dict[str, Entity] = {}
"""Every declared entity by its label (`customers.customer`), in the order of declaration."""

own_source: list[Callable[[Entity], Mapping[str, Column]]] = []
"""What knows the fields people have added to an entity (`kit.own`)."""


@dataclass(frozen=True)
class Column:
    """One name of a declaration resolved against the model: `path` may cross relations."""

    path: str
    field: models.Field[Any, Any]
    kind: kinds.Kind
    label: Any

    @property
    def name(self) -> str:
        """The path as it stands in URLs and headers."""
        return self.path

    @property
    def relations(self) -> str:
        """What `select_related` needs so that showing this column costs no query of its own."""
        if isinstance(self.field, models.ForeignKey):
            return self.path
        return self.path.rpartition("__")[0]

    @property
    def key(self) -> str:
        """The path that holds the id of a link."""
        return f"{self.path}_id"

    @property
    def own(self) -> bool:
        """Whether people have added this field."""
        return self.path.startswith(PREFIX)

    def value(self, row: models.Model) -> Any:
        """Follow the path from a row; None where a link is empty."""
        value: Any = row
        for part in self.path.split("__"):
            if value is None:
                return None
            value = getattr(value, part)
        return value


class Entity:
    """The declaration beside a model's fields; it orders names only.

    `scope` says whose rows they are: "owner" (by reach of owner and unit), "all" (reference
    data), "self" (the row is a person), or the name of a foreign key whose record decides.
    Records of a `fixed` entity stay as they were made: nobody shares them or adds fields of his own. Nor does
    anybody add fields to one that doesn't `grow`, as its page has no place for them.
    Rows where the flag `counted` is off are in no sum, as another row stands for them.
    In `form`, `|` starts a new group. `key` names what recognises a row at import, `alone` what isn't changed for many
    records at once.
    """

    def __init__(
        self,
        *,
        slug: str,
        list: str,  # noqa: A002  the word every reader of a declaration expects
        form: str = "",
        filter: str = "",  # noqa: A002
        find: str = "",
        key: str = "",
        alone: str = "",
        icon: str = "file",
        nav: str = "",
        scope: str = "owner",
        sort: str = "-id",
        sums: str = "",
        title: str = "",
        subtitle: str = "",
        board: str = "",
        calendar: str = "",
        lines: str = "",
        counted: str = "",
        fixed: bool = False,
        grows: bool = True,
        facts: Iterable[Fact] = (),
    ) -> None:
        self.slug = slug
        self.icon = icon
        self.nav = nav
        self.scope = scope
        self.sort = sort
        self.board = board
        self.calendar = calendar
        self.lines = lines
        self.counted = counted
        self.fixed = fixed
        self.grows = grows and not fixed
        self.facts = tuple(facts)
        self.actions: dict[str, Action] = {}
        self._names = {
            "list": list,
            "form": form,
            "filter": filter,
            "find": find,
            "key": key,
            "alone": alone,
            "sums": sums,
            "title": title or list.split()[0],
            "subtitle": subtitle,
        }

    def contribute_to_class(self, cls: type[models.Model], name: str) -> None:
        """Django's own hook for class attributes: no metaclass, no separate registration."""
        setattr(cls, name, self)
        if cls._meta.abstract:
            return
        self.model = cls
        for fact in self.facts:
            fact.bind(cls)
        entities[cls._meta.label_lower] = self

    @cached_property
    def named(self) -> frozenset[str]:
        """The fields that list, form, filters, sums or head of the record name."""
        return frozenset(name for names in self._names.values() for name in names.split())

    def __repr__(self) -> str:
        return f"<Entity {self.name}>"

    @property
    def name(self) -> str:
        """The label that logs, grants and search entries carry: `app.model`."""
        return self.model._meta.label_lower

    @property
    def label(self) -> str:
        """One record, in the reader's language."""
        return str(self.model._meta.verbose_name)

    @property
    def plural(self) -> str:
        """Many records, in the reader's language, with a capital where the language has them."""
        return capfirst(str(self.model._meta.verbose_name_plural))

    @staticmethod
    def of(model: type[models.Model] | models.Model) -> Entity:
        """The entity of a model or a row; KeyError names a model without one."""
        return entities[model._meta.label_lower]

    @staticmethod
    def by_slug(slug: str) -> Entity:
        """The entity of a URL's first part; KeyError when there is none."""
        for entity in entities.values():
            if entity.slug == slug:
                return entity
        raise KeyError(slug)

    def declared(self, part: str) -> list[str]:
        """The names of one part of the declaration without group marks."""
        return [name for name in self._names[part].split() if name != "|"]

    def names(self, part: str) -> list[str]:
        """The names of one part: what is declared, then the own fields that belong there."""
        return [*self.declared(part), *self.own_names(part)]

    @property
    def own(self) -> Mapping[str, Column]:
        """Every own column by its path (`extra__c_colour`), retired ones too."""
        return own_source[0](self) if own_source else {}

    def own_columns(self) -> list[Column]:
        """The own columns in use, in their order."""
        return [column for column in self.own.values() if column.field.active]

    def own_names(self, part: str) -> list[str]:
        """The paths of the own fields in use that belong to a part."""
        return [path for path, column in self.own.items() if column.field.active and part in column.field.parts]

    def groups(self) -> Iterator[list[str]]:
        """The form's names group by group; own fields are the last one."""
        for group in self._names["form"].split("|"):
            if names := group.split():
                yield names
        if names := self.own_names("form"):
            yield names

    def column(self, path: str) -> Column:
        """Resolve one name or path; FieldDoesNotExist names what is misspelt."""
        if path.startswith(PREFIX) and path in self.own:
            return self.own[path]
        found = self._columns.get(path)
        if found is None:
            found = self._columns[path] = self._resolve(path)
        return found

    def columns(self, part: str) -> list[Column]:
        """The resolved columns of `list`, `form`, `filter`, `find`, `key`, `sums`, `title` or `subtitle`."""
        return [self.column(name) for name in self.names(part)]

    @cached_property
    def _columns(self) -> dict[str, Column]:
        return {}

    def _resolve(self, path: str) -> Column:
        model: type[models.Model] = self.model
        field: Any = None
        for part in path.split("__"):
            field = model._meta.get_field(part)
            if not field.concrete:
                raise FieldDoesNotExist(f"{self.name}: {path} is not a stored field")
            if field.is_relation:
                model = field.related_model
        return Column(path, field, kinds.of(field), field.verbose_name)

    def title_of(self, row: models.Model) -> str:
        """What a person calls this record."""
        return str(row)

    def url(self, page: str, row: models.Model | int | None = None, *args: Any) -> str:
        """The address of a page: `list`, `new`, `detail`, `edit`, `board`, `export` …"""
        if row is None and not args:
            return _address(f"{self.slug}:{page}")
        where: list[Any] = [] if row is None else [getattr(row, "pk", row)]
        return reverse(f"{self.slug}:{page}", args=[*where, *args])


@cache
def _address(name: str) -> str:
    """Addresses without a record are the same as long as a process lives."""
    return reverse(name)
