"""What the pages of the site and the published answers are found by."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class SearchEntry(models.Model):
    """The words of a published answer, or of a page of the sections, in their dictionary forms; made anew at will."""

    answer = models.OneToOneField("appeals.Publication", null=True, on_delete=models.CASCADE, related_name="+")
    page = models.OneToOneField("wagtailcore.Page", null=True, on_delete=models.CASCADE, related_name="+")
    words = SearchVectorField()  # those of the title once more, marked
    dated_at = models.DateTimeField()  # when what is found was published

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answer__isnull=False, page__isnull=True)
                | models.Q(answer__isnull=True, page__isnull=False),
                name="search_entry_of_one",
            )
        ]
        indexes = [GinIndex(fields=["words"], name="search_entry_words")]

    def __str__(self) -> str:
        return f"answer {self.answer_id}" if self.answer_id else f"page {self.page_id}"
