from __future__ import annotations

from .common import Preset, check_name, match, try_column

DRIVERS = ("mysql",)


def wordpress(driver: str, *, prefix: str = "wp_", **connection: object) -> Preset:
    """List the users of a WordPress, or of all sites of a network, without those marked as spam or deleted.

    Tables: ``wp-admin/includes/schema.php`` of WordPress. A user whose ``user_status`` is not 0 (set by plug-ins) is
    left out too. Logging in by e-mail address is not offered: MailStore knows users by their names. The names
    of the tables begin with `prefix` (``$table_prefix`` in wp-config.php).
    """
    p = check_name("wordpress(): prefix", prefix)
    users = f"""FROM {p}users u CROSS JOIN (SELECT 0 AS spam, 0 AS deleted) single WHERE u.user_status = 0
        AND {try_column(f"{p}users", "ID", "u", "spam = 0 AND deleted = 0")}"""
    queries = {
        "list_query": f"""SELECT u.user_login AS userName, u.display_name AS fullName, u.user_email AS emailAddresses
            {users} ORDER BY u.user_login""",
        "auth_query": f"""SELECT u.user_pass, u.user_login AS userName
            {users} AND {match(driver, "u.user_login")}""",
    }
    entered = [f"SELECT user_login AS userName, user_email AS emailAddresses FROM {p}users"]
    return Preset("wordpress", driver, connection, queries, entered=entered)
