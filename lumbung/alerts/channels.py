"""The ways by which an alert reaches people. The log always; mail and a webhook if configured.

Servers, names and passwords lie in Airflow connections (``AIRFLOW_CONN_...`` or its pages), never
in our settings: those only say which connection is meant and who gets the mail.
"""

from __future__ import annotations

import html
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from lumbung import events
from lumbung.alerts.alert import Alert
from lumbung.settings import Settings

LOG = logging.getLogger("lumbung.alerts")
WEBHOOK_SECONDS = 20


class Channel(Protocol):
    """Somewhere an alert is sent to."""

    @property
    def name(self) -> str:
        """Name the channel in the file of alerts."""

    def send(self, alert: Alert) -> None:
        """Send it, or raise."""


@dataclass(frozen=True)
class Log:
    """The log of whoever runs the step."""

    name: str = "log"

    def send(self, alert: Alert) -> None:
        """Log it as an error, in one line."""
        fields = {"event": "alert", **asdict(alert), "runbook": alert.runbook}
        LOG.error("%s", events.as_words({k: v for k, v in fields.items() if v is not None}))


@dataclass(frozen=True)
class Mail:
    """Mail through Airflow's SMTP provider and one of its connections."""

    connection: str
    to: str
    name: str = "mail"

    def send(self, alert: Alert) -> None:
        """Send one mail; raises what the provider raises."""
        from airflow.providers.smtp.hooks.smtp import SmtpHook

        with SmtpHook(smtp_conn_id=self.connection) as hook:
            hook.send_email_smtp(
                to=self.to,
                subject=alert.title,
                html_content=f"<pre>{html.escape(alert.text())}</pre>",
            )


@dataclass(frozen=True)
class Webhook:
    """A POST of the alert as JSON to the address of an Airflow connection of type http.

    ``text`` holds the whole message, which is the field that chat services show.
    """

    connection: str
    name: str = "webhook"

    def send(self, alert: Alert) -> None:
        """Post once; raise where the server does not take it."""
        import requests
        from airflow.sdk import Connection

        found = Connection.get(self.connection)
        scheme = found.schema or "https"
        port = f":{found.port}" if found.port else ""
        address = f"{scheme}://{found.host}{port}"
        if found.host and "://" in found.host:
            address = f"{found.host}{port}"
        headers = {"Authorization": f"Bearer {found.password}"} if found.password else {}
        reply = requests.post(
            address + str((found.extra_dejson or {}).get("path", "")),
            json={"text": alert.text(), **asdict(alert), "key": alert.key},
            headers=headers,
            timeout=WEBHOOK_SECONDS,
            allow_redirects=False,
        )
        reply.raise_for_status()


def configured(settings: Settings) -> Sequence[Channel]:
    """Return the channels of these settings: the log, and what is configured besides."""
    found: list[Channel] = [Log()]
    if settings.alert_email:
        found.append(Mail(settings.alert_smtp_connection, settings.alert_email))
    if settings.alert_webhook_connection:
        found.append(Webhook(settings.alert_webhook_connection))
    return found
