"""Every address of the installation: the surfaces add theirs below."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from kindline.desk.login import AdministrationLogIn


def alive(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view's shape
    """Answer that this process serves requests (no database is asked)."""
    return HttpResponse("ok", content_type="text/plain")


def icon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view's shape
    """Send browsers that ask by habit to the icon that we have."""
    return redirect(static("desk/icon.svg"))


handler400 = "kindline.site.trouble.unreadable"
handler403 = "kindline.site.trouble.forbidden"
handler404 = "kindline.site.trouble.absent"
handler500 = "kindline.site.trouble.failed"
urlpatterns = [
    path("favicon.ico", icon, name="icon"),
    path("alive/", alive, name="alive"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/login/", AdministrationLogIn.as_view()),
    path("admin/password_change/", RedirectView.as_view(pattern_name="own-password")),
    path("admin/", admin.site.urls),
    path("api/", include("kindline.api.urls")),
    path("sms/", include("kindline.connectors.sms.urls")),
    path("open311/v2/", include("kindline.api.open311_urls")),
    path("", include("kindline.desk.urls")),
    path("", include("kindline.api.page_urls")),
    path("cms/", include("wagtail.admin.urls")),
    path("info/", include("wagtail.urls")),
    path("", include("kindline.site.urls")),
]
