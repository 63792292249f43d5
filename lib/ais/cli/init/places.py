"""What people call the places where their users are, and what to use there: for `init` and docs/presets/README.md."""

from __future__ import annotations

import re
from typing import NamedTuple

from ... import PRESETS
from ...errors import ConfigError

DRIVERS = ("sqlite", "postgresql", "mysql", "mssql", "oracle")
"""Drivers of `sql`. Others need ``options``, which is for an editor."""

SOURCES = ("csv", "passwd", "htpasswd", "passwd_file", "ldap")
NAMES = (*DRIVERS, *SOURCES, *PRESETS)

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
PostgreSQL | postgres, pgsql, psql | postgresql | sql.md#postgresql | Queries of your own.
SQL Server | microsoft sql server, ms sql, ms sql server | mssql | sql.md#microsoft-sql-server | Queries of your own;
  not tried on a real server.
Oracle | oracle database | oracle | sql.md#oracle | Queries of your own; not tried on a real server.
Access, Firebird, Db2 | odbc, informix, filemaker, ms access, interbase | | sql.md#odbc | Queries of your own by an
  ODBC driver, entered in conf/config.py by hand.
Excel, LibreOffice | xlsx, xls, ods, calc, spreadsheet, text file, csv file, export | csv | csv.md | Save the table as
  CSV.
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


def find_source(word: str) -> tuple[str, str]:
    """Return the one of `NAMES` that a word means, and what is to be said of it.

    Raises:
        ConfigError: there is none; the text names a page that helps.
    """
    unknown = f"there is no source of this name; there are {', '.join(NAMES)}"
    source, answer = _WORDS.get(squeeze(word), ("", f"{unknown}; for others see docs/presets/README.md#not-here"))
    if not source:
        raise ConfigError(answer)
    return source, answer
