"""What the site keeps of its own: which appeal came of which form, and the pages of its sections."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.models import Page

from kindline.site import shelf, wordings
from kindline.site.account_models import AccountSession, EmailChange, Joining
from kindline.site.booking_models import Consultation, ConsultingHours, ServiceDay, VideoSignal
from kindline.site.document_models import PublishedDocument
from kindline.site.report_models import QuarterReport
from kindline.site.search_models import SearchEntry
from kindline.site.wording_models import PageWording, body, said_in
from kindline.staff.factor_models import AppFactor, PaperCode
from kindline.standard import loader

__all__ = [
    "AccountSession", "Consultation", "ConsultingHours", "EmailChange", "ItemPage", "Joining", "Meeting", "NewsPage",
    "Pace", "PageWording", "PublishedDocument", "QuarterReport", "RecoveryCode", "SearchEntry", "SecondFactor",
    "SectionPage", "SectionsPage", "ServiceDay", "SitePart", "Submission", "VideoSignal", "body", "said_in",
]  # fmt: skip

NEWS_A_PAGE = 10


class Submission(models.Model):
    """A form of the internet reception that was sent: once, however often the button was pressed."""

    key = models.UUIDField(primary_key=True)  # made with the empty form; who knows it may see the appeal's state
    appeal = models.OneToOneField("appeals.Appeal", on_delete=models.PROTECT, related_name="submission")
    sender = models.CharField(max_length=64, blank=True)  # a keyed hash of the network address, to hold back floods
    browser = models.CharField(max_length=64, blank=True)  # the same of the browser there
    made_at = models.DateTimeField()
    consented_at = models.DateTimeField()
    login = models.ForeignKey("clients.Login", null=True, on_delete=models.SET_NULL, related_name="submissions")
    about = models.CharField(max_length=16, blank=True)  # own data: correction, erasure; empty: a question

    class Meta:
        indexes = [models.Index(fields=["sender", "-made_at"])]

    def __str__(self) -> str:
        return str(self.key)


class Meeting(models.Model):
    """A client's meeting with the head, booked on the site (krc-5.7.1-38)."""

    key = models.UUIDField(unique=True)  # made with the empty form; who knows it may see and cancel the meeting
    profile = models.CharField(max_length=16)
    starts_at = models.DateTimeField()
    surname = models.CharField(max_length=100)
    given_name = models.CharField(max_length=100)
    patronymic = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=40)
    email = models.CharField(max_length=254, blank=True)
    matter = models.TextField()
    language = models.CharField(max_length=2)
    sender = models.CharField(max_length=64, blank=True)  # a keyed hash of the network address
    browser = models.CharField(max_length=64, blank=True)  # the same of the browser there
    made_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)  # why it was cancelled
    login = models.ForeignKey(
        "clients.Login", null=True, blank=True, on_delete=models.SET_NULL, related_name="meetings"
    )  # from whose account it was booked

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "starts_at"], condition=models.Q(cancelled_at=None), name="one_meeting_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["sender", "-made_at"], name="meeting_by_sender")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """Its number, as it is told."""
        return f"{self.profile}-M-{self.pk:05d}"


class Pace(models.Model):
    """How much a browser, an address, or a network, has posted within the hour that began with `since`."""

    sender = models.CharField(max_length=64, primary_key=True)  # a keyed hash; an empty one: the address is not known
    since = models.DateTimeField()
    posts = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["since"])]

    def __str__(self) -> str:
        return f"{self.sender[:8]}: {self.posts}"


class SecondFactor(AppFactor):
    """The app on a client's telephone."""

    login = models.OneToOneField("clients.Login", on_delete=models.CASCADE, related_name="second_factor")

    def __str__(self) -> str:
        return f"{self.login_id}"


class RecoveryCode(PaperCode):
    """A code of a client's that stands in for his app."""

    factor = models.ForeignKey(SecondFactor, on_delete=models.CASCADE, related_name="codes", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["factor", "digest"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"{self.factor_id}"


IN_OTHER_LANGUAGES = InlinePanel("wordings", heading=gettext_lazy("In other languages"), classname="collapsed")


class SitePart(Page):
    """What all pages of the sections have in common."""

    subpage_types: list[str] = []
    content_panels = [*Page.content_panels, IN_OTHER_LANGUAGES]
    promote_panels = [FieldPanel("slug")]

    class Meta:
        abstract = True

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The page, the same for everybody."""
        shelf.share(request)
        return super().serve(request, *args, **kwargs)

    @property
    def parts(self) -> Any:
        """The pages below that are published, in their order, as somebody reads them."""
        return wordings.all_shown(self.get_children().live().specific())

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """With the page, and the one above it, as somebody reads them."""
        above = wordings.shown(self.get_parent().specific)
        own = {"shown": wordings.shown(self), "above": above}
        return {**super().get_context(request, *args, **kwargs), **own}


class SectionsPage(SitePart):
    """The root: all sections."""

    max_count = 1
    subpage_types = ["site.SectionPage"]
    template = "site/sections.html"


class SectionPage(SitePart):
    """A section of the site; one that the standard demands carries the section's name in `publication.yaml`."""

    section = models.SlugField(blank=True, editable=False)
    parent_page_types = ["site.SectionsPage"]
    subpage_types = ["site.ItemPage"]
    template = "site/section.html"


class ItemPage(SitePart):
    """A page of a section; one that the standard demands carries the key of its slot."""

    slot = models.SlugField(blank=True, editable=False)
    body = body()
    parent_page_types = ["site.SectionPage"]
    subpage_types = ["site.NewsPage"]
    content_panels = [*Page.content_panels, FieldPanel("body"), IN_OTHER_LANGUAGES]
    template = "site/item.html"

    @property
    def words(self) -> str:
        """Its text, without marks."""
        return said_in(self.body)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """With its news, the latest first, ten a page (`?page=`), the ways to the offices, and where it leads."""
        several = NewsPage.objects.child_of(self).live().order_by("-date", "-pk")
        news = Paginator(several, NEWS_A_PAGE).get_page(request.GET.get("page"))
        publication = loader.load(settings.KINDLINE["profile"]).publication
        schemes = publication.schemes.get(self.slot, ()) if publication else ()
        slot = publication.slots.get(self.slot) if publication else None
        documents = PublishedDocument.objects.given().filter(page=self)
        own = {"news": news, "schemes": schemes, "leads_to": slot.page if slot else "", "documents": documents}
        own["told"] = list(wordings.all_shown(news))
        return {**super().get_context(request, *args, **kwargs), **own}


class NewsPage(SitePart):
    """A piece of news; its kind is that of the page below which it stands."""

    date = models.DateField()
    body = body()
    parent_page_types = ["site.ItemPage"]
    content_panels = [*Page.content_panels, FieldPanel("date"), FieldPanel("body"), IN_OTHER_LANGUAGES]
    template = "site/item.html"

    @property
    def words(self) -> str:
        """Its text, without marks."""
        return said_in(self.body)
