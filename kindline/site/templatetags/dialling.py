"""Numbers of telephones within what is published: on a phone they are called by a touch."""

from __future__ import annotations

import re

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from kindline.clients import phones
from kindline.site import here

register = template.Library()
NUMBER = re.compile(r"(?<![\d+(-])(?:\+\d{1,3}[ -]?|[08][ -]?)?(?:\(\d{3,5}\) ?|\d{3}[ -])\d[\d -]{4,8}\d(?![\d-])")


@register.filter
def dialled(text: str) -> SafeString:
    """The text with each number in it as a link that dials it (krc-5.7-04)."""
    country, said, end = here.profile().calendar.country, [], 0
    for found in NUMBER.finditer(text):
        tel = phones.normalised(found[0], country) or re.sub(r"[^\d+]", "", found[0])
        said += [conditional_escape(text[end : found.start()]), format_html('<a href="tel:{}">{}</a>', tel, found[0])]
        end = found.end()
    return mark_safe("".join([*said, conditional_escape(text[end:])]))  # noqa: S308 - every piece is escaped
