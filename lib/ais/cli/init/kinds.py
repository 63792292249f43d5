"""The sources that `init` can write, and what people call them. Options are the parameters of a source's function."""

from __future__ import annotations

import re
import sys
from inspect import Parameter, signature
from typing import NamedTuple

import ais

from ...errors import ConfigError, MissingPackage
from ...sources.text.csvtable import YES_NO
from ...text import is_loopback

DRIVERS = ("sqlite", "postgresql", "mysql", "mssql", "oracle")
"""Drivers of `sql`. Others need ``options``, which is for an editor."""

SOURCES = ("csv", "passwd", "htpasswd", "passwd_file", "ldap")
NAMES = (*DRIVERS, *SOURCES, *ais.PRESETS)

NICKNAMES = {"hestiacp": "hestia", "miab": "mailinabox", "zarafa": "kopano"}
NICKNAMES |= dict.fromkeys(("aspnet", "aspnetcoreidentity"), "aspnet_identity")
"""Other names of applications that have a preset."""


class Place(NamedTuple):
    """Where users are: its names as the page has them, further words for it, and what serves it.

    `source` is one of `NAMES`, or empty where `init` cannot write it. `page` says more, below docs/.
    """

    label: str
    others: str
    source: str
    page: str
    text: str

    @property
    def words(self) -> set[str]:
        """Every word for it, as `squeeze` makes them."""
        return {squeeze(word) for word in f"{self.label}, {self.others}".split(", ") if word}


def squeeze(word: str) -> str:
    """Return a word without what people write differently: capitals, blanks, dashes, dots."""
    return "".join(letter for letter in word.lower() if letter.isalnum())


_TABLE = """
SQLite | sqlite3 | sqlite | sql.md | Queries of your own.
MySQL, MariaDB | percona | mysql | sql.md#mysql-and-mariadb | Queries of your own.
PostgreSQL | postgres, pgsql, psql, pg | postgresql | sql.md#postgresql | Queries of your own.
SQL Server | microsoft sql server, ms sql, ms sql server | mssql | sql.md#microsoft-sql-server | Queries of your own;
  not tried on a real server.
Oracle | oracle database | oracle | sql.md#oracle | Queries of your own; not tried on a real server.
Access, Firebird, Db2 | odbc, informix, filemaker, ms access, interbase | | sql.md#odbc | Queries of your own by an
  ODBC driver, entered in conf/config.py by hand.
Excel, LibreOffice | xlsx, xls, ods, calc, spreadsheet, text, txt, tsv, text file, csv file, export | csv | csv.md |
  Save the table as CSV.
Outlook, Okta | contacts | csv | csv.md#exports-of-other-programs | Export the users as CSV, and let a login check the
  passwords.
Dovecot | dovecot passwd file | passwd_file | passwd-file.md | Its passwd-file. If Dovecot itself asks a database or a
  directory, take that.
Apache, nginx | .htpasswd, basic auth | htpasswd | htpasswd.md | Their file of passwords.
Linux, Unix | /etc/passwd, shadow, system, bsd | passwd | passwd.md | The accounts of the system.
OpenLDAP | slapd, ldaps, ldap server, directory | ldap | ldap.md#openldap | The source ldap.
FreeIPA, 389 Directory Server | ipa, 389, 389ds, red hat directory server, idm | ldap |
  ldap.md#freeipa-and-389-directory-server | The source ldap.
Samba AD | samba, samba 4 | ldap | ldap.md#active-directory | The source ldap.
UCS | univention, univention corporate server, nubus | ldap | ldap.md#ucs | The source ldap.
Zimbra, Carbonio | zextras | ldap | ldap.md#zimbra-and-carbonio | The source ldap.
iRedMail with OpenLDAP | iredmail with ldap, iredmail ldap | ldap | ldap.md#iredmail-with-openldap | The source ldap.
Kopano with OpenLDAP | kopano with ldap, kopano ldap | ldap | ldap.md#kopano | The source ldap.
Synology LDAP Server | synology, dsm | ldap | ldap.md#synology-ldap-server | The source ldap.
an IMAP server | imap, imaps, imap server, cyrus, courier | | logins.md#imap | It cannot say who its users are: put
  them into a CSV file, with a login.
PAM, checkpassword, vpopmail | sssd, winbind, qmail, radius | | logins.md | They cannot say who the users are: put
  them into a CSV file, with a login.
a web service, a program of your own | api, rest, http, web service, program, script, command | | command.md | A
  program that lists them and checks passwords.
Active Directory | ad, ms ad, windows, windows server, exchange, microsoft exchange | | ldap.md#active-directory |
  MailStore reads it by itself. Where that does not fit, take the source ldap.
Microsoft 365, Entra ID | ms365, m365, office 365, o365, exchange online, entra, azure, azure ad | |
  csv.md#exports-of-other-programs | MailStore reads it by itself. Where that does not fit, take csv.
Google Workspace | google, g suite, gmail, google apps | | csv.md#exports-of-other-programs | MailStore reads it by
  itself. Where that does not fit, take csv.
MDaemon, IceWarp, Kerio Connect | kerio, alt-n | | mailstore.md | MailStore reads it by itself.
HCL Domino, Tobit david | domino, lotus, lotus notes, notes, hcl, tobit, david | | ldap.md | Nothing is ready, and
  nothing was tried. If it answers by LDAP, try the source ldap.
Axigen, OX App Suite, Poste.io, SmarterMail | ox, open-xchange, poste | | logins.md#imap | Nothing is ready, and
  nothing was tried. Put the users into a CSV file, and let its IMAP server check passwords.
i-MSCP | ispcp | | sql.md | Nothing is ready, and nothing was tried. It was last changed in 2021. Queries of your own
  may do.
BillionMail | aapanel, bt panel | | sql.md | Nothing is ready: postfixadmin fails on its tables. Queries of your own
  may do.
"""

PLACES = [
    Place(*(cell.strip() for cell in " ".join(row.split()).split("|"))) for row in re.split(r"\n(?=\S)", _TABLE.strip())
]

_WORDS = {squeeze(name): (NICKNAMES.get(name, name), "") for name in (*NAMES, *NICKNAMES)}
for _place in PLACES:
    _answer = f"{_place.label}: {_place.text} See docs/{_place.page}"
    _WORDS |= dict.fromkeys(_place.words, (_place.source, _answer))

NOTHING = '""'
"""The answer that stands for an empty text; an empty line takes what is proposed."""

SECRETS = {"password": "user", "bind_password": "bind_dn"}
"""Options that no one may see, and the account that each belongs to."""


class Kind:
    """A source that can be asked for.

    Args:
        word: one of `NAMES`, or what people call it.
        driver: how a preset reaches its database; its first one unless given.

    Attributes:
        answer: what is to be said of the word.
        options: the parameters of its function that a text can give, by name.
        needed: those that must be given.

    Raises:
        ConfigError: there is no such source, and the text names a page; or it does not work with that driver.
    """

    def __init__(self, word: str, driver: str | None = None) -> None:
        unknown = f"there is no source of this name; there are {', '.join(NAMES)}"
        unknown += "; for others see docs/presets/README.md#not-here"
        name, self.answer = _WORDS.get(squeeze(word), ("", unknown))
        if not name:
            raise ConfigError(self.answer)
        self.function = "sql" if name in DRIVERS else name
        made = getattr(ais, self.function)
        stated = (name,) if name in DRIVERS else getattr(sys.modules[made.__module__], "DRIVERS", ())
        self.drivers = [each for each in stated if each in DRIVERS]
        driver = driver and _WORDS.get(squeeze(driver), (driver, ""))[0]
        if driver is not None and driver not in self.drivers:
            wanted = f"works with the driver {' or '.join(self.drivers)}" if self.drivers else "takes no driver"
            raise ConfigError(f"{name} {wanted}")
        self.driver = driver or (self.drivers[0] if self.drivers else None)
        self.options = dict(signature(made).parameters)
        if self.drivers:  # a preset takes what `sql` takes, but for the queries
            shared = signature(ais.sql).parameters.items()
            self.options = {key: each for key, each in shared if not key.endswith("_query")} | self.options
        server = ("host", "port", "user", "password", "tls") if self.driver == "sqlite" else ()
        for key in ("driver", "options", "connection", *server):
            self.options.pop(key, None)
        # Without these no database is found, and nobody can log in; Plesk's passwords are encrypted.
        more = ("database", "auth_query", *(["login"] if name == "plesk" else []))
        self.needed = [key for key, each in self.options.items() if each.default is each.empty or key in more]

    def expressions(self, texts: dict[str, str]) -> dict[str, str]:
        """Return the options that texts mean, as Python expressions, in the order of the parameters."""
        return {name: _read(self.options[name], texts[name]) for name in self.options if name in texts}

    def check(self, name: str, answer: str) -> None:
        """Raise a ConfigError, which does not repeat the answer, unless it can be an option."""
        if not answer and name in self.needed:
            raise ConfigError(f"{name} is needed; {NOTHING} stands for an empty text")
        if answer not in ("", NOTHING):
            _read(self.options[name], answer)

    def missing_package(self) -> str:
        """Say which package is missing, and what to do; empty where none is."""
        try:
            if self.function == "ldap":
                from ...network.ldap.connection import make_client

                make_client()
            elif self.driver not in (None, "sqlite"):
                from ...sources.sql.drivers import driver_for

                nothing = dict.fromkeys(("host", "port", "user", "password", "tls"))
                _ = driver_for(self.driver, {"database": "x", "options": {}, **nothing}).module
        except MissingPackage as error:
            return str(error)
        return ""


def _read(option: Parameter, text: str) -> str:
    """Return the expression that a text means for an option; a ConfigError does not repeat the text."""
    name, kind, word = option.name, str(option.annotation), text.strip().lower()
    if "bool" in kind and word in YES_NO:
        return repr(YES_NO[word])
    if kind == "bool":
        raise ConfigError(f"{name} must be yes or no")
    if kind.startswith("int"):
        if not (word.isascii() and word.isdigit()):
            raise ConfigError(f"{name} must be a whole number")
        return str(int(word))
    if name in ("encoding", "delimiter"):
        ais.csv("/", **{name: text})  # raises a ConfigError for what it cannot read by
    if kind.startswith("Login"):
        return _read_login(text.strip())
    if kind.startswith("Mapping") and ("=" in text or "| str |" not in kind):  # else it is the path of a file
        return repr(_read_pairs(name, text))
    if kind.startswith("Sequence") or (("Sequence" in kind or kind == "Paths") and "," in text):
        return repr([part.strip() for part in text.split(",") if part.strip()])
    return repr(text)


def _read_pairs(name: str, text: str) -> dict[str, str | list[str]]:
    found: dict[str, list[str]] = {}
    for part in text.split(","):
        key, _, value = part.partition("=")
        if not value.strip():
            raise ConfigError(f"{name} must be NAME=HEADING, several separated by commas")
        found.setdefault(key.strip(), []).append(value.strip())
    return {key: values[0] if len(values) == 1 else values for key, values in found.items()}


def _read_login(host: str) -> str:
    # No certificate names this computer so, and nobody can listen in between.
    tls = "none" if host == "localhost" or is_loopback(host) else "ssl"
    try:
        ais.imap(host, tls=tls)
    except ConfigError as error:
        raise ConfigError(f"login: {error}") from None
    return f"imap({host!r}, tls={tls!r})"
