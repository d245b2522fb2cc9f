"""Builds a release again from landing alone, and tells which tables come out the same.

Nothing of the old build is used but its manifest: the replies are parsed again from their
bytes, with the ledger as it stood then and the clock of then. It goes to a folder of its own;
which release is current does not change.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ingest import catalogue as catalogues
from ingest import inputs, past
from ingest.errors import IngestError
from ingest.harvest import Harvester
from ingest.landing import Landing
from lumbung.settings import Settings
from release import candidate, manifest
from release.errors import ReleaseError
from release.names import WAREHOUSE
from release.store import Store

#: Tables that say how a release was audited and with what it was compared, not what it is made of.
NOT_REBUILT = frozenset({"audit_checks", "release_diff"})


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild came to. ``same_code`` tells whether code and catalogue are those of then."""

    release_id: str
    folder: Path
    same: tuple[str, ...]
    different: tuple[str, ...]
    missing: tuple[str, ...]
    not_compared: tuple[str, ...]
    same_code: bool
    versions: tuple[str, ...]

    @property
    def is_equal(self) -> bool:
        """Tell whether every table that can be compared has the hash it was published with."""
        return not (self.different or self.missing)


def rebuild(settings: Settings, release_id: str) -> Rebuilt:
    """Build a release again, whether its folder is still kept or only its manifest.

    Raises ReleaseError where no manifest is kept, where its bytes were quarantined or are not
    in landing any more, or where it was built before manifests said how to.
    """
    wanted = find(settings, release_id)
    if wanted.ledger is None:
        raise ReleaseError(f"{release_id} is older than rebuilds: its manifest has no ledger mark")
    _refuse_missing_bytes(settings, wanted)
    work = settings.home / "rebuilds" / release_id
    if work.exists():
        shutil.rmtree(work)
    then = _settings_of_then(settings, work, frozenset(wanted.live_connections))
    past.copy_until(Landing.of(settings), then.landing, past.Mark(**wanted.ledger))
    _parse_again(then)
    _refuse_other_inputs(then, wanted)
    built = candidate.assemble(then, release_id)
    return _compared(work, then, wanted, built)


def find(settings: Settings, release_id: str) -> manifest.Manifest:
    """Return the manifest of a release, also of one that was removed since."""
    store = Store(settings)
    if release_id in store.ids():
        return manifest.read(store.releases / release_id)
    kept = store.manifests / f"{release_id}.json"
    if not kept.exists():
        raise ReleaseError(f"no manifest of a release '{release_id}' is kept")
    return manifest.read_file(kept)


def _refuse_missing_bytes(settings: Settings, wanted: manifest.Manifest) -> None:
    landing = Landing.of(settings)
    buried = landing.tombstones.hashes()
    for item in wanted.inputs:
        if item.sha256 in buried:
            raise ReleaseError(
                f"{wanted.release_id} can't be built again: {item.sha256} of {item.dataset} was "
                f"quarantined; {landing.tombstones.path} says why"
            )
        try:
            landing.read(item.sha256)
        except IngestError as error:
            raise ReleaseError(f"{wanted.release_id} can't be built again: {error}") from None


def _settings_of_then(settings: Settings, work: Path, live: frozenset[str]) -> Settings:
    """Return settings with a home of their own, the sources live that were live then."""

    class Then(Settings):
        @property
        def catalog(self) -> Path:
            return settings.catalog

        @property
        def bundled(self) -> Path:
            return settings.bundled

        @property
        def geography(self) -> Path:
            return settings.geography

        @property
        def dbt_project(self) -> Path:
            return settings.dbt_project

        def is_live(self, connection: str | None) -> bool:
            return connection in live

    return Then(home=work, shared_url=None, ledger_dsn=None)


def _parse_again(then: Settings) -> None:
    """Read every snapshot from its bytes; one that can't be read has no rows, as ever."""
    catalogue = catalogues.load(then.catalog)
    with closing(Harvester(then, catalogue)) as harvester:
        for _, dataset in sorted(catalogue.datasets.items()):
            is_sample = not then.is_live(catalogue.source_of(dataset).connection)
            harvester.parse_landed(dataset, is_sample)


def _refuse_other_inputs(then: Settings, wanted: manifest.Manifest) -> None:
    selected = {
        (snapshot.dataset_id, snapshot.snapshot_id)
        for snapshot in inputs.select(then, catalogues.load(then.catalog))
    }
    listed = {(item.dataset, item.sha256) for item in wanted.inputs}
    if selected != listed:
        example = sorted(selected ^ listed)[0]
        raise ReleaseError(
            f"{wanted.release_id} can't be built again with this code: {len(selected ^ listed)} "
            f"of its inputs are not what this catalogue reads, such as {example[1]} of "
            f"{example[0]}. Check out the code it was built with"
            + (f" ({wanted.versions['commit']})" if "commit" in wanted.versions else "")
        )


def _compared(
    work: Path, then: Settings, wanted: manifest.Manifest, built: candidate.Candidate
) -> Rebuilt:
    from release.export import export
    from release.publish import versions

    folder = then.candidates / built.release_id
    warehouse = folder / WAREHOUSE
    hashes = {table["name"]: table["sha256"] for table in export(warehouse, folder / "marts")}
    was = {table.name: table.sha256 for table in wanted.tables if table.name not in NOT_REBUILT}
    now = versions()
    return Rebuilt(
        release_id=built.release_id,
        folder=folder,
        same=tuple(sorted(name for name in was if hashes.get(name) == was[name])),
        different=tuple(
            sorted(name for name in was if name in hashes and hashes[name] != was[name])
        ),
        missing=tuple(sorted(was.keys() - hashes.keys())),
        not_compared=tuple(sorted(NOT_REBUILT & hashes.keys())),
        same_code=built.fingerprint == wanted.fingerprint,
        versions=tuple(
            f"{name} {old} then, {now.get(name, 'unknown')} now"
            for name, old in sorted(wanted.versions.items())
            if now.get(name) != old
        ),
    )
