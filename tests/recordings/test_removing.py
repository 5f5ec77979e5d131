"""X5: recordings leave exactly when their last day is over on the organisation's clock, unless something holds them."""

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pytest

from kindline.appeals.models import Appeal
from kindline.conversations.models import Contact
from kindline.files import stores
from kindline.files.errors import StoreError
from kindline.journal.queries import facts_of
from kindline.recordings import actions, keeping, listening, places, removing, troubles
from kindline.recordings.errors import GoneRecordingError, UnfitError
from kindline.recordings.models import Hold, Remark, Removal, Seal
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.switchboard import recording as recordings
from kindline.switchboard.models import Recording
from tests.plugins import faults
from tests.recordings.conftest import NOW, Make

pytestmark = [pytest.mark.db, pytest.mark.fault("X5")]
MOMENTS = random.Random(faults.seed(20261130))
clause = pytest.mark.clause("krc-5.5.2-14")
SECOND = dt.timedelta(seconds=1)


def local(profile: Profile, *moment: int) -> dt.datetime:
    return dt.datetime(*moment, tzinfo=profile.zone)  # type: ignore[arg-type, misc]


@clause
@pytest.mark.parametrize("sealed", [True, False])
def test_gone_after_six_months_to_the_day_and_not_before(
    sealed: bool, recorded: Make, krc: Profile, place: Path
) -> None:
    one = recorded(start=local(krc, 2026, 3, 2, 23, 30))
    if sealed:
        keeping.seal_waiting(now=NOW)
    for kept in (local(krc, 2026, 9, 1, 12), local(krc, 2026, 9, 2, 23, 59, 59)):
        assert removing.sweep(profile=krc, now=kept) == 0
        assert listening.content(one, NOW)
    over = local(krc, 2026, 9, 3)
    assert [removing.sweep(profile=krc, now=over) for _ in range(2)] == [1, 0]
    one.refresh_from_db()
    assert (one.removed_at, one.path) == (over, "")
    with pytest.raises(GoneRecordingError):
        listening.opened(one, NOW)
    assert not [path for folder in ("recordings", "vault") for path in (place / folder).rglob("*") if path.is_file()]


@clause
@pytest.mark.parametrize(
    ("profile", "start", "last"),
    [
        ("court", (2025, 9, 29, 12), (2026, 3, 29)),  # the clocks go forward in the night of the last day
        ("court", (2026, 4, 25, 23, 59), (2026, 10, 25)),  # and back
        ("krc", (2025, 8, 31, 12), (2026, 2, 28)),
    ],
)
def test_the_day_ends_where_the_organisation_is_also_when_the_clocks_change(
    profile: str, start: tuple[int, ...], last: tuple[int, ...], recorded: Make
) -> None:
    standard = loader.load(profile)
    one = recorded(start=local(standard, *start), profile=standard)
    assert one.retention_until == dt.date(*last)
    ends = dt.datetime.combine(dt.date(*last) + dt.timedelta(days=1), dt.time(), standard.zone)
    before = (ends.astimezone(dt.UTC) - SECOND).astimezone(standard.zone)
    assert removing.sweep(profile=standard, now=before) == 0
    assert removing.sweep(profile=standard, now=ends) == 1


@clause
def test_the_key_is_destroyed_and_a_receipt_says_what_was_removed(recorded: Make, krc: Profile) -> None:
    one = recorded()
    keeping.seal_waiting(now=NOW)
    sealed = Seal.objects.get(recording=one).sha256
    over = local(krc, 2026, 9, 3, 4)
    removing.sweep(profile=krc, now=over)
    assert Seal.objects.get(recording=one).key is None
    receipt = Removal.objects.get(recording=one)
    assert (receipt.sha256, receipt.sealed_sha256, receipt.was_sealed) == (one.sha256, sealed, True)
    assert (receipt.removed_at, receipt.rule, receipt.retention_until) == (over, "6 months", dt.date(2026, 9, 2))
    (fact,) = facts_of("contact", one.contact_id).filter(kind="recording_removed")
    assert fact.data["sha256"] == one.sha256
    assert fact.data["key_destroyed"] is True


@pytest.mark.db(transaction=True)
def test_the_store_lets_it_go_and_later_where_it_is_away(recorded: Make, krc: Profile, monkeypatch: Any) -> None:
    one = recorded()
    keeping.seal_waiting(now=NOW)
    sealed, over = Seal.objects.get(recording=one).sha256, local(krc, 2026, 9, 3)

    def away(*_: Any, **__: Any) -> bool:
        raise StoreError("503")

    with monkeypatch.context() as patched:
        patched.setattr(stores.Disk, "remove", away)
        assert removing.sweep(profile=krc, now=over) == 1
    assert Removal.objects.get().object_gone_at is None
    assert places.vault().holds(sealed), "it is noise by now, but it is there"
    assert removing.sweep(profile=krc, now=over + SECOND) == 0
    assert Removal.objects.get().object_gone_at == over + SECOND
    assert not places.vault().holds(sealed)


def appeal(contact: Contact, **fields: Any) -> Appeal:
    return Appeal.objects.create(
        profile="krc", version="1", number="1", contact=contact, kind="complaint", channel="phone", substance="x",
        received_at=NOW, registered_at=NOW, **fields,
    )  # fmt: skip


@clause
def test_an_open_case_holds_it(recorded: Make, krc: Profile) -> None:
    one, over = recorded(), local(krc, 2027, 1, 1)
    case = appeal(one.contact)
    assert removing.sweep(profile=krc, now=over) == 0
    assert listening.content(one, NOW)
    Appeal.objects.filter(pk=case.pk).update(state="answered", end="answered_orally", closed_at=NOW)
    assert removing.sweep(profile=krc, now=over) == 1


@clause
def test_a_person_holds_it_with_a_ground_until_he_releases_it(recorded: Make, krc: Profile, head: Employee) -> None:
    one, over = recorded(), local(krc, 2027, 1, 1)
    contact = one.contact
    with pytest.raises(UnfitError):
        actions.place_hold(contact=contact, ground=" ", employee=head, now=NOW)
    hold = actions.place_hold(contact=contact, ground="запрос полиции № 7", employee=head, now=NOW)
    assert actions.place_hold(contact=contact, ground="ещё раз", employee=head, now=NOW) == hold
    assert removing.sweep(profile=krc, now=over) == 0
    with pytest.raises(UnfitError):
        actions.release_hold(contact=contact, ground="", employee=head, now=NOW)
    actions.release_hold(contact=contact, ground="дело закрыто", employee=head, now=NOW)
    actions.release_hold(contact=contact, ground="дважды", employee=head, now=NOW)
    assert removing.sweep(profile=krc, now=over) == 1
    kinds = [
        fact.kind for fact in facts_of("contact", contact.pk) if fact.kind in ("recording_held", "recording_released")
    ]
    assert kinds == ["recording_held", "recording_released"]
    assert Hold.objects.get().released_by == head


def test_a_hold_that_comes_while_the_sweep_runs_is_kept(recorded: Make, krc: Profile, head: Employee) -> None:
    one = recorded()
    today = dt.date(2027, 1, 1)
    assert list(removing.due(today)) == [one]
    actions.place_hold(contact=one.contact, ground="суд", employee=head, now=NOW)
    assert removing._remove(one, krc, today, NOW) is False
    assert listening.content(one, NOW)


def test_remarks_go_with_the_last_recording(recorded: Make, krc: Profile, head: Employee) -> None:
    one = recorded()
    recorded(contact=one.contact, leg="operator", retention_until=dt.date(2026, 12, 1))
    actions.add_remark(contact=one.contact, offset_s=1.0, text="тут хорошо", employee=head, now=NOW)
    assert removing.sweep(profile=krc, now=local(krc, 2026, 9, 3)) == 1
    assert Remark.objects.count() == 1
    assert removing.sweep(profile=krc, now=local(krc, 2026, 12, 2)) == 1
    assert not Remark.objects.exists()


def test_a_profile_may_keep_voice_messages_for_another_time(krc: Profile) -> None:
    by_class = {**krc.variables, "recording_retention": {"talk": "1 year", "voicemail": "30 days"}}
    import dataclasses

    profile = dataclasses.replace(krc, variables=by_class)
    day = dt.date(2026, 3, 2)
    found = [recordings.until(profile, day, leg) for leg in ("client", "operator", "voicemail")]
    assert found == [dt.date(2027, 3, 2), dt.date(2027, 3, 2), dt.date(2026, 4, 1)]


def test_a_file_already_gone_is_no_trouble_and_others_are_not_touched(
    recorded: Make, krc: Profile, place: Path
) -> None:
    gone, evil = recorded(), recorded(path="../secret.txt")
    (place / "secret.txt").write_text("keep")
    unset = recorded(retention_until=None)
    places.plain(gone).unlink()
    assert removing.sweep(profile=krc, now=local(krc, 2027, 1, 1)) == 1
    assert set(Recording.objects.filter(removed_at=None)) == {evil, unset}
    assert (place / "secret.txt").exists()


def test_what_cannot_be_removed_holds_nothing_up(recorded: Make, krc: Profile, place: Path) -> None:
    """A path that leads out of the folder, and a file that the system does not let go, both older than the rest."""
    day = dt.date(2026, 3, 1)
    evil = [recorded(path=f"../{name}.txt", retention_until=day) for name in "abc"]
    stuck = recorded(retention_until=day)
    places.plain(stuck).unlink()
    places.plain(stuck).mkdir()
    fit = [recorded() for _ in range(3)]
    assert removing.sweep(profile=krc, now=local(krc, 2027, 1, 1), limit=2) == 3
    assert not Recording.objects.filter(pk__in=[one.pk for one in fit], removed_at=None).exists()
    left = Recording.objects.filter(removed_at=None)
    assert set(left) == {*evil, stuck}
    assert {one.subject for one in troubles.present()} == {one.name for one in left}


def test_what_goes_after_all_leaves_no_trouble_behind(recorded: Make, krc: Profile) -> None:
    stuck = recorded()
    place = places.plain(stuck)
    place.unlink()
    place.mkdir()
    assert removing.sweep(profile=krc, now=local(krc, 2027, 1, 1)) == 0
    assert [one.subject for one in troubles.present()] == [stuck.name]
    place.rmdir()
    assert removing.sweep(profile=krc, now=local(krc, 2027, 1, 2)) == 1
    assert troubles.present() == []


@pytest.mark.parametrize("fails", ["_receipt", "_let_go"])
def test_an_error_that_nobody_expected_holds_up_that_one_alone(
    recorded: Make, krc: Profile, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    several = [recorded() for _ in range(3)]
    keeping.seal_waiting(now=NOW)
    right = getattr(removing, fails)

    def odd(one: Any, *more: Any) -> Any:
        if one.name == several[0].name:
            raise ValueError("a row that is not as it should be")
        return right(one, *more)

    with monkeypatch.context() as patched:
        patched.setattr(removing, fails, odd)
        removed = removing.sweep(profile=krc, now=local(krc, 2027, 1, 1))
        assert removed == (2 if fails == "_receipt" else 3)
        removing.finish(now=local(krc, 2027, 1, 1))
    assert set(Removal.objects.filter(object_gone_at=None).values_list("name", flat=True)) <= {several[0].name}
    assert removing.finish(now=NOW) == (1 if fails == "_let_go" else 0)
    assert removing.sweep(profile=krc, now=local(krc, 2027, 1, 2)) == (1 if fails == "_receipt" else 0)


def test_the_store_is_told_of_all_that_has_gone_not_of_the_first_few(
    recorded: Make, krc: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removing, "BATCH", 2)
    for _ in range(5):
        recorded()
    keeping.seal_waiting(now=NOW)
    assert removing.sweep(profile=krc, now=local(krc, 2027, 1, 1), limit=9) == 5
    assert removing.finish(now=NOW) == 5
    assert not Removal.objects.filter(object_gone_at=None).exists()


def test_a_store_that_is_away_is_not_asked_for_each_of_thousands(
    recorded: Make, krc: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removing, "BATCH", 2)
    several = [recorded() for _ in range(6)]
    keeping.seal_waiting(now=NOW)
    removing.sweep(profile=krc, now=local(krc, 2027, 1, 1), limit=9)
    asked: list[str] = []
    stuck = {one.sealed_sha256 for one in Removal.objects.order_by("pk")[:2]}

    def away(_store: Any, sha256: str, **_: Any) -> bool:
        asked.append(sha256)
        raise StoreError("503")

    def locked(_store: Any, sha256: str, **_: Any) -> bool:
        if sha256 in stuck:
            raise StoreError("locked")
        return True

    with monkeypatch.context() as patched:
        patched.setattr(stores.Disk, "remove", away)
        assert removing.finish(now=NOW) == 0
        assert len(asked) == 3
        patched.setattr(stores.Disk, "remove", locked)
        assert removing.finish(now=NOW) == len(several) - 2


def test_x5_whatever_the_moments_each_goes_on_the_day_after_its_last_and_no_other(
    recorded: Make, krc: Profile, head: Employee
) -> None:
    """The ledger of last days is kept outside; some are held, and the sweep comes at any moment of a day."""
    ledger = {}
    for _ in range(12):
        start = local(krc, 2026, 3, 1) + dt.timedelta(minutes=MOMENTS.randrange(20 * 1440))
        one = recorded(0.1, start=start)
        last = one.retention_until
        assert last == (start.date().replace(month=9))
        ledger[one.pk] = dt.date(9999, 1, 1) if MOMENTS.random() < 0.3 else last
        if ledger[one.pk].year == 9999:
            actions.place_hold(contact=one.contact, ground="суд", employee=head, now=NOW)
    for day in range(25):
        moment = local(krc, 2026, 8, 31) + dt.timedelta(days=day, minutes=MOMENTS.randrange(1440))
        removing.sweep(profile=krc, now=moment)
        kept = set(Recording.objects.filter(removed_at=None).values_list("pk", flat=True))
        assert kept == {one for one, last in ledger.items() if last >= moment.date()}
