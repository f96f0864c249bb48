"""What a database says when it cannot do its work: what may pass by itself, told apart from our own bugs."""

from __future__ import annotations

import sqlite3

import sqlalchemy.exc

# SQLSTATE classes of PostgreSQL (its manual, appendix A): connection lost, transaction undone by another, resources,
# limits, somebody stopped the server, its disk or files fail; it became a standby; who we are, no such database.
_PASSING = ("08", "40", "53", "55", "57", "58", "25006", "28", "3D")


def may_pass(error: BaseException) -> bool:
    """Tell whether trying again later can help."""
    told = _told(error)
    if isinstance(told, sqlite3.Error):
        return isinstance(told, sqlite3.OperationalError) or type(told) is sqlite3.DatabaseError
    state = getattr(told, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(_PASSING)
    named = type(told).__module__.startswith("asyncpg") and type(told).__name__ in (
        "InterfaceError",
        "InternalClientError",
    )
    return named or isinstance(told, OSError | TimeoutError | sqlalchemy.exc.TimeoutError)


def unfit(error: BaseException) -> bool:
    """Tell whether a row that was to be written is one that the database cannot keep: a value is too long or of another
    kind (PostgreSQL's class 22, and what asyncpg says before it), or its key is taken (class 23)."""
    told = _told(error)
    if isinstance(told, sqlite3.IntegrityError | OverflowError | TypeError | UnicodeError):
        return True
    return str(getattr(told, "sqlstate", "")).startswith(("22", "23"))


def why(error: BaseException) -> str:
    """Tell what the database said, without the statement and its values: those are people's texts."""
    told = _told(error)
    return str(told) or type(told).__name__


def _told(error: BaseException) -> BaseException:
    if isinstance(error, sqlalchemy.exc.DBAPIError) and error.orig is not None:
        return error.orig.__cause__ or error.orig
    return error
