"""Finds out before anything starts whether a port is free, and names who holds one that is not."""

from __future__ import annotations

import socket

import psutil

from lumbung.settings import Settings
from service.environment import HOST
from service.errors import PortTakenError


def of(settings: Settings) -> dict[str, int]:
    """Return the ports that the service listens on, by the setting that names each."""
    found = {
        "LUMBUNG_AIRFLOW_PORT": settings.airflow_port,
        "LUMBUNG_PORTAL_PORT": settings.portal_port,
    }
    if settings.postgres_dsn is None:
        found["LUMBUNG_POSTGRES_PORT"] = settings.postgres_port
    return found


def refuse_taken(settings: Settings, own_postgres: bool = False) -> None:
    """Raise PortTakenError naming every port that is taken or asked for twice.

    With ``own_postgres`` our own PostgreSQL runs already, and may hold its port.
    """
    ports = of(settings)
    troubles = [
        f"port {port} is taken by {holder(port)}: set {name} to a free one"
        for name, port in ports.items()
        if is_taken(port) and not (own_postgres and name == "LUMBUNG_POSTGRES_PORT")
    ]
    for name, port in ports.items():
        others = [other for other in ports if other < name and ports[other] == port]
        troubles += [f"{name} and {other} are both {port}" for other in others]
    if troubles:
        raise PortTakenError("\n".join(troubles))


def is_taken(port: int) -> bool:
    """Tell whether something listens on a port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def holder(port: int) -> str:
    """Name the program behind a port, where the system lets us see it."""
    try:
        for connection in psutil.net_connections("tcp"):
            is_it = getattr(connection.laddr, "port", None) == port
            if is_it and connection.status == psutil.CONN_LISTEN and connection.pid:
                return f"process {connection.pid} ({psutil.Process(connection.pid).name()})"
    except psutil.Error:
        pass
    return "another program"
