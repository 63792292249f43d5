#!/usr/bin/python3 -S
"""A CGI script that gives the answer that its query names: the ways in which other implementations go wrong."""

from __future__ import annotations

import gzip
import os
import sys
import time
from collections.abc import Callable
from typing import NoReturn

CHALLENGE = 'WWW-Authenticate: Basic realm="strange"\n'
LIST = '[{"userName": "anna", "emailAddresses": ["anna@example.com"]}]'
NO = '{"succeeded": false}'
HTML = "<!DOCTYPE html><html><body>Welcome</body></html>"

body = sys.stdin.buffer.read(int(os.environ.get("CONTENT_LENGTH") or 0)).decode()
case = os.environ["QUERY_STRING"]
known = "HTTP_AUTHORIZATION" in os.environ
multipart = os.environ["CONTENT_TYPE"].startswith("multipart/form-data")
command = "auth" if "cmd=auth" in body or "\r\n\r\nauth\r\n" in body else "list"


def send(content: str | bytes, kind: str = "text/json; charset=utf-8", more: str = "") -> NoReturn:
    """Send an answer and leave."""
    data = content if isinstance(content, bytes) else content.encode()
    sys.stdout.buffer.write(f"Content-Type: {kind}\n{more}\n".encode() + data)
    sys.stdout.buffer.flush()
    os._exit(0)


def fail(status: str, content: str, kind: str = "text/json; charset=utf-8", more: str = "") -> NoReturn:
    """Send an answer with a status."""
    send(content, kind, f"Status: {status}\n{more}")


if not known or case == "refuses":
    if case == "open":
        send(LIST)
    if case == "200":
        send(NO)
    if case == "no-challenge":
        fail("401 Unauthorized", '{"error": "Log in."}')
    if case == "digest":
        fail("401 Unauthorized", '{"error": "Log in."}', more='WWW-Authenticate: Digest realm="x", nonce="basic"\n')
    fail("401 Unauthorized", '{"error": "Send a password."}', more=CHALLENGE)

if case == "slow" and command == "list":
    time.sleep(1.5)
if command == "auth":
    if case == "anybody":
        send('{"succeeded": true}')
    if case == "verdict-as-text":
        send('{"succeeded": "false"}')
    if case == "firewall" and "+OR+1" in body:
        fail("406 Not Acceptable", HTML, "text/html")
    if case == "firewall-page" and "+OR+1" in body:
        send(HTML, "text/html")
    if case == "urlencoded" and multipart:
        fail("400 Bad Request", '{"error": "The field cmd is missing."}')
    if case == "verdict-html":
        send(HTML, "text/html")
    if case == "verdict-cut":
        send('{"succeeded": fal')
    send(NO)

ANSWERS: dict[str, Callable[[], NoReturn]] = {
    "html": lambda: send(HTML, "text/html"),
    "empty": lambda: send(""),
    "php-notice": lambda: send("<br />\n<b>Warning</b>: mysql_connect()" + LIST),
    "php-fatal": lambda: send("PHP Fatal error:  Uncaught Error", "text/html", "X-Powered-By: PHP/8.2\n"),
    "noise-before": lambda: send("debug: 3 rows\n" + LIST),
    "noise-after": lambda: send(LIST + "\ndone"),
    "not-json": lambda: send(LIST.replace('"', "'")),
    "cut": lambda: send(LIST[:-20]),
    "utf8": lambda: send(LIST, "text/json; charset=utf8"),
    "quoted": lambda: send(LIST, 'text/json; charset="utf-8"'),
    "latin-1": lambda: send('[{"userName": "j\xfcrgen"}]'.encode("latin-1"), "text/json"),
    "bom": lambda: send(b"\xef\xbb\xbf" + LIST.encode()),
    "gzip": lambda: send(gzip.compress(LIST.encode()), more="Content-Encoding: gzip\n"),
    "gzip-unsaid": lambda: send(gzip.compress(LIST.encode())),
    "object": lambda: send('{"users": []}'),
    "empty-list": lambda: send("[]"),
    "no-name": lambda: send('[{"userName": "anna"}, {"fullName": "B"}, {"userName": " "}, {"userName": 7}]'),
    "no-object": lambda: send('["anna"]'),
    "addresses": lambda: send('[{"userName": "anna", "emailAddresses": "anna@example.com"}]'),
    "twice": lambda: send('[{"userName": "anna"}, {"userName": "Anna"}]'),
    "slow": lambda: send(LIST),
    "moved": lambda: fail("301 Moved Permanently", "", more="Location: https://www.example.test/\n"),
    "kept": lambda: fail("307 Temporary Redirect", "", more="Location: https://www.example.test/\n"),
    "teapot": lambda: fail("418 Teapot", "I am one.", "text/plain"),
    "busy": lambda: fail("503 Service Unavailable", '{"error": "A user source cannot answer."}'),
    "broken": lambda: fail("500 Internal Server Error", '{"error": "The configuration cannot be used."}'),
    "bad-request": lambda: fail("400 Bad Request", '{"error": "The field cmd is missing."}'),
    "echo": lambda: fail("500 Error", '{"error": "' + os.environ["HTTP_AUTHORIZATION"] + '\\u001b[31m"}'),
}
ANSWERS.get(case, lambda: send(LIST))()
