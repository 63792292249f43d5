"""The source ldap when servers are large, limited, slow, dead, or not who they say."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ais import deadline
from ais.errors import SourceError, SourceUnavailable
from ais.sources.ldap import LdapSource, ldap
from sources.contract import PASSWORD
from sources.test_ldap import PEOPLE, person, unit
from support.openldap import BASE, READER, READER_PASSWORD, Slapd, certificates, free_port, slapd

MANY = 2000


def source(url: str | list[str], **options: object) -> LdapSource:
    """The source with the usual login."""
    given = {"base": PEOPLE, "bind_dn": READER, "bind_password": READER_PASSWORD, **options}
    return ldap(url, **given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the certificates."""
    return certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory, authority: Path) -> Iterator[Slapd]:
    """A server with TLS."""
    with slapd(tmp_path_factory.mktemp("slapd"), unit("people") + person("anna"), certificates=authority) as running:
        yield running


def many() -> str:
    """The entries of `MANY` users."""
    return unit("people") + "".join(person(f"user{number}") for number in range(MANY))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """A server with many users, which may be read in pages only; others than the reader may read five."""
    limits = f'limits dn.exact="{READER}" size.soft=600 size.hard=600 size.prtotal=unlimited'
    with slapd(tmp_path_factory.mktemp("slapd"), many(), database=f"{limits}\nsizelimit 5") as running:
        yield running


@pytest.fixture
def fleeting(tmp_path: Path) -> Iterator[Slapd]:
    """A server with many users for one test."""
    with slapd(tmp_path, many(), database="sizelimit unlimited") as running:
        yield running


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a server that takes connections and never says anything."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"ldap://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def in_time() -> Iterator[Callable[[float], None]]:
    """Sets a deadline; the test fails when it takes half a second longer."""
    ends: list[float] = []

    def start(seconds: float) -> None:
        deadline.start(seconds)
        ends.append(time.monotonic() + seconds + 0.5)

    yield start
    deadline._ends.set(time.monotonic() + 3600)
    assert time.monotonic() < ends[0]


def both(asked: LdapSource) -> list[Callable[[], object]]:
    """The two questions to a source."""
    return [lambda: list(asked.users()), lambda: asked.authenticate("anna", PASSWORD)]


def test_many_users_come_in_pages(large: Slapd) -> None:
    """All are listed, each once, in as many searches as there are pages."""
    seen = len(large.log())
    names = {user.user_name for user in source(large.url).users()}
    assert names == {f"user{number}" for number in range(MANY)}
    assert large.log()[seen:].count(" SRCH base=") == MANY / 500
    assert source(large.url).authenticate("user1999", PASSWORD) is True


def test_a_limit_on_a_search_is_an_error(large: Slapd) -> None:
    """What the server cuts off is not a list."""
    with pytest.raises(SourceError, match=r"sizeLimitExceeded \(4\): .*raise the limit"):
        list(source(large.url, page_size=None).users())


def test_a_limit_on_all_pages_is_an_error(tmp_path: Path) -> None:
    """Pages do not get around the server's limit, and a part of them is not a list."""
    for number, limits in enumerate(("sizelimit 5", "sizelimit size.prtotal=1000", "limits * size.prtotal=disabled")):
        folder = tmp_path / str(number)
        folder.mkdir()
        with slapd(folder, many(), database=limits) as running, pytest.raises(SourceError, match="the search failed"):
            list(source(running.url).users())


def answering(*replies: tuple[int, bytes]) -> tuple[socket.socket, threading.Thread]:
    """A server that answers one request, with these messages (RFC 4511, 4.1.1).

    Args:
        replies: tag of the operation and its content, for each message.
    """
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            request = connection.recv(4096)
            start = 2 + (request[1] & 0x7F if request[1] > 0x7F else 0)
            number = request[start : start + 2 + request[start + 1]]
            for tag, content in replies:
                body = number + bytes((tag, len(content))) + content
                connection.sendall(bytes((0x30, len(body))) + body)
            connection.recv(4096)

    thread = threading.Thread(target=serve)
    thread.start()
    return listener, thread


def result(code: int) -> bytes:
    """An LDAPResult without texts."""
    return bytes((0x0A, 1, code, 4, 0, 4, 0))


SEARCH_DONE, SEARCH_ENTRY = 0x65, 0x64


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        (0, SourceError, "last page: set page_size=None"),
        (1, SourceError, r"operationsError \(1\): .*bind_dn"),
        (3, SourceUnavailable, r"timeLimitExceeded \(3\)"),
        (4, SourceError, r"sizeLimitExceeded \(4\)"),
        (10, SourceError, r"referral \(10\)"),
        (11, SourceError, r"adminLimitExceeded \(11\)"),
        (12, SourceError, r"unavailableCriticalExtension \(12\): .*page_size=None"),
        (50, SourceError, r"insufficientAccessRights \(50\)"),
        (51, SourceUnavailable, r"busy \(51\)"),
        (52, SourceUnavailable, r"unavailable \(52\)"),
        (80, SourceError, r"other \(80\)"),
        (126, SourceUnavailable, "127.0.0.1"),  # no code of LDAP
    ],
)
def test_any_other_result_than_success_is_an_error(code: int, kind: type[Exception], said: str) -> None:
    """So is a success that does not say whether it was the last page."""
    listener, thread = answering((SEARCH_DONE, result(code)))
    with closing(listener), pytest.raises(kind, match=said):
        list(source(f"ldap://127.0.0.1:{listener.getsockname()[1]}", bind_dn=None, bind_password=None).users())
    thread.join()


def test_values_that_the_server_holds_back_are_an_error() -> None:
    """Active Directory gives a part of many values under another name, ``proxyAddresses;range=0-1499``."""

    def octets(tag: int, content: bytes) -> bytes:
        return bytes((tag, len(content))) + content

    name, values = octets(4, b"mail;range=0-1"), octets(0x31, octets(4, b"a@b.c") + octets(4, b"d@b.c"))
    entry = octets(4, b"uid=a") + octets(0x30, octets(0x30, name + values))
    listener, thread = answering((SEARCH_ENTRY, entry), (SEARCH_DONE, result(0)))
    url = f"ldap://127.0.0.1:{listener.getsockname()[1]}"
    with closing(listener), pytest.raises(SourceError, match="uid=a has more values"):
        list(source(url, bind_dn=None, bind_password=None, page_size=None).users())
    thread.join()


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSTOP])
def test_a_server_that_dies_between_pages_is_an_error(
    fleeting: Slapd, in_time: Callable[[float], None], sent: signal.Signals
) -> None:
    """Whether the server is killed or hangs, the pages so far are not a list, and no other server goes on."""

    def strike() -> None:
        while fleeting.log().count("SEARCH RESULT") < 20:
            time.sleep(0.001)
        os.kill(fleeting.process.pid, sent)

    thread = threading.Thread(target=strike)
    in_time(5)
    thread.start()
    try:
        with pytest.raises(
            SourceUnavailable, match=r"closed the connection|reset by peer|no answer in time|Broken pipe"
        ):
            list(source([fleeting.url, fleeting.url], page_size=2).users())
    finally:
        thread.join()
    assert fleeting.log().count("SEARCH RESULT") < MANY / 2


def test_servers_are_tried_in_order(secure: Slapd) -> None:
    """A server that is down is passed over, for both questions."""
    asked = source([f"ldap://127.0.0.1:{free_port()}", secure.url])
    assert [user.user_name for user in asked.users()] == ["anna"]
    assert asked.authenticate("anna", PASSWORD) is True
    assert asked.authenticate("anna", "wrong") is False


def test_a_name_without_address_is_passed_over(secure: Slapd) -> None:
    """So is one that the name service does not know."""
    assert len(list(source(["ldap://ldap.invalid", secure.url]).users())) == 1
    with pytest.raises(SourceUnavailable, match=r"ldap://ldap\.invalid: there is no address"):
        list(source("ldap://ldap.invalid").users())


def test_a_server_that_hangs_leaves_time_for_the_next(
    secure: Slapd, silent: str, in_time: Callable[[float], None]
) -> None:
    """One that takes the connection and says nothing is given up while the next one can still be asked."""
    in_time(2)
    assert source([silent, secure.url]).authenticate("anna", PASSWORD) is True


@pytest.mark.parametrize("options", [{}, {"starttls": True}, {"bind_dn": None, "bind_password": None}])
def test_servers_that_all_hang_end_in_time(
    silent: str, in_time: Callable[[float], None], options: dict[str, object]
) -> None:
    """Nobody can tell, and this is said before the request is over."""
    in_time(1)
    with pytest.raises(SourceUnavailable, match="no answer in time"):
        list(source([silent, silent], **options).users())


def test_a_tls_server_that_hangs_ends_in_time(silent: str, in_time: Callable[[float], None]) -> None:
    """A handshake is waited for no longer than anything else."""
    in_time(1)
    with pytest.raises(SourceUnavailable, match="no TLS: no answer in time"):
        source(silent.replace("ldap:", "ldaps:")).authenticate("anna", PASSWORD)


def test_a_server_that_answers_in_drips_ends_in_time(in_time: Callable[[float], None]) -> None:
    """The time is that of the whole request, not of each read."""

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"\x30\x84\x00\x01\x00\x00")  # an answer of 64 KiB
            try:
                while True:
                    connection.sendall(b"\x02")
                    time.sleep(0.05)
            except OSError:
                pass

    in_time(1)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(SourceUnavailable, match="no answer in time"):
            list(source(f"ldap://127.0.0.1:{listener.getsockname()[1]}").users())
        thread.join()


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x30\x03\x02\x01\x01", b"\xff" * 40, b""])
def test_a_server_of_another_kind_is_an_error(in_time: Callable[[float], None], answer: bytes) -> None:
    """Whatever it says is no answer."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(answer)

    in_time(2)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(SourceUnavailable):
            list(source(f"ldap://127.0.0.1:{listener.getsockname()[1]}").users())
        thread.join()


@pytest.mark.parametrize("starttls", [False, True])
def test_tls_is_verified(secure: Slapd, authority: Path, starttls: bool) -> None:
    """Certificate and name must be right, with LDAPS and with StartTLS; nothing is sent to anybody else."""

    def at(host: str, ca_file: Path | None) -> LdapSource:
        url = f"ldap://{host}:{secure.port}" if starttls else f"ldaps://{host}:{secure.tls_port}"
        return source(url, starttls=starttls, ca_file=ca_file and str(ca_file))

    trusted = authority / "ca.pem"
    assert at("localhost", trusted).authenticate("anna", PASSWORD) is True
    assert [user.user_name for user in at("localhost", trusted).users()] == ["anna"]
    seen = len(secure.log())
    for question in both(at("localhost", None)):
        with pytest.raises(SourceUnavailable, match="no TLS: self-signed certificate in certificate chain"):
            question()
    for question in both(at("127.0.0.1", trusted)):
        with pytest.raises(SourceUnavailable, match=r"no TLS: .*IP address mismatch"):
            question()
    assert " BIND " not in secure.log()[seen:]


def test_tls_from_the_start_is_used_for_the_users_password_too(secure: Slapd, authority: Path) -> None:
    """Each bind of a login goes over TLS when one is asked for."""
    for url, starttls in ((secure.tls_url, False), (f"ldap://localhost:{secure.port}", True)):
        seen = len(secure.log())
        asked = source(url, starttls=starttls, ca_file=str(authority / "ca.pem"))
        assert asked.authenticate("anna", PASSWORD) is True
        assert asked.decoy("wrong") is True
        told = secure.log()[seen:].splitlines()
        assert sum("mech=SIMPLE" in line for line in told) == 2
        assert all(" ssf=0" not in line for line in told if "mech=SIMPLE" in line)
        assert sum("TLS established" in line for line in told) == 3


def test_a_server_without_starttls_is_not_asked_without(fleeting: Slapd) -> None:
    """A refused StartTLS ends the connection before anything else is sent."""
    with pytest.raises(SourceUnavailable, match="refuses StartTLS: protocolError"):
        list(source(fleeting.url.replace("127.0.0.1", "localhost"), starttls=True).users())
    assert " BIND " not in fleeting.log()


def test_a_server_that_wants_tls_is_not_a_no(tmp_path: Path, authority: Path) -> None:
    """A login that the server does not even look at is an error, which names the reason."""
    before = "security simple_bind=128"
    with slapd(tmp_path, unit("people") + person("anna"), before=before, certificates=authority) as running:
        for question in both(source(running.url)):
            with pytest.raises(SourceError, match=r"confidentialityRequired \(13\)"):
                question()
        assert source(running.tls_url, ca_file=str(authority / "ca.pem")).authenticate("anna", PASSWORD) is True


def test_a_bind_that_the_server_does_not_judge_is_no_answer(tmp_path: Path) -> None:
    """A no comes only from a server that has looked at the password."""
    ldif = unit("people") + person("anna")
    with slapd(tmp_path, ldif, database="restrict bind", access="access to * by * read") as running:
        asked = source(running.url, bind_dn=None, bind_password=None)
        assert [user.user_name for user in asked.users()] == ["anna"]
        for password in (PASSWORD, "wrong"):
            with pytest.raises(SourceUnavailable, match=r"cannot check a password: unwillingToPerform \(53\)"):
                asked.authenticate("anna", password)


POLICY = f"""overlay ppolicy
ppolicy_default "cn=policy,{BASE}"
"""


def test_password_policy(tmp_path: Path) -> None:
    """Locked and expired users get a no, whatever their password; one who must change it is let in."""
    ldif = (
        f"dn: cn=policy,{BASE}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: policy\n"
        "pwdAttribute: userPassword\npwdLockout: TRUE\npwdMaxFailure: 2\npwdMaxAge: 3600\npwdMustChange: TRUE\n\n"
    )
    ldif += unit("people") + person("anna") + person("locked", ("pwdAccountLockedTime", "000001010000Z"))
    ldif += person("expired", ("pwdChangedTime", "20200101000000Z")) + person("due", ("pwdReset", "TRUE"))
    with slapd(tmp_path, ldif, before="moduleload ppolicy", database=POLICY) as running:
        asked = source(running.url)
        assert asked.authenticate("locked", PASSWORD) is False
        assert asked.authenticate("expired", PASSWORD) is False
        assert asked.authenticate("due", PASSWORD) is True
        assert asked.authenticate("anna", PASSWORD) is True
        for _ in range(5):
            assert asked.authenticate("nobody", "wrong") is None
            assert asked.decoy("wrong") is True
        assert asked.authenticate("anna", PASSWORD) is True  # the decoy has locked nobody out
        for _ in range(2):
            assert asked.authenticate("anna", "wrong") is False
        assert asked.authenticate("anna", PASSWORD) is False
        active = source(running.url, filter="(&(objectClass=inetOrgPerson)(!(pwdAccountLockedTime=000001010000Z)))")
        assert "locked" not in {user.user_name for user in active.users()}
