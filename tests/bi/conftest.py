"""The release that the portal's tests read too, built once a run."""

from tests.portal.conftest import home, release

__all__ = ["home", "release"]
