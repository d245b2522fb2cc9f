"""The release that the portal's tests read too, built once a run."""

from tests.portal.conftest import home

__all__ = ["home"]
