"""What a hand-written script of requests and DuckDB does: from bytes to a switched file.

    python benchmarks/by_hand.py URL READY STATEMENTS OUT [MADE_INDICATORS [MADE_YEAR ...]]

Fetches the bundled files from a server, reads each the way its format wants, runs the SQL of the
marts and switches the file. It is a peer for the benchmark, so it uses nothing of the house: it
keeps no bytes, explains no rejection, tests nothing. READY holds what it would have typed in: the
lists of indicators, regions and sources as Parquet files, and when each file was read. Where there
is made data (`benchmarks.scale_made`), it is told how many indicators and which fiscal years.
"""

# ruff: noqa: S608 - whoever writes such a script by hand puts its own names into its SQL
from __future__ import annotations

import csv
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import requests

CITED = (
    "area_counts_odbl", "budgets", "civic", "geography", "labour", "population", "prices",
    "prosperity", "services", "transfers",
)  # fmt: skip
BPS = "bps_unemployment_rate_by_province"
WINDOWS = ("110-112", "113-115", "116-118", "119-121", "122-124", "125")
MONTHS = {"Februari": 2, "Agustus": 8, "November": 11}

#: Columns that most files leave alone.
DEFAULTS = {
    "period_kind": "'flow'", "stage": "'observed'", "perimeter": "'area'", "perimeter_note": "null",
    "baseline": "null", "breakdown": "'total'", "category": "'total'", "attributes": "null",
    "obs_status": "'A'", "standard_error": "null", "series_version": "''",
    "provenance_tier": "'secondary_compilation'", "published_at": "null",
    "published_at_basis": "'none'", "note": "null", "is_derived": "false", "formula_id": "null",
}  # fmt: skip
SCALE = """case
    when unit_as_printed like 'thousand%' then 1000
    when unit_as_printed like 'million%' then 1000000
    when unit_as_printed like 'billion%' then 1000000000
    when unit_as_printed like 'trillion%' then 1000000000000
    when unit_as_printed = 'males per 100 females' then 0.01
    else 1 end"""

CITED_ROWS = """
select 'line ' || (line + 1) as locator, indicator as indicator_id,
    coalesce(c.region_code, r.region_code) as region_code, period_start,
    coalesce(period_end::date, last_day(try_cast(split_part(period, '/', 2) || '-01' as date)))
        as period_end,
    period as period_label, period_kind, stage, perimeter, perimeter_note, baseline,
    coalesce(breakdown, 'total') as breakdown, coalesce(category, 'total') as category,
    value as value_text, unit as unit_as_printed, precision,
    coalesce(series_version, '') as series_version,
    'cited_' || substr(sha1(source || chr(10) || coalesce(source_url, '')), 1, 10) as source_id,
    source as source_name, source_url, tier as provenance_tier, claimant,
    case published_at_basis when 'month' then last_day((published_at || '-01')::date)
        else published_at::date end as published_at,
    published_at_basis, note
from (select row_number() over () as line, * from read_csv('{path}', all_varchar = true)) as c
left join regions as r on c.region_code is null and lower(r.name) = lower(c.region_name)
"""
REGENCY_ROWS = """
select 'line ' || (line + 1) || ', ' || measure as locator,
    case measure when 'tpt' then 'unemployment_rate' else 'participation_rate' end as indicator_id,
    r.region_code, (bulan || '-01')::date as period_start, last_day(period_start) as period_end,
    bulan as period_label, 'round' as period_kind, value_text, 'percent' as unit_as_printed,
    '0.01' as precision, case when bulan < '2020' then 'revised_weights' else '' end
        as series_version,
    case when try_cast(value_text as decimal(28, 6)) is null then 'O'
        when measure = 'tpt' and value_text::decimal(28, 6) = 0 then 'U' else 'A' end as obs_status,
    'BPS' as claimant, '{source}' as source_name, '{url}' as source_url,
    case obs_status
        when 'O' then '{note}; The compilation holds no figure for this regency and round; nothing '
            || 'was filled in.'
        when 'U' then '{note}; Printed as exactly zero; a sample without one unemployed person, '
            || 'not proof of none.'
        else '{note}' end as note
from (
    select line, bulan, provinsi, kabupaten_kota, unnest(['tpt', 'tpak']) as measure,
        unnest([coalesce(tpt, ''), coalesce(tpak, '')]) as value_text
    from (select row_number() over () as line, * from read_csv('{path}', all_varchar = true))
) as c
left join names as r
    on r.province = replace(spelling(c.provinsi), 'bangkabelitung', 'kepulauanbangkabelitung')
    and r.name = case when c.kabupaten_kota ilike 'kota %' or c.kabupaten_kota = 'Sibolga'
        then '' else 'kabupaten' end || spelling(c.kabupaten_kota)
"""
TRANSFER_ROWS = """
select 'line ' || (line + 1) || ', ' || measure as locator,
    case komponen when 'total' then 'transfer_total'
        when 'tkd_excl_village' then 'transfer_total_without_dana_desa'
        when 'did' then 'transfer_insentif_fiskal'
        when 'otsus' then 'transfer_dana_otonomi_khusus'
        when 'keistimewaan' then 'transfer_dana_keistimewaan'
        else 'transfer_' || komponen end as indicator_id,
    r.region_code, '{year}-01-01'::date as period_start,
    case when measure = 'realisasi' then '{end}'::date else '{year}-12-31'::date end as period_end,
    case when measure = 'realisasi' then '{label}' else '{year}' end as period_label,
    case when measure = 'realisasi' then '{kind}' else 'flow' end as period_kind,
    case when measure = 'anggaran' then 'allocation' else '{stage}' end as stage,
    case when kode_djpk like '%.--' then 'all_governments' else 'own_government' end as perimeter,
    case when komponen = 'did'
        then 'DID (regional incentive fund), the forerunner of the fiscal incentive'
        when komponen in ('total', 'tkd_excl_village')
        then 'with shared revenue, which is not shown apart where a village fund exists'
    end as perimeter_note,
    to_json({{pemda: pemda}})::varchar as attributes,
    value_text, 'IDR' as unit_as_printed, '1' as precision, 'DJPK' as claimant,
    '{source}' as source_name, '{url}' as source_url,
    'DJPK portal; {note}' as note
from (
    select line, kode_djpk, pemda, komponen, unnest(['anggaran', 'realisasi']) as measure,
        unnest([anggaran, realisasi]) as value_text
    from (select row_number() over () as line, * from read_csv('{path}', all_varchar = true))
) as c
left join djpk as r on r.code = replace(c.kode_djpk, '.--', '.00')
"""
PROGRAMME_ROWS = """
select 'line ' || (line + 1) || ', budget_idr' as locator, 'programme_budget' as indicator_id,
    region_code, (fiscal_year || '-01-01')::date as period_start,
    (fiscal_year || '-12-31')::date as period_end, fiscal_year as period_label,
    'enacted' as stage, 'own_government' as perimeter, 'programme_account' as breakdown,
    program_code || ' ' || program_name || ' | ' || account_code as category,
    to_json({{program_code: program_code, program_name: program_name, account_code: account_code,
        account_name: account_name, function_code: function_code}})::varchar as attributes,
    budget_idr as value_text, 'IDR' as unit_as_printed, '1' as precision,
    '{claimant}' as claimant,
    'cited_figures' as source_id, (select name from sources where source_id = 'cited_figures')
        as source_name, '{url}' as source_url, '{tier}' as provenance_tier, '{note}' as note
from (select row_number() over () as line, * from read_csv('{path}', all_varchar = true))
"""
PERSON_ROWS = """
select 'line ' || (line + 1) || ', ' || measure as locator,
    'population_registered' as indicator_id, r.region_code, '2024-12-31'::date as period_start,
    period_start as period_end, '2024-12' as period_label, 'stock' as period_kind,
    case measure when 'jumlah' then 'total' else 'sex' end as breakdown,
    case measure when 'jumlah' then 'total' when 'laki_laki' then 'male' else 'female' end
        as category,
    to_json({{nama: nama}})::varchar as attributes, value_text,
    'persons' as unit_as_printed, '1' as precision, 'Kemendagri' as claimant,
    '{source}' as source_name, '{url}' as source_url,
    'Undated; the end of 2024 was inferred by comparison with a dated count of one regency.' as note
from (
    select line, kode_kemendagri, nama, unnest(['laki_laki', 'perempuan', 'jumlah']) as measure,
        unnest([laki_laki, perempuan, jumlah]) as value_text
    from (select row_number() over () as line, * from read_csv('{path}', all_varchar = true))
) as c
left join kemendagri as r on r.code = c.kode_kemendagri
"""
BPS_ROWS = """
select locator, 'unemployment_rate' as indicator_id, code as region_code, period_start,
    last_day(period_start) as period_end, strftime(period_start, '%Y-%m') as period_label,
    'round' as period_kind, value_text, 'Persen' as unit_as_printed, '0.01' as precision,
    'bps' as source_id, s.name as source_name, s.url as source_url,
    s.provenance_tier, 'BPS' as claimant
from read_csv('{path}', all_varchar = true, types = {{period_start: 'DATE'}}) as c
join sources as s on s.source_id = 'bps'
"""
MADE_LINES = {
    "claimant": "Rekaan", "tier": "opinion", "url": "https://example.org/made-up",
    "note": "Made up, only to measure speed.",
}  # fmt: skip
MADE_WINDOW = 3
MADE_ROWS = """
select w.dataset_id, w.snapshot_id, locator, w.indicator_id, region_code,
    (year || '-01-01')::date as period_start, (year || '-12-31')::date as period_end,
    year as period_label, 'stock' as period_kind, value_text, w.unit as unit_as_printed,
    power(10, -w.decimals::integer)::decimal(28, 6) as precision, 'bps' as source_id,
    s.name as source_name, s.url as source_url, s.provenance_tier, 'BPS' as claimant
from read_csv('{cells}', header = true, all_varchar = true) as c
join read_csv('{path}', header = true, all_varchar = true) as w using (number)
join sources as s on s.source_id = 'bps'
"""
GITHUB = "https://github.com/"
NOTEBOOK = {
    "source": "DJPK TKDD portal, output cell of the notebook in GitHub "
    "BetaUliansyah/automasi-portal-djpk",
    "url": f"{GITHUB}BetaUliansyah/automasi-portal-djpk/blob/"
    "24dd803d9d5cb1237ac4ce5c834a2a57430e56f9/Portal_TKDD_DJPK.ipynb",  # pragma: allowlist secret
}
FILES = {
    "unemployment_by_regency": (REGENCY_ROWS, {
        "source": "BPS (Sakernas August) regency tables compiled in GitHub "
        "Jessch22/clustering-tpt-tpak",
        "url": f"{GITHUB}Jessch22/clustering-tpt-tpak/blob/"
        "7461157a54ec74658f7a5edb7c474ba5f9c3ce0b/DATASET.xlsx",  # pragma: allowlist secret
        "note": "An annual label, read as the August round.",
    }),
    "djpk_transfers_2020": (TRANSFER_ROWS, NOTEBOOK | {
        "year": "2020", "end": "2020-12-31", "label": "2020", "kind": "flow", "stage": "realised",
        "note": "realisation by payment orders.",
    }),
    "djpk_transfers_2021": (TRANSFER_ROWS, NOTEBOOK | {
        "year": "2021", "end": "2021-03-31", "label": "2021-01-01/2021-03-31",
        "kind": "cumulative", "stage": "realised_to_date",
        "note": "realisation up to March 2021.",
    }),
    "programme_budget_2023": (PROGRAMME_ROWS, {
        "url": f"{GITHUB}agung5114/Twitsee/blob/"
        "85d71be68996317d6d5dfd46f9b410a2afecf9ff/ProgramAPBD.xlsx",  # pragma: allowlist secret
        "claimant": "DJPK", "tier": "secondary_compilation",
        "note": "DJPK programme lines compiled in GitHub agung5114/Twitsee, ProgramAPBD.xlsx. The "
        "file names no year: 2023 follows from matching the provincial components with press "
        "figures. X.XX programmes hold salaries and office costs of every function.",
    }),
    "registered_population": (PERSON_ROWS, {
        "source": "Kepmendagri 300.2.2-2138/2025 population table in GitHub cahyadsn/wilayah "
        "(MIT licence)",
        "url": f"{GITHUB}cahyadsn/wilayah/blob/"
        "b7ad440a1322e7be3189a16a8cac35f7d4c3d7f7/"  # pragma: allowlist secret
        "db/wilayah_penduduk.sql",
    }),
}  # fmt: skip


def main() -> None:
    """Fetch, read, build, switch."""
    url, ready, statements, out = sys.argv[1], *map(Path, sys.argv[2:5])
    n_indicators, *years = sys.argv[5:] or ["0"]
    work = out.parent / "work"
    (work / "inputs").mkdir(parents=True)
    for file in ready.glob("*.parquet"):
        (work / "inputs" / file.name).symlink_to(file)
    built = work / "built.duckdb"
    os.chdir(work)
    with duckdb.connect(str(built)) as connection:
        read_all(connection, url, work, int(n_indicators), years)
        for statement in json.loads(statements.read_text(encoding="utf-8")):
            connection.execute(statement)
    os.replace(built, out)  # noqa: PTH105 - what is measured is a script as one writes it


def read_all(
    connection: duckdb.DuckDBPyConnection, url: str, work: Path, n_indicators: int = 0,
    years: Sequence[str] = (),
) -> None:  # fmt: skip
    """Read every file into one Parquet file of observations."""
    prepare(connection)
    session = requests.Session()
    for name in CITED:
        file = fetched(session, url, f"cited_{name}", work)
        insert(connection, f"cited_{name}", file, CITED_ROWS)
    for name, (query, words) in FILES.items():
        insert(connection, name, fetched(session, url, name, work), query, **words)
    for window in WINDOWS:
        reply = session.get(f"{url}/{BPS}/th-{window}.json", timeout=30)
        reply.raise_for_status()
        path = work / f"{window}.csv"
        path.write_text(cells(reply.json()), encoding="utf-8")
        insert(connection, BPS, (path, hashlib.sha256(reply.content).hexdigest()), BPS_ROWS)
    if n_indicators:
        read_made(connection, session, url, work, n_indicators)
    for year in years:
        file = fetched(session, url, f"made_programmes_{year}", work)
        insert(connection, f"made_programmes_{year}", file, PROGRAMME_ROWS, **MADE_LINES)
    connection.execute(
        "copy (from temp.observations order by dataset_id, snapshot_id, locator) "
        "to 'inputs/observations.parquet' (format parquet)"
    )


def fetched(session: requests.Session, url: str, name: str, work: Path) -> tuple[Path, str]:
    """Fetch a dataset's CSV; return where it lies and its hash."""
    reply = session.get(f"{url}/{name}/all.csv", timeout=30)
    reply.raise_for_status()
    path = work / f"{name}.csv"
    path.write_bytes(reply.content)
    return path, hashlib.sha256(reply.content).hexdigest()


def cells(reply: dict) -> str:  # type: ignore[type-arg]
    """Take the keys of a BPS reply apart by putting every possible one together."""
    lines = ["locator,code,period_start,value_text"]
    var = reply["var"][0]["val"]
    for vervar in reply["vervar"]:
        region = "0000" if vervar["val"] == 9999 else str(vervar["val"])
        for year in reply["tahun"]:
            for turth in reply["turtahun"]:
                key = f"{vervar['val']}{var}0{year['val']}{turth['val']}"
                if turth["label"] in MONTHS and key in reply["datacontent"]:
                    day = f"{year['label']}-{MONTHS[turth['label']]:02}-01"
                    lines.append(f"{key},{region},{day},{reply['datacontent'][key]}")
    return "\n".join(lines)


def read_made(
    connection: duckdb.DuckDBPyConnection, session: requests.Session, url: str, work: Path,
    n_indicators: int,
) -> None:  # fmt: skip
    """Read all windows of the made-up variables into two CSV files, and those with one query."""
    files = {name: work / f"made_{name}.csv" for name in ("windows", "cells")}
    with files["windows"].open("w", newline="") as one, files["cells"].open("w", newline="") as two:
        windows, cells = csv.writer(one), csv.writer(two)
        windows.writerow(
            ("number", "dataset_id", "snapshot_id", "indicator_id", "unit", "decimals")
        )
        cells.writerow(("number", "locator", "region_code", "year", "value_text"))
        for number, (nth, body) in enumerate(made_windows(session, url, n_indicators)):
            reply = json.loads(body)
            var = reply["var"][0]
            names = (f"made_bps_{nth:03}", f"made_measure_{nth:03}")
            windows.writerow((
                number, names[0], hashlib.sha256(body).hexdigest(), names[1], var["unit"],
                var["decimal"],
            ))  # fmt: skip
            cells.writerows((number, *cell) for cell in made_cells(reply, var["val"]))
    insert(connection, "", (files["windows"], ""), MADE_ROWS, cells=str(files["cells"]))


def made_windows(
    session: requests.Session, url: str, n_indicators: int
) -> Iterator[tuple[int, bytes]]:
    """Ask for the periods of each variable, then for its figures, some periods at a time."""
    for nth in range(1, n_indicators + 1):
        folder = f"{url}/made_bps_{nth:03}"
        pages = [session.get(f"{folder}/th.json", timeout=30).json()]
        for page in range(2, pages[0]["data"][0]["pages"] + 1):
            pages.append(session.get(f"{folder}/th-p{page}.json", timeout=30).json())
        ids = sorted(row["th_id"] for page in pages for row in page["data"][1])
        for at in range(0, len(ids), MADE_WINDOW):
            window = ids[at : at + MADE_WINDOW]
            stem = "-".join(map(str, dict.fromkeys((window[0], window[-1]))))
            reply = session.get(f"{folder}/th-{stem}.json", timeout=30)
            reply.raise_for_status()
            yield nth, reply.content


def made_cells(reply: dict, var: int) -> Iterator[tuple[str, str, str, object]]:  # type: ignore[type-arg]
    """Yield key, region, year and figure of each cell."""
    content, years = reply["datacontent"], reply["tahun"]
    tails = [(f"{var}0{year['val']}0", year["label"]) for year in years]
    for vervar in reply["vervar"]:
        region = str(vervar["val"])
        for tail, year in tails:
            key = region + tail
            if key in content:
                yield key, region, year, content[key]


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the lists that files are read with, and the table that their rows go into."""
    memory = os.environ.get("LUMBUNG_BUILD_MEMORY", "400MB")  # no more, and no less, than dbt
    connection.execute(f"set memory_limit = '{memory}'; set TimeZone = 'UTC'")
    connection.execute("set preserve_insertion_order = false")
    for name in ("regions", "region_codes", "indicators", "sources"):
        connection.execute(f"create temp table {name} as from 'inputs/{name}.parquet'")
    connection.execute("""
        create temp macro spelling(name) as regexp_replace(
            replace(lower(name), 'kep.', 'kepulauan'),
            '(administrasi|adm\\.|prov\\.|[^a-z])', '', 'g');
        create temp table names as
        with known as (
            select region_id, spelling(name) as name from region_codes
            union select region_id, spelling(name) from regions
        )
        select distinct p.name as province, r.region_code, case
            when r.type = 'kota' or k.name like 'kabupaten%' then k.name
            else 'kabupaten' || regexp_replace(k.name, '^kab', '') end as name
        from regions as r join known as k using (region_id)
        join regions as parent on parent.region_code = r.parent_region_code
        join known as p on p.region_id = parent.region_id
        where r.type in ('kabupaten', 'kota') and r.valid_to is null;
        create temp table djpk as select distinct c.code, r.region_code
        from region_codes as c join regions as r using (region_id)
        where c.system = 'djpk' and c.valid_to is null union all select '--.00', '0000';
        create temp table kemendagri as select distinct c.code, r.region_code
        from region_codes as c join regions as r using (region_id)
        where c.system = 'kemendagri' and c.valid_to is null
    """)


def insert(
    connection: duckdb.DuckDBPyConnection, dataset: str, file: tuple[Path, str], query: str,
    **words: str,
) -> None:  # fmt: skip
    """Read one file into the table of observations, with its hash where its rows have none."""
    path, snapshot = file
    rows = f"({query.format(path=path, **words)})"
    given = {row[0] for row in connection.execute(f"describe {rows}").fetchall()}
    missing = ", ".join(f"{d} as {n}" for n, d in DEFAULTS.items() if n not in given)
    where = (
        "" if "dataset_id" in given else
        f"'{dataset}' as dataset_id, '{snapshot}' as snapshot_id, "
    )  # fmt: skip
    source = (
        "" if "source_id" in given else
        ", 'cited_' || substr(sha1(source_name || chr(10) || source_url), 1, 10) as source_id"
    )  # fmt: skip
    select = (
        f"select {where}o.*{source}"
        f"{', ' + missing if missing else ''}, "
        f"(try_cast(value_text as decimal(28, 6)) * ({SCALE}))::decimal(28, 6) as value, i.unit "
        f"from {rows} as o join indicators as i using (indicator_id)"
    )
    connection.execute("""
        create temp table if not exists observations (
            dataset_id varchar, snapshot_id varchar, locator varchar, indicator_id varchar,
            region_code varchar, period_start date, period_end date, period_label varchar,
            period_kind varchar, stage varchar, perimeter varchar, perimeter_note varchar,
            baseline varchar, breakdown varchar, category varchar, attributes varchar,
            value decimal(28, 6), value_text varchar, unit varchar, "precision" decimal(28, 6),
            obs_status varchar, standard_error decimal(28, 6), series_version varchar,
            source_id varchar, source_name varchar, source_url varchar, provenance_tier varchar,
            claimant varchar, published_at date, published_at_basis varchar, note varchar,
            is_derived boolean, formula_id varchar)
    """)
    connection.execute(
        f"insert into temp.observations by name select * exclude (unit_as_printed) from ({select})"
    )


if __name__ == "__main__":
    main()
