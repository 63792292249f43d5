"""A PEP 249 module that waits for a database that never answers, and what it and other sources wait for."""

import threading

apilevel, threadsafety, paramstyle = "2.0", 1, "qmark"

WAITS = threading.Event()


def connect(**given: object) -> object:
    """Wait."""
    WAITS.wait(30)
    raise OSError("nobody is there")
