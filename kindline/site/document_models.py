"""Documents and forms that the site gives to everybody: a title beside a file of the house."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kindline.files.models import FileState

TYPES = {
    "application/pdf": "PDF",
    "application/docx": "Word",
    "application/xlsx": "Excel",
    "application/odf": "OpenDocument",
    "application/rtf": "RTF",
    "text/plain": "TXT",
}
"""What is published, by content, and what readers are told of it."""


class Documents(models.QuerySet["PublishedDocument"]):
    """Rows of documents."""

    def given(self) -> Documents:
        """Those that everybody gets: found clean, on a page that is published; in their order."""
        clean = self.filter(page__live=True, attachment__file__state=FileState.CLEAN)
        return clean.select_related("attachment__file").order_by("pk")


class PublishedDocument(models.Model):
    """A document of a page of the sections, to be saved by whoever wants it."""

    page = models.ForeignKey("site.ItemPage", on_delete=models.CASCADE, related_name="documents", db_index=False)
    attachment = models.OneToOneField("files.Attachment", on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=200)
    words = ArrayField(models.TextField(), default=list)  # of the title in their dictionary forms: it is found by them
    made_at = models.DateTimeField()
    objects = Documents.as_manager()

    class Meta:
        indexes = [models.Index(fields=["page", "id"], name="document_of_page")]

    def __str__(self) -> str:
        return self.title

    @property
    def kind(self) -> str:
        """What kind of file it is, as readers are told."""
        media_type = self.attachment.file.media_type
        return TYPES.get(media_type, media_type)
