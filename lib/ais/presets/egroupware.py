from __future__ import annotations

from .common import Preset, engine_of, match, mixed

DRIVERS = ("mysql", "postgresql")
_ALIAS = 3  # mail_type: Smtp\Sql::TYPE_ALIAS


def egroupware(driver: str, **connection: object) -> Preset:
    """List the active accounts of EGroupware's own user database, on MySQL or PostgreSQL.

    Tables: ``api/setup/tables_current.inc.php`` of EGroupware/egroupware; meaning: ``api/src/Auth/Sql.php`` and
    ``api/src/Mail/Smtp/Sql.php``. Users may change the address of their contact; aliases are the administrator's. The
    account ``anonymous``, which the application itself makes for visitors, is left out.
    """
    seconds = "UNIX_TIMESTAMP()" if engine_of(driver) == "mysql" else "EXTRACT(EPOCH FROM CURRENT_TIMESTAMP)"
    users = f"""FROM egw_accounts u LEFT JOIN egw_addressbook c ON c.account_id = u.account_id
        WHERE u.account_type = 'u' AND u.account_status = 'A' AND u.account_lid <> 'anonymous'
        AND (u.account_expires IS NULL OR u.account_expires = -1 OR u.account_expires > {seconds})"""
    aliases = f"FROM egw_mailaccounts m JOIN egw_accounts u ON u.account_id = m.account_id AND m.mail_type = {_ALIAS}"
    queries = {
        "list_query": f"""SELECT u.account_lid AS userName, c.n_fn AS fullName, c.contact_email AS emailAddresses,
            0 AS place {users} UNION ALL SELECT u.account_lid, NULL, {mixed(driver, "m.mail_value")}, 1 {aliases}
            AND u.account_id IN (SELECT u.account_id {users}) ORDER BY userName, place, emailAddresses""",
        "auth_query": f"""SELECT u.account_pwd, u.account_lid AS userName
            {users} AND {match(driver, "u.account_lid")}""",
    }
    entered = """SELECT u.account_lid AS userName, c.contact_email AS emailAddresses
        FROM egw_accounts u LEFT JOIN egw_addressbook c ON c.account_id = u.account_id WHERE u.account_type = 'u'"""
    given = f"SELECT u.account_lid AS userName, m.mail_value AS emailAddresses {aliases}"
    return Preset("egroupware", driver, connection, queries, entered=[entered], given=given)
