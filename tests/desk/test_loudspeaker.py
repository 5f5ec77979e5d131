"""The operator's telephone in the page has no loudspeaker: no button, no key, no command, no choice of output."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser

from kindline.switchboard import api
from tests.desk.conftest import Talk

FRONTEND = Path(__file__).parents[2] / "frontend" / "src"
LOUD = re.compile(r"loud\s*-?speaker|speaker\s*-?phone|hands\s*-?free|громк\w+ связ|гучн\w+ зв", re.IGNORECASE)
OUTPUTS = re.compile(r"setSinkId|selectAudioOutput|audiooutput", re.IGNORECASE)

pytestmark = pytest.mark.clause("krc-5.6.1-28")


@pytest.mark.db
@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_the_operator_s_page_offers_none(as_operator: Browser, krc: Any, talk: Talk, language: str) -> None:
    talk()
    as_operator.cookies["django_language"] = language
    for address in ("/desk/", "/desk/state.json"):
        answer = as_operator.get(address)
        assert answer.status_code == 200
        assert not LOUD.search(answer.content.decode())


def test_no_key_and_no_words_of_the_page_s_program_turn_one_on() -> None:
    sources = {path: path.read_text(encoding="utf-8") for path in FRONTEND.rglob("*.ts")}
    assert any("new Audio()" in text for text in sources.values()), "the program that plays the client's voice"
    for path, text in sources.items():
        assert not OUTPUTS.search(text), f"{path.name} chooses where the voice is played"
        assert not LOUD.search(text), path.name
    actions = re.findall(r'Key[A-Z]: "(\w+)"', (FRONTEND / "desk" / "keys.ts").read_text(encoding="utf-8"))
    assert "answer" in actions
    assert not {"speaker", "loudspeaker", "output"} & set(actions)


def test_the_switchboard_has_no_such_command() -> None:
    assert not [verb for verb in api.CALLS if "speaker" in verb or "loud" in verb]
