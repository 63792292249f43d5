from __future__ import annotations

from .common import Preset, match

DRIVERS = ("postgresql",)


def odoo(driver: str, **connection: object) -> Preset:
    """List the active internal users of Odoo's database; portal users (``share``) are customers.

    Tables: ``odoo/addons/base/models/res_users.py`` and ``res_partner.py`` of odoo/odoo. ``email_normalized`` is there
    with the module mail.
    """
    users = "FROM res_users u JOIN res_partner p ON p.id = u.partner_id"
    email = """COALESCE((SELECT email_normalized FROM res_partner own WHERE own.id = p.id), p.email)"""
    older = "CROSS JOIN (SELECT CAST(NULL AS text) AS email_normalized) older"
    rows = f"""SELECT u.login AS userName, p.name AS fullName, {email} AS emailAddresses {users} {older}"""
    internal = "WHERE u.active AND u.share IS NOT TRUE"
    queries = {
        "list_query": f"{rows} {internal} ORDER BY u.login",
        "auth_query": f"""SELECT u.password, u.login AS userName
            FROM res_users u {internal} AND {match(driver, "u.login")}""",
    }
    # What customers enter, their names included, takes no address away from those who work there.
    return Preset("odoo", driver, connection, queries, entered=[f"{rows} WHERE u.share IS NOT TRUE"])
