"""The desk's addresses."""

from django.urls import path

from kindline.desk import (
    appeals,
    callbacks,
    calls,
    clients,
    contacts,
    login,
    menu,
    operator,
    recordings,
    review,
    standard,
    supervisor,
    voicemail,
)

urlpatterns = [
    path("", login.home, name="home"),
    path("login/", login.LogIn.as_view(), name="login"),
    path("logout/", login.LogOut.as_view(), name="logout"),
    path("language/", login.language, name="language"),
    path("desk/", operator.show, name="operator"),
    path("desk/state.json", operator.state, name="state"),
    path("desk/operator/state", operator.set_state, name="operator-state"),
    path("desk/calls/<uuid:contact>/<slug:verb>", calls.act, name="call"),
    path("desk/clients/search", clients.search, name="client-search"),
    path("desk/contacts/", contacts.several, name="contacts"),
    path("desk/contacts/<uuid:contact>/", contacts.one, name="contact"),
    path("desk/recordings/<str:token>", recordings.play, name="recording"),
    path("desk/review/<uuid:contact>/", review.one, name="review"),
    path("desk/standard/", standard.several, name="standard"),
    path("desk/standard.csv", standard.download, name="standard-csv"),
    path("desk/standard/<str:clause>/", standard.one, name="clause"),
    path("desk/supervisor/", supervisor.floor, name="supervisor"),
    path("desk/callbacks/", callbacks.several, name="callbacks"),
    path("desk/callbacks/<int:callback>/<slug:verb>", callbacks.act, name="callback"),
    path("desk/voicemail/", voicemail.several, name="voicemail"),
    path("desk/voicemail/<int:message>/handled", voicemail.handled, name="voicemail-handled"),
    path("desk/appeals/", appeals.several, name="appeals"),
    path("desk/appeals/<int:appeal>/", appeals.one, name="appeal"),
    path("desk/menu/", menu.show, name="menu"),
    path("desk/menu/switch", menu.switch, name="menu-switch"),
]
