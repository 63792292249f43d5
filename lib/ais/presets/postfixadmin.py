from __future__ import annotations

from .common import Preset, check_name, match_name

DRIVERS = ("mysql", "postgresql", "sqlite")


def postfixadmin(driver: str, *, prefix: str = "", **connection: object) -> Preset:
    """List the active mailboxes of PostfixAdmin's database, on MySQL, PostgreSQL or SQLite.

    Tables: ``public/upgrade.php`` of postfixadmin/postfixadmin; delivery: its ``DOCUMENTS/POSTFIX_CONF.txt``.
    Databases from before alias domains (2.2) work as well. The names of the tables begin with `prefix`
    (``$CONF['database_prefix']``).
    """
    p = check_name("postfixadmin(): prefix", prefix)
    mailboxes = f"FROM {p}mailbox m JOIN {p}domain d ON d.domain = m.domain WHERE m.active AND d.active"
    queries = {
        "list_query": f"SELECT m.username AS userName, m.name AS fullName {mailboxes} ORDER BY m.username",
        "auth_query": f"""SELECT m.password, m.username AS userName
            {mailboxes} AND {match_name(driver, f"{p}mailbox", "username", "m")}""",
        "alias_query": f"""SELECT a.address AS address, a.goto AS targets
            FROM {p}alias a JOIN {p}domain d ON d.domain = a.domain WHERE a.active AND d.active
            UNION ALL SELECT username, NULL FROM {p}mailbox""",
        "alias_domain_query": f"""SELECT alias_domain, target_domain FROM {p}alias_domain
            WHERE active AND alias_domain NOT IN (SELECT domain FROM {p}domain WHERE NOT active)""",
    }
    return Preset("postfixadmin", driver, connection, queries, older={"alias_domain_query": None})
