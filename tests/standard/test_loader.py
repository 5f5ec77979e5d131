"""The loader: everything wrong at once, with file, line, key and cure; and never a crash."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kindline.standard import deadlines, loader
from kindline.standard.faults import Fault, ProfileFaults, errors
from kindline.standard.profile import Profile
from tests.standard.conftest import MINI


def spoil(folder: Path, file: str, old: str, new: str) -> list[Fault]:
    """The faults after one replacement in one file."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return loader.check(folder)


def test_a_good_profile(mini: Profile) -> None:
    assert mini.id == "mini"
    assert mini.language == "ru"
    assert mini.approved.order == "№ 7"
    assert mini.clauses["mini-1-01"].rule is not None
    assert mini.clauses["mini-1-01"].rule.params["max_rings"] == 3
    assert mini.clauses["mini-1-04"].rule is not None
    assert mini.clauses["mini-1-04"].rule.params["phrases"] == ["Чем могу Вам помочь?"]
    script = mini.scripts["incoming"]
    assert [step.id for step in script.steps] == ["greet", "offer_help", "find_client"]
    assert script.timers[0].max_s == 15
    assert mini.script(channel="phone", direction="in", line="hotline") is script
    assert mini.script(channel="phone", direction="out") is None
    assert mini.variable("nothing") is None


SPOILT = [
    ("standard.yaml", "zone: Europe/Samara", "zone: Europe/Samarra", "zone", "unknown zone"),
    ("standard.yaml", "title_en:", "titel_en:", "titel_en", "unknown key"),
    ("standard.yaml", '["08:00", "12:00"]', "[8:00, 12:00]", "hours.phone.intervals[0][0]", "a text is expected"),
    ("standard.yaml", "ring_period_s: 5", "ring_period_s: fast", "variables.ring_period_s", "seconds above 0"),
    (
        "standard.yaml",
        "ring_period_s: 5",
        "ring_period_s: 5\n  campaign_purposes: {news: {consent: subscribtion, title: {ru: Новости}}}",
        "variables.campaign_purposes.news.consent",
        "unknown consent 'subscribtion'",
    ),
    (
        "standard.yaml",
        "ring_period_s: 5",
        "ring_period_s: 5\n  campaign_purposes: {news: subscription}",
        "variables.campaign_purposes.news",
        "a purpose without its title",
    ),
    (
        "standard.yaml",
        "ring_period_s: 5",
        "ring_period_s: 5\n  campaign_purposes: [news]",
        "variables.campaign_purposes",
        "purposes by their names are expected",
    ),
    ("standard.yaml", "valid_from: 2026-01-12", "valid_from: soon", "valid_from", "a date is expected"),
    ("clauses/1.yaml", "how: measured", "how: measuerd", "[0].how", "not known here"),
    ("clauses/1.yaml", "text_en: The operator answers by the third ring.", "", "[0].text_en", "is missing"),
    (
        "clauses/1.yaml",
        "kind: limit, from: call_offered",
        "kind: limitt, from: call_offered",
        "[0].rule.kind",
        "unknown kind of rule",
    ),
    ("clauses/1.yaml", "from: call_offered", "from: call_oferred", "[0].rule.from", "unknown kind of fact"),
    ("clauses/1.yaml", "$rings_max", "$rings_most", "[0].rule.max_rings", "has no 'rings_most'"),
    ("clauses/1.yaml", '"$rings_max"', "3", "[0].rule.max_rings", "is written out"),
    ("clauses/1.yaml", "rings: 4", "ringz: 4", "[0].examples[1].facts[1].ringz", "has no field 'ringz'"),
    ("clauses/1.yaml", "rings: 4", "rings: many", "[0].examples[1].facts[1].rings", "not of type int"),
    ("clauses/1.yaml", "id: mini-1-02", "id: mini-1-01", "[1].id", "is there twice"),
    ("clauses/1.yaml", "id: mini-1-02", "id: krc-1-02", "[1].id", "does not begin with mini-"),
    (
        "clauses/1.yaml",
        "steps: [greet, offer_help]",
        "steps: [greet, help]",
        "[1].rule.steps",
        "no script has a step 'help'",
    ),
    ("clauses/1.yaml", "verdict: not_measurable", "verdict: unknown", "[3].examples[2].verdict", "not known here"),
    ("clauses/1.yaml", "list: irritants}\n  ex", "list: iritants}\n  ex", "[7].rule.list", "no list 'iritants'"),
    ("clauses/1.yaml", "rule: $deadline_rule, ", "", "[4].rule", "the deadline is left empty"),
    ("clauses/1.yaml", "$var.long_pause_s", "$var.pause", "[16].rule.max", "no variable 'pause'"),
    ("scripts/incoming.yaml", "en: Greet}", "de: Grüßen}", "steps[0].title.en", "is missing"),
    (
        "scripts/incoming.yaml",
        "{greeting}! {company}, оп",
        "{greting}! {company}, оп",
        "steps[0].phrases[0]",
        "unknown placeholder {greting}",
    ),
    ("scripts/incoming.yaml", "{company}, оп", "{hours}, оп", "steps[0].phrases[0]", "nothing fills {hours} here"),
    ("scripts/incoming.yaml", "after: [greet]", "after: [great]", "steps[1].after", "no step 'great'"),
    ("scripts/incoming.yaml", "after: [greet]", "hold: agreed", "steps[1].hold", "not known here"),
    ("scripts/incoming.yaml", "timer: ring", "timer: rings", "steps[0].timer", "no timer 'rings'"),
    (
        "scripts/incoming.yaml",
        "clauses: [mini-1-03]",
        "clauses: [mini-1-99]",
        "steps[2].clauses",
        "no clause 'mini-1-99'",
    ),
    ("scripts/incoming.yaml", "id: offer_help", "id: greet", "steps[1].id", "is there twice"),
    ("menu.yaml", "goto: readings", "goto: reading", "nodes.main.options.1.goto", "no node 'reading'"),
    (
        "menu.yaml",
        '"0": {operator: general}',
        '"0": {operator: all}',
        "nodes.main.options.0.operator",
        "no queue 'all'",
    ),
    ("menu.yaml", "{repeat: true}", "{repeat: true, back: true}", "nodes.main.options.9", "2 actions"),
    ("menu.yaml", "root: main", "root: top", "root", "no node 'top'"),
    ("menu.yaml", "hours: phone", "hours: phone, when_closed: hotline", "lines.hotline.when_closed", "no other line"),
    ("menu.yaml", "hours: phone", "hours: fone", "lines.hotline.hours", "no hours 'fone'"),
    (
        "deadlines.yaml",
        "limit: {n: 3, unit: working_days}",
        "limit: {n: 3, unit: weeks}",
        "rules[1].limit",
        "not a term",
    ),
    ("deadlines.yaml", "    limit: $deadline\n", "", "rules[0].limit", "the deadline is left empty"),
    ("deadlines.yaml", "kinds: [complaint, proposal]", "kinds: [complain]", "mandatory[0].kinds[0]", "not known here"),
    ("lexicon.yaml", "words: [ну, вот], ", "", "lists[2].words", "without words"),
    ("lexicon.yaml", "per_100_words: 5, ", "", "lists[2].per_100_words", "without a bound"),
    ("forms/call_review.yaml", "subject: contact", "subject: kontakt", "subject", "unknown type of subject"),
]


@pytest.mark.parametrize(("file", "old", "new", "key", "message"), SPOILT)
def test_what_is_wrong_is_told_where_it_stands(
    folder: Path, file: str, old: str, new: str, key: str, message: str
) -> None:
    found = [fault for fault in spoil(folder, file, old, new) if fault.key == key]
    assert found, [str(fault) for fault in loader.check(folder)]
    assert any(message in fault.message for fault in found), found
    assert all(fault.file == f"mini/{file}" and fault.line >= 1 and fault.cure for fault in found)


@pytest.mark.clause("court-3-06")
def test_a_guide_without_the_consent_that_every_hold_needs_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(loader.profiles_dir() / "court", tmp_path / "court"))
    [found] = errors(spoil(folder, "scripts/outgoing.yaml", "hold: consent", "hold: announced"))
    assert (found.file, found.key, found.clause) == ("court/scripts/outgoing.yaml", "steps", "court-3-06")
    assert "hold: consent" in found.cure


@pytest.mark.clause("court-3-11")
@pytest.mark.parametrize(
    ("said", "key", "message"),
    [
        ("60", "", "a time and a step are expected"), ("{every_s: 0, step: greet}", ".every_s", "seconds above 0"),
        ("{every_s: 60, step: great}", ".step", "the guide 'incoming' has no step 'great'"),
    ],
)  # fmt: skip
def test_a_reminder_of_a_hold_names_a_time_and_a_step_of_every_guide(
    folder: Path, said: str, key: str, message: str
) -> None:
    assert not errors(spoil(folder, "standard.yaml", "  intro", "  hold_reminder: {every_s: 60, step: greet}\n  intro"))
    [found] = errors(spoil(folder, "standard.yaml", "{every_s: 60, step: greet}", said))
    assert (found.file, found.key) == ("mini/standard.yaml", f"variables.hold_reminder{key}")
    assert message in found.message
    assert found.cure


def test_all_faults_come_at_once(folder: Path) -> None:
    spoil(folder, "scripts/incoming.yaml", "after: [greet]", "after: [great]")
    spoil(folder, "menu.yaml", "root: main", "root: top")
    found = errors(spoil(folder, "clauses/1.yaml", "how: measured", "how: m"))
    assert {fault.file for fault in found} == {"mini/scripts/incoming.yaml", "mini/menu.yaml", "mini/clauses/1.yaml"}
    with pytest.raises(ProfileFaults) as caught:
        loader.load_path(folder)
    assert errors(caught.value.faults) == found


def test_the_line_is_that_of_the_key(folder: Path) -> None:
    (fault,) = [fault for fault in spoil(folder, "menu.yaml", "root: main", "\n\nroot: top") if fault.key == "root"]
    lines = (folder / "menu.yaml").read_text(encoding="utf-8").splitlines()
    assert lines[fault.line - 1] == "root: top"


def test_a_nearby_word_is_offered(folder: Path) -> None:
    found = spoil(folder, "clauses/1.yaml", "how: measured", "how: mesured")
    assert any("did you mean measured" in fault.cure for fault in found)


def test_an_empty_mandatory_deadline_names_the_kind_and_the_clause(folder: Path) -> None:
    spoil(folder, "deadlines.yaml", "    start: registered\n", "    start: registered\n    when: {kind: review}\n")
    found = [fault for fault in loader.check(folder) if "no rule gives a limit for 'complaint'" in fault.message]
    assert [fault.clause for fault in found] == ["mini-1-11"]


def test_what_can_be_registered_and_has_no_limit_is_told_with_place_and_cure(folder: Path) -> None:
    """Without a limit nobody is reminded of an appeal, and no list of what is due shows it."""
    spoilt = "    start: registered\n    when: {channel: [phone, office, paper, email, web, account]}\n"
    found = [one for one in spoil(folder, "deadlines.yaml", "    start: registered\n", spoilt) if one.key == "rules"]
    assert [one.message for one in found] == [
        "what comes by sms has no limit: " + ", ".join(kind for kind in deadlines.KINDS if kind != "authority_request")
    ]
    assert (found[0].line, "when: {channel: sms}" in found[0].cure) == (1, True)
    more = "mandatory:\n"
    assert not [
        one
        for one in spoil(folder, "deadlines.yaml", more, "without_limit: [{channel: sms}]\n" + more)
        if one.key == "rules"
    ], "the standard gives no term, and says so"


@pytest.mark.clause("krc-6.1-13", "krc-6.1-24", "krc-5.7.2-19", "court-1-31", "yumek-9.1-07", "voe-8-07")
@pytest.mark.parametrize("of", ["krc", "court", "yumek", "voe"])
@pytest.mark.parametrize("channel", deadlines.CAME)
def test_whatever_comes_has_a_limit_in_every_standard(of: str, channel: str) -> None:
    profile, now = loader.load(of), dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    for kind in deadlines.KINDS:
        found = deadlines.derive(profile, kind=kind, channel=channel, sent=now, received=now, registered=now)
        assert found.limit is not None, kind


def test_a_rule_needs_both_kinds_of_examples(folder: Path) -> None:
    path = folder / "clauses" / "1.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("verdict: not_met", "verdict: met"), encoding="utf-8")
    assert any("no example comes to 'not_met'" in fault.message for fault in loader.check(folder))


def test_a_folder_without_a_standard(tmp_path: Path) -> None:
    (fault,) = loader.check(tmp_path)
    assert "no such file" in fault.message


@pytest.mark.parametrize(
    "text", ["a: [", "&x [*x]", "- \t- b", "a: 2026-13-45", "\x00", "? [a]\n: b", "!!python/object:os.x {}", ""]
)
def test_unreadable_files_are_faults(folder: Path, text: str) -> None:
    (folder / "menu.yaml").write_text(text, encoding="utf-8")
    assert errors(loader.check(folder))


def test_text_that_is_not_utf8(folder: Path) -> None:
    (folder / "menu.yaml").write_bytes("язык: ru".encode("cp1251"))
    assert any("cannot be read" in fault.message for fault in loader.check(folder))


AMENDMENT = """
version: "2"
valid_from: 2026-07-01
approved: {order: "№ 19", date: 2026-06-15}
variables: {ring_period_s: 4}
repealed: [mini-1-10]
"""


def amend(folder: Path, extra: str = "") -> Path:
    """An amendment of the small profile: four rings from July on, and a repeal."""
    amendment = folder / "versions" / "2"
    (amendment / "clauses").mkdir(parents=True)
    (amendment / "standard.yaml").write_text(AMENDMENT + extra, encoding="utf-8")
    first = (folder / "clauses" / "1.yaml").read_text(encoding="utf-8").partition("- id: mini-1-02")[0]
    text = first.replace("rings_max: 3", "rings_max: 4").replace("rings: 4}", "rings: 5}")
    (amendment / "clauses" / "1.yaml").write_text(text, encoding="utf-8")
    return amendment


def test_an_amendment_holds_from_its_day_and_overwrites_nothing(folder: Path) -> None:
    amendment = amend(folder)
    assert loader.check(folder) == []
    before, after = loader.load_path(folder, dt.date(2026, 6, 30)), loader.load_path(folder, dt.date(2026, 7, 1))
    assert (before.version, before.clauses["mini-1-01"].value["rings_max"]) == ("1", 3)
    assert (after.version, after.clauses["mini-1-01"].value["rings_max"]) == ("2", 4)
    assert after.approved.order == "№ 19"
    assert after.variable("ring_period_s") == 4
    assert after.variable("company_short") == "Маяк"
    assert "mini-1-10" not in after.clauses
    assert "mini-1-10" in before.clauses
    assert after.clauses["mini-1-01"].file == "mini/versions/2/clauses/1.yaml"
    assert loader.load_path(amendment).version == "2"
    assert loader.load_path(folder).version == "1"


def test_faults_of_an_amendment_name_its_files(folder: Path) -> None:
    amendment = amend(folder)
    (amendment / "standard.yaml").write_text(AMENDMENT.replace("mini-1-10", "mini-1-99"), encoding="utf-8")
    (fault,) = errors(loader.check(folder))
    assert (fault.file, fault.key) == ("mini/versions/2/standard.yaml", "repealed[0]")
    (amendment / "standard.yaml").write_text(AMENDMENT.replace("mini-1-10", "mini-1-09"), encoding="utf-8")
    assert any("no clause 'mini-1-09'" in fault.message for fault in loader.check(folder))


FILES = sorted(str(path.relative_to(MINI)) for path in MINI.rglob("*.yaml"))
PIECES = [
    "",
    "x",
    "[",
    "{}",
    "null",
    "-1",
    "true",
    "$x",
    "{a",
    "2026-01-01",
    "- ",
    ": ",
    "[[]]",
    "1e400",
    ".nan",
    "'",
    "&a",
    "*a",
    "\n",
    "  ",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), file=st.sampled_from(FILES), changes=st.integers(1, 4))
def test_any_change_gives_faults_or_a_profile(
    tmp_path_factory: pytest.TempPathFactory, seed: int, file: str, changes: int
) -> None:
    """Random tokens replaced, lines dropped or moved: never anything but faults or a profile."""
    import shutil

    chance = random.Random(seed)
    folder = tmp_path_factory.mktemp("spoilt") / "mini"
    shutil.copytree(MINI, folder)
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    for _ in range(changes):
        number = chance.randrange(len(lines))
        way = chance.randrange(4)
        if way == 0:
            del lines[number]
        elif way == 1:
            lines.insert(number, lines[chance.randrange(len(lines))])
        elif way == 2:
            words = lines[number].split(" ")
            words[chance.randrange(len(words))] = chance.choice(PIECES)
            lines[number] = " ".join(words)
        else:
            lines[number] = lines[number].partition(":")[0] + ": " + chance.choice(PIECES)
        lines = lines or ["x"]
    (folder / file).write_text("\n".join(lines), encoding="utf-8")
    if errors(loader.check(folder)):
        with pytest.raises(ProfileFaults):
            loader.load_path(folder)
    else:
        assert isinstance(loader.load_path(folder), Profile)
    shutil.rmtree(folder.parent)
