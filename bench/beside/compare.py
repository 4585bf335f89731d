"""One bounded count, four programs, the same rows: time and peak memory of each. See README.md.

python compare.py [--rows N] [--opendp-rows N] [--rounds N] --payung PATH_TO_bounded_count
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MONTHS, CITIES, SERVICES = 36, 40, 13
EVENTS_EACH = 10  # events of a person, on average
STAY = 4  # consecutive months in which a person comes
MOST = 3  # cells of a person in a month
RHO = 0.5
CELLS = ["month", "city", "service"]


def generate(folder: Path, rows: int) -> None:
    """Writes the same rows twice: `events.parquet` (four u32 columns) and `events.bin` (packed u64, no header)."""
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(1)
    people = max(1, rows // EVENTS_EACH)
    person = rng.integers(0, people, rows, dtype=np.uint32)
    arrival = rng.integers(0, MONTHS - STAY + 1, people, dtype=np.uint32)
    home = rng.integers(0, CITIES, people, dtype=np.uint32)
    month = arrival[person] + rng.integers(0, STAY, rows, dtype=np.uint32)
    away = rng.random(rows) < 0.1
    city = np.where(away, rng.integers(0, CITIES, rows, dtype=np.uint32), home[person])
    service = rng.integers(0, SERVICES, rows, dtype=np.uint32)
    columns = {"person": person, "month": month, "city": city, "service": service}
    pl.DataFrame(columns).write_parquet(folder / "events.parquet")
    wide = [column.astype("<u8") for column in columns.values()]
    packed = wide[0] << 32 | wide[1] << 16 | wide[2] << 8 | wide[3]
    packed.tofile(folder / "events.bin")


def duckdb_bounded(folder: Path) -> dict[str, float]:
    """Window function over distinct rows; the hash is not keyed and no noise is added."""
    import duckdb

    query = f"""
        SELECT month, city, service, count(*) AS people FROM (
            SELECT month, city, service,
                   row_number() OVER (PARTITION BY person, month ORDER BY hash(person, month, city, service)) AS place
            FROM (SELECT DISTINCT person, month, city, service FROM '{folder / "events.parquet"}'))
        WHERE place <= {MOST} GROUP BY ALL"""
    begin = time.perf_counter()
    counts = duckdb.connect().sql(query).fetchall()
    return {"seconds": time.perf_counter() - begin, "kept": sum(row[3] for row in counts)}


def polars_bounded(folder: Path) -> dict[str, float]:
    """The same in Polars; the hash is not keyed and no noise is added."""
    import polars as pl

    begin = time.perf_counter()
    counts = (
        pl.scan_parquet(folder / "events.parquet")
        .unique()
        .with_columns(pl.struct(pl.all()).hash().alias("hash"))
        .filter(pl.col("hash").rank("ordinal").over("person", "month") <= MOST)
        .group_by(CELLS)
        .len()
        .collect()
    )
    return {"seconds": time.perf_counter() - begin, "kept": int(counts["len"].sum())}


def opendp_bounded(folder: Path) -> dict[str, float]:
    """Context API: 108 cells of a person over all months (not 3 in each), one row in each; noise on every cell."""
    import opendp.prelude as dp
    import polars as pl

    dp.enable_features("contrib")
    sizes = {"month": MONTHS, "city": CITIES, "service": SERVICES}
    keys = pl.DataFrame({"month": range(MONTHS)}, schema={"month": pl.UInt32})
    for name in CELLS[1:]:
        keys = keys.join(pl.DataFrame({name: range(sizes[name])}, schema={name: pl.UInt32}), how="cross")
    begin = time.perf_counter()
    context = dp.Context.compositor(
        data=pl.scan_parquet(folder / "events.parquet"),
        privacy_unit=dp.unit_of(contributions=1, identifier=pl.col("person")),
        privacy_loss=dp.loss_of(rho=RHO),
        split_evenly_over=1,
    )
    query = (
        context.query()
        .truncate_per_group(1, by=CELLS)
        .truncate_num_groups(MONTHS * MOST, by=CELLS, keep="first")
        .group_by(CELLS)
        .agg(dp.len(signed=True))
        .with_keys(keys)
    )
    cells = query.release().collect()
    seconds = time.perf_counter() - begin
    return {"seconds": seconds, "cells": cells.height, "scale": float(query.summarize()["scale"][0])}


PROGRAMS: dict[str, Callable[[Path], dict[str, float]]] = {
    "duckdb": duckdb_bounded,
    "polars": polars_bounded,
    "opendp": opendp_bounded,
}


@dataclass
class Run:
    """One program on one set of rows: seconds of every round, sorted; median of the peaks."""

    name: str
    rows: int
    all_seconds: list[float]
    megabytes: float
    answer: dict[str, float]

    @property
    def seconds(self) -> float:
        return statistics.median(self.all_seconds)


def measure(name: str, command: list[str], rows: int, rounds: int) -> Run:
    """Runs the command in a process of its own, `rounds` times; its last line is JSON with its own seconds."""
    seconds: list[float] = []
    peaks: list[float] = []
    answer: dict[str, float] = {}
    for _ in range(rounds):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            output = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"{name} failed with {process.returncode}")
        answer = json.loads(output.splitlines()[-1])
        seconds.append(answer["seconds"])
        peaks.append(usage.ru_maxrss / 1000)  # Linux counts kilobytes
    return Run(name, rows, sorted(seconds), statistics.median(peaks), answer)


def table(runs: list[Run]) -> str:
    """Markdown; the ratio is time a row, Payung's of the same run being 1."""
    lines = ["| what | rows | time | all rounds | peak memory | time a row, Payung = 1 |", "|---|---|---|---|---|---|"]
    base = runs[0].seconds / runs[0].rows
    for run in runs:
        ratio = run.seconds / run.rows / base
        rounds = f"{run.all_seconds[0]:.2f} to {run.all_seconds[-1]:.2f} s"
        cells = [run.name, f"{run.rows:,}", f"{run.seconds:.2f} s", rounds, f"{run.megabytes:,.0f} MB", f"{ratio:.1f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def compare(options: argparse.Namespace) -> None:
    this = [sys.executable, __file__]
    sets = {options.rows, options.opendp_rows} - {0}
    with tempfile.TemporaryDirectory() as parent:
        folders = {rows: Path(parent) / str(rows) for rows in sets}
        for rows, folder in folders.items():
            folder.mkdir()
            # In a process of its own, so that its memory is not inherited by the measured ones.
            subprocess.run([*this, "--generate", str(folder), "--rows", str(rows)], check=True)
        full = folders[options.rows]
        payung = [options.payung, str(full / "events.bin")]
        runs = [measure("Payung, one thread, with noise", payung, options.rows, options.rounds)]
        for name, words in (("duckdb", "DuckDB, no noise"), ("polars", "Polars, no noise")):
            runs.append(measure(words, [*this, "--program", name, str(full)], options.rows, options.rounds))
        if options.opendp_rows:
            command = [*this, "--program", "opendp", str(folders[options.opendp_rows])]
            runs.append(measure("OpenDP, with noise", command, options.opendp_rows, options.rounds))
    kept = {run.name: run.answer["kept"] for run in runs if "kept" in run.answer}
    if len(set(kept.values())) != 1:
        raise SystemExit(f"the programs did not keep the same number of rows: {kept}")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, median of {options.rounds} rounds")
    print(f"\n{table(runs)}\n")
    for run in runs:
        print(f"{run.name}: {json.dumps(run.answer)}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--opendp-rows", type=int, help="as many as --rows unless given; 0 leaves OpenDP out")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--payung", default="target/release/examples/bounded_count")
    parser.add_argument("--generate", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--program", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.opendp_rows is None:
        options.opendp_rows = options.rows
    if options.generate:
        generate(options.generate, options.rows)
    elif options.program:
        print(json.dumps(PROGRAMS[options.program[0]](Path(options.program[1]))))
    else:
        compare(options)


if __name__ == "__main__":
    main()
