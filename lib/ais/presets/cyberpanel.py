from __future__ import annotations

from .common import Preset, match_name, mixed

DRIVERS = ("mysql",)


def cyberpanel(driver: str, **connection: object) -> Preset:
    """List the mailboxes of CyberPanel's database, with the forwards that end in them.

    Tables: ``mailServer/models.py`` of usmannasir/cyberpanel.
    """
    queries = {
        "list_query": "SELECT email AS userName FROM e_users ORDER BY email",
        "auth_query": f"""SELECT u.password, u.email AS userName
            FROM e_users u WHERE {match_name(driver, "e_users", "email", "u")}""",
        "alias_query": f"""SELECT source AS address, destination AS targets FROM e_forwardings
            UNION ALL SELECT {mixed(driver, "email")}, NULL FROM e_users""",
    }
    return Preset("cyberpanel", driver, connection, queries)
