"""The addresses of the API's pages for the administrator, among those of the desk."""

from django.urls import path

from kindline.api import pages

urlpatterns = [
    path("desk/tokens/webhooks/", pages.several, name="webhook-page"),
    path("desk/tokens/webhooks/<int:subscription>/", pages.one, name="webhook-one"),
    path("desk/tokens/webhooks/<int:subscription>/on", pages.switch, {"verb": "on"}, name="webhook-on"),
    path("desk/tokens/webhooks/<int:subscription>/off", pages.switch, {"verb": "off"}, name="webhook-off"),
    path("desk/tokens/webhooks/deliveries/<int:delivery>/again", pages.again, name="webhook-again"),
]
