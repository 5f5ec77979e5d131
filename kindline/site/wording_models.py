"""What a page of the sections says: in the standard's own language in the page itself, in others beside it."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel
from wagtail.blocks import CharBlock, ListBlock, StructBlock, TextBlock
from wagtail.fields import StreamField

LANGUAGES = (("uk", "Українська"), ("ru", "Русский"), ("en", "English"))


def body() -> StreamField:
    """Paragraphs and tables of two columns, in any order."""
    row = StructBlock([("name", CharBlock()), ("value", CharBlock())])
    return StreamField([("text", TextBlock()), ("rows", ListBlock(row))], blank=True)


def said_in(stream: Any) -> str:
    """All words of a text with tables."""
    lines = []
    for block in stream:
        told = [block.value] if block.block_type == "text" else [f"{row['name']} {row['value']}" for row in block.value]
        lines += told
    return "\n".join(lines)


def source_of(page: Any) -> str:
    """What a translation is made of, as a hash."""
    return hashlib.sha256(f"{page.title}\n{said_in(getattr(page, 'body', ()))}".encode()).hexdigest()


class PageWording(models.Model):
    """A page in another language: title and text; without one the reader is told that there is none."""

    page = ParentalKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="wordings", db_index=False)
    language = models.CharField(max_length=2, choices=LANGUAGES)
    title = models.CharField(max_length=255)
    body = body()
    source = models.CharField(max_length=64, blank=True, editable=False)  # a hash of the page as it was translated
    panels = [FieldPanel("language"), FieldPanel("title"), FieldPanel("body")]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "language"], name="one_wording_a_language")]

    def __str__(self) -> str:
        return f"{self.page_id} {self.language}"

    def save(self, *args: Any, **named: Any) -> None:
        """Note what it is a translation of, when it is written or changed.

        Publishing the page saves it as it is, and with the note of a draft, which is older than ours.
        """
        before = PageWording.objects.filter(pk=self.pk).first()
        if before is None or (before.title, said_in(before.body)) != (self.title, said_in(self.body)):
            self.source = source_of(self.page.specific)
        else:
            self.source = before.source
        super().save(*args, **named)

    def is_behind(self, page: Any) -> bool:
        """Whether the page was changed after it was translated."""
        return self.source != source_of(page)
