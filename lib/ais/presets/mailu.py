from __future__ import annotations

from .common import Preset, match_name, mixed, quote_name, try_column

DRIVERS = ("sqlite", "postgresql", "mysql")


def mailu(driver: str, **connection: object) -> Preset:
    """List the enabled users of Mailu's database, on SQLite, PostgreSQL or MySQL.

    Tables: ``core/admin/mailu/models.py`` of Mailu/Mailu. An alias whose owner is disabled is off; aliases with
    wildcards give nobody an address. Databases from before aliases had owners (2.0, 2024.06) work as well.
    """
    users = quote_name(driver, "user")
    owner = f"SELECT 1 FROM {users} o WHERE o.email = {mixed(driver, 'owner_email')} AND o.enabled"
    counts = try_column("alias", "email", "a", f"NOT disabled AND (owner_email IS NULL OR EXISTS ({owner}))")
    queries = {
        "list_query": f"""SELECT u.email AS userName, u.displayed_name AS fullName FROM {users} u
            WHERE u.enabled ORDER BY u.email""",
        "auth_query": f"""SELECT u.password, u.email AS userName FROM {users} u
            WHERE u.enabled AND {match_name(driver, users, "email", "u")}""",
        "alias_query": f"""SELECT a.email AS address, a.destination AS targets
            FROM alias a CROSS JOIN (SELECT FALSE AS disabled, NULL AS owner_email) older
            WHERE NOT a.wildcard AND {counts}
            UNION ALL SELECT {mixed(driver, "email")}, NULL FROM {users}""",
        "alias_domain_query": "SELECT name AS alias_domain, domain_name AS target_domain FROM alternative",
    }
    return Preset("mailu", driver, connection, queries)
