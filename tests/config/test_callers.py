"""Who may ask."""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BytesIO

import pytest

from ais import caller, passwords, web_server
from ais.config import callers
from ais.errors import ConfigError, RequestError
from ais.http import Request
from conftest import EDGES, Ask, credentials
from support.site import CALLER, salted

CHALLENGE = 'Basic realm="MailStore integration", charset="UTF-8"'
WriteConfig = Callable[..., None]


@pytest.fixture(params=EDGES)
def edge(request: pytest.FixtureRequest) -> str:
    """Each edge in turn."""
    return str(request.param)


def with_callers(text: str) -> str:
    """A configuration whose callers are replaced."""
    return (
        "from ais import caller, web_server, sql\n"
        f"callers = [{text}]\n"
        'sources = [sql("sqlite", database="users.sqlite", list_query="SELECT login AS user_name FROM users",'
        ' auth_query="SELECT password FROM users WHERE login = :user")]\n'
    )


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic bm9jb2xvbg==",
        "Basic bWFpbHN0b3JlQGV4YW1wbGUudGVzdDpQYXNzdzByZA=",
        "Bearer abc",
        "Digest username=x",
        "Basic \xff",
        credentials(password="wrong"),
        credentials(password=""),
        credentials(user="", password=""),
        credentials(user=CALLER.upper()),
        credentials(user="other@example.test"),
        credentials() + " x",
    ],
)
def test_unknown_caller_gets_the_challenge(ask: Ask, header: str | None) -> None:
    """Without the right credentials the answer is 401 with exactly this challenge."""
    answer = ask(HTTP_AUTHORIZATION=header)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == CHALLENGE


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC", "bAsIc"])
def test_scheme_in_any_case(ask: Ask, scheme: str) -> None:
    """The word Basic is matched without regard to case."""
    assert ask(HTTP_AUTHORIZATION=scheme + credentials()[5:]).status == 200


def test_redirected_authorization(ask: Ask) -> None:
    """Apache gives the header under a second name after an internal redirect."""
    assert ask(HTTP_AUTHORIZATION=None, REDIRECT_HTTP_AUTHORIZATION=credentials()).status == 200


@pytest.mark.parametrize("charset", ["utf-8", "cp1252", "latin-1"])
def test_credentials_in_utf8_and_windows_1252(ask: Ask, write_config: WriteConfig, charset: str) -> None:
    """.NET sends UTF-8 or the Windows code page; both are understood."""
    write_config(whole=with_callers(f"caller('größe', {salted('SSHA256', 'pässword:ü')!r})"))
    assert ask(HTTP_AUTHORIZATION=credentials("größe", "pässword:ü", charset)).status == 200
    assert ask(HTTP_AUTHORIZATION=credentials("größe", "pässword:u", charset)).status == 401


def test_no_callers_no_access(ask: Ask, write_config: WriteConfig) -> None:
    """An empty list of callers lets nobody in, not everybody."""
    write_config(whole=with_callers(""))
    assert ask().status == 401
    assert ask(REMOTE_USER="anybody").status == 401


def test_several_callers_and_two_secrets_of_one(ask: Ask, write_config: WriteConfig) -> None:
    """Each caller has a secret of its own; one name may have two while a secret is changed."""
    write_config(
        whole=with_callers(
            f"caller('a', {salted('SSHA256', 'one')!r}), caller('b', '{{PLAIN}}two'), caller('a', '{{PLAIN}}three')"
        )
    )
    allowed = [("a", "one"), ("b", "two"), ("a", "three")]
    for user in "ab":
        for password in ("one", "two", "three"):
            status = ask(HTTP_AUTHORIZATION=credentials(user, password)).status
            assert status == (200 if (user, password) in allowed else 401), (user, password)


def test_credentials_that_were_right_are_not_hashed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The header of a caller is checked once, any other each time; addresses and HTTPS count for each request."""
    hashed: list[str] = []

    def verify(stored: str, password: str, user: str) -> bool:
        hashed.append(password)
        return passwords.verify(stored, password, user)

    def admitted(password: str, **changed: str) -> object:
        environ = {
            "REMOTE_ADDR": "192.0.2.1",
            "HTTPS": "on",
            "HTTP_AUTHORIZATION": credentials("a", password),
        } | changed
        request = Request(environ, BytesIO(), sys.stderr, https=environ["HTTPS"] == "on", terminated=True)
        try:
            return callers.admit(request, known)
        except RequestError as error:
            return error.status

    monkeypatch.setattr(callers, "verify", verify)
    known = [caller("a", salted("SSHA256", "x"), allow_from="192.0.2.0/24"), caller("b", "{PLAIN}y")]
    assert [admitted(password) for password in ("x", "x", "y", "x", "")] == ["a", "a", 401, "a", 401]
    assert hashed == ["x", "y", ""]
    assert admitted("x", REMOTE_ADDR="192.0.3.1") == 403
    assert admitted("x", HTTPS="") == 403
    assert admitted("x", HTTP_AUTHORIZATION=credentials("a", "x") + "\xff") == 401
    known = [caller("a", salted("SSHA256", "z"), allow_from="192.0.2.0/24")]
    assert admitted("x") == 401


def test_a_panic_is_an_internal_error(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a library of Rust raises is no Exception; it is answered all the same, and its text goes nowhere."""

    def verify(*_: object) -> bool:
        raise type("PanicException", (BaseException,), {})("hunter2")

    monkeypatch.setattr(callers, "verify", verify)
    answer = ask()
    assert answer.status == 500
    assert "internal error: PanicException in " in answer.log
    assert "hunter2" not in answer.log + answer.body.decode()


def test_unreadable_secret_is_an_error(ask: Ask, write_config: WriteConfig) -> None:
    """A secret that nobody can read is 500 and names its scheme, never a yes; there is no fall-back to plain text."""
    write_config(whole=with_callers("caller('a', 'bare')"))
    answer = ask(HTTP_AUTHORIZATION=credentials("a", "bare"))
    assert answer.status == 500
    assert "bare'" not in answer.log
    assert "the secret of the caller a in the configuration cannot be read (scheme bare text)" in answer.log
    assert b"is not what bin/ais hash-password prints" in answer.body


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("192.0.2.10", 200),
        ("::ffff:192.0.2.10", 200),
        ("192.0.2.11", 403),
        ("2001:db8::5", 200),
        ("2001:db8:1::5", 403),
        ("", 403),
        ("unix:", 403),
        ("192.0.2.10, 1.2.3.4", 403),
    ],
)
def test_allow_from(ask: Ask, write_config: WriteConfig, address: str, status: int) -> None:
    """Another address than the caller's is 403, also with the right credentials."""
    write_config(whole=with_callers("caller('a', '{PLAIN}x', allow_from=['192.0.2.10', '2001:db8::/48'])"))
    assert ask(HTTP_AUTHORIZATION=credentials("a", "x"), REMOTE_ADDR=address, HTTPS="on").status == status


def test_address_of_another_caller_is_403(ask: Ask, write_config: WriteConfig) -> None:
    """An address that only another caller may come from does not help."""
    write_config(
        whole=with_callers(
            "caller('a', '{PLAIN}x', allow_from='10.0.0.0/8'), caller('b', '{PLAIN}y', allow_from='::1')"
        )
    )
    assert ask(HTTP_AUTHORIZATION=credentials("b", "y"), REMOTE_ADDR="10.1.1.1", HTTPS="on").status == 403
    assert ask(HTTP_AUTHORIZATION=credentials("a", "x"), REMOTE_ADDR="10.1.1.1", HTTPS="on").status == 200


@pytest.mark.parametrize(
    "other", ["caller('a', '{PLAIN}x', allow_from='10.0.0.9')", "web_server(allow_from='10.0.0.9')"]
)
def test_one_who_may_come_from_here_is_found(ask: Ask, write_config: WriteConfig, other: str) -> None:
    """One caller of two may have the other's user name and password, and come from another address."""
    write_config(whole=with_callers(f"{other}, caller('a', '{{PLAIN}}x', allow_from='10.1.1.1')"))
    given = {"HTTP_AUTHORIZATION": credentials("a", "x"), "REMOTE_USER": "a", "HTTPS": "on"}
    assert ask(REMOTE_ADDR="10.1.1.1", **given).status == 200
    assert ask(REMOTE_ADDR="10.1.1.2", **given).status == 403


def test_web_server_checks(ask: Ask, write_config: WriteConfig) -> None:
    """REMOTE_USER counts only with web_server(), and only what the server says, never a header."""
    assert ask(HTTP_AUTHORIZATION=None, REMOTE_USER=CALLER).status == 401
    write_config(whole=with_callers("web_server()"))
    assert ask(HTTP_AUTHORIZATION=None, REMOTE_USER="anybody").status == 200
    assert b"let it check users at this address" in ask(REMOTE_USER="").body
    assert ask(HTTP_AUTHORIZATION=None, REMOTE_USER="").status == 401
    assert ask(HTTP_AUTHORIZATION=None, HTTP_REMOTE_USER="anybody").status == 401
    write_config(whole=with_callers("web_server(users=['mailstore'])"))
    assert ask(HTTP_AUTHORIZATION=None, REMOTE_USER="mailstore").status == 200
    assert ask(HTTP_AUTHORIZATION=None, REMOTE_USER="anybody").status == 401


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "127.8.9.1"}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "::ffff:127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "192.0.2.1"}, 403),
        ({"REMOTE_ADDR": "127.evil.example"}, 403),
        ({"REMOTE_ADDR": ""}, 403),
        ({"REMOTE_ADDR": "192.0.2.1", "HTTPS": "on"}, 200),
        ({"REMOTE_ADDR": "192.0.2.1", "HTTPS": "off"}, 403),
        ({"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_PROTO": "https"}, 403),
        ({"REMOTE_ADDR": "192.0.2.1", "HTTP_HTTPS": "on"}, 403),
        ({"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.1"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 403),
        ({"REMOTE_ADDR": "::1", "HTTP_FORWARDED": "for=192.0.2.1;proto=https"}, 403),
        ({"REMOTE_ADDR": "::ffff:127.0.0.1", "HTTP_X_REAL_IP": "192.0.2.1"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_VIA": "1.1 proxy"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_VIA": ""}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_VIA": "1.1 proxy", "HTTP_X_FORWARDED_PROTO": "https"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_VIA": "1.1 proxy", "HTTPS": "on"}, 200),
    ],
)
def test_https_is_required(ask: Ask, changed: dict[str, str], status: int) -> None:
    """Plain HTTP is 403 but from this computer itself, not through a proxy on it; a client's own word never counts."""
    assert ask(**changed).status == status


def test_https_can_be_waived(ask: Ask, write_config: WriteConfig) -> None:
    """require_https = False lets plain HTTP through, also what a proxy on this computer passes on."""
    write_config("require_https = False\n")
    assert ask(REMOTE_ADDR="192.0.2.1").status == 200
    assert ask(HTTP_X_FORWARDED_FOR="192.0.2.1").status == 200


def test_refused_proxy_is_told_apart(ask: Ask) -> None:
    """The answer says that a proxy is in between, for https:// in the address would not help."""
    assert b"proxy on the server" in ask(HTTP_VIA="1.1 proxy").body
    assert b"use an https:// address" in ask(HTTP_VIA="1.1 proxy", REMOTE_ADDR="192.0.2.1").body


@pytest.mark.parametrize(
    "make",
    [
        lambda: caller("", "x"),
        lambda: caller("a:b", "x"),
        lambda: caller("a\nb", "x"),
        lambda: caller("a\x1b[31m", "x"),
        lambda: caller("a", ""),
        lambda: caller("a", " "),
        lambda: caller("a", None),
        lambda: caller("a", "x", allow_from="300.1.1.1"),
        lambda: caller("a", "x", allow_from=["10.0.0.1/8"]),
        lambda: caller("a", "x", allow_from=5),
        lambda: web_server(users=[""]),
    ],
)
def test_unusable_arguments_are_errors(make: Callable[[], object]) -> None:
    """An argument that cannot be used is an error when the configuration is read."""
    with pytest.raises(ConfigError):
        make()
