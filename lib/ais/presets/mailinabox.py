from __future__ import annotations

from .common import Preset, match_name

DRIVERS = ("sqlite",)


def mailinabox(driver: str, **connection: object) -> Preset:
    """List the users of a Mail-in-a-Box, whose database is ``/home/user-data/mail/users.sqlite``.

    Tables: ``setup/mail-users.sh`` and ``management/mailconfig.py`` of mail-in-a-box/mailinabox. There are no full
    names, and removing a user deletes it. Files from before automatic aliases (0.52) work as well.
    """
    # "@a -> @b" stands among the aliases and makes an alias domain. A row without a destination only lets people send.
    aliases = "SELECT source AS address, destination AS targets FROM aliases WHERE destination <> ''"
    queries = {
        "list_query": "SELECT email AS userName FROM users ORDER BY email",
        "auth_query": f"""SELECT password, email AS userName
            FROM users WHERE {match_name(driver, "users", "email", "users")}""",
        "alias_query": f"""{aliases} UNION ALL SELECT source, destination FROM auto_aliases
            WHERE destination <> '' AND source NOT IN (SELECT source FROM aliases WHERE destination <> '')""",
    }
    connection = {"default_scheme": "SHA512-CRYPT", **connection}  # Dovecot's default_pass_scheme in mail-users.sh
    return Preset("mailinabox", driver, connection, queries, older={"alias_query": aliases})
