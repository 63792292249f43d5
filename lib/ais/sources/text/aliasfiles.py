"""Alias files of mail servers, read into rows of address and targets for `addresses.resolve`.

Each reader takes the lines of a file, and raises ValueError, with the number of the line, for one that cannot be read.
The first of several rows for one address counts: postmap and postalias warn of the others ("duplicate entry") and drop
them, Exim's lsearch stops at the first.
"""

from __future__ import annotations

from ...cells import split_targets, unquote
from ...errors import SourceError
from ...identity import closing_quote, fold
from . import lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TypeAlias

    Row: TypeAlias = tuple[str, list[str]]

_MAPS = ("virtual", "etc_aliases")
"""The readers of files that Postfix reads, all of them for each address."""


def read(path: str, encoding: str, reader: str, domain: str = "") -> Iterator[Row]:
    """Give the rows of a file by one of the readers below; in a domain's file, names without a domain belong to it.

    Exim looks up addresses of a domain in its own file alone, so a row for one of another domain gives nothing.

    Raises:
        SourceError: the file cannot be read, or a line of it; the text names file and line.
    """
    readers = {"virtual": virtual, "etc_aliases": etc_aliases, "colon": colon, "valiases": valiases}
    try:
        for address, targets in readers[reader](lines(path, encoding, may_be_empty=True)):
            if domain:
                address, *targets = (name if "@" in name else f"{name}@{domain}" for name in (address, *targets))
            if not domain or reader in _MAPS or fold(address).endswith(f"@{fold(domain)}"):
                yield address, targets
    except ValueError as error:
        raise SourceError(f"{path}, {error}") from None


def alias_domain_rows(given: Mapping[str, str] | str | None, encoding: str) -> Iterable[tuple[str, list[str]]]:
    """Return alias domains, each with its domains, from the option ``alias_domains``: a dict, or the path of a file."""
    if isinstance(given, str):
        return read(given, encoding, "colon")
    return [(name, [domain]) for name, domain in (given or {}).items()]


def virtual(lines: Iterable[str]) -> Iterator[Row]:
    """Give the rows of a Postfix virtual alias map: ``address targets`` (virtual(5)).

    ``example.com anything``, which only declares a domain, is a row like others: `addresses.resolve` knows it.
    """
    return _rows(lines, "", needs_targets=True)


def etc_aliases(lines: Iterable[str]) -> Iterator[Row]:
    """Give the rows of a file of local aliases: ``name: targets`` (aliases(5) of Postfix and Sendmail).

    The names have no domain: `addresses.resolve` needs ``local_domains`` to make addresses of them.
    """
    return _rows(lines, ":", needs_targets=True)


def colon(lines: Iterable[str]) -> Iterator[Row]:
    """Give the rows of an Exim file, ``address:targets``, such as HestiaCP's ``aliases``.

    There may be no targets. The syntax is that of lsearch (Exim specification, 9.3).
    """
    return _rows(lines, ":", needs_targets=False)


def valiases(lines: Iterable[str]) -> Iterator[Row]:
    """Give the rows of cPanel's ``valiases``: those of `colon`, where a target without a domain is a system user."""
    return ((address, [target for target in targets if "@" in target]) for address, targets in colon(lines))


def _rows(lines: Iterable[str], separator: str, *, needs_targets: bool) -> Iterator[Row]:
    seen = set()
    for number, line in _logical_lines(lines):
        try:
            address, text = _key_and_value(line, separator)
            targets = split_targets(text, strict=True)
            if needs_targets and not text.strip(",; "):
                raise ValueError("the targets are missing")
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        if fold(address) not in seen:
            seen.add(fold(address))
            yield address, targets


def _key_and_value(line: str, separator: str) -> tuple[str, str]:
    """Split a line at the first separator (white space if empty) outside of quotes."""
    end = 0
    while end < len(line) and line[end] != separator and (separator or not line[end].isspace()):
        end = 1 + (max(end, closing_quote(line, end)) if line[end] == '"' else end)
    if separator and end == len(line):
        raise ValueError(f"a {separator!r} is missing after the address")
    address = line[:end].strip()
    if not separator and ":" in address and '"' not in address and "[" not in address:
        raise ValueError("a ':' is after the address, as in aliases(5): name such a file in aliases, not in virtual")
    if not (address := unquote(address)):
        raise ValueError("the address is missing")
    return address, line[end + 1 :]


def _logical_lines(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Join continued lines and leave out comments, also between them; with the number of the first line."""
    first = 0
    parts: list[str] = []
    for number, line in enumerate(lines, 1):
        text = line.rstrip()
        if not text or text.lstrip()[0] == "#":
            continue
        if not text[0].isspace():
            if parts:
                yield first, " ".join(parts)
            first, parts = number, [text]
        elif parts:
            parts.append(text)
        else:
            raise ValueError(f"line {number}: it starts with white space and there is no line that it could continue")
    if parts:
        yield first, " ".join(parts)
