"""A home folder, a small catalogue and quick settings for tests of ingest."""

from __future__ import annotations

import textwrap
from datetime import date
from pathlib import Path

from lumbung.settings import Settings

KEY = "kunci0canary0kunci0canary0kunci0"

INDICATORS = """
- indicator: unemployment_rate
  name: {id: Tingkat pengangguran terbuka, en: Unemployment rate}
  definition: {id: "Penganggur dari angkatan kerja.", en: "Unemployed of the labour force."}
  unit: percent
  theme: employment
  minimum: 0
  maximum: 100
"""
SOURCES = """
- source: bps
  name: BPS
  url: https://webapi.bps.go.id
  kind: statistics_office
  provenance_tier: primary
  licence: see source
  terms_known: true
  connection: bps
  default_url: https://webapi.bps.go.id/v1/api
- source: press
  name: Press
  url: https://press.invalid
  kind: press_collection
  provenance_tier: official_via_press
  licence: see source
  terms_known: false
"""
CADENCES = """
- cadence: irregular
  name: {id: Tidak tetap, en: Irregular}
- cadence: sakernas
  name: {id: Sakernas, en: Sakernas}
  grace_days: 14
  releases:
    - {period_month: 2, month: 5, day: 5}
    - {period_month: 8, month: 11, day: 5}
    - {period_month: 11, month: 2, day: 5, years_later: 1}
"""
RATE = """
dataset: {name}
protocol: bps.dynamic_data
source: bps
title: {{id: TPT, en: Unemployment rate}}
cadence: sakernas
request: {{domain: "{domain}", variable: {variable}, years: "2018:"}}
region: {{from: vervar, system: bps}}
period: {{year: tahun, round: turtahun, months: {{Agustus: 8}}, ignore: [Tahunan]}}
indicator: unemployment_rate
unit: Persen
"""


class WorldSettings(Settings):
    """Settings whose catalogue and bundle lie in a folder of the test."""

    world: Path

    @property
    def catalog(self) -> Path:
        return self.world / "catalog"

    @property
    def bundled(self) -> Path:
        return self.world / "bundled"


class World:
    """Everything a harvest needs, in one temporary folder."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.folder = folder
        quick = {
            "home": folder / "var",
            "rate_per_host": 500.0,
            "timeout_seconds": 1.0,
            "max_attempts": 3,
            "backoff_seconds": 0.001,
            "wait_max_seconds": 2.0,
            "deadline_seconds": 2.0,
        }
        self.settings = WorldSettings(world=folder, **{**quick, **settings})
        self.write("catalog/indicators/labour.yml", INDICATORS)
        self.write("catalog/sources.yml", SOURCES)
        self.write("catalog/cadences.yml", CADENCES)

    def write(self, path: str, text: str) -> Path:
        """Write a file of the world."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text), encoding="utf-8")
        return target

    def add_rate(self, name: str = "rate", domain: str = "3600", variable: int = 64) -> None:
        """Add a dataset of BPS dynamic data."""
        self.write(f"catalog/{name}.yml", RATE.format(name=name, domain=domain, variable=variable))

    def bundle(self, name: str, collected_on: date = date(2026, 11, 1)) -> Path:
        """Say in a dataset's file that its replies are bundled; return their folder."""
        path = self.folder / "catalog" / f"{name}.yml"
        line = f"bundled: {{folder: {name}, collected_on: {collected_on.isoformat()}}}\n"
        path.write_text(path.read_text() + line)
        folder = self.folder / "bundled" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def files_with(self, text: str) -> list[Path]:
        """Return every file under the home that holds a text, in any letter case."""
        wanted = text.lower().encode()
        return [
            path
            for path in sorted(self.settings.home.rglob("*"))
            if path.is_file() and wanted in path.read_bytes().lower()
        ]
