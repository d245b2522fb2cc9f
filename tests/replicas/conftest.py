"""Leaves out the public client `stadata` on a Python that it has no wheels for.

It pins an lxml without wheels from Python 3.13 on. A skip would fail CI there, for a lack that
nothing on our side can fill; on 3.11 and 3.12, CI's own among them, the module always runs.
"""

from __future__ import annotations

import sys

collect_ignore = ["test_stadata.py"] if sys.version_info >= (3, 13) else []
