"""The fuzzer of benchmarks/ finds nothing in the program, and finds every fault that is planted."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from ais import app, commands, http, passwords
from ais.http import Request as LibraryRequest
from ais.logbook import Entry
from ais.sources import sql as sql_source
from ais.sources import text as textsource
from support.needs import need_program
from support.site import ROOT, temporary_folder

sys.path.append(str(ROOT / "benchmarks"))

import fuzz
from _fuzzasking import Ask, ask_cgi
from _fuzzoracle import Reply
from _fuzzrequests import Maker, Request
from _fuzzsites import CALLER_SECRET, MIXED, Site, make

sys.path.pop()  # its passwords.py and persistent.py would hide the folders of tests, which are no regular packages

TRUE, FALSE = b'{"succeeded": true}', b'{"succeeded": false}'
Change = Callable[[Site, Request, Reply], Reply]


def test_nothing_is_found_in_process(tmp_path: Path) -> None:
    """2,000 requests in one process get right answers, and enough of them reach each command."""
    run = fuzz.fuzz(tmp_path, 2000, 1, "app")
    assert run.violations == []
    assert run.requests == 2000
    assert run.shallow() == []


def test_nothing_is_found_by_fastcgi(tmp_path: Path) -> None:
    """1,000 requests through the FastCGI edge, cut anyhow, get right answers."""
    run = fuzz.fuzz(tmp_path, 1000, 1, "fastcgi")
    assert run.violations == []
    assert run.requests == 1000
    assert run.shallow() == []


def test_nothing_is_found_by_cgi(tmp_path: Path) -> None:
    """50 requests to the real entry get right answers."""
    run = fuzz.fuzz(tmp_path, 50, 1, "cgi")
    assert run.violations == []
    assert run.requests == 50
    assert run.kinds["true"]
    assert run.kinds["list"]


@pytest.mark.parametrize("server", ["lighttpd", "apache"])
def test_nothing_is_found_behind_a_server(server: str) -> None:
    """What a real server lets through gets the answers that are right, whole."""
    need_program({"lighttpd": "lighttpd", "apache": "apache2"}[server], server)
    with temporary_folder() as folder:
        run = fuzz.fuzz(folder, 60, 1, server)
    assert run.violations == []
    assert run.requests == 60
    assert run.kinds["true"]
    assert run.kinds["list"]


def _with_body(reply: Reply, body: bytes) -> Reply:
    headers = [(name, str(len(body)) if name == "Content-Length" else value) for name, value in reply.headers]
    return reply._replace(body=body, headers=headers)


def _on_list(change: Callable[[bytes], bytes]) -> Change:
    return lambda site, request, reply: (
        _with_body(reply, change(reply.body)) if reply.body.startswith(b'[{"') else reply
    )


def _on(body: bytes, otherwise: bytes) -> Change:
    return lambda site, request, reply: _with_body(reply, otherwise) if reply.body == body else reply


def _told(secret: Callable[[Site, Request], str]) -> Change:
    return lambda site, request, reply: reply._replace(
        log=str(reply.log).replace(" ms=", f' error="{secret(site, request)}" ms=', 1)
    )


def _in_error(text: str) -> Change:
    return lambda site, request, reply: (
        _with_body(reply, reply.body.replace(b'"}', text.encode() + b'"}')) if reply.status >= 400 else reply
    )


PLANTED: dict[str, tuple[Change, str]] = {
    "a user too many": (_on_list(lambda body: b'[{"userName": "x"}, ' + body[1:]), "not the true one"),
    "a user too few": (_on_list(lambda body: b"[" + body.partition(b"}, ")[2]), "not the true one"),
    "an empty list": (_on_list(lambda body: b"[]"), "not the true one"),
    "users in another order": (
        _on_list(lambda body: b"[{" + b"}, {".join(reversed(body[2:-2].split(b"}, {"))) + b"}]"),
        "not the true one",
    ),
    "yes for no": (_on(FALSE, TRUE), "true for"),
    "no for yes": (_on(TRUE, FALSE), "the log has another outcome"),
    "no where nobody can tell": (
        lambda site, request, reply: _with_body(reply, FALSE)._replace(status=200) if reply.status == 503 else reply,
        "false for [",
    ),
    "an answer for everybody": (
        lambda site, request, reply: _with_body(reply, FALSE)._replace(status=200) if reply.status == 401 else reply,
        "false instead of [4",
    ),
    "another error": (
        lambda site, request, reply: reply._replace(status=503) if reply.status == 413 else reply,
        "503 instead of [",
    ),
    "the caller's secret in the log": (_told(lambda site, request: CALLER_SECRET), "a secret is told"),
    "a stored hash in the log": (_told(lambda site, request: str(MIXED[0].stored)), "a secret is told"),
    "the header in the log": (
        _told(lambda site, request: request.environ.get("HTTP_AUTHORIZATION", "")),
        "a secret is told",
    ),
    "a password in an error": (_in_error("Geheim1!-anna"), "a secret is told"),
    "a path in an error": (_in_error("/srv/ais/lib/ais/app.py"), "a path or a traceback is told"),
    "an error that is no JSON": (_in_error('"'), "no JSON"),
    "a forged line": (
        lambda site, request, reply: reply._replace(log=2 * str(reply.log)),
        "the log has not one clean line",
    ),
    "a control character in the log": (
        lambda site, request, reply: reply._replace(log=str(reply.log).replace("client=", "client=\x1b", 1)),
        "the log has not one clean line",
    ),
    "no line": (lambda site, request, reply: reply._replace(log=""), "the log has not one clean line"),
    "a wrong length": (lambda site, request, reply: reply._replace(body=reply.body + b" "), "Content-Length is wrong"),
    "a header of the client's": (
        lambda site, request, reply: reply._replace(headers=[*reply.headers, ("X", "a\r\nSet-Cookie: b")]),
        "what no header may hold",
    ),
    "a body after HEAD": (
        lambda site, request, reply: (
            reply._replace(body=b"{}") if request.environ["REQUEST_METHOD"] == "HEAD" else reply
        ),
        "the answer to HEAD has a body",
    ),
    "no challenge": (
        lambda site, request, reply: reply._replace(headers=[pair for pair in reply.headers if "WWW" not in pair[0]]),
        "headers that do not go with the status",
    ),
    "a body left unread": (lambda site, request, reply: reply._replace(read=0), "bytes of the body were read"),
    "a slow answer": (lambda site, request, reply: reply._replace(seconds=2.5), "it took 2.5 s"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_answers_are_found(tmp_path: Path, name: str) -> None:
    """An answer that is wrong in one way is reported as just that."""
    change, wanted = PLANTED[name]

    def plant(ask: Ask) -> Ask:
        return lambda site, request: change(site, request, ask(site, request))

    run = fuzz.fuzz(tmp_path, 2000, 1, "app", plant=plant)
    assert run.violations
    assert all(wanted in violation.partition("\n")[0] for violation in run.violations), run.violations


def _admit_everybody(request: LibraryRequest, callers: object, require_https: bool) -> str:
    return "everybody"


def _lenient(raw: bytes) -> bytes:
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(raw.replace(b"+", b" "))


def _fail(fields: dict[str, str], config: object, entry: Entry) -> bytes:
    raise ValueError("a bug")


def _any_form(stored: str, password: str, *more: object) -> bool:
    return any(
        real_verify(stored, text, *more)  # type: ignore[arg-type]
        for text in (password, unicodedata.normalize("NFC", password), password.strip())
    )


real_verify, real_unquote = passwords.verify, http._unquote


def _without_nul(raw: bytes) -> bytes:
    return real_unquote(raw).replace(b"\0", b"")


BUGS: dict[str, tuple[object, str, object, str]] = {
    "callers are not checked": (app, "admit", _admit_everybody, "instead of [40"),
    "every password is right": (sql_source, "verify", lambda *given: True, "true"),
    "passwords are normalised": (textsource, "verify", _any_form, "true for ["),
    "broken escapes are accepted": (http, "_unquote", _lenient, "instead of [400]"),
    "a proxy on this computer is this computer": (http, "PROXY_HEADERS", (), "instead of [403]"),
    "NUL is accepted": (http, "_unquote", _without_nul, "instead of [400]"),
    "a bug raises": (commands, "COMMANDS", {"list": _fail, "auth": _fail}, "an internal error"),
    "the throttle is off": (commands, "_store", lambda config, warn: None, "true for ["),
}


@pytest.mark.parametrize("name", BUGS)
def test_planted_bugs_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A bug in the program is reported."""
    module, attribute, value, wanted = BUGS[name]
    monkeypatch.setattr(app if attribute == "COMMANDS" else module, attribute, value)
    run = fuzz.fuzz(tmp_path, 6000, 1, "app")
    assert run.violations
    assert any(wanted in violation.partition("\n")[0] for violation in run.violations), run.violations


def test_what_escapes_is_found(tmp_path: Path) -> None:
    """An exception that the application lets through is a violation, not the end of the fuzzer."""

    def plant(ask: Ask) -> Ask:
        def raising(site: Site, request: Request) -> Reply:
            raise RuntimeError("escaped")

        return raising

    assert "an exception escaped" in fuzz.fuzz(tmp_path, 10, 1, "app", plant=plant).violations[0]


def test_files_left_behind_are_found(tmp_path: Path) -> None:
    """A file in the temporary folder at the end is a violation."""

    def plant(ask: Ask) -> Ask:
        (tmp_path / "tmp" / "left").write_text("x")
        return ask

    assert "files are left" in fuzz.fuzz(tmp_path, 10, 1, "app", plant=plant).violations[0]


def test_growing_memory_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that keeps something of every request is a violation."""
    monkeypatch.setattr(fuzz, "STEADY", 100)
    kept: list[bytes] = []

    def plant(ask: Ask) -> Ask:
        def keeping(site: Site, request: Request) -> Reply:
            kept.append(bytes(bytearray(b"x" * 2**18)))
            return ask(site, request)

        return keeping

    assert "memory grew" in fuzz.fuzz(tmp_path, 400, 1, "app", plant=plant).violations[0]


def test_a_wrong_answer_of_a_process_is_found(tmp_path: Path) -> None:
    """What is judged of the real entry is its own output."""

    def plant(ask: Ask) -> Ask:
        assert ask is ask_cgi
        return lambda site, request: _on(TRUE, FALSE)(site, request, ask(site, request))

    assert "false for [" in fuzz.fuzz(tmp_path, 60, 1, "cgi", plant=plant).violations[0]


def test_the_same_number_is_the_same_request(tmp_path: Path) -> None:
    """A request that a report names can be made again from seed and number alone."""
    found = []
    for number in (0, 1):
        folder = tmp_path / str(number)
        folder.mkdir()
        sites = make(folder)
        found.append([Maker(7).make(sites, request)[1] for request in range(50)])
    assert found[0] == found[1]
    assert len({request.body for request in found[0]}) > 25
