from __future__ import annotations

from .common import Preset, match_name

DRIVERS = ("mysql",)


def keyhelp(driver: str, **connection: object) -> Preset:
    """List the mailboxes of KeyHelp's database whose login is enabled. Aliases are not known to this preset.

    Table ``mail_users``: an installer for SOGo on KeyHelp, of 2026, which reads these columns.
    """
    enabled = "FROM mail_users u WHERE u.login_enabled = 'Y'"
    queries = {
        "list_query": f"""SELECT u.email_utf8 AS userName, u.email_utf8 AS emailAddresses {enabled}
            ORDER BY u.email_utf8""",
        "auth_query": f"""SELECT u.password, u.email_utf8 AS userName
            {enabled} AND {match_name(driver, "mail_users", "email_utf8", "u")}""",
    }
    return Preset("keyhelp", driver, connection, queries)
