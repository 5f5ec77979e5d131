"""The guides of the shipped profiles: every phrase can be read aloud, every deadline and hour can be told."""

from __future__ import annotations

import datetime as dt

import pytest

from kindline.standard import hours, loader, phrases, placeholders

PROFILES = loader.profile_ids()


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("gender", ["male", "female", None])
def test_every_phrase_of_every_step_can_be_read_aloud(name: str, gender: str | None) -> None:
    profile = loader.load(name)
    context = {**dict.fromkeys(placeholders.NAMES, "слово"), "gender": gender}
    for script in profile.scripts.values():
        for step in script.all_steps():
            for phrase in step.all_words():
                said = phrases.render(phrase, context)
                assert said.strip()
                assert not set("{}") & set(said)


@pytest.mark.parametrize("name", PROFILES)
def test_the_steps_of_a_guide_can_be_done_in_their_order(name: str) -> None:
    """No step waits for one that comes later in the same run of steps."""
    for script in loader.load(name).scripts.values():
        for run in (script.steps, *(branch.steps for branch in script.branches)):
            places = {step.id: place for place, step in enumerate(run)}
            for step in run:
                assert all(places.get(before, -1) < places[step.id] for before in step.after), (script.id, step.id)


@pytest.mark.clause("court-3-06", "voe-6-16", "yumek-9.4-34", "krc-5.6.3-03")
@pytest.mark.parametrize("name", PROFILES)
def test_every_guide_of_the_telephone_tells_the_client_that_he_will_wait(name: str) -> None:
    wanted = "consent" if name == "court" else "announced"
    for script in loader.load(name).scripts.values():
        if script.channel == "phone":
            [step] = [one for one in script.all_steps() if one.hold]
            assert (step.hold, bool(step.phrases)) == (wanted, True), script.id


@pytest.mark.parametrize("name", PROFILES)
def test_hours_are_read_aloud_without_digits(name: str) -> None:
    profile = loader.load(name)
    for line in profile.hours:
        assert not set('0123456789«»"–-') & set(hours.spoken(profile, line))


@pytest.mark.clause("court-1-18")
def test_clarifying_questions_are_offered_in_the_operators_gender() -> None:
    court = loader.load("court")
    steps = [step for script in court.scripts.values() for step in script.all_steps() if "court-1-18" in step.clauses]
    assert steps
    said = [
        phrases.render(phrase, {**dict.fromkeys(placeholders.NAMES, "…"), "gender": "female"})
        for step in steps
        for phrase in step.all_words()
    ]
    assert any("уточніть Ваш запит" in phrase for phrase in said)
    assert any("зрозуміла, Ви бажаєте" in phrase for phrase in said)
    assert not any(step.required for step in steps), "a permission, not a duty"


@pytest.mark.clause("voe-1-01")
def test_the_approving_order_is_part_of_the_profile() -> None:
    approved = loader.load("voe").approved
    assert "380" in approved.order
    assert approved.date == dt.date(2020, 11, 17)
