"""The login imap against a real Dovecot, and against servers that no password should be trusted to."""

from __future__ import annotations

import base64
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ais.errors import AISError, ConfigError, SourceUnavailable
from ais.logins import Login
from ais.logins.imap import imap, is_refusal
from logins.contract import ACCOUNTS, OTHER, PASSWORD, LoginContract
from logins.network import Talker, free_port, relay, silent, talking
from support.dovecot import Dovecot, dovecot

HELLO = b"* OK ready\r\n"
CAPABLE = b"* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\na1 OK done\r\n"


@pytest.fixture(scope="module")
def server(authority: Path) -> Iterator[Dovecot]:
    """Takes passwords with TLS and without."""
    with dovecot(ACCOUNTS, authority) as running:
        yield running


@pytest.fixture(scope="module")
def broken(authority: Path) -> Iterator[Dovecot]:
    """Cannot read its users."""
    with dovecot(ACCOUNTS, authority, readable=False) as running:
        yield running


def without_plain(said: bytes) -> bytes:
    """Take away the offer of AUTHENTICATE PLAIN, so that only the command LOGIN is left."""
    return said.replace(b" AUTH=PLAIN", b"")


def without_initial_response(said: bytes) -> bytes:
    """Take away RFC 4959, so that the response to AUTHENTICATE must wait."""
    return said.replace(b" SASL-IR", b"")


class TestImap(LoginContract):
    """The contract, over each way to log in."""

    @pytest.fixture(params=["ssl", "starttls", "PLAIN", "PLAIN later", "LOGIN"])
    def way(self, request: pytest.FixtureRequest, server: Dovecot, authority: Path) -> Iterator[tuple[Login, Talker]]:
        """A login, and the relay that it goes through."""
        port = server.tls_port if request.param == "ssl" else server.port
        edits = {"PLAIN later": without_initial_response, "LOGIN": without_plain}
        with relay(port, edits.get(request.param, bytes)) as middle:
            if request.param in ("ssl", "starttls"):
                yield imap("localhost", middle.port, request.param, ca_file=str(authority / "ca.pem")), middle
            else:
                yield imap("127.0.0.1", middle.port, "none"), middle

    @pytest.fixture
    def login(self, way: tuple[Login, Talker]) -> Login:
        """One that is asked through the relay."""
        return way[0]

    @pytest.fixture
    def asked(self, way: tuple[Login, Talker]) -> Callable[[], int]:
        """How many connections there were."""
        return lambda: len(way[1].received)

    @pytest.fixture
    def down(self) -> Login:
        """Nobody listens."""
        return imap("localhost", free_port(), "none")

    @pytest.fixture(params=["ssl", "starttls", "none"])
    def hanging(self, request: pytest.FixtureRequest) -> Iterator[tuple[Login, str]]:
        """A port that says nothing."""
        with silent() as port:
            yield imap("127.0.0.1", port, request.param), f"127.0.0.1, port {port}"

    @pytest.fixture
    def failing(self, broken: Dovecot) -> Login:
        """Dovecot says NO [UNAVAILABLE]."""
        return imap("127.0.0.1", broken.port, "none")


def test_a_line_break_in_a_password_begins_no_command(server: Dovecot) -> None:
    """CR and LF reach the server as a part of the password, which Dovecot refuses."""
    password = "x\r\na9 NOOP\r\n"
    for edit in (bytes, without_initial_response, without_plain):
        answers: list[bytes] = []

        def seen(said: bytes, edit: Callable[[bytes], bytes] = edit, answers: list[bytes] = answers) -> bytes:
            answers.append(said)
            return edit(said)

        with relay(server.port, seen) as middle:
            assert imap("127.0.0.1", middle.port, "none").verify("anna", password) is False
            assert (base64.b64encode(f"\0anna\0{password}".encode()) in middle.said) is (edit != without_plain)
        assert b"a2 NO" in b"".join(answers)
        assert b"a9" not in b"".join(answers)


def test_tls_hides_the_password(server: Dovecot, authority: Path) -> None:
    """With STARTTLS nothing but that command is readable; with TLS from the start, nothing."""
    for tls, port in (("starttls", server.port), ("ssl", server.tls_port)):
        with relay(port) as middle:
            login = imap("localhost", middle.port, tls, ca_file=str(authority / "ca.pem"))
            assert login.verify("anna", PASSWORD) is True
            assert b"CAPABILITY" not in middle.said
            assert (b"a1 STARTTLS\r\n" in middle.said) is (tls == "starttls")
            assert b"anna" not in middle.said
            assert base64.b64encode(f"\0anna\0{PASSWORD}".encode()) not in middle.said


@pytest.mark.parametrize("tls", ["ssl", "starttls"])
def test_a_certificate_that_is_not_trusted_is_no_answer(server: Dovecot, stranger: Path, tls: str) -> None:
    """Another authority, the system's authorities, or another name than the certificate's: nothing is sent."""
    port = server.tls_port if tls == "ssl" else server.port
    with relay(port) as middle:
        for login in (
            imap("localhost", middle.port, tls, ca_file=str(stranger / "ca.pem")),
            imap("localhost", middle.port, tls),
            imap("127.0.0.1", middle.port, tls, ca_file=str(stranger / "ca.pem")),
        ):
            with pytest.raises(SourceUnavailable, match=f"port {middle.port}.*certificate"):
                login.verify("anna", PASSWORD)
        assert len(middle.received) == 3
        assert b"AUTHENTICATE" not in middle.said


def test_another_name_than_the_certificates_is_no_answer(server: Dovecot, authority: Path) -> None:
    """A certificate of a trusted authority must be for the host that is asked."""
    login = imap("127.0.0.1", server.tls_port, ca_file=str(authority / "ca.pem"))
    with pytest.raises(SourceUnavailable, match=r"certificate is not valid for '127\.0\.0\.1'"):
        login.verify("anna", PASSWORD)


def test_a_server_that_wants_tls_is_an_error(server: Dovecot) -> None:
    """LOGINDISABLED is a fault of the configuration, whoever wants to log in."""

    def disabled(said: bytes) -> bytes:
        return said.replace(b" AUTH=PLAIN", b" LOGINDISABLED")

    with relay(server.port, disabled) as middle:
        login = imap("127.0.0.1", middle.port, "none")
        for password in (PASSWORD, OTHER):
            with pytest.raises(ConfigError, match="set tls"):
                login.verify("anna", password)
        assert b"LOGIN " not in middle.said


def test_the_file_of_authorities_must_be_one(server: Dovecot, authority: Path) -> None:
    """A ca_file that is missing or holds no certificate is a fault of the configuration."""
    for path in (authority / "missing.pem", authority / "server.key"):
        with pytest.raises(ConfigError, match="ca_file"):
            imap("localhost", server.tls_port, ca_file=str(path)).verify("anna", PASSWORD)


def test_the_next_server_is_asked_when_one_cannot_answer(broken: Dovecot, server: Dovecot) -> None:
    """Servers are asked in order until one says yes or no; a no is not asked again."""
    with relay(broken.port) as first, relay(server.port) as last:
        login = imap(["no-such-host.invalid", "127.0.0.1"], last.port, "none")
        assert login.verify("anna", PASSWORD) is True
        assert login.verify("anna", OTHER) is False
        assert len(last.received) == 2
        twice = imap(["127.0.0.1", "localhost"], last.port, "none")
        assert twice.verify("anna", OTHER) is False
        assert len(last.received) == 3
        failing = imap(["127.0.0.1", "localhost"], first.port, "none")
        with pytest.raises(SourceUnavailable, match=r"127\.0\.0\.1.*UNAVAILABLE.*; .*localhost.*UNAVAILABLE"):
            failing.verify("anna", PASSWORD)


@pytest.mark.parametrize("moment", [b"CAPABILITY", b"AUTHENTICATE"])
def test_a_server_killed_in_the_middle_is_no_answer(server: Dovecot, moment: bytes) -> None:
    """A connection that ends before the answer is SourceUnavailable."""
    with relay(server.port, stop=lambda data: moment in data) as middle:
        login = imap("127.0.0.1", middle.port, "none")
        with pytest.raises(SourceUnavailable, match=f"port {middle.port}"):
            login.verify("anna", PASSWORD)
        assert moment in middle.said


def test_other_names() -> None:
    """The server gets the name that the pattern makes."""
    for pattern, user, expected in [
        ("{user}@example.com", "anna", "anna@example.com"),
        ("{local}", "anna@example.com", "anna"),
        ("{local}", "anna", "anna"),
        ("{domain}\\{local}", "a@b@example.com", "example.com\\a@b"),
        ("{user}", "{local}@{domain}", "{local}@{domain}"),
    ]:
        with talking(CAPABLE, b"a2 OK\r\n", None, first=HELLO) as server:
            assert imap("127.0.0.1", server.port, "none", name=pattern).verify(user, "x") is True
        sent = server.said.split(b"PLAIN ")[1].split(b"\r\n")[0]
        assert base64.b64decode(sent).split(b"\0") == [b"", expected.encode(), b"x"]


@pytest.mark.parametrize(
    ("first", "replies"),
    [
        (b"* PREAUTH welcome\r\n", []),
        (b"* BYE too busy\r\n", []),
        (b"220 mail ESMTP\r\n", []),
        (b"\r\n", []),
        (b"* OK", []),
        (b"x" * 70000, []),
        (HELLO, []),
        (HELLO, [b"a1 BAD what\r\n", b"* BYE\r\n"]),
        (HELLO, [b"* BYE\r\na1 OK\r\n"]),
        (HELLO, [CAPABLE, b"a2 BAD syntax\r\n"]),
        (HELLO, [CAPABLE, b"* BYE going down\r\n"]),
        (HELLO, [CAPABLE, b"+ more\r\n"]),
        (HELLO, [CAPABLE, b"a1 OK\r\n"]),
        (HELLO, [CAPABLE, b"a2 \r\n"]),
        (HELLO, [CAPABLE, b"a2 OK"]),
        (HELLO, [CAPABLE, b"* OK\r\n" * 20000]),
        (HELLO, [b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\na1 OK\r\n", b"a2 NO\r\n"]),
        (HELLO, [b"* CAPABILITY IMAP4rev1\r\na1 OK\r\n", b"+\r\n", b"a2 OK\r\n"]),
    ],
)
def test_what_is_no_imap_is_no_answer(first: bytes, replies: list[bytes]) -> None:
    """Anything that the protocol does not know at this place is SourceUnavailable, never a yes or a no."""
    with talking(*replies, first=first) as server, pytest.raises(SourceUnavailable, match=f"port {server.port}"):
        imap("127.0.0.1", server.port, "none").verify("anna", PASSWORD)


@pytest.mark.parametrize(
    "said",
    [
        b"a1 OK go\r\na2 OK injected\r\n",
        b"a1 OK go\r\n* CAPABILITY AUTH=PLAIN\r\n",
        b"a1 NO\r\n",
        b"* PREAUTH\r\na1 BAD\r\n",
    ],
)
def test_nothing_is_believed_before_tls(said: bytes) -> None:
    """A server that goes on talking after STARTTLS, or refuses it, is not sent anything more (CVE-2011-0411)."""
    with talking(said, None, first=HELLO) as server, pytest.raises(SourceUnavailable):
        imap("127.0.0.1", server.port, "starttls").verify("anna", PASSWORD)
    assert server.said == b"a1 STARTTLS\r\n"


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (b"[AUTHENTICATIONFAILED] Authentication failed.", True),  # Dovecot, Gmail
        (b"[AUTHORIZATIONFAILED] no", True),
        (b"[EXPIRED] password", True),
        (b"[AUTHENTICATIONFAILED] temporarily? no: wrong", True),
        (b"Login failed.", True),  # Courier
        (b"LOGIN failed.", True),  # Exchange
        (b"Invalid user name or password.", True),  # hMailServer
        (b"[ALERT] Invalid credentials (Failure)", True),
        (b"[X-UNKNOWN thing] no", True),
        (b"", True),
        (b"[UNAVAILABLE] Temporary authentication failure.", False),  # Dovecot
        (b"[unavailable] x", False),
        (b"[INUSE] x", False),
        (b"[LIMIT] x", False),
        (b"[SERVERBUG] x", False),
        (b"[CONTACTADMIN] x", False),
        (b"[PRIVACYREQUIRED] x", False),
        (b"[REFERRAL imap://elsewhere/] x", False),
        (b"Server Unavailable. 15", False),  # Exchange
        (b"Temporary failure, try later", False),
    ],
)
def test_which_no_is_about_the_password(text: bytes, refused: bool) -> None:
    """Response codes tell a refusal from a fault; a NO without one is a refusal, unless its words say otherwise."""
    assert is_refusal(text) is refused
    with talking(CAPABLE, b"a2 NO " + text + b"\r\n", first=HELLO) as server:
        login = imap("127.0.0.1", server.port, "none")
        if refused:
            assert login.verify("anna", PASSWORD) is False
        else:
            with pytest.raises(SourceUnavailable):
                login.verify("anna", PASSWORD)


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        ({"host": ""}, "host"),
        ({"host": []}, "host"),
        ({"host": ["a", None]}, "host"),
        ({"host": 5}, "host"),
        ({"host": "mail:993"}, "host"),
        ({"host": "imaps://mail"}, "host"),
        ({"host": "a\r\nb"}, "host"),
        ({"port": 0}, "port"),
        ({"port": 65536}, "port"),
        ({"port": "993"}, "port"),
        ({"port": True}, "port"),
        ({"tls": "yes"}, "tls"),
        ({"tls": True}, "tls"),
        ({"tls": None}, "tls"),
        ({"ca_file": ""}, "ca_file"),
        ({"ca_file": 1}, "ca_file"),
        ({"tls": "none", "ca_file": "x"}, "ca_file"),
        ({"name": ""}, "name"),
        ({"name": "anna"}, "name"),
        ({"name": "{domain}"}, "name"),
        ({"name": "{user"}, "name"),
        ({"name": "user}"}, "name"),
        ({"name": "{user.__class__}"}, "name"),
        ({"name": "{}"}, "name"),
        ({"name": None}, "name"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], option: str) -> None:
    """What cannot work is an error when the configuration is read, and names the option."""
    with pytest.raises(ConfigError, match=rf"imap\(\): {option} "):
        imap(**{"host": "localhost", **arguments})


def test_hosts_without_a_name_are_no_answer() -> None:
    """A host that does not exist is named in the error."""
    with pytest.raises(AISError, match=r"no-such-host\.invalid, port 993: there is no address"):
        imap("no-such-host.invalid").verify("anna", PASSWORD)


def test_ipv6() -> None:
    """An IPv6 address is a host, with brackets or without."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this computer has no IPv6")
    for host in ("::1", "[::1]"):
        with pytest.raises(SourceUnavailable, match="IMAP server ::1, port"):
            imap(host, free_port(), "none").verify("anna", PASSWORD)
