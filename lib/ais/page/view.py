"""The HTML of the page: page.html, and the rows that go into it. Every value is escaped."""

from __future__ import annotations

import os
import time
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from string import Template

from .. import __version__
from ..checking.report import Finding, Report, SourceReport, every_kind_first
from ..user import User

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "page.html"), encoding="utf-8") as _file:
    _PAGE, _TABLE, _LOGIN, _GUARD = map(Template, _file.read().split("<!-- another part -->\n"))

_STYLE = _PAGE.template.partition("<style>")[2].partition("</style>")[0]
_STYLE_HASH = b64encode(sha256(_STYLE.encode("utf-8")).digest()).decode("ascii")
_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'"

HEADERS = (
    ("Content-Security-Policy", f"{_POLICY}; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)

SHOWN = 50
"""Users that are shown."""

ADDRESSES = 10
"""Addresses of one user that are shown."""

MOST = 20
"""Problems, and notes, that are shown before the rest is only counted."""

LONG = 30
"""Characters of a name or an address that fit into a line of a phone."""

SEARCH_LIMIT = 200
"""Characters of a search that count."""


@dataclass
class Notice:
    """What the page says in a word and a sentence: of a login that was tried, or of the guard.

    Attributes:
        kind: ``good``, ``bad`` or ``note``.
        title: in a word or two.
        text: in a sentence or two.
        of: the user who logged in, or the list that may be let through; empty if there is none.
    """

    kind: str
    title: str
    text: str
    of: str = ""


def render(report: Report, search: str, guard: Notice, login: Notice | None, token: str, caller: str) -> bytes:
    """Return the page.

    Args:
        report: of all sources.
        search: what to look for among the users; empty for all.
        guard: what the guard thinks.
        login: what became of a login that was tried.
        token: for the forms; empty when none can be made.
        caller: the name of the caller.
    """
    users = report.users
    answering = sum(not source.error for source in report.sources)
    wrong = report.problems
    sentence = _overall(report, guard)
    label = "user" if users is not None and len(users) == 1 else "users"
    page = _PAGE.substitute(
        title=f"{escape(sentence)} · MailStore integration",
        overall=escape(sentence),
        overall_kind="bad" if wrong else "good",
        asked=escape(report.asked),
        total_label=f"{label} held back" if users is not None and guard.kind == "bad" else label,
        total="unknown" if users is None else str(len(users)),
        answering_label="sources answer" if len(report.sources) != 1 else "source answers",
        answering=f"{answering} of {len(report.sources)}",
        problems_label="problems" if wrong != 1 else "problem",
        problems=str(wrong),
        sources="\n".join(_source(source) for source in report.sources),
        findings=_findings(report.findings),
        search=escape(search),
        search_limit=str(SEARCH_LIMIT),
        users=_users(report, search, guard),
        login=_login(login, token),
        guard=_guard(guard, token),
        caller=escape(caller),
        version=escape(__version__),
        time=time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()),
    )
    return page.encode("utf-8", "replace")


def _overall(report: Report, guard: Notice) -> str:
    """Return what matters most: whether MailStore gets a list, and if not, why."""
    down = [source.name for source in report.sources if source.error]
    if down:
        why = f"{down[0]} fails" if len(down) == 1 else f"{len(down)} sources fail"
    elif report.users is None:
        why = "two sources have names that can be mistaken for each other"
    elif guard.kind == "bad":
        why = "the guard holds it back"
    else:
        return f"{_counted(report.problems, 'problem')} to look at" if report.problems else "All is well"
    return f"MailStore gets no list: {why}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _tag(kind: str, word: str) -> str:
    return f'<span class="tag {kind}">{word}</span>'


def _source(source: SourceReport) -> str:
    if source.error:
        tag, end, more = _tag("bad", "Fails"), "no list", source.error.removeprefix(f"{source.name}: ")
    else:
        tag, end = _tag("good", "Answers"), _counted(len(source.users), "user")
        more = source.stored[:1].upper() + source.stored[1:]
    head = f"<span>{tag} <strong><bdi>{escape(source.name)}</bdi></strong></span>"
    about = f'<p class="small soft">{escape(more)}</p>' if more else ""
    return f'<li><div class="head">{head}<span class="end">{end}, {source.seconds:.1f} s</span></div>{about}</li>'


def _findings(findings: list[Finding]) -> str:
    if not findings:
        return '<p class="soft">Nothing. Users, addresses, configuration and state are as they should be.</p>'
    rows = []
    for problem, tag, noun in ((True, _tag("bad", "Problem"), "problem"), (False, _tag("note", "Note"), "note")):
        some = every_kind_first([finding for finding in findings if finding.problem is problem])
        for finding in some[:MOST]:
            remedy = f'<p class="small soft">→ {escape(finding.remedy)}</p>'
            rows.append(f"<li><div>{tag} {escape(finding.text)}</div>{remedy}</li>")
        if len(some) > MOST:
            rows.append(f'<li class="soft">and {_counted(len(some) - MOST, f"more {noun}")}</li>')
    return '<ul class="rows">\n' + "\n".join(rows) + "\n</ul>"


def _users(report: Report, search: str, guard: Notice) -> str:
    users = report.users
    known = [user for source in report.sources for user in source.users] if users is None else users
    found = [user for user in known if _matches(user, search.casefold())] if search else known
    total = _counted(len(known), "user")
    count = f"{len(found)} of {total} match" if search else total
    if len(found) > SHOWN:
        count += f"; the first {SHOWN} are shown"
    if users is None:
        down = any(source.error for source in report.sources)
        count += f". {'A source fails' if down else 'There is no list'}: MailStore gets none until "
        count += "it answers" if down else "the problem above is solved"
    elif guard.kind == "bad":
        count += ". The guard holds the list back: MailStore gets none of them"
    head = f'<p class="soft small" role="status">{count}.</p>'
    rows = "\n".join(map(_user, found[:SHOWN]))
    return f"{head}\n{_TABLE.substitute(rows=rows)}" if found else head


def _matches(user: User, wanted: str) -> bool:
    return any(wanted in text.casefold() for text in (user.user_name, user.full_name, *user.email_addresses))


def _user(user: User) -> str:
    addresses = [f"<div><bdi>{_breakable(address)}</bdi></div>" for address in user.email_addresses[:ADDRESSES]]
    if len(user.email_addresses) > ADDRESSES:
        addresses.append(f'<div class="soft">and {len(user.email_addresses) - ADDRESSES} more</div>')
    if not addresses:
        addresses.append('<div class="soft">no address</div>')
    names = (f"<bdi>{_breakable(name)}</bdi>" for name in (user.user_name, user.full_name))
    cells = "".join(f'<td role="cell">{cell}</td>' for cell in (*names, "".join(addresses)))
    return f'<tr role="row">{cells}</tr>'


def _breakable(text: str) -> str:
    """Escape a name or an address; a long one may go on in a new line at its @."""
    return escape(text).replace("@", "<wbr>@") if len(text) > LONG else escape(text)


_NO_FORMS = (
    '<p class="small">Forms of this page need a secret to be safe from other sites: set state in the configuration.</p>'
)


def _login(tried: Notice | None, token: str) -> str:
    if not token:
        return _NO_FORMS
    answer = user = ""
    if tried is not None:
        user = escape(tried.of)
        said = f"<strong>{tried.title}</strong> for <bdi>{user}</bdi>: {escape(tried.text)}."
        answer = f'<p class="answer {tried.kind}" role="status">{said}</p>\n'
    return answer + _LOGIN.substitute(token=token, user=user)


def _guard(guarded: Notice, token: str) -> str:
    text = f"<p>{_tag(guarded.kind, escape(guarded.title))}</p>\n<p>{escape(guarded.text)}</p>"
    if not guarded.of:
        return text
    return text + (f"\n{_GUARD.substitute(token=token, seen=guarded.of)}" if token else _NO_FORMS)
