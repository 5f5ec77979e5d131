"""Every page has a name of its own: a link to a name that two pages have leads to the one that is listed last."""

from collections import Counter
from collections.abc import Iterable, Iterator

from django.urls import URLPattern, URLResolver, get_resolver

OURS = "kindline."


def named(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[str]:
    """The names of our own pages, in any depth."""
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from () if one.namespace else named(one.url_patterns)
        elif one.name and str(getattr(one.callback, "__module__", "")).startswith(OURS):
            yield one.name


def test_no_two_pages_have_one_name() -> None:
    assert {name: many for name, many in Counter(named(get_resolver().url_patterns)).items() if many > 1} == {}
