"""Django: the users of django.contrib.auth."""

from __future__ import annotations

from .common import joined, name_part, preset, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..sources import Source


def django(driver: str, *, table: str = "auth_user", **connection: Any) -> Source:
    """List the active users of a Django project, on PostgreSQL, MySQL or SQLite.

    Tables and formats: ``django/contrib/auth`` of Django.

    Args:
        driver: ``postgresql``, ``mysql`` or ``sqlite``.
        table: where the users are, if the project has a user model of its own made from AbstractUser.
        connection: the arguments of `sql` about the connection, and its default_scheme, password_charset and login.

    Raises:
        ConfigError: an argument cannot be used.
    """
    name = name_part("django(): table", table)
    queries = {
        "list_query": f"""SELECT username AS userName, {joined(driver, "first_name", "' '", "last_name")} AS fullName,
            email AS emailAddresses FROM {name} WHERE is_active ORDER BY username""",
        "auth_query": f"SELECT password FROM {name} WHERE {same(driver, 'username')} AND is_active",
    }
    entered = [f"SELECT username AS userName, email AS emailAddresses FROM {name}"]
    return preset("django", driver, connection, queries, entered=entered)
