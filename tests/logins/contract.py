"""The contract of a login, written once; each kind of login brings only its fixtures.

A test class derives from `LoginContract` and gives the fixtures ``login`` (a login for `ACCOUNTS`), ``asked`` (says how
often its server or its program was asked so far), ``down`` (the same kind of login, nobody there), ``hanging`` (with a
server that never answers, and what an error must name), ``failing`` (with a server that answers and cannot tell).
"""

from __future__ import annotations

import base64
import sqlite3
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from ais import deadline
from ais.errors import AISError, SourceUnavailable
from ais.logins import Login
from ais.sources import Source
from ais.sources.sql import sql
from ais.sources.text.csv import csv

PASSWORD = "Grüße & 100 % + 'quotes' \"two\"; back\\slash {5}"
ACCOUNTS = {
    "anna": PASSWORD,
    "bernd@example.com": " blanks around ",
    "jürgen": "日本語 und ein € dazu",
    "carla": '"quoted\\"',
    "david": "{10}",
    "emil": "back\\",
    "gone": PASSWORD,
}
"""Users, and their passwords. The last may log in where the password is checked, and is not listed here."""

OTHER = "n0t-this-one"
BASE64_OF_BASIC = base64.b64encode(f"anna:{PASSWORD}".encode()).decode()[:12]
BASE64_OF_PLAIN = base64.b64encode(f"\0anna\0{PASSWORD}".encode()).decode()[:12]
WRONG = [OTHER, f"{PASSWORD} ", PASSWORD[:-1], PASSWORD.upper(), "*", "' OR '1'='1", "\udc80", "x\0y", f"{PASSWORD}\0"]
UNKNOWN = ["nobody", "anna ", "Anna\0", "*", "anna\r\na9 NOOP", "\udc80", "anna:x", "--help", "a" * 200]


class LoginContract:
    """What holds for every login."""

    def test_right_password_is_a_yes(self, login: Login) -> None:
        """The right password is True, whatever characters name and password hold."""
        assert {user: login.verify(user, password) for user, password in ACCOUNTS.items()} == dict.fromkeys(
            ACCOUNTS, True
        )

    @pytest.mark.parametrize("password", WRONG)
    def test_wrong_password_is_a_no(self, login: Login, password: str) -> None:
        """Another password is False."""
        assert login.verify("anna", password) is False

    @pytest.mark.parametrize("user", UNKNOWN)
    def test_unknown_user_is_a_no(self, login: Login, user: str) -> None:
        """A user who is not there is False, whatever its name would do elsewhere."""
        assert login.verify(user, PASSWORD) is False

    def test_what_cannot_be_right_is_never_sent(self, login: Login, asked: Callable[[], int]) -> None:
        """Nobody is asked about an empty name or password, one with a NUL, or one that is no Unicode."""
        before = asked()
        for user, password in [("anna", ""), ("", PASSWORD), ("", ""), ("anna", "\0"), ("a\0b", "x"), ("a", "\udc80")]:
            assert login.verify(user, password) is False
        assert asked() == before
        assert login.verify("anna", PASSWORD) is True
        assert asked() > before

    def test_nobody_there_is_no_answer(self, down: Login) -> None:
        """A server that is down is SourceUnavailable, without a secret in its text."""
        with pytest.raises(AISError) as caught:
            down.verify("anna", PASSWORD)
        self.assert_no_secret(caught.value)

    def test_a_hanging_server_is_no_answer_in_time(self, hanging: tuple[Login, str]) -> None:
        """A server that never answers is SourceUnavailable when the request's time is over; the text names it."""
        login, named = hanging
        deadline.start(0.7)
        began = time.monotonic()
        with pytest.raises(SourceUnavailable) as caught:
            login.verify("anna", PASSWORD)
        assert 0.5 < time.monotonic() - began < 1.5
        assert named in str(caught.value)
        self.assert_no_secret(caught.value)

    def test_a_failing_server_is_no_answer(self, failing: Login) -> None:
        """A server that cannot tell is SourceUnavailable, for a right password and for a wrong one."""
        for password in (PASSWORD, OTHER):
            with pytest.raises(SourceUnavailable) as caught:
                failing.verify("anna", password)
            self.assert_no_secret(caught.value)

    def test_only_active_users_of_a_table_are_tried(
        self, login: Login, asked: Callable[[], int], tmp_path: Path
    ) -> None:
        """With csv, nobody is asked about a user that is not listed or not active."""
        (tmp_path / "users.csv").write_text(
            "userName,active\nanna,yes\ncarla,yes\ngone,no\nnobody,yes\n", encoding="utf-8"
        )
        self.assert_asks_for_listed(csv(str(tmp_path / "users.csv"), login=login), False, asked)

    def test_only_active_users_of_a_database_are_tried(
        self, login: Login, asked: Callable[[], int], tmp_path: Path
    ) -> None:
        """With sql, nobody is asked about a user that is not listed or not active."""
        database = sqlite3.connect(tmp_path / "users.sqlite")
        with database:
            database.execute("CREATE TABLE users (login, active)")
            rows = [("anna", 1), ("carla", 1), ("gone", 0), ("nobody", 1)]
            database.executemany("INSERT INTO users VALUES (?, ?)", rows)
        database.close()
        query = "SELECT login AS userName FROM users WHERE active = 1"
        source = sql("sqlite", database=str(tmp_path / "users.sqlite"), list_query=query, login=login)
        self.assert_asks_for_listed(source, None, asked)

    def assert_asks_for_listed(self, source: Source, inactive: bool | None, asked: Callable[[], int]) -> None:
        """Ask a source with anna, carla and nobody, where ``gone`` is not active."""
        assert [user.user_name for user in source.users()] == ["anna", "carla", "nobody"]
        before = asked()
        assert source.authenticate("gone", PASSWORD) is inactive
        assert source.authenticate("emil", ACCOUNTS["emil"]) is None
        assert source.authenticate("bernd@example.com", "") is None
        assert asked() == before
        assert source.authenticate("anna", PASSWORD) is True
        assert source.authenticate("carla", PASSWORD) is False
        assert source.authenticate("nobody", PASSWORD) is False
        assert asked() > before

    def assert_no_secret(self, error: BaseException) -> None:
        """Neither an error nor those that led to it show a password, as it is or as it is sent."""
        text = "".join(traceback.format_exception(error))
        for secret in ("Grüße", "back\\slash", BASE64_OF_BASIC, BASE64_OF_PLAIN, OTHER):
            assert secret not in text
