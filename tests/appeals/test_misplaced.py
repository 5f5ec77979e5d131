"""A letter joined to the wrong appeal is moved with its files; both appeals say so, and none is left without one."""

import pytest

from kindline.appeals import filing, joining, linking, misplaced, moves
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.models import Appeal, JoinedLetter, ManagementNotice
from kindline.files import taking
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from tests.appeals.registry import DAY, NOW, Registry, registry
from tests.appeals.test_joining import Take, TestPaper, joined, raw
from tests.correspondence.letters import TEXT, file, parts

pytestmark = pytest.mark.db
clause = pytest.mark.clause
WHY = "Это о другом счёте"


def move(krc: Registry, letter: JoinedLetter, to: Appeal | None, **more: Employee) -> JoinedLetter:
    """The letter is moved by a specialist, the next day."""
    by = {"employee": krc.people["specialist"], **more}
    return misplaced.move_letter(letter=letter, to=to, reason=WHY, now=NOW + DAY, **by)


def kinds(appeal: Appeal) -> list[str]:
    """What happened to the appeal, in order."""
    return list(facts_of("appeal", appeal.pk).values_list("kind", flat=True))


@pytest.fixture
def second(krc: Registry, taken: Take) -> JoinedLetter:
    """A second letter, with a file, that came to the appeal of the first by its number."""
    appeal = joined(krc, taken, raw()).appeal
    content = f"Subject: {appeal.number}\r\n".encode() + parts(TEXT, file("filename=a.txt", b"x"))
    letter = joined(krc, taken, content, NOW + DAY / 2)
    assert (letter.appeal, letter.is_first) == (appeal, False)
    return letter


class TestToAnother:
    @clause("krc-5.7.2-14", "krc-6.1-02")
    def test_it_goes_with_its_files_and_both_say_so(self, krc: Registry, second: JoinedLetter) -> None:
        old, new = second.appeal, krc.register()
        before = (old.revision, new.revision)
        moved = move(krc, second, new)
        assert (moved.appeal, moved.is_first) == (new, False)
        assert [one.file.name for one in filing.files_of(new)] == ["a.txt"]
        assert not filing.files_of(old).exists()
        away = facts_of("appeal", old.pk).get(kind="letter_moved_away")
        here = facts_of("appeal", new.pk).get(kind="letter_moved_here")
        assert (away.data["number"], away.data["reason"], away.actor) == (
            new.number, WHY, f"employee:{krc.people['specialist'].pk}",
        )  # fmt: skip
        assert (here.data["number"], here.data["reason"]) == (old.number, WHY)
        old.refresh_from_db()
        new.refresh_from_db()
        assert (old.revision > before[0], new.revision > before[1]) == (True, True)
        assert ManagementNotice.objects.filter(appeal=new, reason=f"letter:{moved.pk}").exists()

    def test_a_file_that_another_letter_brought_too_stays(self, krc: Registry, second: JoinedLetter) -> None:
        first = second.appeal.letters.get(is_first=True)
        (came,) = filing.files_of(second.appeal)
        assert first.incoming is not None
        taking.attach(file=came.file, owner=first.incoming.owner, employee=None, now=NOW)
        new = krc.register()
        move(krc, second, new)
        assert filing.files_of(second.appeal).count() == filing.files_of(new).count() == 1

    def test_the_next_letter_of_the_thread_follows_it(self, krc: Registry, taken: Take) -> None:
        first = joined(krc, taken, raw(more="Message-ID: <first@example.org>\r\n"))
        new = krc.register()
        move(krc, first, new)
        more = joined(krc, taken, raw("ещё", more="In-Reply-To: <first@example.org>\r\n"), NOW + 2 * DAY)
        assert more.appeal == new


class TestFirst:
    @clause("krc-5.7.2-20", "krc-5.7.2-14")
    def test_a_strangers_letter_goes_to_the_number_that_he_named(self, krc: Registry, taken: Take) -> None:
        original = joined(krc, taken, raw()).appeal
        stranger = joined(krc, taken, raw("моё", original.number, sender="other@example.org"))
        own = stranger.appeal
        moved = move(krc, stranger, original)
        own.refresh_from_db()
        assert (moved.appeal, moved.is_first) == (original, False)
        assert (own.state, own.end, own.original) == ("closed", "duplicate", original)
        assert kinds(own)[-3:] == ["letter_moved_away", "appeal_joined", "appeal_closed"]

    def test_what_is_sorted_is_not_emptied(self, krc: Registry, taken: Take) -> None:
        letter = joined(krc, taken, raw())
        Appeal.objects.filter(pk=letter.appeal_id).update(state="assigned")
        with pytest.raises(misplaced.FirstLetterError):
            move(krc, letter, krc.register())

    @pytest.mark.parametrize("name", ["court", "yumek", "voe"])
    def test_under_every_standard(self, taken: Take, name: str, db: None) -> None:
        there = registry(name)
        letter = joining.join_mail(incoming=taken(raw()), profile=there.profile, now=NOW)
        assert letter is not None
        to = there.register()
        assert move(there, letter, to).appeal == to
        letter.appeal.refresh_from_db()
        assert letter.appeal.original == to


class TestBack:
    @clause("krc-5.8-03")
    def test_it_becomes_an_appeal_of_its_own_from_the_day_on_which_it_came(
        self, krc: Registry, second: JoinedLetter
    ) -> None:
        old = second.appeal
        moved = move(krc, second, None)
        new = moved.appeal
        assert (new.state, moved.is_first, new.received_at) == ("sorting", True, NOW + DAY / 2)
        assert new.limit_at is not None
        assert new.number != old.number
        assert [one.file.name for one in filing.files_of(new)] == ["a.txt"]
        assert kinds(new)[:2] == ["appeal_created", "appeal_file_added"]
        assert "letter_moved_here" in kinds(new)

    def test_paper_too(self, krc: Registry) -> None:
        first = joining.join_paper(paper=TestPaper.paper(krc), profile=krc.profile, now=NOW)
        assert first is not None
        paper = TestPaper.paper(krc, "k2", f"К {first.appeal.number}")
        more = joining.join_paper(paper=paper, profile=krc.profile, now=NOW)
        assert more is not None
        assert move(krc, more, None).appeal.channel == "paper"

    def test_the_first_letter_waits_already(self, krc: Registry, taken: Take) -> None:
        with pytest.raises(misplaced.FirstLetterError):
            move(krc, joined(krc, taken, raw()), None)


class TestRefused:
    def test_without_a_reason(self, krc: Registry, second: JoinedLetter) -> None:
        with pytest.raises(EmptyTextError):
            misplaced.move_letter(
                letter=second, to=None, reason=" ", employee=krc.people["specialist"], now=NOW
            )  # fmt: skip

    def test_to_those_who_do_not_sort(self, krc: Registry, second: JoinedLetter) -> None:
        with pytest.raises(moves.NotYoursError):
            move(krc, second, None, employee=krc.people["operator"])
        assert not misplaced.may_move(second.appeal, krc.people["operator"])

    def test_into_what_has_left_the_registry_and_into_itself(self, krc: Registry, second: JoinedLetter) -> None:
        gone = krc.at("closed")
        with pytest.raises(moves.WrongStateError):
            move(krc, second, gone)
        with pytest.raises(linking.NotAnotherError):
            move(krc, second, second.appeal)
        second.refresh_from_db()
        assert second.appeal != gone

    def test_a_letter_of_ours(self, krc: Registry, second: JoinedLetter) -> None:
        paper = TestPaper.paper(krc, "k3")
        type(paper).objects.filter(pk=paper.pk).update(direction="out")
        ours = JoinedLetter.objects.create(
            appeal=second.appeal, paper=paper, channel="paper", joined_at=NOW, changed_at=NOW
        )  # fmt: skip
        with pytest.raises(misplaced.OwnLetterError):
            move(krc, ours, None)

    def test_from_where_it_is_no_longer(self, krc: Registry, second: JoinedLetter) -> None:
        stale = JoinedLetter.objects.get(pk=second.pk)
        move(krc, second, krc.register())
        with pytest.raises(moves.StaleError):
            move(krc, stale, None)
