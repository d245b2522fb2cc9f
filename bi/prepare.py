"""Makes Superset ready: its database, an administrator, and our assets. In Superset's environment.

What is done already is not done again; what was interrupted is completed by the next start.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing
from importlib import metadata
from pathlib import Path
from typing import Any

from bi import bundle

ADMIN = "admin"
DATABASE = "superset.db"
BEFORE = "superset.db.before"
SECRETS = ("secret_key", "admin.password")


def write_secrets(home: Path) -> None:
    """Generate what must be secret, once, readable by its owner only."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in SECRETS:
        partial = home / f".{name}.{os.getpid()}"
        if (home / name).exists():
            continue
        partial.unlink(missing_ok=True)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
        partial.rename(home / name)


def prepare(home: Path, address: str, portal: str = bundle.PORTAL) -> list[str]:
    """Bring Superset's database and our assets up to date; return what was done.

    ``address`` is the URI of the database that Superset reads, without a password; ``portal``
    where the public pages are.
    """
    write_secrets(home)
    made = bundle.files(address, portal)
    wanted = {"version": metadata.version("apache-superset"), "assets": bundle.digest(made)}
    missing = [name for name, value in wanted.items() if _noted(home, name) != value]
    if not missing:
        return []
    if "version" in missing:
        secure(home)
    from superset.app import create_app

    app = create_app()
    with app.app_context():
        if "version" in missing:
            _migrate()
            _note(home, "version", wanted["version"])
            (home / BEFORE).unlink(missing_ok=True)
        admin = _administrator(home)
        _import(made, home, admin)
        _note(home, "assets", wanted["assets"])
    return missing


def secure(home: Path) -> None:
    """Make a migration repeatable: SQLite keeps half of one that was killed.

    A database that was never ready is begun anew; any other is kept aside until it is migrated,
    and is taken from there where the last migration was killed.
    """
    database, before = home / DATABASE, home / BEFORE
    if not _noted(home, "version"):
        for leftover in home.glob(f"{DATABASE}*"):
            leftover.unlink()
    elif before.exists():
        _copy(before, database)
    else:
        partial = home / f".{BEFORE}"
        _copy(database, partial)
        partial.rename(before)


def _copy(source: Path, target: Path) -> None:
    """Copy a SQLite database whole, what stands in its journal included."""
    for old in (target, *target.parent.glob(f"{target.name}-*")):
        old.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written)


def _migrate() -> None:
    """Make or update Superset's own tables, its permissions and roles."""
    from flask_migrate import upgrade
    from superset import appbuilder, db, security_manager

    upgrade()
    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    db.session.commit()


def _administrator(home: Path) -> Any:
    """Return the administrator, made where there is none; the password then is the file's."""
    from superset import db, security_manager

    found = security_manager.find_user(ADMIN)
    if not found:
        found = security_manager.add_user(
            ADMIN, "Lumbung", "Admin", "admin@localhost", security_manager.find_role("Admin"),
            password=(home / "admin.password").read_text(encoding="utf-8").strip(),
        )  # fmt: skip
        db.session.commit()
    if not found:
        raise SystemExit("Superset's administrator could not be made: see the messages above")
    return found


def _import(made: dict[str, str], home: Path, admin: Any) -> None:
    """Import the assets over what is there, and remove those of ours that are no more."""
    from superset.commands.importers.v1.assets import ImportAssetsCommand
    from superset.utils.core import override_user

    with override_user(admin):
        ImportAssetsCommand(made).run()
    ours = bundle.identities(made)
    _remove(set(_noted(home, "objects").split()) - ours)
    _note(home, "objects", "\n".join(sorted(ours)))


def _remove(stale: set[str]) -> None:
    """Remove what an earlier bundle brought and this one does not; people's own things stay."""
    from superset import db
    from superset.connectors.sqla.models import SqlaTable
    from superset.models.dashboard import Dashboard
    from superset.models.slice import Slice

    for kind in (Dashboard, Slice, SqlaTable):
        for one in db.session.query(kind).filter(kind.uuid.in_(stale)):
            db.session.delete(one)
    db.session.commit()


def _noted(home: Path, name: str) -> str:
    path = home / f"prepared.{name}"
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def _note(home: Path, name: str, value: str) -> None:
    (home / f"prepared.{name}").write_text(f"{value}\n", encoding="utf-8")
