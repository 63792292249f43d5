#!/usr/bin/python3 -S
"""CGI entry of the Application Integration Server for MailStore.

Written so that an old Python can still read it, to say that it is too old.
"""

# Where the library and the configuration are, seen from this file. Change these two if you moved them.
LIBRARY = "../../lib"
CONFIG = "../../conf/config.py"

import gc  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402

# The process ends with its request: looking for garbage would cost more than the garbage.
gc.disable()

_here = os.path.dirname(os.path.abspath(__file__))
_problem = ""
if sys.version_info < (3, 11):
    _problem = "Python 3.11 or newer is needed and this is %d.%d: name a newer one in the first line of index.py." % (
        sys.version_info[0],
        sys.version_info[1],
    )
else:
    sys.path.insert(0, os.path.normpath(os.path.join(_here, LIBRARY)))
    try:
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
    import signal

    signal.alarm(20)
    _length = os.environ.get("CONTENT_LENGTH", "")
    _left = min(int(_length), 1 << 24) if _length.isdigit() and len(_length) < 10 else 0
    if not _length and os.environ.get("HTTP_TRANSFER_ENCODING"):
        _left = 1 << 24
    while _left > 0:
        _read = len(os.read(0, min(_left, 65536)))
        _left = _left - _read if _read else 0
    _body = '{"error": "%s"}' % _problem
    _sent = "" if os.environ.get("REQUEST_METHOD") == "HEAD" else _body
    os.write(
        1,
        (
            "Status: 500 Internal Server Error\r\nContent-Type: text/json; charset=utf-8\r\nContent-Length: %d\r\n"
            "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n%s" % (len(_body), _sent)
        ).encode("ascii"),
    )
    sys.exit(0)

cgi.run(os.path.normpath(os.path.join(_here, CONFIG)))
