"""The one module that knows paths and settings.

Every setting is an environment variable with the prefix ``LUMBUNG_``; the README lists
them all. Secrets are ``SecretStr``: printing a settings object never shows one.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Where things lie and which sources are live.

    A *connection* is the part of a source's name that its settings share: the sources of
    connection ``bps`` read ``LUMBUNG_BPS_KEY`` and ``LUMBUNG_BPS_URL``. Setting either
    takes the connection live; without both, its datasets come from bundled figures.
    """

    model_config = SettingsConfigDict(env_prefix="LUMBUNG_", frozen=True, extra="ignore")

    home: Path = ROOT / "var"
    shared_url: str | None = Field(default=None, min_length=1)
    ledger_dsn: SecretStr | None = None
    rate_per_host: float = 1.0
    max_in_flight: int = Field(default=8, ge=1)
    run_hours: float = 12.0
    timeout_seconds: float = 30.0
    max_attempts: int = 5
    backoff_seconds: float = 1.0
    wait_max_seconds: float = 120.0
    deadline_seconds: float = 300.0
    max_body_bytes: int = 256 * 1024 * 1024
    contact: str = "https://github.com/lumbung-id/lumbung"
    keep_releases: int = 5
    build_memory: str = Field(default="400MB", pattern=r"^\d+(\.\d+)?\s?(MB|GB|MiB|GiB)$")
    heavy_pool: str | None = Field(default=None, min_length=1)
    release_queue: str | None = Field(default=None, min_length=1)
    heavy_slots: int = Field(default=1, ge=1)
    airflow_port: int = Field(default=8080, ge=1, le=65535)
    site_url: str = "http://127.0.0.1:8090/"
    portal_port: int = Field(default=8090, ge=1, le=65535)
    superset_port: int = Field(default=8088, ge=1, le=65535)
    spark_thrift: str | None = Field(default=None, pattern=r"^[^\s:]+:\d+$")
    spark_warehouse: str | None = None
    spark_threads: int = Field(default=1, ge=1)
    postgres_dsn: SecretStr | None = None
    postgres_port: int = Field(default=54320, ge=1, le=65535)
    postgres_bin: Path | None = None
    postgres_user: str = "nobody"
    alert_email: str | None = None
    alert_smtp_connection: str = "lumbung_smtp"
    alert_webhook_connection: str | None = None
    alert_window_hours: float = Field(default=24.0, gt=0)

    def model_post_init(self, _context: object) -> None:
        """Make the home absolute, so that tasks with another working folder agree on it."""
        object.__setattr__(self, "home", Path(self.home).expanduser().absolute())

    @cached_property
    def landing(self) -> Path:
        """Bytes as they came, and the ledger of fetches."""
        return self.home / "landing"

    @cached_property
    def observations(self) -> Path:
        """Tidy rows, one Parquet file a snapshot and dataset."""
        return self.home / "observations"

    @cached_property
    def releases(self) -> Path:
        """Published releases and the ``current`` link."""
        return self.home / "releases"

    @cached_property
    def candidates(self) -> Path:
        """Builds nobody reads yet, and failed ones kept for inspection."""
        return self.home / "candidates"

    @cached_property
    def airflow_home(self) -> Path:
        """Airflow's own database, configuration and logs."""
        return self.home / "airflow"

    @cached_property
    def postgres(self) -> Path:
        """The PostgreSQL for readers: passwords, and the cluster where we run one."""
        return self.home / "postgres"

    @cached_property
    def superset(self) -> Path:
        """Superset's own database, secrets and log."""
        return self.home / "superset"

    @cached_property
    def spark(self) -> Path:
        """Builds on Spark: dbt's log, and the tables where no other place was set."""
        return self.home / "spark"

    @property
    def catalog(self) -> Path:
        """The YAML catalogue: datasets, indicators, sources, cadences."""
        return ROOT / "ingest" / "catalog"

    @property
    def bundled(self) -> Path:
        """Figures that ship with the project."""
        return ROOT / "ingest" / "bundled"

    @property
    def geography(self) -> Path:
        """The register of regions and their codes."""
        return ROOT / "ingest" / "geography"

    @property
    def backfills(self) -> Path:
        """The declared backfills, one file each."""
        return ROOT / "backfills"

    @property
    def dbt_project(self) -> Path:
        """The dbt project's folder."""
        return ROOT / "dbt"

    def connection_key(self, connection: str) -> SecretStr | None:
        """Return the key of a connection, or None where none is set."""
        value = os.environ.get(f"LUMBUNG_{connection.upper()}_KEY")
        return SecretStr(value) if value else None

    def connection_url(self, connection: str, default: str | None = None) -> str | None:
        """Return the base address of a connection: the setting, else the default."""
        found = os.environ.get(f"LUMBUNG_{connection.upper()}_URL")
        if not found and connection == "drop" and (self.home / "drop").is_dir():
            return f"file://{self.home / 'drop'}"  # agencies put files there: no setting needed
        return found or default

    def is_live(self, connection: str | None) -> bool:
        """Tell whether a connection's datasets are fetched live rather than from the bundle."""
        if connection is None:
            return False
        return bool(self.connection_key(connection) or self.connection_url(connection))


def load() -> Settings:
    """Read the settings from the environment, afresh at each call."""
    return Settings()
