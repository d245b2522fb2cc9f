"""Changes one part of the code in one place at a time and sees whether a test notices.

It is mutmut (docs/mutation.md); this adds what a part is (pyproject.toml), a drawing of the lot
where all mutants would take hours, and that each is met by its quickest tests first: what a quick
test kills no slow one ever runs for. It takes up where it was stopped. ``--again`` tries the
survivors once more, after tests were written for them, and those that ran out of time.
"""

from __future__ import annotations

import argparse
import functools
import gc
import importlib
import random
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import hypothesis
from mutmut import __main__ as mutmut
from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import find_mutant, get_diff_for_mutant
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.runners.harness import PytestRunner
from mutmut.state import state
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import change_cwd, walk_mutatable_files
from mutmut.workers import isolation

ROOT = Path(__file__).resolve().parent.parent
#: Where mutmut works, and whose mutants lie there.
WORK = Path("mutants")
MARK = WORK / "part"


class Forgetful:
    """Empties the code's caches before each test: else only the first one meets what is cached."""

    def pytest_runtest_setup(self) -> None:
        """Clear every ``lru_cache`` of a module that mutants may lie in."""
        for name, module in list(sys.modules.items()):
            if name.startswith(("ingest.", "release.")):
                for value in vars(module).values():
                    if isinstance(value, functools._lru_cache_wrapper):
                        value.cache_clear()


class QuickestFirst(PytestRunner):
    """Runs the tests of a mutant by how long they take; it is dead at the first that fails."""

    #: What every test needs and no mutant touches, made once for all: ``module:function``.
    warm: ClassVar[list[str]] = []
    plugins: Sequence[object] = ()

    def __init__(self) -> None:
        """Draw the same examples for every mutant; the first that fails kills, however slowly."""
        super().__init__()
        phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
        hypothesis.settings.register_profile(
            "mutants", phases=phases, derandomize=True, deadline=None
        )
        hypothesis.settings.load_profile("mutants")

    def warm_up(self) -> None:
        """Import what the tests import, in the process from which every mutant's is forked."""
        super().warm_up()
        with change_cwd(str(WORK)):
            for name in self.warm:
                module, _, function = name.partition(":")
                getattr(importlib.import_module(module), function)()
        gc.collect()
        gc.freeze()  # pytest collects five times at its end, and every library is in here

    def run_stats(self, *, tests: Iterable[str]) -> int:
        """Find out which functions each test meets, and how long it takes."""
        self.plugins = [Forgetful()]
        return super().run_stats(tests=tests)

    def execute_pytest(self, params: list[str], **kwargs: Any) -> int:
        """Run pytest with what the step adds to it."""
        return super().execute_pytest(
            params, **{**kwargs, "plugins": [*kwargs.get("plugins", []), *self.plugins]}
        )

    def run_tests(self, *, mutant_name: str | None, tests: Iterable[str]) -> int:
        """Return pytest's exit code."""
        took = state().duration_by_test
        ordered = sorted(tests, key=lambda test: (took.get(test, 0.0), test))
        return super().run_tests(mutant_name=mutant_name, tests=ordered)


def main() -> int:
    """Run what was asked for, then say what it came to."""
    parts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutants"]
    asked = arguments(list(parts))
    begin(asked.part, parts[asked.part])
    make(asked.children)
    names = sorted(outcomes())
    if asked.draw:
        chance = random.Random(asked.seed)  # noqa: S311 - a drawing that can be repeated
        names = chance.sample(names, min(asked.draw, len(names)))
        # in the order drawn: what has run when it is stopped is a drawing too
        order = {name: at for at, name in enumerate(names)}
        mutmut.estimated_worst_case_time = lambda name: order.get(name, 0)
    known = outcomes()
    due = asked.only or [name for name in names if is_due(known[name], asked.again)]
    if due and not asked.tell:
        mutmut._run(due, asked.children)
    tell(names)
    if asked.show:
        show(name for name in names if outcomes()[name] == "survived")
    return 0


def arguments(parts: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=parts)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these mutants, once more")
    parser.add_argument("--draw", type=int, metavar="N", help="as many at random; all if left out")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--children", type=int, default=2, help="processes at a time")
    parser.add_argument("--again", action="store_true", help="those that no test killed, too")
    parser.add_argument("--tell", action="store_true", help="only say what is known")
    parser.add_argument("--show", action="store_true", help="what was changed, too")
    return parser.parse_args()


def begin(part: str, told: dict[str, Any]) -> None:
    """Point mutmut at a part; another part's mutants make way."""
    if WORK.exists() and (not MARK.exists() or MARK.read_text("utf-8") != part):
        shutil.rmtree(WORK)
    WORK.mkdir(exist_ok=True)
    MARK.write_text(part, "utf-8")
    config().only_mutate = told["modules"]
    config().pytest_add_cli_args_test_selection = told["tests"]
    QuickestFirst.warm = told.get("warm", [])
    isolation.PytestRunner = QuickestFirst


def make(children: int) -> None:
    """Write the mutants, as mutmut's own run does, so that there is something to draw from."""
    set_mutant_under_test("mutant_generation")
    mutmut.copy_src_dir()
    mutmut.copy_also_copy_files()
    mutmut.create_mutants(children)


def outcomes() -> dict[str, str]:
    """Return how every mutant of the part ended, by name."""
    found = {}
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for name, code in data.exit_code_by_key.items():
            found[name] = status_by_exit_code[code]
    return found


def is_due(outcome: str, again: bool) -> bool:
    """Tell whether a mutant is still to be run."""
    return outcome == "not checked" or (again and outcome != "killed")


def tell(names: list[str]) -> None:
    """Print the numbers by module, and by name who was not killed."""
    known = outcomes()
    kinds = ("killed", "timeout", "survived", "no tests", "not checked")
    counts: dict[str, Counter[str]] = {}
    for name in sorted(names):
        counts.setdefault(name.rpartition(".")[0], Counter())[known[name]] += 1
    counts["all"] = sum(counts.values(), Counter())
    print(f"{'':40}" + "".join(f"{kind:>12}" for kind in ("mutants", *kinds)))
    for module, found in counts.items():
        numbers = (found.total(), *(found[kind] for kind in kinds))
        print(f"{module:40}" + "".join(f"{number:>12}" for number in numbers))
    for name in sorted(names):
        if known[name] != "killed":
            print(f"{known[name]}: {name}")
    head = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(head, capture_output=True, text=True, check=False).stdout.strip()
    print(f"at {commit or 'an unknown commit'}: {' '.join(sys.argv)}")


def show(names: Iterable[str]) -> None:
    """Print what each mutant changed."""
    for name in sorted(names):
        found = get_diff_for_mutant(name, path=find_mutant(name).path).splitlines()
        changed = [line for line in found if line[:1] in "+-" and line[:3] not in ("+++", "---")]
        print("\n".join((f"## {name}", *changed)))


if __name__ == "__main__":
    sys.exit(main())
