from __future__ import annotations

from .common import TYPED, Preset, check_name, match, try_column

DRIVERS = ("mysql", "postgresql", "sqlite")


def nextcloud(driver: str, *, prefix: str = "oc_", **connection: object) -> Preset:
    """List the enabled users of Nextcloud's own database back end, on MySQL, PostgreSQL or SQLite.

    Tables: ``core/Migrations`` of nextcloud/server. The e-mail address of a user comes first, then the additional ones
    (since version 22). Users log in by their name in any case of letters. Users of LDAP, SAML and OIDC are not there.
    The names of the tables begin with `prefix` (``dbtableprefix`` in config.php).
    """
    p = check_name("nextcloud(): prefix", prefix)
    enabled = f"""NOT EXISTS (SELECT 1 FROM {p}preferences flag WHERE flag.userid = u.uid AND flag.appid = 'core'
        AND flag.configkey = 'enabled' AND flag.configvalue NOT IN ('true', '1'))"""
    email = f"FROM {p}preferences WHERE appid = 'settings' AND configkey = 'email'"
    additional = f"FROM {p}accounts_data WHERE name = 'additional_mail'"
    main = f"SELECT userid AS uid, configvalue AS email, 0 AS place {email}"
    listed = f"""SELECT u.uid AS userName, u.displayname AS fullName, e.email AS emailAddresses
        FROM {p}users u LEFT JOIN (%s) e ON e.uid = u.uid WHERE {enabled} ORDER BY u.uid, e.place, e.email"""
    lower = try_column(f"{p}users", "uid", "u", f"uid_lower = LOWER({TYPED})")
    queries = {
        "list_query": listed % f"{main} UNION ALL SELECT uid, value, 1 {additional}",
        "auth_query": f"""SELECT u.password, u.uid AS userName
            FROM {p}users u CROSS JOIN (SELECT NULL AS uid_lower) older
            WHERE {enabled} AND ({match(driver, "u.uid")} OR {lower}
                AND NOT EXISTS (SELECT 1 FROM {p}users typed WHERE {match(driver, "typed.uid")}))""",
    }
    entered = [
        f"SELECT userid AS userName, configvalue AS emailAddresses {email} UNION ALL SELECT uid, NULL FROM {p}users",
        f"SELECT uid AS userName, value AS emailAddresses {additional}",
    ]
    return Preset("nextcloud", driver, connection, queries, {"list_query": listed % main}, entered)
