"""The pieces of work that are broken at every step: a harvest, a publication, a roll-back."""

from __future__ import annotations

import json
import os
from pathlib import Path

from release import build
from release.store import Store
from tests.ingest.world import World
from tests.release import workbench

OLD, NEW = "20260101T000000Z-aaaaaaaa", "20260102T000000Z-bbbbbbbb"


class Harvest:
    """A bundled dataset is landed and parsed; its figure was 9.18 and is 8.5 now."""

    before, after = "9.18", "8.5"

    def _world(self, folder: Path) -> World:
        os.environ.pop("LUMBUNG_BPS_KEY", None)
        world = World(folder, home=folder / "home")
        world.write("catalog/figures.yml", DATASET)
        return world

    def prepare(self, folder: Path) -> None:
        """Harvest the old figure once, then put the new one into the bundle."""
        world = self._world(folder)
        world.write("bundled/figures/all.csv", CSV.format(value=self.before))
        self._harvest(world)
        world.write("bundled/figures/all.csv", CSV.format(value=self.after))

    def _harvest(self, world: World) -> str:
        from ingest.harvest import harvest

        [report] = harvest("figures", world.settings)
        if report.outcome == "broken":
            raise OSError(report.message)
        return report.outcome

    def work(self, folder: Path) -> str:
        """Harvest."""
        return self._harvest(self._world(folder))

    def read(self, folder: Path) -> str:
        """Return the value that a build would take: that of the latest snapshot, else none."""
        import pyarrow.parquet as pq

        from ingest import inputs
        from ingest.landing import Landing

        world = self._world(folder)
        landing = Landing(world.settings.landing)
        for snapshot in landing.snapshots("figures"):
            landing.read(snapshot.snapshot_id)
        target = folder / "inputs"
        inputs.write(world.settings, target)
        rows = pq.read_table(target / "observations.parquet").to_pylist()
        return ",".join(sorted({f"{row['value'].normalize():f}" for row in rows}, reverse=True))

    def left_over(self, folder: Path) -> str:
        """Name what a broken harvest left lying about."""
        found = sorted((folder / "home").rglob(".writing-*"))
        return ",".join(path.name for path in found)


class Publish:
    """A second release is published over the first."""

    before, after = f"{OLD} 9.18", f"{NEW} 8.5"

    def prepare(self, folder: Path) -> None:
        """Publish the first, and have the second audited."""
        settings = self._settings(folder)
        workbench.candidate(settings, OLD, [workbench.figure("3604", 9.18)])
        build.publish(settings, OLD)
        workbench.candidate(settings, NEW, [workbench.figure("3604", 8.5)], against=OLD)

    def _settings(self, folder: Path) -> workbench.Settings:
        return workbench.Settings(home=folder / "home")

    def work(self, folder: Path) -> str:
        """Publish."""
        return build.publish(self._settings(folder), NEW).release_id

    def read(self, folder: Path) -> str:
        """Return the current release, by all that names it, and its figure."""
        import duckdb

        store = Store(self._settings(folder))
        current = store.current() or "nothing"
        store.verify(current)
        path = store.releases / "current" / "warehouse.duckdb"
        with duckdb.connect(str(path), read_only=True) as connection:
            sql = "select release_id, value::double from marts.publication, marts.observations"
            [(release, value)] = connection.execute(sql).fetchall()
        assert release == current
        return f"{release} {value}"

    def left_over(self, folder: Path) -> str:
        """Name what a broken publication left lying about, and events recorded twice."""
        store = Store(self._settings(folder))
        links = [path.name for path in store.releases.glob(".current-*")]
        events = [json.dumps((e["event"], e["release_id"])) for e in store.history()]
        return ",".join(links + sorted({one for one in events if events.count(one) > 1}))


class RollBack(Publish):
    """The second release is current and the first is wanted back."""

    before, after = f"{NEW} 8.5", f"{OLD} 9.18"

    def prepare(self, folder: Path) -> None:
        """Publish both."""
        super().prepare(folder)
        build.publish(self._settings(folder), NEW)

    def work(self, folder: Path) -> str:
        """Roll back to the first release, by name."""
        return Store(self._settings(folder)).roll_back(OLD)[1]

    def left_over(self, folder: Path) -> str:
        """Name what was left; an event may stand twice: it is written before the switch."""
        store = Store(self._settings(folder))
        return ",".join(path.name for path in store.releases.glob(".current-*"))


DATASET = """
dataset: figures
protocol: cited_figures
source: press
title: {id: Angka, en: Figures}
cadence: irregular
indicators: [unemployment_rate]
bundled: {folder: figures, collected_on: 2026-11-01}
"""
CSV = (
    "indicator,breakdown,category,region_code,region_name,period,period_kind,period_start,"
    "period_end,value,unit,precision,stage,perimeter,perimeter_note,baseline,series_version,"
    "claimant,source,source_url,tier,published_at,published_at_basis,note\n"
    "unemployment_rate,total,total,3604,Kabupaten Serang,2025-08,round,2025-08-01,2025-08-31,"
    "{value},percent,0.01,observed,area,,,,BPS,BPS Banten,https://banten.bps.go.id/x,primary,"
    "2025-11-05,stated,\n"
)
ALL = {"harvest": Harvest(), "publish": Publish(), "roll_back": RollBack()}
