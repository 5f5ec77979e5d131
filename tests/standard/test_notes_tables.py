"""Each row of the tables of terms and grounds by example: days counted by hand on the calendar of 2026.

Everything was sent on Sunday 1 March 2026, received on Monday the 2nd and registered on Tuesday the 3rd, each at ten
in the profile's zone, so that a term that counts from another moment comes to another day. In Russia Monday 9 March is
off (the 8th is a Sunday); in Ukraine the 9th is a working day under martial law. 2026-04-02 is a Thursday.
"""

from __future__ import annotations

import datetime as dt

import pytest

from kindline.standard import deadlines, loader
from kindline.standard.profile import Profile

clause = pytest.mark.clause
SENT, RECEIVED, REGISTERED = 1, 2, 3
Row = tuple[str, str, str, str, str | None, str | None]
"""Kind, subject, channel; limit, target, the last day of an extension (None: there is none)."""

KRC: dict[str, tuple[str, Row]] = {
    # --- paper: 7 and 30 days from registration, and 30 more -----------------------------------------------
    "krc-6.1-12 letter, application": ("paper", ("application", "", "paper", "2026-04-02", "2026-03-10", "2026-05-02")),
    "krc-6.1-13 letter, proposal": ("paper", ("proposal", "", "paper", "2026-04-02", "2026-03-10", "2026-05-02")),
    "krc-6.1-13 letter, review": ("paper", ("review", "", "paper", "2026-04-02", "2026-03-10", "2026-05-02")),
    "krc-6.1-14 letter, complaint": ("paper", ("complaint", "", "paper", "2026-04-02", "2026-03-10", "2026-05-02")),
    "krc-6.1-15 letter, question": ("paper", ("info_request", "", "paper", "2026-04-02", "2026-03-10", "2026-05-02")),
    # --- not ours, against a court, quality: whatever the channel, never put off --------------------------------
    "krc-6.1-16 not ours, letter": (
        "outside_competence", ("application", "outside_competence", "paper", "2026-03-11", None, None)),
    "krc-6.1-17 not ours, phone": (
        "outside_competence", ("complaint", "outside_competence", "phone", "2026-03-11", None, None)),
    "krc-5.7.2-21 not ours, site": (
        "outside_competence", ("info_request", "outside_competence", "web", "2026-03-11", None, None)),
    "krc-6.1-18 court, letter": ("court_decision", ("complaint", "court_decision", "paper", "2026-03-10", None, None)),
    "krc-6.1-19 court, site": ("court_decision", ("application", "court_decision", "web", "2026-03-10", None, None)),
    "krc-6.1-20 quality, letter": (
        "utility_quality", ("complaint", "utility_quality", "paper", "2026-03-05", None, None)),
    "krc-6.1-20 quality, phone": (
        "utility_quality", ("complaint", "utility_quality", "phone", "2026-03-05", None, None)),
    "krc-6.1-20 quality, office": (
        "utility_quality", ("complaint", "utility_quality", "office", "2026-03-05", None, None)),
    "krc-6.1-20 quality, e-mail": (
        "utility_quality", ("complaint", "utility_quality", "email", "2026-03-05", None, None)),
    "krc-6.1-21 quality, site": ("utility_quality", ("complaint", "utility_quality", "web", "2026-03-05", None, None)),
    "krc-6.1-22 quality, account": (
        "utility_quality", ("complaint", "utility_quality", "account", "2026-03-05", None, None)),
    "krc-6.1-13 quality, no complaint": (
        "paper", ("application", "utility_quality", "paper", "2026-04-02", "2026-03-10", "2026-05-02")),
    # --- table 6: from sending ---------------------------------------------------------------------------------
    "krc-5.7.3-02 contract, site": (
        "web_contract_question", ("info_request", "contract", "web", "2026-03-11", None, None)),
    "krc-5.7.3-02 contract, e-mail": (
        "web_contract_question", ("info_request", "contract", "email", "2026-03-11", None, None)),
    "krc-5.7.3-03 debt, account": ("web_debt_question", ("info_request", "debt", "account", "2026-03-11", None, None)),
    "krc-5.7.3-04 consultation, site": ("web_question", ("consultation", "", "web", "2026-03-11", None, None)),
    "krc-5.7.3-04 consultation, e-mail": (
        "mail_question", ("consultation", "", "email", "2026-03-11", "2026-03-08", None)),
    "krc-6.1-24 question, account": ("web_question", ("info_request", "", "account", "2026-03-11", None, None)),
    "krc-5.7.3-05 complaint, site": ("web_complaint", ("complaint", "", "web", "2026-03-31", None, "2026-04-30")),
    "krc-5.7.3-05 complaint, e-mail": (
        "mail_complaint", ("complaint", "", "email", "2026-03-31", "2026-03-08", "2026-04-30")),
    "krc-5.7.3-06 readings": ("web_readings", ("meter_readings", "", "web", "2026-03-02", None, None)),
    "krc-5.7.3-07 state of a request": ("web_request_status", ("request_status", "", "web", "2026-03-02", None, None)),
    "krc-5.7.3-08 state of a complaint": (
        "web_complaint_status", ("complaint_status", "", "account", "2026-03-02", None, None)),
    "krc-5.7.3-09 login": ("web_credentials", ("account_credentials", "", "web", "2026-03-02", None, None)),
    "krc-5.7.3-10 bill": ("web_bill", ("bill", "", "email", "2026-03-02", None, None)),
    # --- the outer limit of the site: from receipt ---------------------------------------------------------------
    "krc-5.7.2-19 proposal, site": ("web_other", ("proposal", "", "web", "2026-04-01", None, "2026-05-01")),
    "krc-5.7.2-19 application, account": (
        "web_other", ("application", "", "account", "2026-04-01", None, "2026-05-01")),
    "krc-5.7.2-19 review, site": ("web_other", ("review", "", "web", "2026-04-01", None, "2026-05-01")),
    "krc-6.1-12 proposal, e-mail": ("mail_other", ("proposal", "", "email", "2026-04-02", "2026-03-10", "2026-05-02")),
    # --- by word of mouth ----------------------------------------------------------------------------------------
    "krc-6.1-30 complaint, phone": ("phone_complaint", ("complaint", "", "phone", "2026-04-02", None, "2026-05-02")),
    "krc-6.1-27 question, phone": ("phone_question", ("info_request", "", "phone", "2026-03-02T20:00", None, None)),
    "krc-5.6.4-12 consultation, phone": (
        "phone_question", ("consultation", "", "phone", "2026-03-02T20:00", None, None)),
    "krc-5.6.5-34 bill, phone": ("phone_question", ("bill", "", "phone", "2026-03-02T20:00", None, None)),
    "krc-6.1-36 form in the office": (
        "office_form", ("complaint", "", "office", "2026-04-02", "2026-03-10", "2026-05-02")),
    "krc-6.1-36 question in the office": (
        "office_form", ("application", "", "office", "2026-04-02", "2026-03-10", "2026-05-02")),
    # --- an authority that names no day --------------------------------------------------------------------------
    "krc-6.1-37 authority": ("authority_request", ("authority_request", "", "paper", "2026-04-02", None, None)),
}  # fmt: skip
COURT: dict[str, tuple[str, Row]] = {
    "court-1-34 not the centre's": (
        "forwarding_same_day", ("complaint", "outside_competence", "phone", "2026-03-02", None, None)),
    "court-1-34 not the centre's, letter": (
        "forwarding_same_day", ("statement", "outside_competence", "email", "2026-03-02", None, None)),
    "court-3-08 consultation": ("consultation_by_phone", ("consultation", "", "phone", "2026-03-02T20:00", None, None)),
    "court-1-31 information": ("public_information", ("info_request", "", "phone", "2026-03-09", None, None)),
    "court-1-31 complaint": ("citizens_appeal", ("complaint", "", "phone", "2026-04-02", "2026-03-17", "2026-04-16")),
    "court-1-31 remark": ("citizens_appeal", ("remark", "", "phone", "2026-04-02", "2026-03-17", "2026-04-16")),
    "court-1-31 proposal": ("citizens_appeal", ("proposal", "", "phone", "2026-04-02", "2026-03-17", "2026-04-16")),
    "court-1-31 statement": ("citizens_appeal", ("statement", "", "phone", "2026-04-02", "2026-03-17", "2026-04-16")),
    "court-1-31 request": ("citizens_appeal", ("request", "", "phone", "2026-04-02", "2026-03-17", "2026-04-16")),
    "court-1-31 demand": ("citizens_appeal", ("demand", "", "phone", "2026-04-02", "2026-03-17", "2026-04-16")),
    "court-1-31 letter": ("citizens_appeal", ("complaint", "", "paper", "2026-04-02", "2026-03-17", "2026-04-16")),
}  # fmt: skip
YUMEK: dict[str, tuple[str, Row]] = {
    "yumek-9.1-07 phone": ("appeal_default", ("complaint", "", "phone", "2026-04-02", None, None)),
    "yumek-9.1-07 site": ("appeal_default", ("info_request", "", "web", "2026-04-02", None, None)),
    "yumek-9.1-07 letter": ("appeal_default", ("application", "", "paper", "2026-04-02", None, None)),
    "yumek-9.1-07 quality": ("utility_quality", ("complaint", "utility_quality", "phone", "2026-03-05", None, None)),
}
VOE: dict[str, tuple[str, Row]] = {
    "voe-5-20 consultation": ("consultation_by_phone", ("consultation", "", "phone", "2026-03-02T17:00", None, None)),
    "voe-7-04 information, letter": ("information_request", ("info_request", "", "paper", "2026-03-09", None, None)),
    "voe-8-07 information, site": ("information_request", ("info_request", "", "web", "2026-03-09", None, None)),
    "voe-8-07 bill": ("information_request", ("bill", "", "email", "2026-03-09", None, None)),
    "voe-8-07 readings": ("information_request", ("meter_readings", "", "account", "2026-03-09", None, None)),
    "voe-8-07 state of a request": ("information_request", ("request_status", "", "web", "2026-03-09", None, None)),
    "voe-8-07 state of a complaint": ("information_request", ("complaint_status", "", "web", "2026-03-09", None, None)),
    "voe-7-04 complaint, letter": ("complaint", ("complaint", "", "paper", "2026-04-01", "2026-03-17", "2026-04-16")),
    "voe-8-07 complaint, e-mail": ("complaint", ("complaint", "", "email", "2026-04-01", "2026-03-17", "2026-04-16")),
    "voe-6-21 request": ("service_request", ("service_request", "", "phone", "2026-04-02", "2026-03-10", None)),
    "voe-7-04 application": ("citizens_appeal", ("application", "", "paper", "2026-04-02", "2026-03-17", "2026-04-16")),
    "voe-8-07 proposal": ("citizens_appeal", ("proposal", "", "web", "2026-04-02", "2026-03-17", "2026-04-16")),
    "voe-8-07 review": ("citizens_appeal", ("review", "", "web", "2026-04-02", "2026-03-17", "2026-04-16")),
}
TABLES = {"krc": KRC, "court": COURT, "yumek": YUMEK, "voe": VOE}
ROWS = [pytest.param(of, name, id=name) for of, table in TABLES.items() for name in table]


def at(profile: Profile, day: int, hour: int = 10, month: int = 3) -> dt.datetime:
    """An hour of a day, of March if not said otherwise, of 2026 where the organisation is."""
    return dt.datetime(2026, month, day, hour, tzinfo=profile.zone)


def derived(profile: Profile, row: Row, named: dt.datetime | None = None) -> deadlines.Deadline:
    """What the standard gives for a row."""
    kind, subject, channel = row[:3]
    return deadlines.derive(
        profile, kind=kind, subject=subject or None, channel=channel, sent=at(profile, SENT),
        received=at(profile, RECEIVED), registered=at(profile, REGISTERED), named=named,
    )  # fmt: skip


def shown(moment: dt.datetime | None, *, hours: bool = False) -> str | None:
    """A moment as the tables write it."""
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M}" if hours else f"{moment:%Y-%m-%d}"


@pytest.mark.parametrize(("of", "name"), ROWS)
def test_the_term_of_each_row(of: str, name: str) -> None:
    profile, (rule, row) = loader.load(of), TABLES[of][name]
    found = derived(profile, row)
    hours = "T" in row[3]
    assert (found.rule, shown(found.limit, hours=hours)) == (rule, row[3])
    assert (shown(found.target), shown(found.extended_to)) == row[4:]
    assert found.whole_days is not hours
    assert name.split(maxsplit=1)[0] in found.clauses


@pytest.mark.parametrize("of", TABLES)
def test_no_rule_of_a_standard_is_without_a_row(of: str) -> None:
    assert {rule.id for rule in loader.load(of).deadlines} == {rule for rule, _ in TABLES[of].values()}


@clause("krc-6.1-37")
@pytest.mark.parametrize(
    ("named", "limit"), [(12, "2026-03-12"), (3, "2026-03-03"), (31, "2026-03-31"), (None, "2026-04-02")]
)
def test_an_authority_that_names_a_day_has_the_earlier_of_the_two(named: int | None, limit: str) -> None:
    krc = loader.load("krc")
    row: Row = ("authority_request", "", "paper", limit, None, None)
    assert shown(derived(krc, row, at(krc, named) if named else None).limit) == limit
    later = dt.datetime(2026, 4, 20, 10, tzinfo=krc.zone)
    assert shown(derived(krc, row, later).limit) == "2026-04-02"


@clause("krc-6.1-37", "court-1-31", "yumek-9.1-07", "voe-7-04")
@pytest.mark.parametrize(("of", "name"), ROWS)
def test_an_authority_that_names_a_day_has_it_whatever_it_writes_about(of: str, name: str) -> None:
    profile, row = loader.load(of), TABLES[of][name][1]
    own, early, late = (
        derived(profile, row, named) for named in (None, at(profile, 2, 9), at(profile, 3, 10, month=7))
    )
    assert own.limit is not None
    assert early.limit == min(own.limit, at(profile, 2, 9))
    assert late == own
    if early.limit != own.limit:
        assert early.target is None or early.target < early.limit
        assert early.extended_to is None
        assert any(step.startswith("The date named comes first") for step in early.steps_en)


@pytest.mark.parametrize(
    ("of", "day", "hour", "end"),
    [
        pytest.param("krc", 2, 19, "2026-03-02T20:00", id="krc-6.1-27 within hours"),
        pytest.param("krc", 2, 21, "2026-03-03T20:00", id="krc-6.1-27 after hours"),
        pytest.param("krc", 6, 20, "2026-03-10T20:00", id="krc-5.6.4-12 Friday night before a Monday off"),
        pytest.param("court", 6, 21, "2026-03-09T20:00", id="court-3-08 Friday night"),
        pytest.param("voe", 2, 12, "2026-03-02T17:00", id="voe-5-20 at noon"),
        pytest.param("voe", 2, 17, "2026-03-03T17:00", id="voe-5-20 after hours"),
    ],
)
def test_the_end_of_the_working_day_at_its_edges(of: str, day: int, hour: int, end: str) -> None:
    profile = loader.load(of)
    found = deadlines.derive(profile, kind="consultation", channel="phone", received=at(profile, day, hour)).limit
    assert shown(found, hours=True) == end


@clause("court-1-34")
@pytest.mark.parametrize(("hour", "day"), [(0, 7), (12, 7), (23, 7)])
def test_the_same_day_is_that_of_receipt_even_a_saturday(hour: int, day: int) -> None:
    court = loader.load("court")
    found = deadlines.derive(
        court, kind="complaint", subject="outside_competence", channel="phone", received=at(court, day, hour)
    )
    assert shown(found.limit) == "2026-03-07"


# --- grounds on which an appeal leaves without an answer on its substance -------------------------------------------
Ground = tuple[str, bool, tuple[str, ...], tuple[str, ...]]
"""How it leaves, whether the applicant is told, what the notice must hold, by which channels alone it may come."""
SITE = ("web", "account", "email")
GROUNDS: dict[str, dict[str, tuple[str, Ground]]] = {
    "krc": {
        "outside_competence": ("krc-6.1-16", ("referred", True, ("bodies",), ())),
        "forwarded": ("krc-6.1-17", ("referred", True, ("bodies",), ())),
        "court_decision": ("krc-6.1-18", ("referred", True, ("explanation",), ())),
        "obscene_insult_threat": ("krc-6.1-54", ("ground", True, ("explanation",), ())),
        "repeat": ("krc-6.1-55", ("ground", True, ("earlier",), ())),
        "secret": ("krc-6.1-56", ("ground", True, ("explanation",), ())),
        "unreadable_with_address": ("krc-6.1-57", ("ground", True, ("explanation",), ())),
        "no_substance": ("krc-6.1-58", ("ground", True, ("explanation",), ())),
        "no_data": ("krc-5.7.2-27", ("ground", True, ("explanation",), ())),
        "unreadable": ("krc-6.1-59", ("ground", False, (), ())),
        "no_contact": ("krc-6.1-60", ("ground", False, (), ())),
        "anonymous": ("krc-5.7.2-28", ("ground", False, (), SITE)),
        "advertising": ("krc-5.7.2-29", ("ground", False, (), SITE)),
        "charity": ("krc-5.7.2-29", ("ground", False, (), SITE)),
        "bad_email": ("krc-5.7.2-23", ("ground", False, (), SITE)),
        "duplicate": ("krc-5.7.2-20", ("ground", False, (), ())),
    },
    "court": {
        "not_judicial": ("court-1-15", ("referred", True, ("explanation",), ())),
        "forwarded": ("court-1-34", ("referred", False, (), ())),
        "no_appeal": ("court-1-30", ("ground", False, (), ())),
        "duplicate": ("court-1-31", ("ground", False, (), ())),
    },
    "yumek": {
        "forwarded": ("yumek-9.1-07", ("referred", False, (), ())),
        "no_appeal": ("yumek-9.1-06", ("ground", False, (), ())),
        "duplicate": ("yumek-9.1-07", ("ground", False, (), ())),
    },
    "voe": {
        "forwarded": ("voe-7-03", ("referred", False, (), ())),
        "no_appeal": ("voe-8-03", ("ground", False, (), ())),
        "duplicate": ("voe-8-06", ("ground", False, (), ())),
    },
}


@pytest.mark.parametrize(
    ("of", "end"), [pytest.param(of, end, id=f"{of} {end}") for of, ends in GROUNDS.items() for end in ends]
)
def test_each_ground_leaves_as_its_clause_says(of: str, end: str) -> None:
    flow = loader.load(of).workflow
    assert flow is not None
    told, found = GROUNDS[of][end], flow.ends[end]
    assert told[0] in found.clauses
    assert (found.how, found.notice, tuple(found.demands), tuple(found.channels)) == told[1]
    acts = {one.act for one in flow.transitions if end in one.ends}
    if found.notice:
        assert acts == {"give_notice"}
    else:
        assert acts <= {"close_silently", "join", "close"}
        assert acts


@pytest.mark.parametrize("of", GROUNDS)
def test_no_end_without_an_answer_is_without_a_row(of: str) -> None:
    flow = loader.load(of).workflow
    assert flow is not None
    assert {end.id for end in flow.ends.values() if end.how != "answered"} == set(GROUNDS[of])


@clause("krc-6.1-14", "krc-6.1-15")
@pytest.mark.parametrize("of", TABLES)
def test_an_extension_is_once_and_told_before_and_never_of_a_short_term(of: str) -> None:
    profile = loader.load(of)
    for rule in profile.deadlines:
        if rule.extension is None:
            continue
        assert (rule.extension.times, rule.extension.notice_before) == (1, True), rule.id
        assert rule.limit is not None
        assert (rule.limit.n, rule.limit.unit) in ((30, "calendar_days"), (1, "months")), rule.id
