from __future__ import annotations

from .common import Preset, join, match_name, try_column

DRIVERS = ("mysql",)


def mailcow(driver: str, **connection: object) -> Preset:
    """List the active mailboxes of mailcow's database, resources (rooms, things) left out.

    Tables: ``data/web/inc/init_db.inc.php`` of mailcow/mailcow-dockerized; logins: ``functions.auth.inc.php`` and
    ``functions.inc.php`` there. A mailbox whose logins are off is listed and gets a no. Stored passwords mean something
    only where mailcow itself checks them (``authsource``); with a login, mailboxes of every kind are asked there.
    """
    mailboxes = "FROM mailbox m JOIN domain d ON d.domain = m.domain"
    listed = "m.kind = '' AND d.active = 1"
    own = try_column("mailbox", "username", "m", "authsource = 'mailcow'")
    alias_domains = """FROM alias_domain
        WHERE active = 1 AND alias_domain NOT IN (SELECT domain FROM domain WHERE active <> 1)"""
    domains = f"SELECT domain FROM domain WHERE active = 1 UNION SELECT alias_domain {alias_domains}"
    aliases = f"""SELECT address, goto AS targets FROM alias WHERE active IN (1, 2) AND domain IN ({domains})
        UNION ALL SELECT username, NULL FROM mailbox"""
    at_domain = join(driver, "'@'", "d.domain")
    queries = {
        "list_query": f"""SELECT m.username AS userName, m.name AS fullName {mailboxes}
            WHERE {listed} AND m.active IN (1, 2) ORDER BY m.username""",
        # mailcow never accepts a stored password without a {SCHEME}
        "auth_query": f"""SELECT CASE WHEN m.password LIKE '{{%' THEN m.password ELSE '*' END, m.username AS userName
            {mailboxes} CROSS JOIN (SELECT 'mailcow' AS authsource) older
            WHERE {listed} AND m.active = 1 AND {match_name(driver, "mailbox", "username", "m")}
            {"" if connection.get("login") else f"AND {own}"}""",
        "alias_query": f"""{aliases} UNION ALL SELECT s.address, s.goto
            FROM spamalias s JOIN ({domains}) d ON SUBSTR(s.address, -LENGTH(d.domain) - 1) = {at_domain}
            CROSS JOIN (SELECT 0 AS permanent) older
            WHERE {try_column("spamalias", "address", "s", "permanent <> 0")}
            AND s.address NOT IN (SELECT address FROM alias)""",
        "alias_domain_query": f"SELECT alias_domain, target_domain {alias_domains}",
    }
    return Preset("mailcow", driver, connection, queries, older={"alias_query": aliases})
