"""The status page, for callers without a shell: what ``bin/ais check``, ``list``, ``auth`` and ``accept-list`` do."""

from __future__ import annotations

import time

from .. import deadline
from ..checking.examine import examine
from ..checking.people import name_alike
from ..checking.report import Finding, count
from ..commands import decide
from ..config import Config
from ..errors import AISError, RequestError
from ..http import Request, Response
from ..logbook import Entry
from . import crosssite, guarded, view

SAMPLED = 50
"""Users of a source whose stored passwords are looked at."""

ACTIONS = ("login", "accept")
"""What the forms of the page ask for, in their field ``action``."""


def answer(request: Request, config: Config, entry: Entry, fields: dict[str, str] | None = None) -> Response:
    """Return the page.

    Args:
        request: the request; its caller is known.
        config: the configuration.
        entry: the line of the log that this request will get.
        fields: those of one of the page's forms; None when none was sent.

    Raises:
        RequestError: 400 for fields that no form of the page has, 403 for a form that another site sent.
    """
    entry.command = "page"
    tokens = crosssite.Tokens(config, entry.caller, entry.warn)
    tried = accepted = None
    if fields is not None:
        tokens.check(fields.get("token", ""))
        tried, accepted = _act(config, entry, fields)
    report = examine(config, deadline.remaining(), SAMPLED)
    if tried is not None and tried.kind == "bad" and not entry.source and not config.users.folds:
        tried.text += name_alike(tried.of, (user for source in report.sources for user in source.users))
    watched = guarded.look(config, report.users, accepted)
    # The list may just have been let through.
    report.findings = [finding for finding in report.findings if finding.code != "guard"]
    if watched.kind == "bad":
        finding = Finding("guard", "the guard holds the list back", "see “Guard of the list” on this page")
        report.findings.insert(0, finding)
    entry.outcome = entry.outcome or (f"guard: {watched.text}" if accepted else count(report.problems, "problem"))
    page = view.render(report, _read_search(request.query), watched, tried, tokens.current(), entry.caller)
    return Response(200, page, "text/html; charset=utf-8", view.HEADERS)


def _act(config: Config, entry: Entry, fields: dict[str, str]) -> tuple[view.Notice | None, str | None]:
    """Do what a form asks for; letting a list through has to wait for the list."""
    action = fields["action"]
    if action not in ACTIONS:
        raise RequestError(400, "The field action is not known: load the status page again.")
    if action == "accept":
        return None, fields.get("seen", "")
    # A source that hangs must leave time for the page to say so.
    seconds = deadline.remaining()
    deadline.start(seconds / 2)
    began = time.monotonic()
    try:
        return _try_login(config, fields.get("user", ""), fields.get("password", ""), entry), None
    finally:
        deadline.start(seconds - (time.monotonic() - began))


def _try_login(config: Config, user: str, password: str, entry: Entry) -> view.Notice:
    """Check a password as MailStore's cmd=auth does, and note the outcome in the log; the password is kept nowhere."""
    entry.user = user
    try:
        verdict = decide(config, user, password, entry.warn)
    except AISError as error:
        entry.error = str(error)
        return view.Notice("note", "Cannot tell", str(error), user)
    entry.source, entry.outcome = verdict.source, f"{'yes' if verdict.succeeded else 'no'}, {verdict.why}"
    why = f"{verdict.why}, says {verdict.source}" if verdict.source else verdict.why
    return view.Notice(*(("good", "Yes") if verdict.succeeded else ("bad", "No")), why, user)


def _read_search(query: str) -> str:
    """Return the field ``search`` of a query string; a damaged one finds nothing, and nothing worse."""
    from urllib.parse import parse_qs

    try:
        fields = parse_qs(query, errors="replace", max_num_fields=20)
    except ValueError:
        return ""
    return fields.get("search", [""])[0].strip()[: view.SEARCH_LIMIT]
