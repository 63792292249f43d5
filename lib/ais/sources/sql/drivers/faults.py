"""What goes wrong at a database server, in one sentence each."""

from __future__ import annotations

from ....errors import AISError, ConfigError, SourceError, SourceUnavailable
from . import MissingTable

Meaning = tuple[str, str]
"""What an exception of a driver means: one of the kinds below, and what more is known of it.

``refused`` is an answer that another host of the list would give, too: to the login or to TLS. ``unheld`` says that the
value of a parameter has no form in the encoding of the database.
"""

_SENTENCES: dict[str, tuple[type[AISError], str]] = {
    "refused": (SourceUnavailable, "{where} cannot be used: {more}"),
    "down": (SourceUnavailable, "{where} cannot be used: {more}"),
    "unreachable": (SourceUnavailable, "{where} cannot be reached{more}"),
    "silent": (SourceUnavailable, "{where} does not answer in time"),
    "slow": (SourceUnavailable, "{where}: the query took longer than the request's timeout"),
    "busy": (SourceUnavailable, "{where} cannot answer now{more}"),
    "failed": (SourceUnavailable, "{where} cannot be asked{more}"),
    "table": (MissingTable, "{where} refuses the query{more}"),
    "names": (SourceError, "{where} refuses the query{more}"),
    "missing": (SourceError, "{where} refuses the query{more}: a table, a column or a right is missing"),
    "syntax": (SourceError, "{where} refuses the query: syntax error{more}; try it in a database client"),
    "query": (SourceError, "{where} refuses the query{more}: try it in a database client"),
    "encoding": (SourceError, "{where}: a value does not fit the encoding of the database"),
    "unheld": (SourceError, "{where}: a value does not fit the encoding of the database"),
    "collations": (SourceError, "{where}: the query compares texts of different collations: give its tables the same"),
    "unicode": (SourceError, "{where}: a value is not valid Unicode: look at the encoding of the database"),
    "writes": (SourceError, "the query tries to write; a query of a source may only read"),
    "options": (ConfigError, "{where}: options hold an argument that the driver does not take"),
    "odbc": (ConfigError, "{where}: options name an ODBC driver or DSN that is not installed: odbcinst -q -d"),
}


def sentence(meaning: Meaning, where: str) -> AISError:
    """Return the error; `where` is the server in words."""
    error, text = _SENTENCES[meaning[0]]
    return error(text.format(where=where, more=meaning[1]))


def goes_on(meaning: Meaning | None) -> bool:
    """Say whether another host of the list may do better."""
    kind = meaning[0] if meaning else "failed"
    return kind != "refused" and _SENTENCES[kind][0] is SourceUnavailable
