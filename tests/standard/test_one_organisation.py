"""The standard speaks of one organisation, whose name is a variable of the profile."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kindline.standard import loader, phrases

KRC = Path(__file__).resolve().parents[2] / "profiles" / "krc"


@pytest.mark.clause("krc-1-11")
def test_another_organisation_is_named_by_its_variables_alone(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(KRC, tmp_path / "krc"))
    file = folder / "standard.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("Северный дом", "Южный берег"), encoding="utf-8")
    found = loader.load_path(folder)
    script = found.script(channel="phone", direction="in")
    assert script is not None
    said = [phrase for step in script.steps for phrase in step.phrases if "{company" in phrase]
    assert said, "the organisation names itself in the greeting"
    named = dict.fromkeys(("greeting", "operator_name", "operator_number", "client_name"), "x")
    context = {
        **named,
        **{key: found.variable(key) for key in ("company", "company_short", "company_dative", "department")},
    }
    assert all("Южный берег" in phrases.render(phrase, context) for phrase in said)


@pytest.mark.clause("krc-1-11")
def test_no_clause_guide_form_or_letter_names_it() -> None:
    rest = [path for part in ("clauses", "scripts", "forms", "messages") for path in KRC.glob(f"{part}/*.yaml")]
    assert rest
    assert [path.name for path in rest if "Северный дом" in path.read_text(encoding="utf-8")] == []
