"""What Phusion Passenger looks for at the top of an application, and what mod_wsgi is given: `application`.

Source: https://www.phusionpassenger.com/library/walkthroughs/start/python.html
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

try:
    from ais.wsgi import application
except Exception as error:  # one file that an upload cut short is enough
    _detail = f"mailstore-ais: {type(error).__name__}: {error}\n"

    def application(environ, start_response):  # type: ignore[no-untyped-def,misc]
        """Say in JSON that there is no library, as index.py does."""
        environ["wsgi.errors"].write(_detail)
        body = (
            b'{"error": "The library cannot be loaded: copy the lib folder beside passenger_wsgi.py, let this user '
            b'read all of it, use Python 3.11 or newer, and restart the web server."}'
        )
        headers = [("Content-Type", "text/json; charset=utf-8"), ("Content-Length", str(len(body)))]
        start_response(
            "500 Internal Server Error",
            [*headers, ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")],
        )
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


__all__ = ["application"]
