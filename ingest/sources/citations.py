"""What a citation is called: the same place read twice is one source, whatever the protocol."""

from __future__ import annotations

import hashlib


def source_id_of(name: str, url: str) -> str:
    """Return the id of a cited place, from what it is called and where it stands."""
    digest = hashlib.sha1(f"{name}\n{url}".encode(), usedforsecurity=False)
    return f"cited_{digest.hexdigest()[:10]}"
