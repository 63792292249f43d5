"""Count the schemes of many stored passwords, without hashing anything. For ``bin/ais check``."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ais.errors import MissingPackage, UnreadableHash

from .basics import DamagedError
from .identify import as_text, identify
from .schemes import DOLLAR, ident, read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .basics import Entry

# Modules, and functions of others, whose hashes a stolen copy gives away quickly: clear text, digests made in one step,
# and what was made for the computers of the 1990s.
_WEAK_MODULES = frozenset(("bare", "basics", "digests", "databases"))
_WEAK = frozenset(
    "md5 des bsdi apr1 nested plain_md4 nt crypt_nt lm oracle10 otp crypt_md5 woltlab_md5".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Count:
    """How many values of one scheme there are.

    Attributes:
        scheme: its name, such as ``SSHA512``, ``CRYPT $2y$``, "no password", "bare text".
        count: the number of values.
        weak: a stolen copy of such a value soon gives the password away.
        readable: ``verify`` can check it here and now.
        problem: why not; empty if it can. Never holds a stored value.
    """

    scheme: str
    count: int
    weak: bool
    readable: bool
    problem: str = ""


def census(values: Iterable[str | bytes | None], default_scheme: str | None = None) -> list[Count]:
    """Count stored values by scheme, the most frequent first. ``default_scheme`` as in ``verify``."""
    counts = Counter(_classify(value, default_scheme) for value in values)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Count(scheme, count, weak, not problem, problem) for (scheme, weak, problem), count in ordered]


def _classify(value: str | bytes | None, default_scheme: str | None) -> tuple[str, bool, str]:
    """The scheme's name, whether it is weak, and why it cannot be read."""
    try:
        found = identify(as_text(value), default_scheme) if value is not None else []
    except UnreadableHash as problem:
        return problem.scheme, False, str(problem)
    if not found:
        return "no password", False, ""
    problems = []
    for scheme, entry, body in found:
        try:
            read(entry, body, "user")
        except MissingPackage as problem:
            problems.append(str(problem))
        except (ValueError, LookupError) as problem:
            text = str(problem) if isinstance(problem, DamagedError) else "damaged"
            problems.append(str(UnreadableHash(scheme, text)))
        else:
            return (*_name(scheme, entry, body), "")
    return (*_name(*found[0]), problems[0])


def _name(scheme: str, entry: Entry, body: str) -> tuple[str, bool]:
    """The scheme's name with what is inside ``{CRYPT}`` and the like, and whether it is weak."""
    module, function = entry[:2]
    inside = function in ("crypt", "crypt_md5") and module == "nested"
    if inside and not body.startswith("$"):
        return scheme, True  # DES, BSDi
    kind = ident(body)
    if inside and kind in DOLLAR:
        scheme, (module, function) = f"{scheme} ${kind}$", DOLLAR[kind][:2]
    strong = body.startswith(("$2", "!bcrypt", ":pbkdf2", ":bcrypt", ":argon2"))
    layout = function in ("mediawiki", "request_tracker", "smf") and not strong
    return scheme, module in _WEAK_MODULES or function in _WEAK or layout
