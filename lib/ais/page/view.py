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
from ..checking.report import Finding, Report, SourceReport
from ..user import User

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "page.html"), encoding="utf-8") as _file:
    _PAGE = _file.read()

_STYLE = _PAGE[_PAGE.index("<style>") + len("<style>") : _PAGE.index("</style>")]
_STYLE_HASH = b64encode(sha256(_STYLE.encode("utf-8")).digest()).decode("ascii")

HEADERS = (
    (
        "Content-Security-Policy",
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'",
    ),
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

SEARCH_LIMIT = 200
"""Characters of a search that count."""


@dataclass
class Notice:
    """What the page says in a word and a sentence: of a login that was tried, or of the guard.

    Attributes:
        kind: ``good``, ``bad`` or ``note``.
        title: in a word or two.
        text: in a sentence or two.
        of: whose login it was, or which list may be let through; empty when there is nothing to let through.
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
        token: for the forms; empty when there can be none.
        caller: who asks.
    """
    users = report.users
    answering = sum(not source.error for source in report.sources)
    wrong = report.problems
    sentence = f"{_counted(wrong, 'problem')} to look at" if wrong else "All is well"
    page = Template(_PAGE).substitute(
        title=f"{sentence} · MailStore integration",
        overall=sentence,
        overall_kind="bad" if wrong else "good",
        total_label="users" if users is None or len(users) != 1 else "user",
        total="unknown" if users is None else str(len(users)),
        answering_label="sources answer" if len(report.sources) != 1 else "source answers",
        answering=f"{answering} of {len(report.sources)}",
        problems_label="problems" if wrong != 1 else "problem",
        problems=str(wrong),
        sources="\n".join(_source(source) for source in report.sources),
        findings=_findings(report.findings),
        search=escape(search),
        search_limit=str(SEARCH_LIMIT),
        users=_users(report, search),
        login=_login(login, token),
        guard=_guard(guard, token),
        caller=escape(caller),
        version=escape(__version__),
        time=time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()),
    )
    return page.encode("utf-8", "replace")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _tag(kind: str, word: str) -> str:
    return f'<span class="tag {kind}">{word}</span>'


def _source(source: SourceReport) -> str:
    if source.error:
        tag, end, more = _tag("bad", "Down"), "no list", source.error.removeprefix(f"{source.name}: ")
    else:
        tag, end = _tag("good", "Answers"), _counted(len(source.users), "user")
        more = source.stored[:1].upper() + source.stored[1:]
    return (
        f'<li><div class="head"><span>{tag} <strong><bdi>{escape(source.name)}</bdi></strong></span>'
        f'<span class="end">{end}, {source.seconds:.1f} s</span></div>'
        + (f'<p class="small soft">{escape(more)}</p>' if more else "")
        + "</li>"
    )


def _findings(findings: list[Finding]) -> str:
    if not findings:
        return '<p class="soft">Nothing. Users, addresses, configuration and state are as they should be.</p>'
    rows = []
    for kind, word, noun in (("bad", "Problem", "problem"), ("note", "Note", "note")):
        some = [finding for finding in findings if finding.problem == (kind == "bad")]
        rows += [
            f"<li><div>{_tag(kind, word)} {escape(finding.text)}</div>"
            f'<p class="small soft">→ {escape(finding.remedy)}</p></li>'
            for finding in some[:MOST]
        ]
        if len(some) > MOST:
            rows.append(f'<li class="soft">and {_counted(len(some) - MOST, f"more {noun}")}</li>')
    return '<ul class="rows">\n' + "\n".join(rows) + "\n</ul>"


def _users(report: Report, search: str) -> str:
    users = report.users
    known = [user for source in report.sources for user in source.users] if users is None else users
    found = [user for user in known if _matches(user, search.casefold())] if search else known
    shown = found[:SHOWN]
    total = _counted(len(known), "user")
    count = f"{len(found)} of {total} match" if search else total
    if len(found) > SHOWN:
        count += f"; the first {SHOWN} are shown"
    if users is None:
        down = any(source.error for source in report.sources)
        count += f". {'A source is down' if down else 'There is no list'}: MailStore gets none until "
        count += "it answers" if down else "the problem above is solved"
    head = f'<p class="soft small" role="status">{count}.</p>'
    if not shown:
        return head
    rows = "\n".join(_user(user) for user in shown)
    return f"""{head}
<table role="table">
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">User name</th>
<th scope="col" role="columnheader">Full name</th><th scope="col" role="columnheader">Addresses</th></tr></thead>
<tbody role="rowgroup">
{rows}
</tbody>
</table>"""


def _matches(user: User, wanted: str) -> bool:
    return (
        wanted in user.user_name.casefold()
        or wanted in user.full_name.casefold()
        or any(wanted in address.casefold() for address in user.email_addresses)
    )


def _user(user: User) -> str:
    addresses = [f"<div><bdi>{escape(address)}</bdi></div>" for address in user.email_addresses[:ADDRESSES]]
    if len(user.email_addresses) > ADDRESSES:
        addresses.append(f'<div class="soft">and {len(user.email_addresses) - ADDRESSES} more</div>')
    if not addresses:
        addresses.append('<div class="soft">no address</div>')
    return (
        f'<tr role="row"><td role="cell"><bdi>{escape(user.user_name)}</bdi></td>'
        f'<td role="cell"><bdi>{escape(user.full_name)}</bdi></td><td role="cell">{"".join(addresses)}</td></tr>'
    )


_NO_FORMS = (
    '<p class="small">Forms of this page need a secret to be safe from other sites: set state in the configuration.</p>'
)


def _login(tried: Notice | None, token: str) -> str:
    answer = user = ""
    if tried is not None:
        user = tried.of
        answer = (
            f'<p class="answer {tried.kind}" role="status"><strong>{tried.title}</strong> '
            f"for <bdi>{escape(user)}</bdi>: {escape(tried.text)}.</p>\n"
        )
    if not token:
        return _NO_FORMS
    return f"""{answer}<form method="post" action="#login" autocomplete="off">
<input type="hidden" name="token" value="{token}">
<input type="hidden" name="action" value="login">
<div><label for="user">User name</label>
<input id="user" name="user" value="{escape(user)}" required autocomplete="off" autocapitalize="none"
spellcheck="false"></div>
<div><label for="password">Password</label>
<input id="password" name="password" type="password" required autocomplete="new-password"></div>
<div><button>Try the login</button></div>
</form>
<p class="small soft">It is checked as at a login to MailStore: wrong passwords count.</p>"""


def _guard(guarded: Notice, token: str) -> str:
    text = f"<p>{_tag(guarded.kind, escape(guarded.title))}</p>\n<p>{escape(guarded.text)}</p>"
    if not guarded.of:
        return text
    if not token:
        return text + _NO_FORMS
    return f"""{text}
<form method="post" action="#guard">
<input type="hidden" name="token" value="{token}">
<input type="hidden" name="action" value="accept">
<input type="hidden" name="seen" value="{guarded.of}">
<p class="small soft last">When the missing users are really gone, let this list through once. It is then what the next
lists are compared with.</p>
<div><button>Let this list through</button></div>
</form>"""
