"""What words on the command line mean: kinds of records, people."""

from django.utils import translation
from django.utils.translation import gettext as _

from xiaoguan.apps.org.models.person import Person
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.config.refused import Refused
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.lexicon import headers
from xiaoguan.lexicon.companies import match_key


def entity_named(word: str) -> Entity:
    """The entity a word means: its slug, label, a synonym, or its name in any language; LookupError names all."""
    slug = headers.slug_of(word)
    by_slug = {entity.slug: entity for entity in entities.values()}
    if slug in by_slug:
        return by_slug[slug]
    if word.lower() in entities:
        return entities[word.lower()]
    for language in ("en", "zh-hans"):
        with translation.override(language):
            for entity in entities.values():
                if match_key(word) in (match_key(entity.label), match_key(entity.plural)):
                    return entity
    raise LookupError(f"There is nothing called {word!r}; there are: {', '.join(sorted(by_slug))}")


def actor_named(username: str | None) -> Person:
    """Who acts: the active person of that user name, or the system where none is named."""
    if not username:
        return system_actor()
    found = Person.objects.filter(username__iexact=username, is_active=True).first()
    if found is None:
        raise Refused(_("There is nobody with the user name %(name)s.") % {"name": username})
    return found
