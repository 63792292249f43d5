"""Where passwords are checked elsewhere. One module for each kind, imported when the configuration names it."""

from __future__ import annotations


class Login:
    """The contract of every login, and the base of one that is written in the configuration file.

    A source asks its login only about users that it lists.
    """

    def verify(self, user: str, password: str) -> bool:
        """Say whether this is the user's password.

        Args:
            user: the name, as the source lists it.
            password: the password. An empty one is never right, and never sent.

        Returns:
            True for yes; False where the password or the user was refused.

        Raises:
            AISError: nobody can tell: SourceUnavailable where it may work later, ConfigError for what the
                administrator must correct.
        """
        raise NotImplementedError
