from __future__ import annotations

from .common import Preset, match_name, mixed, try_column

DRIVERS = ("mysql",)


def vimbadmin(driver: str, **connection: object) -> Preset:
    """List the active mailboxes of ViMbAdmin's database. It has no alias domains.

    Tables: ``data/vagrant-base.sql`` and ``doctrine2/xml`` of opensolutions/ViMbAdmin. It stores what Dovecot makes
    without its ``{SCHEME}``: where ``defaults.mailbox.password_scheme`` is one such as ``dovecot:SSHA512``, give
    ``default_scheme="SSHA512"``. Schemes that hash with the site's own salt are not read.
    """
    mailboxes = f"""FROM mailbox m JOIN domain d ON d.id = m.Domain_id CROSS JOIN (SELECT 0 AS delete_pending) older
        WHERE m.active = 1 AND d.active = 1
        AND {try_column("mailbox", "id", "m", "COALESCE(delete_pending, 0) = 0")}"""
    queries = {
        "list_query": f"SELECT m.username AS userName, m.name AS fullName {mailboxes} ORDER BY m.username",
        "auth_query": f"""SELECT m.password, m.username AS userName
            {mailboxes} AND {match_name(driver, "mailbox", "username", "m")}""",
        "alias_query": f"""SELECT a.address AS address, a.goto AS targets
            FROM alias a LEFT JOIN domain d ON d.id = a.Domain_id
            WHERE a.active = 1 AND (a.Domain_id IS NULL OR d.active = 1)
            UNION ALL SELECT {mixed(driver, "username")}, NULL FROM mailbox""",
    }
    return Preset("vimbadmin", driver, connection, queries)
