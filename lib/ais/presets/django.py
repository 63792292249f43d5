from __future__ import annotations

from .common import Preset, check_name, join, match

DRIVERS = ("postgresql", "mysql", "sqlite")


def django(driver: str, *, table: str = "auth_user", **connection: object) -> Preset:
    """List the active users of a Django project, on PostgreSQL, MySQL or SQLite.

    Tables and formats: ``django/contrib/auth`` of Django. A project with a user model of its own, made from
    AbstractUser, has the users in another `table`.
    """
    name = check_name("django(): table", table)
    queries = {
        "list_query": f"""SELECT username AS userName, {join(driver, "first_name", "' '", "last_name")} AS fullName,
            email AS emailAddresses FROM {name} WHERE is_active ORDER BY username""",
        "auth_query": f"""SELECT password, username AS userName
            FROM {name} WHERE {match(driver, "username")} AND is_active""",
    }
    entered = [f"SELECT username AS userName, email AS emailAddresses FROM {name}"]
    return Preset("django", driver, connection, queries, entered=entered)
