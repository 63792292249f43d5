"""MailStore's protocol, from CGI variables to the bytes of the answer."""

from __future__ import annotations

import json
import re
from urllib.parse import quote, quote_plus

import pytest

from ais.commands import COMMANDS
from conftest import EDGES, Ask, credentials
from support.site import ROOT, USERS

FIXED = {
    "Content-Type": "text/json; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


@pytest.fixture(params=EDGES)
def edge(request: pytest.FixtureRequest) -> str:
    """Each edge in turn."""
    return str(request.param)


def test_list_is_exact(ask: Ask) -> None:
    """A list is pure ASCII JSON, keys in MailStore's order, empty ones left out, separated as json.dumps does."""
    answer = ask("cmd=list")
    wanted = [
        {
            "userName": user.login,
            **({"distinguishedName": user.dn} if user.dn else {}),
            **({"fullName": user.name} if user.name else {}),
            **({"emailAddresses": user.mail.split()} if user.mail else {}),
        }
        for user in USERS
    ]
    assert answer.status == 200
    assert answer.body == json.dumps(wanted).encode("ascii")
    assert answer.headers == {**FIXED, "Content-Length": str(len(answer.body))}


@pytest.mark.parametrize("user", USERS, ids=lambda user: user.login)
@pytest.mark.parametrize("encoded", [quote, quote_plus], ids=["percent", "plus"])
def test_auth_is_exact(ask: Ask, user: object, encoded: object) -> None:
    """Right and wrong passwords give these bytes, whatever characters name and password hold."""
    login, password = encoded(user.login), encoded(user.password)  # type: ignore[operator,attr-defined]
    right = ask(f"cmd=auth&user={login}&pass={password}")
    wrong = ask(f"cmd=auth&user={login}&pass={password}x")
    assert (right.status, right.body) == (200, b'{"succeeded": true}')
    assert (wrong.status, wrong.body) == (200, b'{"succeeded": false}')
    assert right.headers == {**FIXED, "Content-Length": "19"}


@pytest.mark.parametrize(
    "body",
    [
        "cmd=auth&user=nobody&pass=Passw0rd",
        "cmd=auth&user=john.doe&pass=",
        "cmd=auth&user=&pass=Passw0rd",
        "cmd=auth&user=john.doe'--&pass=Passw0rd",
        "cmd=auth&user=JOHN.DOE&pass=Passw0rd",
        "cmd=auth&user=john.doe%20&pass=Passw0rd",
    ],
)
def test_unknown_and_empty_are_no(ask: Ask, body: str) -> None:
    """An unknown user and an empty password are a no, not an error."""
    answer = ask(body)
    assert (answer.status, answer.body) == (200, b'{"succeeded": false}')


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "cmd"),
        (b"cmd=", "cmd"),
        (b"cmd", "cmd"),
        (b"cmd=LIST", "cmd"),
        (b"cmd=list%00", "NUL"),
        (b"command=list", "cmd"),
        (b"cmd=auth", "user and pass"),
        (b"cmd=auth&user=a", "user and pass"),
        (b"cmd=auth&pass=a", "user and pass"),
        (b"cmd=list&cmd=auth", "twice"),
        (b"cmd=auth&user=a&user=b&pass=c", "twice"),
        (b"cmd=auth&user=%&pass=c", "percent"),
        (b"cmd=auth&user=%4&pass=c", "percent"),
        (b"cmd=auth&user=%zz&pass=c", "percent"),
        (b"cmd=auth&user=%+1&pass=c", "percent"),
        (b"cmd=auth&user=%ff&pass=c", "UTF-8"),
        (b"cmd=auth&user=%c0%af&pass=c", "UTF-8"),
        (b"cmd=auth&user=%ed%a0%80&pass=c", "UTF-8"),
        (b"cmd=auth&user=\xe4&pass=c", "UTF-8"),
        (b"cmd=auth&user=a&pass=b%00c", "NUL"),
        (b"cmd=list" + b"&a%d=1" * 40 % tuple(range(40)), "too many"),
    ],
)
def test_bad_form_is_400(ask: Ask, body: bytes, word: str) -> None:
    """What cannot be read as MailStore's request is 400, says why, and does not echo a value."""
    answer = ask(body)
    assert answer.status == 400
    assert word in json.loads(answer.body)["error"]


def test_raw_utf8_is_read(ask: Ask) -> None:
    """UTF-8 that was not percent-encoded is accepted."""
    user = USERS[2]
    body = f"cmd=auth&user={user.login}".replace("+", "%2B").replace(" & ", " %26 ") + f"&pass={quote(user.password)}"
    assert ask(body).body == b'{"succeeded": true}'


def test_other_fields_and_charset_are_ignored(ask: Ask) -> None:
    """Further fields, empty ones and parameters of Content-Type do no harm."""
    answer = ask("&&cmd=list&x=1&", CONTENT_TYPE="Application/X-WWW-Form-Urlencoded; charset=UTF-8")
    assert answer.status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "post", ""])
def test_other_methods_are_405(ask: Ask, method: str) -> None:
    """Another method is refused, and Allow names the right ones."""
    answer = ask(REQUEST_METHOD=method)
    assert answer.status == 405
    assert answer.headers["Allow"] == "POST, GET, HEAD"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_get_is_for_callers_only(ask: Ask, method: str) -> None:
    """The page at GET is HTML under a strict policy, and a stranger does not see it."""
    assert ask(b"", REQUEST_METHOD=method, CONTENT_LENGTH=None, HTTP_AUTHORIZATION=None).status == 401
    answer = ask(b"", REQUEST_METHOD=method, CONTENT_LENGTH=None)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "", "multipart/mixed; boundary=x"])
def test_other_body_types_are_415(ask: Ask, kind: str) -> None:
    """A body that is no form is 415."""
    assert ask(CONTENT_TYPE=kind).status == 415


def test_length_faults(ask: Ask, edge: str) -> None:
    """No length is 411 where it is needed, no number 400, a short body 400, a body over 64 KiB 413."""
    needed = 200 if edge == "fastcgi" else 411  # a stream of FastCGI says by itself where it ends
    assert ask(CONTENT_LENGTH=None).status == needed
    assert ask(CONTENT_LENGTH="").status == needed
    for length in ("-1", "8x", "0x8", "٨", "+8", " 8", "8.0"):
        assert ask(CONTENT_LENGTH=length).status == 400, length
    assert ask(CONTENT_LENGTH="9").status == 400
    assert ask(b"cmd=list&x=" + b"y" * (65536 - 11)).status == 200
    assert ask(b"cmd=list&x=" + b"y" * (65536 - 10)).status == 413
    assert ask(CONTENT_LENGTH="9" * 5000).status == 413


def test_nothing_past_content_length_is_read(ask: Ask) -> None:
    """RFC 3875, 4.2: bytes after the body belong to somebody else."""
    assert ask(b"cmd=listxyz", CONTENT_LENGTH="8").status == 200


def test_chunked_body_is_read_to_its_end(ask: Ask) -> None:
    """Apache gives a chunked body without a length."""
    assert ask(CONTENT_LENGTH=None, HTTP_TRANSFER_ENCODING="chunked").status == 200
    assert ask(b"x" * 70000, CONTENT_LENGTH=None, HTTP_TRANSFER_ENCODING="chunked").status == 413


def multipart(fields: list[tuple[str, str]], boundary: str = "XyZ", end: str = "--") -> bytes:
    """A multipart/form-data body as curl -F makes it."""
    parts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields
    )
    return f"{parts}--{boundary}{end}\r\n".encode()


TYPE = "multipart/form-data; boundary=XyZ"


@pytest.mark.parametrize("user", USERS, ids=lambda user: user.login)
def test_multipart_is_read(ask: Ask, user: object) -> None:
    """Fields of a multipart form arrive exactly as typed; nothing is percent-decoded."""
    body = multipart([("cmd", "auth"), ("user", user.login), ("pass", user.password)])  # type: ignore[attr-defined]
    assert ask(body, CONTENT_TYPE=TYPE).body == b'{"succeeded": true}'
    assert ask(multipart([("cmd", "list")]), CONTENT_TYPE=TYPE).status == 200


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (multipart([("cmd", "list")], end=""), TYPE),
        (multipart([("cmd", "list")])[:40], TYPE),
        (multipart([("cmd", "list")]), "multipart/form-data"),
        (multipart([("cmd", "list")]), "multipart/form-data; boundary=" + "x" * 300),
        (multipart([("cmd", "list")]), "multipart/form-data; boundary=other"),
        (multipart([("cmd", "list"), ("cmd", "list")]), TYPE),
        (multipart([("cmd", "li\0st")]), TYPE),
        (multipart([("cmd", "list")]).replace(b"form-data;", b"form-data; filename=x;"), TYPE),
        (multipart([("cmd", "list")]).replace(b"form-data", b"attachment"), TYPE),
        (multipart([("cmd", "list")]).replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n", 1), TYPE),
        (multipart([("cmd", "list")]).replace(b"\r\n\r\n", b"\r\nA: b" * 20 + b"\r\n\r\n", 1), TYPE),
        (multipart([("cmd", "list")]).replace(b"list", b"\xff"), TYPE),
        (multipart([(f"f{n}", "x") for n in range(40)]), TYPE),
        (b"", TYPE),
    ],
)
def test_bad_multipart_is_400(ask: Ask, body: bytes, kind: str) -> None:
    """A multipart form that breaks off, repeats, or holds something else than fields is 400."""
    assert ask(body, CONTENT_TYPE=kind).status == 400


def test_commands_are_those_of_the_readme() -> None:
    """The table of commands and the README name the same ones."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`cmd=(\w+)", readme)) == set(COMMANDS)


def test_errors_are_json_with_the_same_headers(ask: Ask) -> None:
    """An error's body is {"error": sentence}, under the same headers as an answer."""
    answer = ask(HTTP_AUTHORIZATION=credentials(password="wrong"))
    assert list(json.loads(answer.body)) == ["error"]
    assert FIXED.items() <= answer.headers.items()
