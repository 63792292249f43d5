"""Addresses that users enter by themselves, across sources."""

from __future__ import annotations

import pytest

from ais.directory.ownership import enforce
from ais.user import User


def user(name: str, *addresses: str, entered: bool = False) -> User:
    """A user of a source."""
    made = User(name, email_addresses=addresses)
    made.entered = entered
    return made


@pytest.mark.parametrize("entered_first", [True, False])
def test_entered_address_never_beats_another_source(entered_first: bool) -> None:
    """What a user enters counts only where no other source gives the address, be it an earlier or a later one."""
    mallory = user("mallory", "BOSS@example.com", "free@example.com", entered=True)
    boss = user("boss", "boss@example.com")
    enforce([[mallory], [boss]] if entered_first else [[boss], [mallory]])
    assert mallory.email_addresses == ["free@example.com"]
    assert boss.email_addresses == ["boss@example.com"]


def test_entered_in_two_sources() -> None:
    """Where users of two sources enter one address, neither can prove that it is theirs."""
    first, second = user("anna", "both@example.com", entered=True), user("bob", "Both@example.com", entered=True)
    enforce([[first], [second]])
    assert first.email_addresses == second.email_addresses == []


def test_entered_by_its_owner() -> None:
    """An address that is the user's own name stays, also if somebody of another source enters it."""
    first, second = user("mallory", "boss@example.com", entered=True), user("boss@example.com", "boss@example.com")
    second.entered = True
    enforce([[first], [second]])
    assert (first.email_addresses, second.email_addresses) == ([], ["boss@example.com"])


def test_shared_address_that_an_administrator_gives() -> None:
    """Several users of one source may share an address, as before, if they did not enter it."""
    users = [user("anna", "info@example.com"), user("bob", "info@example.com")]
    enforce([users, [user("mallory", "info@example.com", entered=True)]])
    assert [each.email_addresses for each in users] == [["info@example.com"]] * 2
