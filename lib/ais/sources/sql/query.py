"""Named parameters in the administrator's SQL, translated to the style of a driver (PEP 249, paramstyle)."""

from __future__ import annotations

from ...errors import ConfigError

_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"

_MARKS = {"qmark": "?", "format": "%s", "pyformat": "%({name})s", "named": ":{name}", "numeric": ":{number}"}


class Query:
    """A query, split at its parameters.

    Args:
        sql: the text, with parameters as ``:user`` and ``:pass``. Quotes, comments, PostgreSQL's ``::casts`` and
            dollar quotes are left alone.
        option: the option that the text comes from, for errors.
        known: the parameters that it may use.
        mysql: whether a backslash escapes the next character of a string, and ``#`` begins a comment.
        brackets: whether ``[…]`` quotes a name, as in SQL Server and SQLite.

    Raises:
        ConfigError: there is a parameter that is not known.
    """

    def __init__(
        self, sql: str, option: str, known: tuple[str, ...] = (), *, mysql: bool = False, brackets: bool = False
    ) -> None:
        if not isinstance(sql, str) or not sql.strip():
            raise ConfigError(f"{option} must be the text of a query")
        self.option = option
        ends = {"--": "\n", "/*": "*/", "::": ""}
        ends |= {"#": "\n"} if mysql else {"[": "]"} if brackets else {}
        self.texts: list[str] = []
        self.names: list[str] = []
        start = position = 0
        while position < len(sql):
            if sql[position] == ":" and sql[position + 1 : position + 2] not in ":0123456789":
                end = _name_end(sql, position + 1)
                if name := sql[position + 1 : end]:
                    if name not in known:
                        usable = f"only {' and '.join(':' + one for one in known)}" if known else "none"
                        raise ConfigError(f"{option} uses the parameter :{name}, but can use {usable}")
                    self.texts.append(sql[start:position])
                    self.names.append(name)
                    start = position = end
                    continue
            position = _skip(sql, position, mysql, ends)
        self.texts.append(sql[start:])
        self._bound = "", ""

    def bind(self, paramstyle: str, values: dict[str, str]) -> tuple[str, dict[str, str] | list[str]]:
        """Return text and parameters for ``cursor.execute``; ConfigError where PEP 249 has no such style."""
        if not self.names:
            return self.texts[0], []
        style, sql = self._bound
        if style != paramstyle:
            sql = self._translate(paramstyle)
            self._bound = paramstyle, sql  # a driver has one style
        if paramstyle in ("named", "pyformat"):
            return sql, {name: values[name] for name in self.names}
        return sql, [values[name] for name in self.names]

    def _translate(self, paramstyle: str) -> str:
        if paramstyle not in _MARKS:
            raise ConfigError(f"the driver's paramstyle {paramstyle!r} is not one of PEP 249")
        # Drivers that mark parameters with % read every % once there are parameters.
        texts = [text.replace("%", "%%") if "%" in _MARKS[paramstyle] else text for text in self.texts]
        marks = [_MARKS[paramstyle].format(name=name, number=number) for number, name in enumerate(self.names, 1)]
        return "".join(text + mark for text, mark in zip(texts, [*marks, ""], strict=True))


def _name_end(sql: str, start: int) -> int:
    return len(sql) - len(sql[start:].lstrip(_NAME))


def _skip(sql: str, position: int, backslash: bool, ends: dict[str, str]) -> int:
    """Return the position behind the character, the quoted text or the comment that begins here; see `ends` above."""
    character = sql[position]
    if character in "'\"`":
        # PostgreSQL: E'…' has backslash escapes.
        is_e_string = sql[position - 1 : position] in ("e", "E") and (position < 2 or sql[position - 2] not in _NAME)
        escapes = character != "`" and (backslash or (character == "'" and is_e_string))
        position += 1
        # A doubled quote is a quote inside the text: leaving the text and entering it again comes to the same.
        while position < len(sql) and sql[position] != character:
            position += 2 if escapes and sql[position] == "\\" else 1
        return position + 1
    two = sql[position : position + 2]
    begin = two if two in ends else character
    if begin in ends:
        return _behind(sql, ends[begin], position + len(begin))
    if character == "$" and (position == 0 or sql[position - 1] not in _NAME):
        end = _name_end(sql, position + 1)
        if sql[end : end + 1] == "$":
            return _behind(sql, sql[position : end + 1], end + 1)
    return position + 1


def _behind(sql: str, mark: str, start: int) -> int:
    found = sql.find(mark, start)
    return len(sql) if found < 0 else found + len(mark)
