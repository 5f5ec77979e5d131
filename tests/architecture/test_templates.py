"""Every template is shown by something, and everything shown is there."""

import re

from tests.architecture import code


def templates() -> dict[str, str]:
    """Each template of ours with its text, by the name under which it is asked for."""
    found = {}
    for path in code.files(".html", ".txt", within=("kindline",)):
        if "templates" in path.parts:
            start = path.parts.index("templates") + 1
            found["/".join(path.parts[start:])] = path.read_text(encoding="utf-8")
    return found


def asked_for() -> set[str]:
    """Every name of a template in code and in other templates."""
    texts = [path.read_text(encoding="utf-8") for path in code.files(".py", within=("kindline",))]
    return {
        name
        for text in [*texts, *templates().values()]
        for name in re.findall(r"[\"']([\w/.-]+\.(?:html|txt))[\"']", text)
    }


def test_every_template_is_used() -> None:
    assert set(templates()) - asked_for() == set()


def test_every_template_asked_for_is_there() -> None:
    ours = {name for name in asked_for() if name.split("/")[0] in code.tiers()}
    assert ours - set(templates()) == set()


HANDLERS = "abort|blur|change|click|error|focus|input|invalid|key\\w+|load|mouse\\w+|pointer\\w+|submit|toggle"
INLINE = re.compile(
    rf"<style\b|<script(?![^>]*\b(?:src=|type=\"application/json\"))|\sstyle=|\son(?:{HANDLERS})=|=\"javascript:",
    re.IGNORECASE,
)


def drawn_on_paper() -> set[str]:
    """Templates of PDFs, which no browser is shown: they carry their styles, and include those of others."""
    papers = {name for name, text in templates().items() if "@page" in text}
    while more := {name for name, text in templates().items() if any(f'"{one}"' in text for one in papers)} - papers:
        papers |= more
    return papers


def test_no_page_carries_code_or_styles_in_itself() -> None:
    papers = drawn_on_paper()
    assert {name for name, text in templates().items() if name not in papers and INLINE.search(text)} == set()
