from __future__ import annotations

from .common import Preset, join, match_name, mixed, now

DRIVERS = ("postgresql", "mysql", "sqlite")


def modoboa(driver: str, **connection: object) -> Preset:
    """List the active accounts with a mailbox of Modoboa's database, on PostgreSQL, MySQL or SQLite.

    Tables: ``modoboa/core/models.py`` and ``modoboa/admin/models`` of modoboa/modoboa; delivery:
    ``modoboa/admin/postfix_maps.py``. Administrators without a mailbox are left out.
    """
    own = join(driver, "mb.address", "'@'", "d.name")
    mailboxes = """FROM admin_mailbox mb JOIN admin_domain d ON d.id = mb.domain_id
        JOIN core_user u ON u.id = mb.user_id WHERE u.is_active AND d.enabled"""
    name = join(driver, "u.first_name", "' '", "u.last_name")
    queries = {
        "list_query": f"""SELECT u.username AS userName, {name} AS fullName, {own} AS emailAddresses
            {mailboxes} ORDER BY u.username""",
        "auth_query": f"""SELECT u.password, u.username AS userName
            {mailboxes} AND {match_name(driver, "core_user", "username", "u")}""",
        "alias_query": f"""SELECT al.address AS address, alr.address AS targets
            FROM admin_alias al JOIN modoboa_admin_aliasrecipient alr ON alr.alias_id = al.id
            LEFT JOIN admin_domain d ON d.id = al.domain_id
            WHERE al.enabled AND NOT al.internal AND (al.domain_id IS NULL OR d.enabled)
            AND (al.expire_at IS NULL OR al.expire_at > {now(driver)})
            UNION ALL SELECT {mixed(driver, own)}, NULL
            FROM admin_mailbox mb JOIN admin_domain d ON d.id = mb.domain_id""",
        "alias_domain_query": f"""SELECT da.name AS alias_domain, d.name AS target_domain
            FROM admin_domainalias da JOIN admin_domain d ON d.id = da.target_id WHERE da.enabled AND d.enabled
            AND {mixed(driver, "da.name")} NOT IN (SELECT name FROM admin_domain WHERE NOT enabled)""",
    }
    return Preset("modoboa", driver, connection, queries)
