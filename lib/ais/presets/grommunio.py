from __future__ import annotations

from .common import ELSEWHERE, Preset, match_name, mixed

DRIVERS = ("mysql",)
_NAME, _KIND = 805371935, 956628995  # MAPI's PR_DISPLAY_NAME and PR_DISPLAY_TYPE_EX


def grommunio(driver: str, **connection: object) -> Preset:
    """List the mailboxes of people in grommunio's database, shared ones too, which get a no.

    Tables and meaning: ``lib/dbop_mysql.cpp`` and ``exch/mysql_adaptor`` of grommunio/gromox, from schema 87 on. A user
    that was synchronised from LDAP (``externid``) has its password there: without a login nobody can tell.
    """
    people = f"FROM users u LEFT JOIN user_properties t ON t.user_id = u.id AND t.proptag = {_KIND}"
    person = "COALESCE(t.propval_str, '0') = '0'"  # as gromox takes a user without the property
    stored = f"CASE WHEN LENGTH(u.externid) > 0 THEN {ELSEWHERE} ELSE u.password END"
    queries = {
        "list_query": f"""SELECT u.username AS userName, n.propval_str AS fullName {people}
            LEFT JOIN user_properties n ON n.user_id = u.id AND n.proptag = {_NAME}
            WHERE {person} AND u.address_status IN (0, 4) ORDER BY u.username""",
        "auth_query": f"""SELECT {stored}, u.username AS userName {people}
            WHERE {person} AND u.address_status = 0 AND {match_name(driver, "users", "username", "u")}""",
        "alias_query": f"""SELECT aliasname AS address, mainname AS targets FROM aliases
            UNION ALL SELECT {mixed(driver, "username")}, NULL FROM users""",
    }
    return Preset("grommunio", driver, connection, queries)
