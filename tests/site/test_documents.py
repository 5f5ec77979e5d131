"""Documents and forms of the site: put on a page, saved by everybody, found by title, never run in our name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from kindline.files.models import FileState, StoredFile
from kindline.journal.models import Fact
from kindline.site import layout, shelf
from kindline.site.document_models import PublishedDocument
from kindline.site.models import ItemPage
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile

pytestmark = pytest.mark.db
FORM = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
DESK = "/desk/published/service_forms/documents/"
TITLE = "Бланк заявки на замену счётчика"


@pytest.fixture
def krc(site: Callable[[str], Profile]) -> Profile:
    """The site of krc with its sections."""
    profile = site("krc")
    layout.lay_out(profile=profile)
    return profile


@pytest.fixture
def editor(krc: Profile) -> Browser:
    """Who answers for the site."""
    made = Browser(headers={"accept-language": "en"})
    made.force_login(Employee.objects.create(username="site", roles=[Role.SITE_ADMINISTRATOR], language="en"))
    return made


def put(editor: Browser, content: bytes = FORM, name: str = "Бланк.pdf", title: str = TITLE) -> Any:
    """A document sent with the form of the desk."""
    return editor.post(DESK, {"title": title, "file": SimpleUploadedFile(name, content)})


def page() -> ItemPage:
    """The page of the forms."""
    found: ItemPage = ItemPage.objects.get(slot="service_forms")
    return found


@pytest.mark.clause("krc-5.7.1-27")
def test_a_form_is_put_on_its_page_and_saved_by_everybody(editor: Browser, visitor: Browser) -> None:
    assert put(editor).status_code == 302
    row = PublishedDocument.objects.get()
    shown = visitor.get(page().url).content.decode()
    assert TITLE in shown
    assert f"(PDF, {len(FORM)}\xa0bytes)" in shown
    answer = visitor.get(f"/documents/{row.pk}/")
    assert b"".join(answer.streaming_content) == FORM  # type: ignore[attr-defined]
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''%D0%91")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert (answer.headers["Cache-Control"], answer.cookies) == (shelf.PUBLIC, {})
    again = visitor.get(f"/documents/{row.pk}/", headers={"if-none-match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, shelf.PUBLIC)
    told = Fact.objects.get(kind="document_published")
    assert (told.subject_id, told.data["title"]) == ("service_forms", TITLE)


@pytest.mark.parametrize("asked", ["бланки заявок", "заменить счетчик", "заявка"])
def test_it_is_found_by_its_title_in_any_inflection(editor: Browser, visitor: Browser, asked: str) -> None:
    put(editor)
    address = f"/documents/{PublishedDocument.objects.get().pk}/"
    assert address in visitor.get("/search/", {"q": asked}).content.decode()
    assert address not in visitor.get("/search/", {"q": "график отключений"}).content.decode()


@pytest.mark.parametrize(
    ("name", "content", "title"),
    [
        ("page.html", b"<html><script>alert(1)</script></html>", TITLE),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", TITLE),
        ("form.pdf", b"MZ\x90\x00", TITLE),
        ("form.pdf", b"", TITLE),
        ("form.pdf", FORM, "  "),
    ],
)
def test_what_may_not_be_published_is_refused_with_the_reason(
    editor: Browser, name: str, content: bytes, title: str
) -> None:
    answer = put(editor, content, name, title)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not PublishedDocument.objects.exists()


@pytest.mark.parametrize("state", [FileState.WAITING, FileState.REFUSED])
def test_what_is_not_found_clean_is_given_to_nobody(editor: Browser, visitor: Browser, state: FileState) -> None:
    put(editor)
    StoredFile.objects.update(state=state)
    assert visitor.get(f"/documents/{PublishedDocument.objects.get().pk}/").status_code == 404
    assert TITLE not in visitor.get(page().url).content.decode()
    assert TITLE in editor.get(DESK).content.decode(), "who put it there sees what became of it"


def test_a_page_that_is_not_published_gives_nothing(editor: Browser, visitor: Browser) -> None:
    put(editor)
    ItemPage.objects.filter(slot="service_forms").update(live=False)
    assert visitor.get(f"/documents/{PublishedDocument.objects.get().pk}/").status_code == 404
    assert TITLE not in visitor.get("/search/", {"q": "бланк заявки"}).content.decode()


def test_it_is_taken_away_and_its_file_with_it(editor: Browser, visitor: Browser) -> None:
    put(editor)
    row = PublishedDocument.objects.get()
    assert editor.post(DESK, {"drop": str(row.pk)}).status_code == 302
    assert visitor.get(f"/documents/{row.pk}/").status_code == 404
    assert StoredFile.objects.get().state == FileState.ERASED
    assert Fact.objects.filter(kind="document_withdrawn").count() == 1


def test_the_same_file_again_gets_the_new_title(editor: Browser) -> None:
    put(editor)
    put(editor, title="Бланк заявки")
    assert PublishedDocument.objects.get().title == "Бланк заявки"


def test_only_those_who_answer_for_the_site_publish(krc: Profile) -> None:
    stranger, operator = Browser(), Browser()
    operator.force_login(Employee.objects.create(username="phone", roles=[Role.OPERATOR]))
    assert put(stranger).headers["Location"].startswith("/login/")
    assert put(operator).status_code == 403
    assert not PublishedDocument.objects.exists()


def test_each_item_of_the_list_leads_to_its_documents(editor: Browser) -> None:
    assert DESK in editor.get("/desk/published/").content.decode()
