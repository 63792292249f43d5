from __future__ import annotations

from ..errors import ConfigError
from .common import Preset, join, match_name, mixed

DRIVERS = ("mysql",)


def plesk(driver: str, **connection: object) -> Preset:
    """List the mailboxes of Plesk's database ``psa``; a `login` checks their passwords, which Plesk encrypts.

    Tables: pleskhacker.com, and migration scripts that read them. A row of ``mail`` without a mailbox is a forward or a
    group: its address belongs to the mailboxes that it leads to.
    """
    if not connection.get("login"):
        raise ConfigError(
            "plesk(): login is missing: Plesk encrypts the passwords, so let its mail server check them, with"
            ' login=imap("localhost")'
        )
    own = mixed(driver, join(driver, "m.mail_name", "'@'", "d.name"))
    rows = "FROM mail m JOIN domains d ON d.id = m.dom_id"
    address = join(driver, "a.alias", "'@'", "d.name")
    aliases = f"""SELECT {address} AS address, {own} AS targets
        FROM mail_aliases a JOIN mail m ON m.id = a.mn_id JOIN domains d ON d.id = m.dom_id WHERE d.status = 0
        UNION ALL SELECT {own}, NULL {rows} WHERE m.postbox = 'true'"""
    forwards = f"""SELECT {own}, r.address FROM mail_redir r JOIN mail m ON m.id = r.mn_id
        JOIN domains d ON d.id = m.dom_id WHERE m.postbox = 'false' AND d.status = 0"""
    everybody = f"(SELECT {own} AS name {rows})"
    mailboxes = f"FROM (SELECT {own} AS name {rows} WHERE m.postbox = 'true' AND d.status = 0) u"
    queries = {
        "list_query": f"SELECT u.name AS userName {mailboxes} ORDER BY u.name",
        "auth_query": f"SELECT NULL, u.name AS userName {mailboxes} WHERE {match_name(driver, everybody, 'name', 'u')}",
        "alias_query": f"{aliases} UNION ALL {forwards}",
        "alias_domain_query": """SELECT da.name AS alias_domain, d.name AS target_domain
            FROM domain_aliases da JOIN domains d ON d.id = da.dom_id
            WHERE da.mail = 'true' AND da.status = 0 AND d.status = 0""",
    }
    return Preset("plesk", driver, connection, queries, older={"alias_query": aliases})
