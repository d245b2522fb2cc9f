"""A reader that asks the current release over and over, and the judge of what it saw."""

from __future__ import annotations

import json
import time
from pathlib import Path

import duckdb


def read_forever(releases: Path, key: dict[str, str], out: Path) -> None:
    """Ask the current release until killed; write each new answer, or error, as a line."""
    last = None
    n_reads = 0
    with out.open("a", encoding="utf-8") as log:
        while True:
            answer = read_once(releases, key)
            n_reads += 1
            if answer != last:
                log.write(json.dumps({"at": n_reads, **answer}) + "\n")
                log.flush()
                last = answer
            out.with_suffix(".count").write_text(str(n_reads), encoding="utf-8")
            time.sleep(0.25)


def read_once(releases: Path, key: dict[str, str]) -> dict[str, str]:
    """Return which release is current, what it says of the figure, and a sum over all figures."""
    try:
        folder = (releases / "current").resolve(strict=True)
        with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
            release = connection.execute("select release_id from marts.publication").fetchall()
            value = connection.execute(
                "select value::varchar from marts.observations where indicator_id = ? and "
                "region_code = ? and period_label = ? and stage = ? and perimeter = ?",
                [key[k] for k in ("indicator", "region_code", "period", "stage", "perimeter")],
            ).fetchall()
            whole = connection.execute(
                "select count(*) || ':' || bit_xor(hash(obs_id, value)) from marts.observations"
            ).fetchall()
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {
        "folder": folder.name, "release": release[0][0],
        "value": "|".join(sorted(str(row[0]) for row in value)), "whole": whole[0][0],
    }  # fmt: skip


def judge(lines: list[dict[str, str]], expected: dict[str, set[str]]) -> list[str]:
    """Return what readers should never have seen: errors, mixtures, figures of no release."""
    wrong, wholes = [], {}
    for line in lines:
        if "error" in line:
            wrong.append(line["error"])
            continue
        if line["folder"] != line["release"]:
            wrong.append(f"{line['folder']} says that it is {line['release']}")
        if wholes.setdefault(line["release"], line["whole"]) != line["whole"]:
            wrong.append(f"{line['release']} changed while it was current")
        allowed = expected.get(line["release"])
        if allowed is not None and plain(line["value"].partition("|")[0]) not in allowed:
            wrong.append(f"{line['release']} says {line['value']}, expected {sorted(allowed)}")
        if allowed is None:
            wrong.append(f"{line['release']} was current and is no release that a run ended with")
    return wrong


def plain(value: str) -> str:
    """Return a number's text with six decimals, as the reader gets it."""
    return f"{float(value):.6f}"
