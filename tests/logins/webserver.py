"""Apache and lighttpd with pages that are protected in several ways, good and bad."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.openldap import free_port
from support.running import Server, apache, lighttpd
from support.site import make_site, temporary_folder

PAGES = ("staff", "open", "closed", "few", "broken", "digest")

APACHE = """
Listen 127.0.0.1:{port}
<VirtualHost 127.0.0.1:{port}>
    SSLEngine on
    SSLCertificateFile {folder}/server.pem
    SSLCertificateKeyFile {folder}/server.key
</VirtualHost>
Alias /pages {folder}/pages
<Directory {folder}/pages>
    AuthType Basic
    AuthName "staff"
    AuthUserFile {folder}/htpasswd
    Require valid-user
</Directory>
<Directory {folder}/pages/open>
    Require all granted
</Directory>
<Directory {folder}/pages/closed>
    Require all denied
</Directory>
<Directory {folder}/pages/few>
    AuthzSendForbiddenOnFailure On
    Require user carla
</Directory>
<Directory {folder}/pages/broken>
    AuthUserFile {folder}/missing
</Directory>
<Directory {folder}/pages/digest>
    AuthType Digest
    AuthUserFile {folder}/missing
</Directory>
Redirect /moved /pages/staff/
"""

LIGHTTPD = """
server.modules += ( "mod_openssl" )
$SERVER["socket"] == "127.0.0.1:{port}" {{
    ssl.engine = "enable"
    ssl.pemfile = "{folder}/server.pem"
    ssl.privkey = "{folder}/server.key"
}}
alias.url += ( "/pages/" => "{folder}/pages/" )
url.redirect = ( "^/moved" => "/pages/staff/" )
$HTTP["url"] =~ "^/pages/closed/" {{
    url.access-deny = ( "" )
}}
else $HTTP["url"] =~ "^/pages/(staff|few)/" {{
    auth.backend = "htpasswd"
    auth.backend.htpasswd.userfile = "{folder}/htpasswd"
    auth.require = ( "" => ( "method" => "basic", "realm" => "staff", "require" => "valid-user" ) )
}}
"""


@dataclass(frozen=True)
class Web:
    """A running web server.

    Attributes:
        port: where it speaks HTTP on 127.0.0.1.
        tls_port: where it speaks HTTPS.
        server: its process and its log.
    """

    port: int
    tls_port: int
    server: Server


@contextmanager
def web(program: str, accounts: Mapping[str, str], certificates: Path) -> Iterator[Web]:
    """Run ``apache`` or ``lighttpd`` with the pages of `PAGES` below ``/pages/``.

    Args:
        program: which.
        accounts: users and their passwords.
        certificates: a folder with server.pem and server.key.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        for name in ("server.pem", "server.key"):
            (folder / name).write_bytes((certificates / name).read_bytes())
            (folder / name).chmod(0o644)
        for page in PAGES:
            (folder / "pages" / page).mkdir(parents=True)
            (folder / "pages" / page / "index.html").write_text("A page")
        (folder / "htpasswd").write_text(
            "".join(f"{user}:{{SHA}}{sha1(password)}\n" for user, password in accounts.items()), encoding="utf-8"
        )
        site, port = make_site(folder / "ais"), free_port()
        if program == "apache":
            extra = APACHE.format(folder=folder, port=port)
            modules = ("auth_digest", "socache_shmcb", "ssl")
            server = stack.enter_context(apache(site, extra=extra, modules=modules))
        else:
            before = 'server.modules += ( "mod_auth", "mod_authn_file" )'
            server = stack.enter_context(lighttpd(site, LIGHTTPD.format(folder=folder, port=port), before=before))
        yield Web(server.port, port, server)


def sha1(password: str) -> str:
    """The one digest that both servers read; it is short, and this file is gone in a moment."""
    return base64.b64encode(hashlib.sha1(password.encode()).digest()).decode()
