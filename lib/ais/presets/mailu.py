from __future__ import annotations

from .common import Preset, match_name, quote_name

DRIVERS = ("sqlite", "postgresql", "mysql")


def mailu(driver: str, **connection: object) -> Preset:
    """List the enabled users of Mailu's database, on SQLite, PostgreSQL or MySQL.

    Tables: ``core/admin/mailu/models.py`` of Mailu/Mailu. An alias whose owner is disabled is off; aliases with
    wildcards give nobody an address.
    """
    users = quote_name(driver, "user")
    queries = {
        "list_query": f"""SELECT u.email AS userName, u.displayed_name AS fullName FROM {users} u
            WHERE u.enabled ORDER BY u.email""",
        "auth_query": f"""SELECT u.password, u.email AS userName FROM {users} u
            WHERE u.enabled AND {match_name(driver, users, "email", "u")}""",
        "alias_query": f"""SELECT a.email AS address, a.destination AS targets
            FROM alias a LEFT JOIN {users} o ON o.email = a.owner_email
            WHERE NOT a.disabled AND NOT a.wildcard AND (a.owner_email IS NULL OR o.enabled)
            UNION ALL SELECT email, NULL FROM {users}""",
        "alias_domain_query": "SELECT name AS alias_domain, domain_name AS target_domain FROM alternative",
    }
    return Preset("mailu", driver, connection, queries)
