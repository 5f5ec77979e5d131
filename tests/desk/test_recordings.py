"""Recordings on the desk: found, heard by links that are nobody else's, remarked on, held, taken out, removed."""

import datetime as dt
import hashlib
import random
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import signing
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from kindline.conversations.models import Contact
from kindline.desk import recordings as links
from kindline.journal import actions as journal
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.recordings import keeping, removing, troubles
from kindline.recordings.models import Hold, Remark, Removal
from kindline.staff.models import Employee, Role
from kindline.standard import loader
from kindline.switchboard import sounds
from kindline.switchboard.models import Recording
from tests.desk.conftest import employee

pytestmark = pytest.mark.db


@pytest.fixture
def tape(judged: Contact, settings: Any, tmp_path: Path) -> Recording:
    """The client's side of the talk, sealed."""
    paths = {**settings.KINDLINE["paths"], "vault": str(tmp_path / "vault"), "keys": str(tmp_path / "keys")}
    settings.KINDLINE = {**settings.KINDLINE, "paths": paths}
    settings.RECORDINGS = {"far": {}}
    path = Path(paths["recordings"]) / "a.wav"
    sounds.write(path, [1000, -1000] * (10 * sounds.RATE_HZ // 2))
    now = timezone.now()
    made = Recording.objects.create(
        contact=judged, leg="client", name="a", path="a.wav", started_at=now - dt.timedelta(seconds=10), ended_at=now,
        duration_s=10.0, sha256=hashlib.sha256(path.read_bytes()).hexdigest(), complete=True,
        retention_until=now.date() + dt.timedelta(days=180),
    )  # fmt: skip
    keeping.seal_waiting(now=now)
    return made


@pytest.fixture
def head(db: None) -> Employee:
    return employee("head", Role.UNIT_HEAD, surname="Ильина")


@pytest.fixture
def as_head(head: Employee) -> Browser:
    made = Browser()
    made.force_login(head)
    return made


def heard(contact: Contact, kind: str = "recording_listened") -> int:
    return facts_of("contact", contact.pk).filter(kind=kind).count()


class TestListening:
    """A listening is one fact, however many sides and parts are fetched for it; a page that is opened is none."""

    def _other_side(self, tape: Recording, leg: str) -> Recording:
        path = Path(settings.KINDLINE["paths"]["recordings"]) / f"{leg}.wav"
        sounds.write(path, [1000, -1000] * (10 * sounds.RATE_HZ // 2))
        values = {"started_at": tape.started_at, "ended_at": tape.ended_at, "duration_s": 10.0, "complete": True}
        return Recording.objects.create(contact=tape.contact, leg=leg, name=leg, path=f"{leg}.wav", **values)

    def test_both_sides_and_their_parts_are_listened_to_once_and_again_with_the_next_listening(
        self, as_operator: Browser, as_supervisor: Browser, judged: Contact, tape: Recording
    ) -> None:
        other = self._other_side(tape, "operator")
        page = as_operator.get(f"/desk/contacts/{judged.pk}/")
        assert heard(judged) == 0, "he has only opened the page"
        player = page.context["player"]
        assert [one["id"] for one in player["pieces"]] == [tape.pk, other.pk]
        for times in (1, 2):
            links = as_operator.get(player["links"]).json()
            assert set(links) == {str(tape.pk), str(other.pk)}
            for link in links.values():
                b"".join(as_operator.get(link))
                b"".join(as_operator.get(link, headers={"Range": "bytes=100-"}))
            assert heard(judged) == times
        for link in as_supervisor.get(player["links"]).json().values():
            b"".join(as_supervisor.get(link))
        actors = facts_of("contact", judged.pk).filter(kind="recording_listened").values_list("actor", flat=True)
        assert len(set(actors)) == 2

    def test_a_message_that_was_fetched_beside_a_talk_is_heard_for_itself(
        self, as_operator: Browser, judged: Contact, tape: Recording
    ) -> None:
        message = self._other_side(tape, "voicemail")
        links = as_operator.get(f"/desk/recordings/of/{judged.pk}/links").json()
        for key in (tape.pk, message.pk, message.pk):
            b"".join(as_operator.get(links[str(key)]))
        names = facts_of("contact", judged.pk).filter(kind="recording_listened").values_list("data__name", flat=True)
        assert list(names) == [tape.name, message.name]

    def test_links_are_given_to_those_who_may_hear(
        self, as_operator: Browser, judged: Contact, tape: Recording, other: Employee
    ) -> None:
        stranger = Browser()
        stranger.force_login(other)
        links = f"/desk/recordings/of/{judged.pk}/links"
        assert stranger.get(links).status_code == 403
        assert Browser().get(links).status_code == 302
        Recording.objects.update(removed_at=timezone.now())
        assert as_operator.get(links).status_code == 404

    def test_who_could_not_be_recorded_is_named_on_the_contact(
        self, as_supervisor: Browser, judged: Contact, tape: Recording
    ) -> None:
        for leg in ("client", "operator"):
            data = {"leg": leg, "name": f"x/{leg}-1", "reason": "not_begun"}
            journal.record(kind="recording_failed", subject_type="contact", subject_id=judged.pk, data=data)
        stored = {"leg": "client", "name": "a", "duration_s": 10.0, "complete": True}
        journal.record(kind="recording_stored", subject_type="contact", subject_id=judged.pk, data=stored)
        for _ in ("beside what there is", "where there is nothing"):
            page = as_supervisor.get(f"/desk/contacts/{judged.pk}/")
            assert [str(one) for one in page.context["unrecorded"]] == ["operator"]
            assert "not recorded" in page.content.decode()
            Recording.objects.update(path="", removed_at=timezone.now())


@pytest.mark.fault("F4")
class TestLinks:
    """F4 and ASVS 23: a link is one employee's, for five minutes, followed from our pages; each opening is a fact."""

    def _link(self, tape: Recording, who: Employee) -> str:
        return links.link(tape, who)

    def test_a_sealed_recording_is_heard_whole_and_in_parts(
        self, as_operator: Browser, operator: Employee, judged: Contact, tape: Recording
    ) -> None:
        whole = as_operator.get(self._link(tape, operator))
        content = b"".join(whole)
        assert hashlib.sha256(content).hexdigest() == tape.sha256
        assert (whole["Content-Type"], whole["Referrer-Policy"]) == ("audio/wav", "no-referrer")
        part = as_operator.get(self._link(tape, operator), headers={"Range": "bytes=100000-100099"})
        assert (part.status_code, b"".join(part)) == (206, content[100_000:100_100])
        assert heard(judged) == 2, "a part from the middle is heard as well"
        assert as_operator.head(self._link(tape, operator))["Content-Length"] == str(len(content))
        assert heard(judged) == 2

    def test_it_holds_for_five_minutes(self, as_operator: Browser, operator: Employee, tape: Recording) -> None:
        assert links.LIFE_S <= 300
        link = self._link(tape, operator)
        now = timezone.now()
        with time_machine.travel(now + dt.timedelta(seconds=links.LIFE_S - 5), tick=False):
            assert len(b"".join(as_operator.get(link))) > 0
        with time_machine.travel(now + dt.timedelta(seconds=links.LIFE_S + 2), tick=False):
            assert as_operator.get(link).status_code == 403

    def test_it_is_nobody_else_s_and_cannot_be_changed(
        self, as_operator: Browser, as_supervisor: Browser, operator: Employee, judged: Contact, tape: Recording,
        chance: random.Random,
    ) -> None:  # fmt: skip
        link = self._link(tape, operator)
        assert as_supervisor.get(link).status_code == 403
        assert Browser().get(link).status_code == 302
        for at in (len(link) - 1, *chance.sample(range(20, len(link)), 8)):
            changed = link[:at] + ("A" if link[at] != "A" else "B") + link[at + 1 :]
            assert as_operator.get(changed).status_code in (403, 404), changed
        assert heard(judged) == 0

    def test_one_that_was_made_before_an_upgrade_is_said_to_be_old(
        self, as_operator: Browser, operator: Employee, tape: Recording
    ) -> None:
        token = signing.dumps([tape.pk, operator.pk], salt=links.SALT)
        assert as_operator.get(reverse("recording", args=[token])).status_code == 403

    @pytest.mark.parametrize(
        "headers",
        [
            {"Referer": "https://elsewhere.example/mail"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Referer": "http://testserver.elsewhere.example/"},
        ],
    )
    def test_a_link_that_leaked_opens_nothing_elsewhere(
        self, headers: dict[str, str], as_operator: Browser, operator: Employee, judged: Contact, tape: Recording
    ) -> None:
        assert as_operator.get(self._link(tape, operator), headers=headers).status_code == 403
        assert heard(judged) == 0

    def test_whose_contact_it_is_not_does_not_hear_it(self, tape: Recording, other: Employee) -> None:
        browser = Browser()
        browser.force_login(other)
        assert browser.get(self._link(tape, other)).status_code == 403

    def test_what_was_spoilt_is_not_played_and_is_said(
        self, as_operator: Browser, operator: Employee, judged: Contact, tape: Recording, tmp_path: Path
    ) -> None:
        (kept,) = [path for path in (tmp_path / "vault").rglob("*") if path.is_file()]
        kept.write_bytes(kept.read_bytes()[:-1] + b"x")
        assert as_operator.get(self._link(tape, operator)).status_code == 404
        assert heard(judged, "recording_broken") == 1
        assert [one.kind for one in troubles.present()] == ["broken"]


class TestList:
    def test_operators_find_their_own_and_those_in_charge_all(
        self, as_operator: Browser, as_supervisor: Browser, judged: Contact, tape: Recording, other: Employee
    ) -> None:
        for browser in (as_operator, as_supervisor):
            assert [row["contact"] for row in browser.get("/desk/recordings/").context["rows"]] == [judged]
        browser = Browser()
        browser.force_login(other)
        assert browser.get("/desk/recordings/").context["rows"] == []
        assert browser.get("/desk/recordings/removed/").status_code == 403

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("q=Елкин", 1), ("q=Никто", 0), ("clause=krc-5.6.4-25", 1), ("clause=krc-5.6.4-03", 0),
            ("outcome=answered", 1),
            ("min=0,1&max=5", 1), ("min=60", 0), ("incomplete=on", 0), ("held=on", 0), ("from=2020-01-01T00:00", 1),
            ("to=2020-01-01T00:00", 0), ("topic=nothing", 0), ("employee=999999", 0), ("employee=x", 1),
        ],
    )  # fmt: skip
    def test_wishes_narrow(self, query: str, found: int, as_supervisor: Browser, tape: Recording) -> None:
        assert len(as_supervisor.get(f"/desk/recordings/?{query}").context["rows"]) == found

    @pytest.mark.parametrize("query", ["min=long", "max=-1", "from=yesterday", "min=nan"])
    def test_what_cannot_be_understood_is_said_and_stays_typed(
        self, query: str, as_supervisor: Browser, tape: Recording
    ) -> None:
        answer = as_supervisor.get(f"/desk/recordings/?{query}&q=Елкин")
        assert answer.context["refused"]
        assert 'value="Елкин"' in answer.content.decode()

    def test_what_is_heard_held_and_missed_is_shown(
        self, as_supervisor: Browser, as_operator: Browser, operator: Employee, judged: Contact, tape: Recording
    ) -> None:
        b"".join(as_operator.get(links.link(tape, operator)))
        as_supervisor.post(f"/desk/recordings/of/{judged.pk}/hold", {"ground": "жалоба № 5"})
        (row,) = as_supervisor.get("/desk/recordings/").context["rows"]
        assert (row["heard"], row["held"], row["not_met"], row["complete"]) == (1, True, 1, True)

    def test_trouble_is_told_to_those_in_charge(
        self, as_supervisor: Browser, as_operator: Browser, judged: Contact, tape: Recording
    ) -> None:
        troubles.open_trouble(kind="stalled", subject="b", contact=judged, gap_s=12.0, now=timezone.now())
        for page in ("/desk/recordings/", "/desk/supervisor/", "/desk/supervisor/?part=1"):
            assert "A talk is not being recorded" in as_supervisor.get(page).content.decode()
        assert "not being recorded" not in as_operator.get("/desk/recordings/").content.decode()


class TestTalk:
    def test_the_player_knows_steps_facts_remarks_and_gaps(
        self, as_supervisor: Browser, supervisor: Employee, judged: Contact, tape: Recording
    ) -> None:
        from kindline.journal import actions as journal

        subject: dict[str, Any] = {"subject_type": "contact", "subject_id": judged.pk}
        at = tape.started_at + dt.timedelta(seconds=2)
        journal.record(kind="recording_paused", data={"employee": 1, "reason": "card"}, at=at, **subject)
        said = {"employee": 1, "reason": "card", "duration_s": 3.0, "by": "limit"}
        journal.record(kind="recording_resumed", data=said, at=at + dt.timedelta(seconds=3), **subject)
        as_supervisor.post(f"/desk/recordings/of/{judged.pk}/remark", {"offset_s": "4.5", "text": "хорошо сказано"})
        page = as_supervisor.get(f"/desk/contacts/{judged.pk}/")
        player, zone = page.context["player"], loader.load(judged.profile).zone
        hour = (tape.started_at + dt.timedelta(seconds=4.5)).astimezone(zone)
        assert f">{hour:%H:%M:%S}</button> хорошо сказано" in page.content.decode(), "on the organisation's clock"
        (gap,) = player["gaps"]
        assert gap == {"from": at.isoformat(), "to": (at + dt.timedelta(seconds=3)).isoformat(), "title": "Not recorded: a card's number"}  # fmt: skip # noqa: E501
        kinds = {mark["kind"] for mark in player["marks"]}
        assert kinds == {"fact", "remark"}
        assert Remark.objects.get().moment == tape.started_at + dt.timedelta(seconds=4.5)
        assert heard(judged, "recording_remarked") == 1

    @pytest.mark.parametrize(
        ("verb", "typed"), [("remark", {"text": " "}), ("remark", {"text": "x", "offset_s": "far"})]
    )
    def test_a_remark_that_is_not_taken_is_said(
        self, verb: str, typed: dict[str, str], as_supervisor: Browser, judged: Contact, tape: Recording
    ) -> None:
        answer = as_supervisor.post(f"/desk/recordings/of/{judged.pk}/{verb}", typed, follow=True)
        assert [message.level_tag for message in answer.context["messages"]] == ["error"]
        assert not Remark.objects.exists()
        assert as_supervisor.post(f"/desk/recordings/of/{judged.pk}/sing").status_code == 404

    def test_what_was_typed_is_there_again(self, as_supervisor: Browser, judged: Contact, tape: Recording) -> None:
        typed = {"text": "вот здесь", "offset_s": "99999"}
        answer = as_supervisor.post(f"/desk/recordings/of/{judged.pk}/remark", typed, follow=True)
        assert "вот здесь</textarea>" in answer.content.decode()

    def test_holding_is_for_those_in_charge_and_needs_a_ground(
        self, as_supervisor: Browser, as_operator: Browser, judged: Contact, tape: Recording
    ) -> None:
        place = f"/desk/recordings/of/{judged.pk}"
        assert as_operator.post(f"{place}/hold", {"ground": "x"}).status_code == 403
        as_supervisor.post(f"{place}/hold", {"ground": " "})
        assert not Hold.objects.exists()
        as_supervisor.post(f"{place}/hold", {"ground": "запрос суда"})
        assert "запрос суда" in as_supervisor.get(f"/desk/contacts/{judged.pk}/").content.decode()
        as_supervisor.post(f"{place}/release", {"ground": "закрыто"})
        assert Hold.objects.get().released_at is not None

    def test_taking_out_is_a_right_of_its_own_with_a_reason(
        self, as_supervisor: Browser, as_head: Browser, judged: Contact, tape: Recording
    ) -> None:
        place = f"/desk/recordings/{tape.pk}/download"
        assert as_supervisor.post(place, {"reason": "x"}).status_code == 403
        assert as_head.get(place).status_code == 405
        as_head.post(place, {"reason": "  "})
        assert heard(judged, "recording_downloaded") == 0
        answer = as_head.post(place, {"reason": "ответ на жалобу № 5"})
        assert hashlib.sha256(b"".join(answer)).hexdigest() == tape.sha256
        here = tape.started_at.astimezone(loader.load(judged.profile).zone)
        assert answer["Content-Disposition"] == f'attachment; filename="{here:%Y%m%d-%H%M%S}-client.wav"'
        fact = Fact.objects.get(kind="recording_downloaded")
        assert (fact.data["reason"], fact.data["sha256"]) == ("ответ на жалобу № 5", tape.sha256)
        assert "ответ на жалобу № 5" in as_head.get(f"/desk/contacts/{judged.pk}/").content.decode()


@pytest.mark.clause("krc-5.5.2-14")
def test_what_was_removed_has_a_receipt_on_a_page_and_as_pdf(
    as_supervisor: Browser, as_operator: Browser, judged: Contact, tape: Recording, krc: Any
) -> None:
    removing.sweep(profile=krc, now=timezone.now() + dt.timedelta(days=182))
    removal = Removal.objects.get()
    page = as_supervisor.get("/desk/recordings/removed/").content.decode()
    assert tape.sha256[:16] in page
    assert "key destroyed" in page
    answer = as_supervisor.get(f"/desk/recordings/removed/{removal.pk}.pdf")
    assert answer.content.startswith(b"%PDF")
    assert as_operator.get(f"/desk/recordings/removed/{removal.pk}.pdf").status_code == 403
    assert as_supervisor.get("/desk/recordings/").context["rows"] == []


@pytest.mark.fault("T11")
def test_t11_talks_on_bad_lines_are_found_by_those_in_charge(
    as_head: Browser, judged: Contact, tape: Recording
) -> None:
    del tape
    for leg, loss_share in (("client", 0.062), ("operator", 0.001)):
        data = {"leg": leg, "employee": 0, "received": 938, "lost": 62, "loss_share": loss_share}
        journal.record(kind="media_measured", subject_type="contact", subject_id=judged.pk, data=data)
    shown = {typed: as_head.get("/desk/recordings/", {"lost": typed}) for typed in ("", "5", "6,2 %", "7")}
    assert {typed: len(page.context["rows"]) for typed, page in shown.items()} == {"": 1, "5": 1, "6,2 %": 1, "7": 0}
    assert "6.2 % (client)" in shown["5"].content.decode()
    refused = as_head.get("/desk/recordings/", {"lost": "much"})
    assert "in percent" in refused.content.decode()
    assert 'value="much"' in refused.content.decode()
