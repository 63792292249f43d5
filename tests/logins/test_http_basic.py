"""The login http_basic against real web servers, and against such as must not be trusted."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ais.errors import ConfigError, SourceUnavailable
from ais.logins import Login
from ais.logins.http_basic import PORTS, http_basic
from ais.network.address import Url
from logins.contract import ACCOUNTS, OTHER, PASSWORD, LoginContract
from logins.network import Talker, free_port, relay, silent, talking
from logins.webserver import Web, web


@pytest.fixture(scope="module", params=["apache", "lighttpd"])
def server(request: pytest.FixtureRequest, authority: Path) -> Iterator[Web]:
    """Each web server in turn."""
    with web(request.param, ACCOUNTS, authority) as running:
        yield running


@pytest.fixture(scope="module")
def apache(authority: Path) -> Iterator[Web]:
    """The one that has a page of each kind."""
    with web("apache", ACCOUNTS, authority) as running:
        yield running


class TestHttpBasic(LoginContract):
    """The contract, with TLS and without."""

    @pytest.fixture(params=["http", "https"])
    def way(self, request: pytest.FixtureRequest, server: Web, authority: Path) -> Iterator[tuple[Login, Talker]]:
        """A login, and the relay that it goes through."""
        with relay(server.port if request.param == "http" else server.tls_port) as middle:
            url = f"{request.param}://localhost:{middle.port}/pages/staff/"
            yield http_basic(url, ca_file=str(authority / "ca.pem")), middle

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
        return http_basic(f"http://localhost:{free_port()}/")

    @pytest.fixture(params=["http", "https"])
    def hanging(self, request: pytest.FixtureRequest) -> Iterator[tuple[Login, str]]:
        """A port that says nothing."""
        with silent() as port:
            yield http_basic(f"{request.param}://127.0.0.1:{port}/"), f"127.0.0.1:{port}"

    @pytest.fixture
    def failing(self, apache: Web) -> Login:
        """A page whose file of users is missing: Apache answers 500."""
        return http_basic(f"http://localhost:{apache.port}/pages/broken/")


def test_an_unprotected_page_lets_nobody_in(server: Web) -> None:
    """A page that is shown without a password would let everybody in: an error of the configuration."""
    login = http_basic(f"http://localhost:{server.port}/pages/open/")
    for password in (PASSWORD, OTHER):
        with pytest.raises(ConfigError, match="without a password"):
            login.verify("anna", password)


def test_a_yes_is_confirmed_and_a_no_is_not(server: Web) -> None:
    """A yes costs one more request, which is sent without a password; a no costs none."""
    with relay(server.port) as middle:
        login = http_basic(f"http://localhost:{middle.port}/pages/staff/")
        assert login.verify("anna", OTHER) is False
        assert len(middle.received) == 1
        assert login.verify("anna", PASSWORD) is True
        assert [b"Authorization" in each for each in middle.received] == [True, True, False]


def test_a_page_that_is_closed_to_everybody_is_no_answer(server: Web) -> None:
    """403 with and without a password says nothing about the password."""
    login = http_basic(f"http://localhost:{server.port}/pages/closed/")
    with pytest.raises(SourceUnavailable, match="403"):
        login.verify("anna", PASSWORD)


def test_a_user_who_may_not_see_the_page_is_refused(apache: Web) -> None:
    """403 with a password where there is a 401 without is a no: the user is known and not allowed."""
    login = http_basic(f"http://localhost:{apache.port}/pages/few/")
    assert login.verify("anna", PASSWORD) is False
    assert login.verify("anna", OTHER) is False
    assert login.verify("carla", ACCOUNTS["carla"]) is True


def test_another_way_to_log_in_is_an_error(apache: Web) -> None:
    """A 401 that offers Digest only is not about the password."""
    login = http_basic(f"http://localhost:{apache.port}/pages/digest/")
    with pytest.raises(ConfigError, match="no Basic"):
        login.verify("anna", PASSWORD)


def test_redirects_are_not_followed(server: Web) -> None:
    """A redirect is no answer; the password goes nowhere else."""
    with relay(server.port) as middle:
        with pytest.raises(SourceUnavailable, match=r"answers 30.: name the page"):
            http_basic(f"http://localhost:{middle.port}/moved").verify("anna", PASSWORD)
        assert len(middle.received) == 1


def test_a_page_that_is_missing_is_no_answer(server: Web) -> None:
    """404 says nothing about the password."""
    with pytest.raises(SourceUnavailable, match="404"):
        http_basic(f"http://localhost:{server.port}/pages/open/missing").verify("anna", PASSWORD)


def test_a_certificate_that_is_not_trusted_is_no_answer(server: Web, authority: Path, stranger: Path) -> None:
    """Another authority, or another name than the certificate's: nothing is sent."""
    with relay(server.tls_port) as middle:
        for host, ca_file in (("localhost", str(stranger / "ca.pem")), ("localhost", None)):
            with pytest.raises(SourceUnavailable, match=f"{middle.port}: no TLS: .*certificate"):
                http_basic(f"https://{host}:{middle.port}/pages/staff/", ca_file=ca_file).verify("anna", PASSWORD)
        with pytest.raises(SourceUnavailable, match="not valid for"):
            http_basic(f"https://127.0.0.1:{middle.port}/pages/staff/", ca_file=str(authority / "ca.pem")).verify(
                "anna", PASSWORD
            )
        assert b"GET" not in middle.said


def test_a_server_killed_in_the_middle_is_no_answer(server: Web) -> None:
    """A connection that ends before the answer is SourceUnavailable, also that of the second request."""
    for stop in (lambda data: b"Authorization" in data, lambda data: b"Authorization" not in data):
        with relay(server.port, stop=stop) as middle:
            login = http_basic(f"http://localhost:{middle.port}/pages/staff/")
            with pytest.raises(SourceUnavailable, match=str(middle.port)):
                login.verify("anna", PASSWORD)


def test_the_next_server_is_asked_when_one_cannot_answer(server: Web) -> None:
    """Pages are asked in order until one says yes or no."""
    page = f"http://localhost:{server.port}/pages/staff/"
    with silent() as port:
        login = http_basic([f"http://localhost:{free_port()}/", f"http://127.0.0.1:{port}/", page])
        from ais import deadline

        deadline.start(3)
        assert login.verify("anna", PASSWORD) is True


OK = b"HTTP/1.1 200 OK\r\n\r\n"
REFUSED = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate, Basic realm=x\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"220 mail ESMTP\r\n\r\n",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 429 Too Many Requests\r\n\r\n",
        b"HTTP/1.1 407 Proxy\r\n\r\n",
        b"HTTP/1.1 503 Later\r\n\r\n",
        b"HTTP/1.1 000 x\r\n\r\n",
        b"HTTP/1.1 \xb2\xb2\xb2 x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70000,
    ],
)
def test_what_is_no_answer_of_http_is_none(answer: bytes) -> None:
    """Anything but a whole head with a status that is about the password is SourceUnavailable."""
    with talking(answer) as server, pytest.raises(SourceUnavailable, match=str(server.port)):
        http_basic(f"http://127.0.0.1:{server.port}/").verify("anna", PASSWORD)


@pytest.mark.parametrize(
    "answer", [REFUSED, b"HTTP/1.0 401\r\n\r\n", b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + REFUSED]
)
def test_refusals(answer: bytes) -> None:
    """401 is a no: with a Basic challenge among others, without one, and after an interim answer."""
    with talking(answer) as server:
        assert http_basic(f"http://127.0.0.1:{server.port}/").verify("anna", PASSWORD) is False


def test_what_is_sent() -> None:
    """The request has host, path, query and, in UTF-8, the name that the pattern makes."""
    with talking(REFUSED) as server:
        url = f"http://127.0.0.1:{server.port}?a=b/c"
        assert http_basic(url, name="{user}@example.com").verify("jürgen", "日本") is False
    head = server.said.decode().split("\r\n")
    credentials = base64.b64encode("jürgen@example.com:日本".encode()).decode()
    assert head[:2] == ["GET /?a=b/c HTTP/1.1", f"Host: 127.0.0.1:{server.port}"]
    assert f"Authorization: Basic {credentials}" in head
    assert head[-2:] == ["", ""]


def test_a_colon_in_a_name_is_never_sent() -> None:
    """Basic cannot carry it: the rest would be the beginning of the password."""
    with talking(OK) as server:
        assert http_basic(f"http://127.0.0.1:{server.port}/").verify("anna:geheim", "x") is False
    assert server.received == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"url": ""}, "url"),
        ({"url": []}, "url"),
        ({"url": None}, "url"),
        ({"url": ["https://a/", None]}, "url"),
        ({"url": "www.example.com"}, "url"),
        ({"url": "ftp://example.com/"}, "url"),
        ({"url": "https:///x"}, "url"),
        ({"url": "https://a/#x"}, "url"),
        ({"url": "https://a/ b"}, "url"),
        ({"url": "https://a/\r\nX: y"}, "url"),
        ({"url": "https://ä.example/"}, "url"),
        ({"url": "https://a:0/"}, "url"),
        ({"url": "https://a:x/"}, "url"),
        ({"url": "https://::1/"}, "url"),
        ({"url": "https://s3cret:pw@a/"}, "password"),
        ({"url": "http://example.com/"}, "https"),
        ({"url": "http://127.example.com/"}, "https"),
        ({"url": "http://localhost.example.com/"}, "https"),
        ({"url": "http://127.999.0.1/"}, "https"),
        ({"url": "https://a:99999/"}, "port"),
        ({"ca_file": ""}, "ca_file"),
        ({"unencrypted": "yes"}, "unencrypted"),
        ({"name": "x"}, "name"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], said: str) -> None:
    """What cannot work is an error when the configuration is read; its text shows no password."""
    with pytest.raises(ConfigError, match=said) as caught:
        http_basic(**{"url": "https://example.com/", **arguments})
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://a", ("https://a", "a", 443, "a", "/")),
        ("HTTPS://a:8443/b?c", ("https://a:8443", "a", 8443, "a:8443", "/b?c")),
        ("http://[::1]:8080?x/y", ("http://[::1]:8080", "::1", 8080, "[::1]:8080", "/?x/y")),
        ("https://[2001:db8::1]/", ("https://[2001:db8::1]", "2001:db8::1", 443, "[2001:db8::1]", "/")),
    ],
)
def test_urls(url: str, parts: tuple[object, ...]) -> None:
    """A URL is taken apart as RFC 3986 does."""
    page = Url("http_basic(): url", url, PORTS, "")
    assert (page.name, page.host, page.port, page.authority, page.path) == parts


def test_plain_http_elsewhere_must_be_asked_for() -> None:
    """With unencrypted=True a URL of another machine is taken."""
    http_basic("http://example.com/", unencrypted=True)
    for local in ("http://localhost/", "http://127.0.0.2/", "http://[::1]/"):
        http_basic(local)
