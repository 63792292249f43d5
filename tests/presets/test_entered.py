"""Addresses that users enter by themselves, where an application lets them: none takes what somebody else has."""

from __future__ import annotations

import pytest

from ais import django, nextcloud, wordpress
from ais.sources import Source
from presets import test_web
from presets.loading import Load, listed
from presets.scenario import inserts

ALL = ["sqlite", "mysql", "postgresql"]
KELVIN = "boss\u212a@example.com"  # whose last letter but one is a small k for Unicode, and not for a mail server


def addresses(source: Source) -> dict[str, list[str]]:
    """The addresses of each user that has any."""
    return {user["userName"]: user["emailAddresses"] for user in listed(source) if "emailAddresses" in user}


def nextcloud_of(
    load: Load, engine: str, main: list[tuple[str, str]], additional: list[tuple[str, str]], off: tuple[str, ...] = ()
) -> Source:
    """A Nextcloud with these addresses of its users; names that begin with `ldap` are of another back end."""
    names = dict.fromkeys(name for name, _ in [*main, *additional] if not name.startswith("ldap"))
    script = test_web.nextcloud_script(engine)
    script += inserts("oc_users", "uid, password, uid_lower", [(name, "x", name.lower()) for name in names])
    columns = "userid, appid, configkey, configvalue"
    script += inserts("oc_preferences", columns, [(name, "settings", "email", value) for name, value in main])
    if off:
        script += inserts("oc_preferences", columns, [(name, "core", "enabled", "false") for name in off])
    if additional:
        rows = [(name, "additional_mail", value) for name, value in additional]
        script += inserts("oc_accounts_data", "uid, name, value", rows)
    database = load(engine, script)
    source: Source = nextcloud(database.driver, **database.connection)
    return source


@pytest.mark.parametrize("engine", ALL)
def test_additional_address_never_beats_a_claim_of_somebody_else(engine: str, load: Load) -> None:
    """Neither the main address nor the name of a user who is listed, disabled, or of another back end."""
    main = [("boss", "boss@example.com"), ("mal", "mal@example.com"), ("gone", "gone@example.com")]
    main += [("ldapuser", "ldapuser@example.com"), ("Named@example.com", "x@example.com"), ("quit@example.com", "")]
    wanted = [
        *("BOSS@example.com", "Gone@example.com", "LdapUser@example.com", "named@EXAMPLE.com", "quit@example.com"),
        *(KELVIN, "free@example.com", "Mal@example.com"),
    ]
    additional = [("mal", address) for address in wanted]
    found = addresses(nextcloud_of(load, engine, main, additional, off=("gone", "quit@example.com")))
    assert found["boss"] == ["boss@example.com"]
    assert found["mal"][0] == "mal@example.com"
    assert set(found["mal"]) == {"mal@example.com", KELVIN, "free@example.com"}
    assert found["Named@example.com"] == ["x@example.com"]


@pytest.mark.parametrize("engine", ALL)
def test_address_that_two_enter(engine: str, load: Load) -> None:
    """It is the one's who has it as the main address; as main or additional address of both it is nobody's."""
    main = [("a", "both@example.com"), ("b", "Both@example.com"), ("c", "main@example.com")]
    additional = [("d", "both@example.com"), ("d", "main@example.com"), ("e", "more@example.com")]
    additional += [
        ("d", "More@example.com"),
        ("e", "e@example.com"),
        ("ldap", "e@example.com"),
        ("e", "own@example.com"),
    ]
    found = addresses(nextcloud_of(load, engine, main, additional))
    assert {name: found.get(name) for name in "abcde"} == {
        "a": None,
        "b": None,
        "c": ["main@example.com"],
        "d": None,
        "e": ["own@example.com"],
    }


@pytest.mark.parametrize("engine", ALL)
def test_names_that_differ_in_case(engine: str, load: Load) -> None:
    """The address that several names are is for the one in lower case alone, also if this one is disabled."""
    main = [("Kim@example.com", "kim@example.com"), ("kim@example.com", ""), ("mal", "KIM@example.com")]
    main += [("KATE@example.com", "kate@example.com"), ("kate@example.com", "KATE@example.com")]
    source = nextcloud_of(load, engine, main, [], off=("kim@example.com",))
    found = {user.user_name: user.email_addresses for user in source.users() if "@example.com" in str(user.to_json())}
    assert found == {"KATE@example.com": [], "kate@example.com": ["KATE@example.com"], "Kim@example.com": []}


def test_old_nextcloud(load: Load) -> None:
    """A version without additional addresses has main ones alone; the rule is the same."""
    script = test_web.nextcloud_script("sqlite", accounts=False)
    columns = "userid, appid, configkey, configvalue"
    script += inserts("oc_preferences", columns, [("bob", "settings", "email", "OFF@a.example")])
    found = addresses(nextcloud("sqlite", **load("sqlite", script).connection))
    assert found == {"Anna": ["zz.anna@a.example"]}


@pytest.mark.parametrize("engine", ["sqlite", "mysql"])
def test_wordpress(engine: str, load: Load) -> None:
    """Whose address two users have, nobody gets it; that which is somebody's name is never another's."""
    script = test_web.WORDPRESS.format(p="wp_", serial=test_web.WORDPRESS_SERIAL[engine], network=test_web.NETWORK)
    users = [
        ("boss@example.com", "b@example.com", 0),
        ("mal", "BOSS@example.com", 0),
        ("gone", "gone@example.com", 1),
        ("eve", "Gone@example.com", 0),
        ("ann", "ann@example.com", 0),
    ]
    script += inserts("wp_users", "user_login, user_email, deleted", users)
    database = load(engine, script)
    found = addresses(wordpress(database.driver, **database.connection))
    assert found == {"boss@example.com": ["b@example.com"], "ann": ["ann@example.com"]}


@pytest.mark.parametrize("engine", ALL)
def test_django(engine: str, load: Load) -> None:
    """Whose address two users have, active or not, nobody gets it; that which is a name is never another's."""
    users: list[tuple[object, ...]] = [
        ("boss@example.com", "", "", "", "!", False),
        ("mal", "", "", "BOSS@example.com", "!", True),
        ("gone", "", "", "gone@example.com", "!", False),
        ("eve", "", "", "Gone@example.com", "!", True),
        ("ann", "", "", "ann@example.com", "!", True),
    ]
    database = load(engine, test_web.django_script("auth_user", users))
    assert addresses(django(database.driver, **database.connection)) == {"ann": ["ann@example.com"]}
