"""The sections in three languages: what the standard brings, what the editor writes, what is said where nobody has."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from kindline.journal.models import Fact
from kindline.site import layout, untranslated
from kindline.site.models import ItemPage, NewsPage, PageWording
from kindline.site.searching import finding, wanted
from kindline.site.wording_models import source_of
from kindline.site.wordings import Shown
from kindline.staff.models import Employee, Role
from kindline.standard import loader
from kindline.standard.profile import Profile

pytestmark = pytest.mark.db
Site = Callable[[str], Profile]
PROFILES = [name for name in loader.profile_ids() if loader.load(name).publication]
LANGUAGES = ("uk", "ru", "en")
REQUISITES = "/info/general/requisites/"


@pytest.fixture
def krc(site: Site) -> Profile:
    """The site of krc with its sections."""
    profile = site("krc")
    layout.lay_out(profile=profile)
    return profile


def _read(visitor: Browser, address: str, language: str) -> str:
    answer = visitor.get(address, headers={"accept-language": language})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.clause("krc-5.7-02", "voe-8-01", "voe-8-02", "yumek-9.1-05")
@pytest.mark.parametrize("profile", PROFILES)
def test_every_demanded_page_has_three_languages(site: Site, profile: str) -> None:
    standard = site(profile)
    layout.lay_out(profile=standard)
    others = {one for one in LANGUAGES if one != standard.language}
    for kind in (ItemPage, NewsPage):
        for page in kind.objects.all():
            rows = {row.language: row for row in page.wordings.all()}
            assert set(rows) == others, page.title
            assert all(bool(row.body) == bool(page.body) for row in rows.values()), page.title


@pytest.mark.parametrize(
    ("language", "title", "said"),
    [
        ("ru", "Юридические и банковские реквизиты", "Полное название"),
        ("uk", "Юридичні й банківські реквізити", "Повна назва"),
        ("en", "Legal and bank details", "Full name"),
    ],
)
def test_a_page_is_read_in_the_readers_language(
    krc: Profile, visitor: Browser, language: str, title: str, said: str
) -> None:
    page = _read(visitor, REQUISITES, language)
    assert f'<h1 lang="{language}">{title}</h1>' in page
    assert f'<div lang="{language}">' in page
    assert said in page
    assert 'class="notice"' not in page
    assert title in _read(visitor, "/info/general/", language), "and in the list of its section"


def test_where_there_is_no_translation_it_is_said_in_the_readers_language(krc: Profile, visitor: Browser) -> None:
    PageWording.objects.filter(language="en").delete()
    page = _read(visitor, REQUISITES, "en")
    assert "This part is in Russian only." in page
    assert '<h1 lang="ru">' in page
    assert '<div lang="ru">' in page
    assert "only." not in _read(visitor, REQUISITES, "ru")


def test_a_title_alone_may_be_translated(krc: Profile, visitor: Browser) -> None:
    PageWording.objects.filter(language="en", title="Legal and bank details").update(body=[])
    page = _read(visitor, REQUISITES, "en")
    assert '<h1 lang="en">Legal and bank details</h1>' in page
    assert "This part is in Russian only." in page


@pytest.mark.clause("krc-5.7-02", "voe-8-01")
def test_what_is_to_be_translated_stands_in_one_list_with_the_way_to_the_editor(krc: Profile, visitor: Browser) -> None:
    admin = Employee.objects.create(username="site", roles=[Role.SITE_ADMINISTRATOR], language="en")
    visitor.force_login(admin)
    assert untranslated.several(krc) == []
    assert "Every page is translated as it is now." in visitor.get("/desk/published/").content.decode()
    changed, bare = ItemPage.objects.get(slot="requisites"), ItemPage.objects.get(slot="tariffs")
    changed.title = "Наши реквизиты"
    changed.save_revision().publish()
    bare.wordings.filter(language="uk").delete()
    PageWording.objects.filter(page=bare, language="en").update(body=[])
    rows = {one.page.pk: one for one in untranslated.several(krc)}
    assert set(rows) == {changed.pk, bare.pk}
    assert [code for code, _name in rows[changed.pk].behind] == ["uk", "en"]
    assert rows[changed.pk].missing == ()
    assert [code for code, _name in rows[bare.pk].missing] == ["uk", "en"], "a title alone is no translation"
    page = visitor.get("/desk/published/").content.decode()
    assert f'href="/cms/pages/{changed.pk}/edit/"' in page
    row = changed.wordings.get(language="en")
    visitor.post(f"/desk/published/wordings/{row.pk}/", {"source": source_of(changed)})
    assert [code for code, _name in untranslated.several(krc)[0].behind] == ["uk"], "that it is right still counts"
    admin.roles = [Role.UNIT_HEAD]
    admin.save()
    assert "/cms/pages/" not in visitor.get("/desk/published/").content.decode(), "who may not edit is not sent there"


def test_the_list_is_asked_for_by_as_many_questions_however_many_pages_there_are(krc: Profile) -> None:
    PageWording.objects.all().delete()
    with CaptureQueriesContext(connection) as asked:
        assert len(untranslated.several(krc)) > 10
    assert len(asked) == 4


def test_a_translation_of_what_was_changed_since_says_so(krc: Profile, visitor: Browser) -> None:
    item = ItemPage.objects.get(slot="requisites")
    item.title = "Наши реквизиты"
    item.save_revision().publish()
    behind = "The Russian text was changed after this translation was made."
    assert behind in _read(visitor, REQUISITES, "en")
    row = item.wordings.get(language="en")
    row.title = "Our details"
    row.save()
    assert behind not in _read(visitor, REQUISITES, "en")
    assert "вже після цього перекладу" in _read(visitor, REQUISITES, "uk"), "each language for itself"


BEHIND = "The Russian text was changed after this translation was made."
RIGHT = "The translation is still right"


@pytest.fixture
def reworded(krc: Profile) -> ItemPage:
    """A page whose own title was changed after it was translated."""
    item: ItemPage = ItemPage.objects.get(slot="requisites")
    item.title = "Наши реквизиты"
    item.save_revision().publish()
    return item


def _editor(*roles: Role) -> Browser:
    made = Browser(headers={"accept-language": "en"})
    made.force_login(Employee.objects.create(username=f"e{len(roles)}", roles=list(roles), language="en"))
    return made


def test_a_draft_from_before_makes_no_translation_older_again(reworded: ItemPage, visitor: Browser) -> None:
    page = reworded.get_latest_revision_as_object()
    row = next(one for one in page.wordings.all() if one.language == "en")
    row.title = "Our details"
    page.wordings.add(row)
    page.save_revision().publish()
    assert BEHIND not in _read(visitor, REQUISITES, "en")
    page.get_latest_revision_as_object().save_revision().publish()
    assert BEHIND not in _read(visitor, REQUISITES, "en")


def test_a_translation_that_is_still_right_is_marked_so_by_who_answers_for_the_page(
    reworded: ItemPage, visitor: Browser
) -> None:
    editor, row = _editor(Role.SITE_ADMINISTRATOR), reworded.wordings.get(language="en")
    address, shown = f"/desk/published/wordings/{row.pk}/", _read(editor, REQUISITES, "en")
    assert RIGHT in shown
    assert RIGHT not in _read(visitor, REQUISITES, "en")
    assert visitor.post(address).headers["Location"].startswith("/login/")
    assert _editor(Role.OPERATOR, Role.COUNTER).post(address, {"source": source_of(reworded)}).status_code == 403
    assert BEHIND in _read(visitor, REQUISITES, "en")
    assert source_of(reworded) in shown
    assert editor.post(address, {"source": source_of(reworded)}).headers["Location"].endswith(REQUISITES)
    assert BEHIND not in _read(visitor, REQUISITES, "en")
    assert Fact.objects.get(kind="wording_confirmed").data["language"] == "en"
    assert "вже після цього перекладу" in _read(visitor, REQUISITES, "uk"), "each language for itself"
    reworded.get_latest_revision_as_object().save_revision().publish()
    assert BEHIND not in _read(visitor, REQUISITES, "en"), "the page was published again as it was"


def test_what_was_changed_meanwhile_is_read_again_first(reworded: ItemPage, visitor: Browser) -> None:
    editor, read = _editor(Role.SITE_ADMINISTRATOR), source_of(reworded)
    reworded.title = "Реквизиты организации"
    reworded.save_revision().publish()
    row = reworded.wordings.get(language="en")
    editor.post(f"/desk/published/wordings/{row.pk}/", {"source": read})
    assert BEHIND in _read(visitor, REQUISITES, "en")
    assert "The page was changed since you opened it: read it again." in _read(editor, REQUISITES, "en")
    assert "read it again" not in _read(visitor, REQUISITES, "en")


def test_what_people_have_edited_gets_no_first_translation(site: Site) -> None:
    profile = site("krc")
    layout.lay_out(profile=profile)
    PageWording.objects.all().delete()
    item = ItemPage.objects.get(slot="requisites")
    item.title = "Наши реквизиты"
    item.save_revision().publish()
    layout.lay_out(profile=profile)
    assert not item.wordings.exists()
    assert ItemPage.objects.get(slot="tariffs").wordings.count() == 2, "an earlier site gets those of its first texts"
    layout.lay_out(profile=profile)
    assert ItemPage.objects.get(slot="tariffs").wordings.count() == 2


@pytest.mark.parametrize("asked", ["tariffs electricity", "тарифи електроенергія", "тарифы электроэнергия"])
def test_a_page_is_found_by_its_words_in_any_language(krc: Profile, asked: str) -> None:
    assert "tariffs" in [
        one.page.specific.slot for one in finding.items(krc, wanted.words_of(asked, krc.language)) if _is_item(one)
    ]


def _is_item(shown: Shown) -> bool:
    return isinstance(shown.page.specific, ItemPage)


def test_news_are_listed_in_the_readers_language(krc: Profile, visitor: Browser) -> None:
    page = _read(visitor, "/info/news/news-organisation/", "en")
    assert "The bill is clearer" in page
    assert '<p lang="en">The back of the bill' in page


@pytest.mark.clause("krc-5.7-07", "krc-5.7.1-01")
def test_the_editor_writes_a_page_in_another_language(krc: Profile, visitor: Browser) -> None:
    page = ItemPage.objects.get(slot="requisites")
    PageWording.objects.filter(page=page.pk).delete()
    editor, address = Browser(), f"/cms/pages/{page.pk}/edit/"
    editor.force_login(Employee.objects.create(username="editor", roles=[Role.SITE_ADMINISTRATOR], language="en"))
    assert 'name="wordings-TOTAL_FORMS"' in editor.get(address).content.decode()
    form = {
        "title": "Реквизиты", "slug": page.slug, "action-publish": "1", "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0", **_text("body", "По-русски"), "wordings-TOTAL_FORMS": "1",
        "wordings-INITIAL_FORMS": "0", "wordings-0-language": "en", "wordings-0-title": "Details",
        "wordings-0-id": "", "wordings-0-DELETE": "", **_text("wordings-0-body", "In English"),
    }  # fmt: skip
    assert editor.post(address, form).status_code == 302
    shown = _read(visitor, REQUISITES, "en")
    assert '<h1 lang="en">Details</h1>' in shown
    assert "In English" in shown
    assert 'class="notice"' not in shown
    assert "По-русски" in _read(visitor, REQUISITES, "uk")
    assert [one.title for one in finding.items(krc, wanted.words_of("english", krc.language))], "and it is found"


def _text(field: str, words: str) -> dict[str, str]:
    """A body of one paragraph, as the editor sends it."""
    block = f"{field}-0"
    return {
        f"{field}-count": "1", f"{block}-deleted": "", f"{block}-order": "0", f"{block}-type": "text",
        f"{block}-id": "", f"{block}-value": words,
    }  # fmt: skip
