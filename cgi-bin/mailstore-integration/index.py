#!/usr/bin/python3 -S
"""CGI entry of the Application Integration Server for MailStore.

Written so that an old Python can still read it, to say that it is too old. Each request compiles it: keep it short.
"""

# Where the library and the configuration are, seen from this file. Change these two if you moved them.
LIBRARY = "../../lib"
CONFIG = "../../conf/config.py"

import gc  # noqa: E402
import sys  # noqa: E402

# The process ends with its request: looking for garbage would cost more than the garbage.
gc.disable()


def _find(path):
    # type: (str) -> str
    try:
        from posix import _path_normpath as normpath  # type: ignore[attr-defined]  # os itself loads slowly
    except ImportError:
        from os.path import normpath
    return str(normpath(path if path[:1] == "/" else "%s/%s" % (__file__.rpartition("/")[0], path)))


_problem = ""
if sys.version_info < (3, 11):
    _problem = "Python 3.11 or newer is needed and this is %d.%d: name a newer one in the first line of index.py."
    _problem %= sys.version_info[:2]
else:
    sys.path[0] = _find(LIBRARY)  # in place of this folder, where no module is
    try:
        from ais import packages

        sys.meta_path.insert(0, packages.OwnFinder)
        from ais import cgi
    except Exception as error:  # one file that an upload cut short is enough
        sys.stderr.write("mailstore-ais: %s: %s\n" % (type(error).__name__, error))
        _problem = (
            "The library cannot be loaded: copy the lib folder beside cgi-bin, let this user read all of it, "
            "or correct LIBRARY in index.py."
        )

if _problem:
    # The body is read on this path too: Apache's mod_cgid cuts the answer of a script that leaves it unread.
    # A body that does not come ends the process.
    import os
    import signal

    signal.alarm(20)
    _length = os.environ.get("CONTENT_LENGTH") or ("9" * 9 if os.environ.get("HTTP_TRANSFER_ENCODING") else "0")
    os.fdopen(0, "rb").read(min(int(_length[:9]), 1 << 24) if _length.isdigit() else 0)
    _body = '{"error": "%s"}' % _problem
    _answer = (
        "Status: 500 Internal Server Error\r\nContent-Type: text/json; charset=utf-8\r\nContent-Length: %d\r\n"
        "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n"
    ) % len(_body)
    _sent = "" if os.environ.get("REQUEST_METHOD") == "HEAD" else _body
    os.write(1, (_answer + _sent).encode("ascii"))
    sys.exit(0)

cgi.run(_find(CONFIG))
