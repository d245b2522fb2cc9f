"""Lets PostgreSQL follow a command that changed which releases there are, and says how it went.

The command's own work is done by then: a PostgreSQL that is down takes nothing of it back.
"""

from __future__ import annotations

from lumbung.settings import Settings


def is_wanted(settings: Settings) -> bool:
    """Tell whether there is a PostgreSQL that should follow."""
    from serving import server

    return server.is_configured(settings)


def follow(settings: Settings) -> str:
    """Bring PostgreSQL to the current release; return one sentence about it.

    Raises ServingError that says what readers see now, and what to run.
    """
    from serving import publish
    from serving.errors import ServingError

    try:
        done = publish.publish(settings)
    except ServingError as error:
        raise ServingError(
            f"PostgreSQL did not follow: {error}\nIts readers see the release they saw before. "
            "When it is back: python -m serving publish (the service does so by itself)"
        ) from None
    if done.is_unchanged:
        return f"PostgreSQL serves {done.release_id}, as before."
    return f"PostgreSQL serves {done.release_id} now."
