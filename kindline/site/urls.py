"""The site's addresses."""

from django.urls import path

from kindline.site import answers, keeping, pages, reception, status

urlpatterns = [
    path("", pages.home, name="site"),
    path("view/", pages.view, name="view"),
    path("ask/", reception.ask, name="ask"),
    path("ask/<uuid:key>/", reception.asked, name="asked"),
    path("status/", status.show, name="status"),
    path("faq/", answers.faq, name="faq"),
    path("search/", answers.search, name="search"),
    path("desk/published/", keeping.several, name="freshness"),
    path("desk/published/<str:obligation>-<str:size>.pdf", keeping.stand, name="stand"),
]
