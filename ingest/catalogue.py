"""The catalogue: YAML files, validated, that say what is read, from where and how.

Layout of ``ingest/catalog/``: ``indicators/*.yml`` (what a figure means), ``sources.yml``
(who publishes and under what terms), ``cadences.yml`` (when new figures are due),
``corrections/*.yml`` (which published figures are known to be wrong) and one file a dataset.
Adding an indicator from a known protocol is one dataset file and, where the indicator is new,
one entry in an indicator file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from ingest import yaml_text
from ingest.errors import CatalogueError
from ingest.schema import Cadence, Correction, Dataset, Indicator, Source
from ingest.sources import PROTOCOLS

Item = TypeVar("Item", bound=BaseModel)


@dataclass(frozen=True)
class DeclaredCorrection:
    """A correction and the file it stands in, so that a message can name both."""

    path: Path
    entry: Correction

    def __str__(self) -> str:
        return f"{self.path}: correction '{self.entry.correction}'"


@dataclass(frozen=True)
class Catalogue:
    """Everything the YAML files say, cross-checked."""

    folder: Path
    datasets: Mapping[str, Dataset]
    indicators: Mapping[str, Indicator]
    sources: Mapping[str, Source]
    cadences: Mapping[str, Cadence]
    corrections: Mapping[str, DeclaredCorrection] = field(default_factory=dict)

    def of_source(self, source: str) -> list[Dataset]:
        """Return the datasets of one source, by name."""
        return [d for _, d in sorted(self.datasets.items()) if d.source == source]

    def dataset(self, name: str) -> Dataset:
        """Return one dataset; raise CatalogueError naming the near ones where there is none."""
        if name not in self.datasets:
            known = ", ".join(sorted(self.datasets))
            raise CatalogueError(f"no dataset '{name}' in {self.folder}; there are: {known}")
        return self.datasets[name]

    def indicator(self, name: str) -> Indicator:
        """Return one indicator; raise CatalogueError where there is none."""
        if name not in self.indicators:
            raise CatalogueError(f"no indicator '{name}' in {self.folder / 'indicators'}")
        return self.indicators[name]

    def source_of(self, dataset: Dataset) -> Source:
        """Return the source of a dataset."""
        return self.sources[dataset.source]

    @cached_property
    def files(self) -> list[Path]:
        """Every file the catalogue was read from, sorted: they enter the fingerprint."""
        return sorted(self.folder.rglob("*.yml"))


def load(folder: Path) -> Catalogue:
    """Read and cross-check a catalogue folder.

    Raises CatalogueError with the file, the key and the reason for the first thing wrong.
    """
    indicators = {
        item.indicator: item
        for path in sorted((folder / "indicators").glob("*.yml"))
        for item in _entries(path, Indicator)
    }
    sources = {item.source: item for item in _entries(folder / "sources.yml", Source)}
    cadences = {item.cadence: item for item in _entries(folder / "cadences.yml", Cadence)}
    datasets = {
        item.dataset: item
        for path in sorted(folder.glob("*.yml"))
        if path.name not in ("sources.yml", "cadences.yml")
        for item in [read_dataset(path)]
    }
    corrections = _corrections(folder / "corrections")
    catalogue = Catalogue(folder, datasets, indicators, sources, cadences, corrections)
    _cross_check(catalogue)
    return catalogue


def read_dataset(path: Path) -> Dataset:
    """Read one dataset file with the model of its protocol.

    Raises CatalogueError where the file is no YAML mapping, names an unknown protocol,
    or breaks that protocol's model.
    """
    raw = _yaml(path)
    if not isinstance(raw, dict):
        raise CatalogueError(f"{path}: a dataset file is a mapping, this is {type(raw).__name__}")
    protocol = PROTOCOLS.get(str(raw.get("protocol")))
    if protocol is None:
        raise CatalogueError(
            f"{path}: protocol '{raw.get('protocol')}' is unknown; known: "
            f"{', '.join(sorted(PROTOCOLS))}"
        )
    dataset = _validate(path, protocol.model, raw)
    if dataset.dataset != path.stem:
        raise CatalogueError(f"{path}: the dataset is called '{dataset.dataset}', the file is not")
    return dataset


def _corrections(folder: Path) -> dict[str, DeclaredCorrection]:
    """Read every declared correction; two of one name are refused."""
    found: dict[str, DeclaredCorrection] = {}
    for path in sorted(folder.glob("*.yml")):
        for entry in _entries(path, Correction):
            declared = DeclaredCorrection(path, entry)
            if entry.correction in found:
                earlier = found[entry.correction].path
                raise CatalogueError(f"{declared} is declared in {earlier} already")
            found[entry.correction] = declared
    return found


def _entries(path: Path, model: type[Item]) -> Iterator[Item]:
    """Yield the validated entries of a YAML file that holds a list."""
    raw = _yaml(path)
    if not isinstance(raw, list):
        raise CatalogueError(f"{path}: expected a list of entries")
    for entry in raw:
        yield _validate(path, model, entry)


def _validate(path: Path, model: type[Item], raw: Any) -> Item:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "(top)"
        raise CatalogueError(f"{path}: {place}: {first['msg']}") from None


def _yaml(path: Path) -> Any:
    try:
        return yaml_text.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CatalogueError(f"{path}: can't be read as YAML: {error}") from None


def _cross_check(catalogue: Catalogue) -> None:
    """Every name that a file mentions must exist."""
    for dataset in catalogue.datasets.values():
        where = f"{catalogue.folder / dataset.dataset}.yml"
        if dataset.source not in catalogue.sources:
            raise CatalogueError(f"{where}: source '{dataset.source}' is not in sources.yml")
        if dataset.cadence not in catalogue.cadences:
            raise CatalogueError(f"{where}: cadence '{dataset.cadence}' is not in cadences.yml")
        for missing in sorted(dataset.indicators_named() - set(catalogue.indicators)):
            raise CatalogueError(f"{where}: indicator '{missing}' is in no indicator file")
    for declared in catalogue.corrections.values():
        if declared.entry.dataset not in catalogue.datasets:
            raise CatalogueError(f"{declared}: there is no dataset '{declared.entry.dataset}'")
        for missing in sorted(declared.entry.indicators_named() - set(catalogue.indicators)):
            raise CatalogueError(f"{declared}: indicator '{missing}' is in no indicator file")
