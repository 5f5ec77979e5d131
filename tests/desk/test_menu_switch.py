"""A switch that would break the standard is refused on the page, with the clause."""

from typing import Any

import pytest
from django.test import Client as Browser

from kindline.switchboard.models import MenuSwitch


@pytest.mark.db
@pytest.mark.clause("krc-5.6.6-14")
def test_the_page_says_why_an_option_must_stay(as_supervisor: Browser, krc: Any) -> None:
    asked = {"node": "closed", "digit": "1", "enabled": "0"}
    page = as_supervisor.post("/desk/menu/switch", asked, follow=True)
    said = [(one.level_tag, str(one)) for one in page.context["messages"]]
    assert [tag for tag, _ in said] == ["warning"]
    assert "krc-5.6.6-20" in said[0][1]
    assert not MenuSwitch.objects.exists()
    page = as_supervisor.post("/desk/menu/switch", {**asked, "node": "main"}, follow=True)
    assert [one.level_tag for one in page.context["messages"]] == ["success"]
    assert MenuSwitch.objects.get().node == "main"
