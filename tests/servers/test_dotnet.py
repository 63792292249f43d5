"""A client of .NET (Mono's) against the web servers, each set up by its example file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product

import pytest

from cli.probe.test_tls import write_certificates
from servers.conftest import NGINX, Kind
from servers.test_documented_requests import THE_LIST
from support.dotnet import CLIENTS, Mono, Session
from support.running import ADDRESS, Server, free_ports
from support.site import USERS, SampleUser, make_site, salted, sample_config, temporary_folder, write_database

NO, YES = '200 {"succeeded": false}', '200 {"succeeded": true}'
LIST = {"cmd": "list"}

ASCII = "".join(map(chr, range(0x20, 0x7F)))
LATIN = "".join(map(chr, range(0xA1, 0x100)))
PASSWORDS = (f"{ASCII} ", ASCII[::-1], "%41+%2B&x=y", "= &", LATIN, "Grüße, Müßiggänger", "Ã¼ber")
"""Every printable character of ASCII and Latin-1. The last one's bytes in Latin-1 are another text in UTF-8."""

FURTHER = ("10 € „billig“ ŠŽœ", "пароль Ω 密码", "🔑x👩‍👩‍👧🔑", "e\u0301 a\u0308")
"""Characters that one byte each cannot say."""

ALL = tuple(enumerate((*PASSWORDS, *FURTHER)))


@pytest.fixture(scope="module", params=["lighttpd", "apache-event", NGINX])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each of the servers in turn."""
    return Kind(request.param)


@pytest.fixture(scope="module")
def server(kind: Kind) -> Iterator[Server]:
    """Each server, with a user and a caller for each password."""
    with temporary_folder() as folder:
        site = make_site(folder / "ais")
        callers = [f"caller('büro {n}', {salted('SSHA256', password)!r})" for n, password in ALL]
        config = sample_config().replace(")]\n", f"), {', '.join(callers)}]\n", 1)
        (site / "conf" / "config.py").write_text(config, encoding="utf-8")
        (site / "conf" / "users.sqlite").unlink()
        users = [SampleUser(f"user {n}", None, None, None, password) for n, password in ALL]
        write_database(site / "conf" / "users.sqlite", (USERS[0], *users))
        with kind(site) as running:
            yield running


@pytest.fixture(scope="session")
def mono() -> Iterator[Mono]:
    """The client."""
    with temporary_folder() as folder:
        yield Mono(folder)


def login(number: int, password: str) -> dict[str, str]:
    """The form of a login."""
    return {"cmd": "auth", "user": f"user {number}", "pass": password}


def test_both_commands(server: Server, mono: Mono) -> None:
    """The list and the verdicts come, whether the client sends its credentials unasked or not."""
    login = {"cmd": "auth", "user": "john.doe"}
    steps = (LIST, {**login, "pass": "Passw0rd"}, {**login, "pass": "passw0rd"})
    sessions = [Session(*each, server.url, steps) for each in product(CLIENTS, (False, True))]
    for (users, *verdicts), session in zip(mono.ask(*sessions), sessions, strict=True):
        assert json.loads(users.removeprefix("200 "))[0] == json.loads(THE_LIST)[0], (session, server.log())
        assert verdicts == [YES, NO], session


def test_passwords_of_users(server: Server, mono: Mono) -> None:
    """A user's password arrives as it was typed, and another one is refused."""
    steps = tuple(login(n, password + added) for n, password in ALL for added in ("", "~"))
    sessions = [Session(client, False, server.url, steps) for client in CLIENTS]
    for session, answers in zip(sessions, mono.ask(*sessions), strict=True):
        assert answers == [YES, NO] * len(ALL), (session.client, server.log())


def test_passwords_of_callers(server: Server, mono: Mono) -> None:
    """The caller's password arrives, too: HttpClient sends it as UTF-8, the others as Latin-1.

    A character that is not in Latin-1 is lost in the client.
    """
    callers = [(client, (f"büro {n}", password)) for client in CLIENTS for n, password in ALL]
    sessions = [Session(client, False, server.url, (LIST,), caller) for client, caller in callers]
    for session, (answer,) in zip(sessions, mono.ask(*sessions), strict=True):
        lost = session.client != "HttpClient" and session.caller[1] in FURTHER
        assert ("(401)" if lost else "200 [") in answer, (session, server.log())


def test_silent_connections(server: Server, mono: Mono) -> None:
    """A request that comes 4.9 to 6 seconds after an answer, when servers close kept connections, is never lost."""
    # At 5 seconds to the millisecond Apache closes, and only then.
    gaps = [4900, *range(5100, 6001, 50)]
    steps = {gap: (LIST, gap, LIST) for gap in gaps}
    sessions = [Session(client, True, server.url, steps[gap]) for client, gap in product(CLIENTS, gaps)]
    for session, answers in zip(sessions, mono.ask(*sessions), strict=True):
        if not answers[0].startswith("200 ["):
            # No silence was before it. All sessions begin at once, and while its threads are busy Apache closes
            # connections that wait for a request.
            (answers,) = mono.ask(session)
        assert [answer[:5] for answer in answers] == ["200 ["] * 2, (session.client, session.steps[1], answers)


def test_own_authority(kind: Kind, mono: Mono) -> None:
    """With the certificate of a private authority in its store, and only then, the client trusts the server."""
    with temporary_folder() as folder:
        write_certificates(folder)
        site = make_site(folder / "ais")
        port = next(free_ports())
        file = folder / "good.pem"
        if kind.program == "lighttpd":
            extra = f'''server.modules += ( "mod_openssl" )
                ssl.openssl.ssl-conf-cmd = ( "MinProtocol" => "TLSv1.2" )
                $SERVER["socket"] == "127.0.0.1:{port}" {{ ssl.engine = "enable"
                    ssl.pemfile = "{file}" }}'''
        elif kind.program == "nginx":
            extra = f"listen 127.0.0.1:{port} ssl; ssl_certificate {file}; ssl_certificate_key {file};"
        else:
            extra = f'''Listen 127.0.0.1:{port}
                <VirtualHost 127.0.0.1:{port}>
                SSLEngine on
                SSLCertificateFile "{file}"
                </VirtualHost>'''
        url = f"https://localhost:{port}{ADDRESS}"
        sessions = [Session(client, False, url, (LIST,)) for client in CLIENTS]
        with kind(site, extra=extra, modules=("ssl",) if kind.program == "apache" else ()) as server:
            strange = mono.ask(*sessions)
            known = mono.ask(*sessions, authority=folder / "ca.pem")
            assert [answer for (answer,) in known] == [f"200 {THE_LIST.decode()}"] * 3, server.log()
            assert all("TrustFailure" in answer or "certificate" in answer.lower() for (answer,) in strange), strange
