#!/usr/bin/python3 -S
"""FastCGI entry of the Application Integration Server for MailStore. It works as a CGI script, too.

Written so that an old Python can still read it, to say that it is too old.
"""

# Where the library and the configuration are, seen from this file. Change these two if you moved them.
LIBRARY = "../../lib"
CONFIG = "../../conf/config.py"

import os  # noqa: E402
import sys  # noqa: E402

_here = os.path.dirname(os.path.abspath(__file__))
_problem = ""
if sys.version_info < (3, 11):
    _problem = "Python 3.11 or newer is needed and this is %d.%d: name a newer one in the first line of index.fcgi." % (
        sys.version_info[0],
        sys.version_info[1],
    )
else:
    sys.path.insert(0, os.path.normpath(os.path.join(_here, LIBRARY)))
    try:
        from ais import cgi, fcgi
    except Exception as error:  # one file that an upload cut short is enough
        sys.stderr.write("mailstore-ais: %s: %s\n" % (type(error).__name__, error))
        _problem = (
            "The library cannot be loaded: copy the lib folder beside cgi-bin, let this user read all of it, "
            "or correct LIBRARY in index.fcgi."
        )

if not _problem:
    _config = os.path.normpath(os.path.join(_here, CONFIG))
    fcgi.run(_config, os.path.abspath(__file__))
    cgi.run(_config)  # without a socket this is a CGI script, or was started by hand

# Say it to everybody who asks in the next ten seconds. Then end: the web server starts another process, which may find
# what was missing.
import socket  # noqa: E402
import struct  # noqa: E402
import time  # noqa: E402

sys.stderr.write("mailstore-ais: %s\n" % _problem)
_body = '{"error": "%s"}' % _problem
_answer = (
    "Status: 500 Internal Server Error\r\nContent-Type: text/json; charset=utf-8\r\nContent-Length: %d\r\n"
    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n%s" % (len(_body), _body)
).encode("ascii")


def _receive(connection, size):
    # type: (socket.socket, int) -> bytes
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise socket.error("the web server has gone")
        data += part
    return data


def _tell(connection):
    # type: (socket.socket) -> None
    """Read one request to its end, and answer it (FastCGI Specification 1.0)."""
    connection.settimeout(10)
    kind, size = 0, 1
    while (kind, size) != (5, 0):  # an empty record ends the body
        _, kind, number, size, padding, _ = struct.unpack(">BBHHBB", _receive(connection, 8))
        _receive(connection, size + padding)
    answer = struct.pack(">BBHHBB", 1, 6, number, len(_answer), 0, 0) + _answer
    answer += struct.pack(">BBHHBB", 1, 6, number, 0, 0, 0)
    connection.sendall(answer + struct.pack(">BBHHBBII", 1, 3, number, 8, 0, 0, 0, 0))


_listener = socket.fromfd(0, socket.AF_UNIX, socket.SOCK_STREAM)
_ends = time.time() + 10
while True:
    _listener.settimeout(max(_ends - time.time(), 0))
    try:
        _connection, _ = _listener.accept()
    except (OSError, socket.error):
        sys.exit(1)
    try:
        _tell(_connection)
    except (OSError, socket.error):
        pass
    _connection.close()
