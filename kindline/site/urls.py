"""The site's addresses."""

from django.urls import path

from kindline.site import (
    answers,
    availability_page,
    catalogue,
    keeping,
    meeting_pages,
    outages,
    pages,
    rating,
    readings,
    reception,
    status,
    talk,
)
from kindline.site.account import data_page, doors, factor_pages, meters, money
from kindline.site.account import pages as account
from kindline.site.consultations import desk_pages, room_pages
from kindline.site.consultations import pages as consultations
from kindline.site.open_data import pages as open_data

urlpatterns = [
    path("", pages.home, name="site"),
    path("view/", pages.view, name="view"),
    path("ask/", reception.ask, name="ask"),
    path("ask/<uuid:key>/", reception.asked, name="asked"),
    path("status/", status.show, name="status"),
    path("readings/", readings.send, name="readings"),
    path("status/write/", talk.write, name="status_write"),
    path("status/rate/", rating.rate, name="status_rate"),
    path("status/file/", talk.file, name="status_file"),
    path("services/", catalogue.several, name="services"),
    path("services/<slug:service>/", catalogue.passport, name="service"),
    path("outages/", outages.several, name="outages"),
    path("faq/", answers.faq, name="faq"),
    path("search/", answers.search, name="search"),
    path("open-data/", open_data.show, name="open_data"),
    path("open-data/catalogue.<str:form>", open_data.whole, name="open_data_catalogue"),
    path("open-data/<slug:dataset>.<str:form>", open_data.file, name="open_data_file"),
    path("meeting/", meeting_pages.book, name="meeting"),
    path("meeting/<uuid:key>/", meeting_pages.booked, name="meeting_booked"),
    path("desk/meetings/", meeting_pages.several, name="meetings"),
    path("consultation/", consultations.book, name="consultation"),
    path("consultation/<uuid:key>/", consultations.booked, name="consultation_booked"),
    path("consultation/<uuid:key>/room/", room_pages.client, name="consultation_room"),
    path("consultation/<uuid:key>/room/say/", room_pages.client_says, name="consultation_say"),
    path("desk/consultations/", desk_pages.several, name="consultations"),
    path("desk/consultations/hours/", desk_pages.hours, name="consultation_hours"),
    path("desk/consultations/<int:row>/room/", room_pages.specialist, name="consultation_desk_room"),
    path("desk/consultations/<int:row>/room/say/", room_pages.specialist_says, name="consultation_desk_say"),
    path("desk/availability/", availability_page.show, name="availability"),
    path("monitoring/", open_data.monitored, name="monitoring_results"),
    path("desk/published/", keeping.several, name="freshness"),
    path("desk/published/<str:obligation>-<str:size>.pdf", keeping.stand, name="stand"),
    path("account/", account.home, name="account"),
    path("account/bills/", money.several, name="account_bills"),
    path("account/money/<str:number>/", money.show, name="account_money"),
    path("account/money/<str:number>/bill-<str:month>.pdf", money.bill, name="account_bill"),
    path("account/ask/", account.ask, name="account_ask"),
    path("account/readings/", meters.show, name="account_readings"),
    path("account/export/", account.export, name="account_export"),
    path("account/data/", data_page.data, name="account_data"),
    path("account/enter/", doors.enter, name="account_enter"),
    path("account/register/", doors.register, name="account_register"),
    path("account/letter/", doors.letter, name="account_letter"),
    path("account/code/", doors.code, name="account_code"),
    path("account/password/", doors.password, name="account_password"),
    path("account/second/", factor_pages.second, name="account_second"),
    path("account/factor/", factor_pages.factor, name="account_factor"),
    path("account/leave/", doors.leave, name="account_leave"),
]
