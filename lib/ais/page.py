"""The page at GET, for callers only."""

from __future__ import annotations

from . import __version__
from .response import Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .configuration import Config

_HTML = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>MailStore integration</title>
<h1>MailStore integration</h1>
<p>The Application Integration Server {version} answers at this address. Its configuration names {sources} source(s) of
users. MailStore sends its requests here as POST; enter this address in MailStore's directory services.</p>
</html>
"""


def status_page(config: Config) -> Response:
    """Return the page."""
    body = _HTML.format(version=__version__, sources=len(config.sources)).encode("ascii")
    policy = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    return Response(200, body, "text/html; charset=utf-8", (("Content-Security-Policy", policy),))
