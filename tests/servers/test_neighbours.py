"""Other applications' configuration that takes or rewrites every address of the server: ours keeps it out."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.probe.trying import probe
from servers.test_documented_requests import THE_LIST
from support.client import post
from support.running import ADDRESS, Server, apache, lighttpd, load_module

ADDRESSES = (ADDRESS, "/mailstore-integration/")
NOBODY = '"host" => "127.0.0.1", "port" => 9, "check-local" => "disable"'

LIGHTTPD = {
    "proxy": 'proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => 9 )) )',
    "proxy of PHP": 'proxy.server = ( ".php" => (( "host" => "127.0.0.1", "port" => 9 )) )',
    "SCGI": f'scgi.server = ( "/" => (( {NOBODY} )) )',
    "FastCGI": f'fastcgi.server = ( ".php" => (( {NOBODY} )) )',
    "front controller": 'url.rewrite-once = ( "^/(.*)$" => "/index.html" )',
    "rewrite": 'url.rewrite = ( "^/(.*)$" => "/index.html" )',
    "rewrite again": 'url.rewrite-repeat = ( "^/(.*)\\.php$" => "/index.html" )',
    "rewrite if no file": 'url.rewrite-if-not-file = ( "^/(.*)$" => "/index.html" )',
    "CGI": 'cgi.assign = ( ".php" => "/usr/bin/php-cgi" )',
}
"""Configuration of the whole server, as other applications bring it."""

VIRTUAL_HOST = "<VirtualHost *:*>\n{}\n</VirtualHost>"
FRONT_CONTROLLER = """RewriteEngine On
RewriteCond %{DOCUMENT_ROOT}%{REQUEST_URI} !-f
RewriteRule ^/(.*)$ /index.html [L]"""
REWRITE_TO_PROXY = "RewriteEngine On\nRewriteRule ^/(.*)$ http://127.0.0.1:9/$1 [P,L]"

APACHE = {
    "front controller": VIRTUAL_HOST.format(FRONT_CONTROLLER),
    "front controller of the server": FRONT_CONTROLLER,
    "inherited": f"{FRONT_CONTROLLER}\n{VIRTUAL_HOST.format('RewriteEngine On')}\nRewriteOptions InheritDown",
    "[P]": VIRTUAL_HOST.format(REWRITE_TO_PROXY),
    "ProxyPass": VIRTUAL_HOST.format('ProxyPass "/" "http://127.0.0.1:9/"'),
    "ProxyPassMatch": VIRTUAL_HOST.format('ProxyPassMatch "\\.php$" "http://127.0.0.1:9/"'),
    "FallbackResource": VIRTUAL_HOST.format("FallbackResource /index.html"),
    "handler": '<FilesMatch "\\.(php|py)$">\nSetHandler "proxy:http://127.0.0.1:9/"\n</FilesMatch>',
}
"""What virtual hosts of applications hold."""

MODULES = "\n".join(load_module(name) for name in ("rewrite", "proxy", "proxy_http"))


def module(setting: str) -> str:
    """The line that loads the module of an option of lighttpd."""
    return f'server.modules += ( "mod_{setting.partition(".")[0].replace("url", "rewrite")}" )'


def lists(server: Server) -> None:
    """Both addresses give the list."""
    (server.home / "htdocs" / "index.html").write_text("<html>another application</html>")
    for address in ADDRESSES:
        answer = post(server.at(address), b"cmd=list")
        assert (answer.status, answer.body) == (200, THE_LIST), (address, server.log())


@pytest.mark.parametrize("name", LIGHTTPD)
@pytest.mark.parametrize("fastcgi", [False, True])
def test_lighttpd(sample_site: Path, name: str, fastcgi: bool) -> None:
    """What other fragments set for the whole server, or for all of a host, does not take our addresses."""
    for setting in (LIGHTTPD[name], f'$HTTP["host"] =~ "" {{ {LIGHTTPD[name]} }}'):
        with lighttpd(sample_site, before=f"{module(LIGHTTPD[name])}\n{setting}", fastcgi=fastcgi) as server:
            lists(server)
            assert "WARNING" not in server.log()


@pytest.mark.parametrize("name", APACHE)
@pytest.mark.parametrize("way", ["event", "fcgid"])
def test_apache(sample_site: Path, name: str, way: str) -> None:
    """What a virtual host sets for all its addresses does not take ours, by CGI and by FastCGI."""
    with apache(sample_site, way, before=f"{MODULES}\n{APACHE[name]}") as server:
        lists(server)


LATER = {
    "cgi.assign": ('cgi.assign = ( ".pl" => "/usr/bin/perl" )', "forbidden"),
    "alias.url": ('alias.url = ( "/icons/" => "/usr/share/icons/" )', "not-found"),
    "url.rewrite-once": (LIGHTTPD["front controller"], "not-json"),
    "proxy.server": (LIGHTTPD["proxy"], "gateway"),
}
"""Options that a condition after ours sets again, and what the probe then says."""


@pytest.mark.parametrize("option", LATER)
def test_later_condition(sample_site: Path, option: str) -> None:
    """A condition behind ours wins. The text of the script is not sent then, and the probe names the cause."""
    setting, code = LATER[option]
    with lighttpd(sample_site, f'$HTTP["host"] =~ "" {{ {setting} }}') as server:
        (server.home / "htdocs" / "index.html").write_text("<html>another application</html>")
        for address in ADDRESSES:
            assert b"import" not in post(server.at(address), b"cmd=list").body
            result = probe(server.at(address))
            assert result.codes == [code], (result.text, server.log())
            assert "99-mailstore-ais.conf" in result.text
