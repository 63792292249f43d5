"""The application: a request in, an answer out, and the one place where errors become statuses."""

from __future__ import annotations

from . import deadline, logbook
from .commands import COMMANDS
from .config.callers import admit
from .errors import AISError, RequestError, SourceUnavailable
from .http import Response, error_response, read_form
from .text import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from .config import Config
    from .http import Request

    LoadConfig = Callable[[], Config]
    Apart = Callable[[Callable[[], Response]], Response]

METHODS = ("POST", "GET", "HEAD")
"""For others the configuration is not loaded."""


def answer(request: Request, config: LoadConfig, apart: Apart | None = None) -> Response:
    """Answer one request, and write its line of the log.

    Args:
        request: what is asked.
        config: called inside: a broken configuration is an answer, too.
        apart: runs what may outlast the deadline, perhaps for ever, and raises SourceUnavailable when the time
            is over. None where the process is ended then.
    """
    entry = logbook.Entry(request.errors, request.remote_addr)
    try:
        response = _answer(request, config, entry, apart)
    except AISError as error:
        # A first request without credentials is how .NET asks for the challenge: no fault.
        if error.status != 401 or request.authorization:
            entry.error = str(error)
        response = error_response(error.status, error.public, error.headers)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        # Its text may hold a password: a driver's exception may quote its arguments.
        entry.error = f"internal error: {logbook.place(error)}"
        response = error_response(500, AISError.public)
    entry.write(response.status)
    return response.fit(request.method)


def give_up(errors: TextIO | None, asked: str, config: Config | None) -> Response:
    """Answer a request that is not done in time, whatever it hangs in, and write its line of the log.

    Args:
        errors: where the log goes unless the configuration says otherwise.
        asked: the source that was asked last; empty for none.
        config: the configuration, once it is known.
    """
    tenant = f" tenant={quote(config.tenant)}" if config and config.tenant else ""
    line = f"error {quote((asked or 'the request') + ' took longer than the timeout')}{tenant}"
    logbook.write(errors, line, config.log.to if config else "stderr")
    return error_response(503, SourceUnavailable.public)


def _answer(request: Request, load_config: LoadConfig, entry: logbook.Entry, apart: Apart | None) -> Response:
    try:
        config = _begin(request, load_config, entry)
    finally:
        request.read(deadline.is_over)  # always: mod_cgid cuts the answer to a request that was not read
    if apart is None or config.in_time:
        return _respond(request, config, entry)
    return apart(lambda: _respond(request, config, entry))


def _respond(request: Request, config: Config, entry: logbook.Entry) -> Response:
    entry.caller = admit(request, config.callers, config.require_https)
    if request.is_foreign():
        # A browser that another site uses; it sends the caller's credentials along. MailStore sends no such header.
        raise RequestError(403, "This request came from another site: type this address into the browser.")
    if request.method != "POST":
        return _page(request, config, entry)
    fields = read_form(request.content_type, request.body())
    if config.page and "action" in fields and "cmd" not in fields:
        return _page(request, config, entry, fields)
    command = COMMANDS.get(fields.get("cmd", ""))
    if command is None:
        raise RequestError(400, "The field cmd is missing or not a known command: send cmd=list or cmd=auth.")
    entry.command = fields["cmd"]
    return Response(200, command(fields, config, entry))


def _begin(request: Request, load_config: LoadConfig, entry: logbook.Entry) -> Config:
    """Return the configuration; its deadline counts from here, for a slow body too."""
    deadline.start(deadline.DEFAULT_SECONDS)
    if request.method not in METHODS:
        raise _not_allowed(", ".join(METHODS))
    config = load_config()
    entry.to, entry.level, entry.tenant = config.log.to, config.log.level, config.tenant
    deadline.start(config.timeout)
    return config


def _page(request: Request, config: Config, entry: logbook.Entry, fields: dict[str, str] | None = None) -> Response:
    if not config.page:
        raise _not_allowed("POST")
    from . import page  # no request of MailStore needs it

    return page.answer(request, config, entry, fields)


def _not_allowed(methods: str) -> RequestError:
    return RequestError(405, "Send MailStore's commands as POST.", (("Allow", methods),))
