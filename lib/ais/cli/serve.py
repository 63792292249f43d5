"""Answer on a port of this computer until Ctrl-C, for trying out. It is not for the network: there is no HTTPS.

Exit status: 0 ended by Ctrl-C, 2 it cannot begin."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ..app import answer
from ..config import Config, load
from ..errors import ConfigError, RequestError
from ..http import DRAIN_LIMIT, Request
from .options import add_config, config_path

if TYPE_CHECKING:
    from wsgiref.simple_server import WSGIServer

EXAMPLES = """examples:
  ais serve --port 8080
  curl -u mailstore@example.test:SECRET -d cmd=list http://127.0.0.1:8080/mailstore-integration/index.php"""

PATHS = ("/mailstore-integration/index.php", "/mailstore-integration/")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("--port", type=int, default=8080, help="default: %(default)s; 0 takes a free one")


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted."""
    path = config_path(arguments)
    load(path)  # say now what is wrong with it
    if not 0 <= arguments.port <= 65535:
        raise ConfigError("--port must be a number from 0 to 65535")
    try:
        server = _make_server(path, arguments.port)
    except OSError as error:
        why = f"port {arguments.port} cannot be used ({error.strerror})"
        raise ConfigError(f"{why}: name another with --port, or 0 for a free one") from None
    # A shell that starts this in the background lets it ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with server:
        try:
            sys.stdout.write(f"http://127.0.0.1:{server.server_port}{PATHS[0]}\n")
            sys.stdout.flush()
            server.serve_forever()
        except KeyboardInterrupt:
            pass  # the way to end it
    return 0


def _make_server(path: str, port: int) -> WSGIServer:
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Handler(WSGIRequestHandler):
        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Leave the request line out: it is the client's."""

        def address_string(self) -> str:
            return str(self.client_address[0])

    def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        def load_config() -> Config:
            if environ.get("PATH_INFO") not in PATHS:
                raise RequestError(404, f"There is nothing at this address: use {PATHS[0]}.")
            return load(path)

        stream, errors = environ["wsgi.input"], environ["wsgi.errors"]
        request = Request(environ, stream, errors, https=False, terminated=False, drain=DRAIN_LIMIT)
        response = answer(request, load_config)
        start_response(response.status_line, list(response.headers))
        return response.parts()

    return make_server("127.0.0.1", port, application, Server, Handler)
