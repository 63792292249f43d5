from __future__ import annotations

from .common import Preset, engine_of, match, now, quote_name, try_column

DRIVERS = ("mssql", "odbc", "postgresql", "mysql", "sqlite")
_LONG = 365  # days


def aspnet_identity(driver: str, **connection: object) -> Preset:
    """List the users of ASP.NET Core Identity, on SQL Server, PostgreSQL, MySQL or SQLite.

    Table ``AspNetUsers`` of Entity Framework Core. It has no flag for disabled users: administrators set
    ``LockoutEnd`` to a day far away, and wrong passwords set it to one that is minutes away. So a user who is locked
    gets a no; one who is locked for more than a year is not listed. The column ``LockoutEnabled`` need not be there.
    """
    table = quote_name(driver, "AspNetUsers")
    user, email, stored, end = (
        f"u.{quote_name(driver, column)}" for column in ("UserName", "Email", "PasswordHash", "LockoutEnd")
    )
    true, lockout = "1" if engine_of(driver) == "mssql" else "TRUE", quote_name(driver, "LockoutEnabled")
    users = f"FROM {table} u CROSS JOIN (SELECT {true} AS {lockout}) older"
    rows = f"SELECT {user} AS userName, {email} AS emailAddresses {users}"
    can_be_locked = try_column(table, quote_name(driver, "Id"), "u", f"{lockout} = {true}")
    locked = f"({end} IS NOT NULL AND {end} > %s AND {can_be_locked})"
    queries = {
        "list_query": f"""{rows} WHERE NOT {locked % now(driver, _LONG)} ORDER BY {user}""",
        "auth_query": f"""SELECT CASE WHEN {locked % now(driver, 0)} THEN NULL ELSE {stored} END, {user} AS userName
            {users} WHERE {match(driver, user)} AND NOT {locked % now(driver, _LONG)}""",
    }
    return Preset("aspnet_identity", driver, connection, queries, entered=[rows])
