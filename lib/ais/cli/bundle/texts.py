"""The files of the bundle that are not in the checkout, and the entry as the bundle needs it."""

from __future__ import annotations

from .packages import BundleError

FOLDER = "mailstore-integration"
"""The folder in the zip file; under a document root it gives the address that MailStore's own example has."""

# Only what AllowOverride FileInfo and Options=ExecCGI allow, so that it works at as many hosts as possible.
# SetEnvIf, not CGIPassAuth: the latter needs AuthConfig, and an [E=…] of the rule that rewrites is lost under suEXEC.
_HTACCESS = """\
# MailStore Application Integration Server. {begin}

# Run {script}. "Options not allowed here" in the error log: the host has switched scripts on, delete this line.
Options +ExecCGI

# All .py files, so that even where the last rule were lost no .py file is sent as text.
AddHandler cgi-script .py
# A handler that the host has set for {suffix} files stays out.
<Files "{script}">
    SetHandler {handler}
</Files>

# Apache hides the user name and password from scripts; this one needs them.
SetEnvIf Authorization "(.+)" HTTP_AUTHORIZATION=$1

# Keep the script's Content-Length, so that a cut answer is seen as cut, and never compress.
SetEnvIf Request_Method . ap_trust_cgilike_cl
SetEnvIf Request_Method . no-gzip
SetEnvIf Request_Method . no-brotli

# The folder's own address and index.php lead to the script. Everything else is forbidden.
RewriteEngine On
RewriteRule ^(?:index\\.php)?$ {script} [END]
RewriteRule ^ - [F]
"""

HTACCESS = {
    ".htaccess": _HTACCESS.format(
        begin="Upload this file unchanged; it must keep its name, with the dot in front.",
        script="index.py",
        suffix=".py",
        handler="cgi-script",
    ),
    "fastcgi.htaccess": _HTACCESS.format(
        begin="For a host with mod_fcgid: let this file take the place\n# of .htaccess, under that name, with the dot.",
        script="index.fcgi",
        suffix=".fcgi",
        handler="fcgid-script",
    ),
}
"""The one that leads to the script, and the one that an administrator may put in its place."""

# By two modules; a directive that the server does not know closes the folder too (500).
# "Require all denied" would need AllowOverride AuthConfig.
DENY = """\
# Nothing in this folder is for visitors.
RewriteEngine On
RewriteRule ^ - [F]
RedirectMatch 403 .
"""

INSTALL = """\
MailStore Application Integration Server {version}

1. Upload this folder into the document root (htdocs, public_html, www) of your web space, with its
   .htaccess files, in binary mode.
2. Give index.py the file mode 755 (chmod 755, "owner: read, write, execute"). The folders: 755 too.
3. Open https://YOUR.SERVER/mailstore-integration/conf/config.example.py in a browser. "Forbidden" is right.
   If you see a text, this host ignores .htaccess files: see docs/shared-hosting.md, "When .htaccess is ignored".
4. Copy conf/config.example.py to conf/config.py and edit it. "bin/ais hash-password" makes the secret for MailStore.
   "bin/ais check" on your own computer, not under Windows, names the line of a mistake.
5. Give conf/config.py the file mode 600.
6. Open https://YOUR.SERVER/mailstore-integration/index.php in a browser and log in with the user name and the secret.
   Only if it says "this file cannot be read": mode 644.
7. Try what MailStore does: bin/ais probe https://YOUR.SERVER/mailstore-integration/index.php --user NAME
8. Enter the same address, user name and secret in MailStore. Delete the zip file if you uploaded it.

The first line of index.py names the host's Python: 3.11 or newer, best {python}, for which lib/ holds bytecode.

A host with mod_fcgid can keep processes, which answer faster: see docs/fastcgi.md, "On shared hosting".
"""

_ENTRY_CHANGES = (
    # Python ignores an -X that it does not know. With Windows line ends the line ends in "-SXcr" and a carriage
    # return, which then belongs to the -X; after a bare "-S" Python would refuse to start.
    ("#!/usr/bin/python3 -S\n", "#!{python} -SXcr\n"),
    ('LIBRARY = "../../lib"', 'LIBRARY = "lib"'),
    ('CONFIG = "../../conf/config.py"', 'CONFIG = "conf/config.py"'),
    ("copy the lib folder beside cgi-bin", "upload the lib folder beside {name}"),
)


def entry(name: str, text: str, python: str) -> str:
    """Return an entry of the checkout for the bundle, whose ``lib`` and ``conf`` lie beside it.

    Args:
        name: of its file.
        text: of the checkout's.
        python: path of the host's interpreter.

    Raises:
        BundleError: the entry was changed, or the path cannot stand in its first line.
    """
    if not python.startswith("/") or not python.isascii() or not python.isprintable() or set(python) & set(" {}"):
        raise BundleError("--python must be the whole path of the host's Python, without blanks")
    for old, new in _ENTRY_CHANGES:
        if text.count(old) != 1:
            raise BundleError(f"cgi-bin/mailstore-integration/{name} was changed: bundle an unchanged one")
        text = text.replace(old, new.format(name=name, python=python))
    return text
