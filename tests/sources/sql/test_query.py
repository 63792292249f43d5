"""Named parameters in SQL."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ais.errors import ConfigError
from ais.sources.sql.query import Query

VALUES = {"user": "U", "pass": "P"}


@pytest.mark.parametrize(
    ("sql", "qmark"),
    [
        ("a = :user", "a = ?"),
        (":user", "?"),
        ("(:user,:pass)", "(?,?)"),
        (":user = :user", "? = ?"),
        ("a = ':user' AND b = :user", "a = ':user' AND b = ?"),
        ("a = 'it''s :user' AND b = :user", "a = 'it''s :user' AND b = ?"),
        ('a = ":user" AND b = :user', 'a = ":user" AND b = ?'),
        ("a = `:user` AND b = :user", "a = `:user` AND b = ?"),
        ("a -- :user\n = :user", "a -- :user\n = ?"),
        ("a /* :user ' */ = :user", "a /* :user ' */ = ?"),
        ("a::text = :user::text", "a::text = ?::text"),
        ("a[1:2] = :user", "a[1:2] = ?"),
        ("x := 5, :user", "x := 5, ?"),
        ("$$ :user $$ || :user", "$$ :user $$ || ?"),
        ("$x$ :user $$ $x$ || :user", "$x$ :user $$ $x$ || ?"),
        ("a$b = :user AND c$ = 1", "a$b = ? AND c$ = 1"),
        (r"E'\':user' || :user", r"E'\':user' || ?"),
        (r"'\' || :user", r"'\' || ?"),
        ("a = ':user", "a = ':user"),
        ("a /* :user", "a /* :user"),
        ("100 % :user", "100 % ?"),
    ],
)
def test_quotes_comments_and_casts_are_left_alone(sql: str, qmark: str) -> None:
    """A parameter is one only outside quotes, comments, casts and dollar quotes."""
    text, given = Query(sql, "q", ("user", "pass")).bind("qmark", VALUES)
    assert text == qmark
    assert len(given) == qmark.count("?")


@pytest.mark.parametrize(
    ("style", "text", "given"),
    [
        ("qmark", "LIKE '%' AND ? = ? OR ?", ["U", "P", "U"]),
        ("numeric", "LIKE '%' AND :1 = :2 OR :3", ["U", "P", "U"]),
        ("named", "LIKE '%' AND :user = :pass OR :user", {"user": "U", "pass": "P"}),
        ("format", "LIKE '%%' AND %s = %s OR %s", ["U", "P", "U"]),
        ("pyformat", "LIKE '%%' AND %(user)s = %(pass)s OR %(user)s", {"user": "U", "pass": "P"}),
    ],
)
def test_every_paramstyle(style: str, text: str, given: object) -> None:
    """Each style of PEP 249 gets its text, and % is doubled where the driver reads it."""
    query = Query("LIKE '%' AND :user = :pass OR :user", "q", ("user", "pass"))
    assert query.bind(style, VALUES) == (text, given)


def test_without_parameters_nothing_changes() -> None:
    """A query without parameters is passed as it is: no driver reads its % then."""
    assert Query("LIKE '%s'", "q").bind("format", {}) == ("LIKE '%s'", [])


def test_mysql_and_brackets() -> None:
    """MySQL escapes by backslash and comments by #; SQL Server and SQLite quote names by brackets."""
    mysql = Query(r"'\':user' # :user", "q", ("user",), mysql=True)
    assert mysql.names == []
    assert Query("[:user] = :user", "q", ("user",), brackets=True).bind("qmark", VALUES)[0] == "[:user] = ?"


@pytest.mark.parametrize("sql", ["a = :usr", "a = :USER", "a = :user_name", "", " ", None])
def test_unknown_parameters_are_errors(sql: str | None) -> None:
    """Another parameter than the known ones, or no text, is an error that names the option."""
    with pytest.raises(ConfigError, match="the_option"):
        Query(sql, "the_option", ("user",))  # type: ignore[arg-type]


def test_unknown_paramstyle_is_an_error() -> None:
    """A driver with a style that PEP 249 does not know is refused."""
    with pytest.raises(ConfigError, match="paramstyle"):
        Query(":user", "q", ("user",)).bind("dollar", VALUES)


@given(st.text(alphabet="':\"`-/*$E\\ \nau:ser%[]#", max_size=40))
def test_text_is_kept(sql: str) -> None:
    """Whatever the text, putting the parameters back gives it again."""
    try:
        query = Query(sql, "q", ("user", "pass", "a", "s", "u", "e", "r", "E"))
    except ConfigError:
        return
    names = [f":{name}" for name in query.names]
    assert "".join(text + name for text, name in zip(query.texts, [*names, ""], strict=True)) == sql
