"""A private nginx on a free loopback port, with a server block as Debian ships it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.needs import need_program
from support.running import Server, free_ports, group_of, make_home, started, unprivileged
from support.site import temporary_folder

# Debian's /etc/nginx/nginx.conf and sites-available/default, paths and port apart.
NGINX = """\
{user}
worker_processes 2;
pid {home}/pid;
error_log {home}/error.log;
{main}
events {{
    worker_connections 768;
}}
http {{
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    types {{ text/html html; text/plain txt; }}
    default_type application/octet-stream;
    access_log {home}/access.log;
    gzip on;
    gzip_types text/plain text/json application/json;
    {http}
    server {{
        listen 127.0.0.1:{port}{listen};
        root {home}/htdocs;
        index index.html index.htm;
        server_name _;
        {before}
        {fragment}
        location / {{
            try_files $uri $uri/ =404;
        }}
        {after}
    }}
}}
"""


@contextmanager
def nginx(
    site: Path,
    fragment: str,
    *,
    before: str = "",
    after: str = "",
    main: str = "",
    http: str = "",
    listen: str = "",
) -> Iterator[Server]:
    """Run nginx.

    Args:
        site: takes the place of /opt/mailstore-ais.
        fragment: what is included in the server block.
        before: what comes before it there, ``after``: what comes at the end, such as a PHP handler.
        after: see ``before``.
        main: what comes at the top level, such as a module to load.
        http: what comes in the http block.
        listen: what follows the port.
    """
    binary = need_program("nginx", "nginx-light")
    account = unprivileged(site)
    user = f"user {account} {group_of(account)};" if account else ""
    with temporary_folder() as home:
        make_home(home, account)
        places = {"home": home, "user": user, "fragment": fragment, "listen": listen}
        for port in free_ports():
            text = NGINX.format(**places, port=port, before=before, after=after, main=main, http=http)
            (home / "nginx.conf").write_text(text, encoding="utf-8")
            command = [binary, "-p", str(home), "-e", str(home / "stderr"), "-c", str(home / "nginx.conf")]
            with started([*command, "-g", "daemon off;"], home, port) as running:
                if running:
                    yield Server("nginx", port, home, site)
                    return
