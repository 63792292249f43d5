"""What people call the place where their users are, and what serves it: for `init`, and for docs/presets/README.md."""

from __future__ import annotations

from typing import NamedTuple

READS = "MailStore reads it by itself."
NOTHING = "Nothing is ready, and nothing was tried."
QUERIES = "Queries of your own"


class Place(NamedTuple):
    """Where users are.

    Attributes:
        label: its names, as the page has them, separated by commas.
        others: further words for it.
        source: the source of `init` that serves it; empty where `init` cannot write it.
        page: where more is said, below docs/.
        text: what serves it.
    """

    label: str
    others: str
    source: str
    page: str
    text: str

    @property
    def words(self) -> set[str]:
        """Every word for it, as `squeeze` makes them."""
        return {squeeze(word) for word in (*self.label.split(", "), *self.others.split(", ")) if word}

    @property
    def answer(self) -> str:
        """What serves it, and the page."""
        return f"{self.label}: {self.text} See docs/{self.page}"

    @property
    def row(self) -> str:
        """The same in the table of docs/presets/README.md."""
        return f"| {self.label} | {self.text} [{self.page.partition('#')[0]}](../{self.page}) |"


PLACES = (
    Place("SQLite", "sqlite3", "sqlite", "sql.md", f"{QUERIES}."),
    Place("MySQL, MariaDB", "percona", "mysql", "sql.md#mysql-and-mariadb", f"{QUERIES}."),
    Place("PostgreSQL", "postgres, pgsql, psql", "postgresql", "sql.md#postgresql", f"{QUERIES}."),
    Place(
        "SQL Server",
        "microsoft sql server, ms sql, ms sql server",
        "mssql",
        "sql.md#microsoft-sql-server",
        f"{QUERIES}; not tried on a real server.",
    ),
    Place("Oracle", "oracle database", "oracle", "sql.md#oracle", f"{QUERIES}; not tried on a real server."),
    Place(
        "Access, Firebird, Db2",
        "odbc, informix, filemaker, ms access, interbase",
        "",
        "sql.md#odbc",
        f"{QUERIES} by an ODBC driver, entered in conf/config.py by hand.",
    ),
    Place(
        "Excel, LibreOffice",
        "xlsx, xls, ods, calc, spreadsheet, text file, csv file, export",
        "csv",
        "csv.md",
        "Save the table as CSV.",
    ),
    Place(
        "Outlook, Okta",
        "contacts",
        "csv",
        "csv.md#exports-of-other-programs",
        "Export the users as CSV, and let a login check the passwords.",
    ),
    Place(
        "Dovecot",
        "dovecot passwd file",
        "passwd_file",
        "passwd-file.md",
        "Its passwd-file. If Dovecot itself asks a database or a directory, take that.",
    ),
    Place("Apache, nginx", ".htpasswd, basic auth", "htpasswd", "htpasswd.md", "Their file of passwords."),
    Place("Linux, Unix", "/etc/passwd, shadow, system, bsd", "passwd", "passwd.md", "The accounts of the system."),
    Place("OpenLDAP", "slapd, ldaps, ldap server, directory", "ldap", "ldap.md#openldap", "The source ldap."),
    Place(
        "FreeIPA, 389 Directory Server",
        "ipa, 389, 389ds, red hat directory server, idm",
        "ldap",
        "ldap.md#freeipa-and-389-directory-server",
        "The source ldap.",
    ),
    Place("Samba AD", "samba, samba 4", "ldap", "ldap.md#active-directory", "The source ldap."),
    Place("UCS", "univention, univention corporate server, nubus", "ldap", "ldap.md#ucs", "The source ldap."),
    Place("Zimbra, Carbonio", "zextras", "ldap", "ldap.md#zimbra-and-carbonio", "The source ldap."),
    Place(
        "iRedMail with OpenLDAP",
        "iredmail with ldap, iredmail ldap",
        "ldap",
        "ldap.md#iredmail-with-openldap",
        "The source ldap.",
    ),
    Place("Kopano with OpenLDAP", "kopano with ldap, kopano ldap", "ldap", "ldap.md#kopano", "The source ldap."),
    Place("Synology LDAP Server", "synology, dsm", "ldap", "ldap.md#synology-ldap-server", "The source ldap."),
    Place(
        "an IMAP server",
        "imap, imaps, imap server, cyrus, courier",
        "",
        "logins.md#imap",
        "It cannot say who its users are: put them into a CSV file, with a login.",
    ),
    Place(
        "PAM, checkpassword, vpopmail",
        "sssd, winbind, qmail, radius",
        "",
        "logins.md",
        "They cannot say who the users are: put them into a CSV file, with a login.",
    ),
    Place(
        "a web service, a program of your own",
        "api, rest, http, web service, program, script, command",
        "",
        "command.md",
        "A program that lists them and checks passwords.",
    ),
    Place(
        "Active Directory",
        "ad, ms ad, windows, windows server, exchange, microsoft exchange",
        "",
        "ldap.md#active-directory",
        f"{READS} Where that does not fit, take the source ldap.",
    ),
    Place(
        "Microsoft 365, Entra ID",
        "ms365, m365, office 365, o365, exchange online, entra, azure, azure ad",
        "",
        "csv.md#exports-of-other-programs",
        f"{READS} Where that does not fit, take csv.",
    ),
    Place(
        "Google Workspace",
        "google, g suite, gmail, google apps",
        "",
        "csv.md#exports-of-other-programs",
        f"{READS} Where that does not fit, take csv.",
    ),
    Place("MDaemon, IceWarp, Kerio Connect", "kerio, alt-n", "", "mailstore.md", READS),
    Place(
        "HCL Domino, Tobit david",
        "domino, lotus, lotus notes, notes, hcl, tobit, david",
        "",
        "ldap.md",
        f"{NOTHING} If it answers by LDAP, try the source ldap.",
    ),
    Place(
        "Axigen, OX App Suite, Poste.io, SmarterMail",
        "ox, open-xchange, poste",
        "",
        "logins.md#imap",
        f"{NOTHING} Put the users into a CSV file, and let its IMAP server check passwords.",
    ),
    Place("i-MSCP", "ispcp", "", "sql.md", f"{NOTHING} It was last changed in 2021. {QUERIES} may do."),
    Place(
        "BillionMail",
        "aapanel, bt panel",
        "",
        "sql.md",
        f"Nothing is ready: postfixadmin fails on its tables. {QUERIES} may do.",
    ),
)

NICKNAMES = {
    "aspnet": "aspnet_identity",
    "aspnetcoreidentity": "aspnet_identity",
    "hestiacp": "hestia",
    "miab": "mailinabox",
    "zarafa": "kopano",
}
"""Other names of applications that have a preset."""


def squeeze(word: str) -> str:
    """Return a word without what people write differently: capitals, blanks, dashes, dots."""
    return "".join(letter for letter in word.lower() if letter.isalnum())


def find_place(word: str) -> Place | None:
    """Return the place that a word means; None for a word that is not known."""
    return next((place for place in PLACES if squeeze(word) in place.words), None)
