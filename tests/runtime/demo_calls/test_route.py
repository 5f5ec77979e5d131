"""The way through a menu is derived from the profile, and shortest."""

import dataclasses

import pytest

from kindline.runtime.demo_calls import route
from kindline.runtime.demo_calls.errors import DemoError
from kindline.runtime.demo_calls.route import Press
from kindline.standard import loader
from kindline.standard.menus import Menu
from kindline.standard.profile import Profile


@pytest.mark.parametrize("profile", loader.profile_ids())
def test_every_profile_has_a_way_to_a_person_and_to_a_message(profile: str) -> None:
    loaded = loader.load(profile)
    menu = loaded.menu
    assert menu is not None
    for way, actions, start in (
        (route.to_person(loaded), ("operator", "queue"), menu.root),
        (route.to_message(loaded), ("voicemail",), menu.off_hours and menu.off_hours.node),
    ):
        node = start
        for press in way.presses:
            assert press.node == node
            option = menu.nodes[press.node].options[press.digit]
            node = option.target
        assert option.action in actions
        assert way.line in menu.lines


def test_the_key_of_the_operator_is_taken_where_there_is_one() -> None:
    assert route.to_person(loader.load("krc")).presses == (Press("main", "0"),)


@pytest.mark.parametrize(
    ("profile", "presses"),
    [("krc", (Press("main", "1"), Press("readings", "1"))), ("voe", (Press("main", "2"), Press("readings", "3")))],
)
def test_a_service_of_the_menu_itself_has_its_keys(profile: str, presses: tuple[Press, ...]) -> None:
    assert route.to_service(loader.load(profile), "readings").presses == presses


def test_a_service_that_the_menu_does_not_have_is_said_so() -> None:
    assert not route.serves(loader.load("court"), "readings")
    with pytest.raises(DemoError, match="leads to readings"):
        route.to_service(loader.load("court"), "readings")


def without(profile: Profile, *actions: str) -> Profile:
    """The profile with all keys of these actions switched off."""
    menu = profile.menu
    assert menu is not None
    nodes = {
        name: dataclasses.replace(
            node,
            options={
                digit: dataclasses.replace(one, enabled=one.enabled and one.action not in actions)
                for digit, one in node.options.items()
            },
        )
        for name, node in menu.nodes.items()
    }
    return dataclasses.replace(profile, menu=dataclasses.replace(menu, nodes=nodes))


def test_a_switched_off_operator_is_gone_round() -> None:
    way = route.to_person(without(loader.load("krc"), "operator"))
    assert way.presses == (Press("main", "1"), Press("readings", "2"))
    assert way.queue == "readings"


def test_a_menu_without_a_way_is_said_so() -> None:
    with pytest.raises(DemoError, match="no key from main"):
        route.to_person(without(loader.load("krc"), "operator", "queue"))


def test_a_line_without_a_menu_needs_no_keys() -> None:
    profile = loader.load("voe")
    menu = profile.menu
    assert isinstance(menu, Menu)
    direct = dataclasses.replace(menu, lines={"direct": menu.lines["direct"]})
    way = route.to_person(dataclasses.replace(profile, menu=direct))
    assert (way.presses, way.queue) == ((), "direct")


def test_no_menu_no_call() -> None:
    with pytest.raises(DemoError, match="no telephone line"):
        route.to_person(dataclasses.replace(loader.load("krc"), menu=None))
