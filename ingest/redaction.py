"""Keeps keys out of everything that is written: addresses, messages, logs.

A key reaches text in three ways: we put it into an address, a library logs that address, or
the other side repeats it. Known keys are replaced in each of their spellings; parameters
that are named like a key are blanked even where nobody registered their value.
"""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from pydantic import SecretStr

from ingest.errors import IngestError

MASK = "***"

#: A shorter key would also match innocent text, and no source issues one.
MINIMUM_KEY_LENGTH = 8

#: The libraries that log addresses. A filter works on the logger it hangs on, not on that
#: logger's children, so each is named.
CHATTY_LOGGERS = (
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.response",
    "urllib3.util.retry",
    "requests.sessions",
    "requests_ratelimiter.requests_ratelimiter",
    "pyrate_limiter.limiter",
)

_NAMED = re.compile(
    r"""((?:^|[?&;\s"'])(?:api_?)?(?:key|token|password|secret)=)[^&;\s"'<>]+""", re.IGNORECASE
)
_IN_PATH = re.compile(r"(/key/)[^/?#\s\"'<>]+", re.IGNORECASE)


def spellings(secret: str) -> list[str]:
    """Return the ways a secret may be spelt in an address, a page or JSON, longest first."""
    found = {secret, quote(secret, safe=""), quote_plus(secret), html.escape(secret)}
    return sorted(found, key=len, reverse=True)


def redact(text: str, secrets: Iterable[SecretStr | None] = ()) -> str:
    """Replace the secrets, and whatever stands where a key stands in an address, by ``***``."""
    for secret in secrets:
        for spelling in spellings(secret.get_secret_value()) if secret else ():
            text = text.replace(spelling, MASK)
    return _IN_PATH.sub(rf"\1{MASK}", _NAMED.sub(rf"\1{MASK}", text))


def holds_secret(body: bytes, secret: SecretStr | None) -> bool:
    """Tell whether bytes from outside repeat the secret, in any spelling or letter case."""
    if secret is None:
        return False
    lowered = body.lower()
    return any(
        spelling.lower().encode(encoding) in lowered
        for spelling in spellings(secret.get_secret_value())
        for encoding in ("utf-8", "utf-16-le")
    )


def check_key(secret: SecretStr | None, name: str) -> SecretStr | None:
    """Return the key as it is, or raise IngestError where it cannot be one."""
    if secret is not None and len(secret.get_secret_value().strip()) < MINIMUM_KEY_LENGTH:
        raise IngestError(
            f"{name} holds fewer than {MINIMUM_KEY_LENGTH} characters, which no key does; "
            "set the key you were given, or unset it to use the bundled figures"
        )
    return secret


class RedactingFilter(logging.Filter):
    """Redacts a log record before any handler sees it, its traceback included."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets: dict[str, SecretStr] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record's message in place and let it pass."""
        record.msg = redact(record.getMessage(), self.secrets.values())
        record.args = None
        if record.exc_info:
            text = logging.Formatter().formatException(record.exc_info)
            record.exc_text = redact(text, self.secrets.values())
            record.exc_info = None
        return True


_FILTER = RedactingFilter()


def guard_logs(secret: SecretStr | None) -> None:
    """Have the chatty libraries and our own ingest log without this secret from now on."""
    if secret is not None:
        _FILTER.secrets[secret.get_secret_value()] = secret
    for name in (*CHATTY_LOGGERS, "ingest.harvest", "ingest.http"):
        logger = logging.getLogger(name)
        if _FILTER not in logger.filters:
            logger.addFilter(_FILTER)
