"""The contract of a source, written once; each kind of source brings only its fixtures.

A test class for a source derives from `SourceContract` and gives the fixture ``source`` (a source with the users of
`USERS`, passwords included) and ``broken`` (the same kind of source, unable to answer).
"""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from ais.config.settings import Users
from ais.directory.listing import add_up
from ais.errors import AISError
from ais.sources import Source
from ais.user import User

PASSWORD = "Grüße & 100 % + 'quotes' \"two\"; drop table users; --"

USERS = [
    {"userName": "john.doe", "fullName": "John Doe", "emailAddresses": ["john.doe@example.com", "j.doe@example.com"]},
    {"userName": "jane.doe", "fullName": "Jane Dœ-Müller", "emailAddresses": ["jane.doe@example.com"]},
]
"""The users of ``source``, all with `PASSWORD`. A source that knows no names or addresses sets `listed`."""

INACTIVE = "gone"
"""A user that ``source`` holds and that may not log in, with `PASSWORD` as well; where the kind of source has such.
A source that knows it by another name sets `inactive`."""


def added_up(source: Source) -> list[User]:
    """The users of a source as the directory lists them: each once, with all rows of theirs."""
    config = SimpleNamespace(users=Users())
    return list(add_up(config, 1, source, set()).values())  # type: ignore[arg-type]  # all that is read of it


class SourceContract:
    """What holds for every source."""

    listed: list[dict[str, object]] = USERS  # type: ignore[assignment]
    inactive = INACTIVE
    has_inactive = True

    def test_lists_every_user_whole(self, source: Source) -> None:
        """Every active user is given once, with names and addresses as MailStore is to see them."""
        found = [json.loads(user.to_json()) for user in added_up(source)]
        assert sorted(found, key=lambda user: user["userName"]) == sorted(
            self.listed, key=lambda user: str(user["userName"])
        )

    def test_right_password_is_a_yes(self, source: Source) -> None:
        """The right password of a listed user is True, whatever characters it holds."""
        for user in self.listed:
            assert source.authenticate(str(user["userName"]), PASSWORD) is True

    @pytest.mark.parametrize(
        "password", ["wrong", PASSWORD + " ", PASSWORD[:-1], PASSWORD.upper(), "' OR '1'='1", "*", "\udc80"]
    )
    def test_wrong_password_is_a_no(self, source: Source, password: str) -> None:
        """Another password of a listed user is False and not None."""
        assert source.authenticate(str(self.listed[0]["userName"]), password) is False

    @pytest.mark.parametrize(
        "user",
        ["nobody", "", "*", "{0}' OR '1'='1", "{0}*", "%", "_{1}", "{0})(uid=*", ":user", "\\"],
    )
    def test_unknown_user_is_none(self, source: Source, user: str) -> None:
        """A name that is not listed is None, also where it would mean more if it were pasted into a query."""
        known = str(self.listed[0]["userName"])
        assert source.authenticate(user.format(known, known[1:]), PASSWORD) is None

    def test_inactive_user_gets_no(self, source: Source) -> None:
        """A user who may not log in is not let in with the right password, and not listed."""
        if not self.has_inactive:
            return
        assert source.authenticate(self.inactive, PASSWORD) in (False, None)
        assert self.inactive not in {user.user_name for user in source.users()}

    def test_broken_source_cannot_tell(self, broken: Source) -> None:
        """A source that cannot answer raises for both questions; it never gives a shorter list or a no."""
        with pytest.raises(AISError):
            list(broken.users())
        with pytest.raises(AISError):
            broken.authenticate(str(self.listed[0]["userName"]), PASSWORD)

    def test_errors_hold_no_password(self, broken: Source) -> None:
        """The text of an error holds neither the password tried nor one stored."""
        with pytest.raises(AISError) as raised:
            broken.authenticate(str(self.listed[0]["userName"]), PASSWORD)
        assert PASSWORD not in f"{raised.value} {raised.value.public}"

    def test_decoy_never_raises(self, source: Source) -> None:
        """The work for an unknown user is done quietly, after the source did not know the user."""
        source.authenticate("nobody", "wrong")
        assert source.decoy("wrong") in (True, False)
