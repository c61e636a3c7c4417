"""The DuckDB queries of the tables. Values are sorted before they are added up: no order matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from grnpyg.studies.study_file import Comparison

STATISTICS = """
    CASE WHEN len(found) = n THEN list_aggregate(found, 'favg') END AS mean,
    CASE WHEN len(found) = n AND n > 1 THEN list_aggregate(found, 'stddev_samp') END AS sd
"""


def means(rows: pd.DataFrame, axes: tuple[str, ...], metrics: tuple[str, ...]) -> list[dict[str, Any]]:
    """Mean and sample deviation of every metric per levels of `axes`, part, regime and row.

    Returns:
        Records: the levels, `part regime row n parameters_min parameters_max leaks`, `<metric>_mean`,
        `<metric>_sd`; in no order.
    """
    keys = _names((*axes, "part", "regime", "row"))
    return _wide(
        f"""
        WITH groups AS (
            SELECT {keys}, metric, count(*) AS n,
                min(parameters) AS parameters_min, max(parameters) AS parameters_max,
                string_agg(leaks, ',') AS leaks, {_SORTED}
            FROM ({_long(metrics)}) GROUP BY {keys}, metric
        )
        SELECT {keys}, metric, n, parameters_min, parameters_max, leaks, {STATISTICS} FROM groups
        """,
        rows,
        metrics,
    )


def differences(
    rows: pd.DataFrame,
    axes: tuple[str, ...],
    over: tuple[str, ...],
    comparison: Comparison,
    metrics: tuple[str, ...],
) -> list[dict[str, Any]]:
    """Differences between two levels of an axis, paired on every other axis, the part and the regime.

    Args:
        rows: those of the model.
        axes: all axes.
        over: those that are averaged over after pairing.
        comparison: axis and levels.
        metrics: columns.

    Returns:
        Records: the levels of the axes that are neither compared nor averaged over, `part regime n leaks`,
        `<metric>_mean`, `<metric>_sd`; in no order.
    """
    pairing = _names((*(axis for axis in axes if axis != comparison.axis), "part", "regime", "metric"))
    keys = _names((*(axis for axis in axes if axis not in (comparison.axis, *over)), "part", "regime"))
    axis = _names((comparison.axis,))
    return _wide(
        f"""
        WITH scores AS ({_long(metrics)}),
        pairs AS (
            SELECT {pairing}, a.value - b.value AS value, concat_ws(',', a.leaks, b.leaks) AS leaks
            FROM (SELECT * FROM scores WHERE {axis} = $level) AS a
            JOIN (SELECT * FROM scores WHERE {axis} = $reference) AS b USING ({pairing})
        ),
        groups AS (
            SELECT {keys}, metric, count(*) AS n, string_agg(leaks, ',') AS leaks, {_SORTED}
            FROM pairs GROUP BY {keys}, metric
        )
        SELECT {keys}, metric, n, leaks, {STATISTICS} FROM groups
        """,
        rows,
        metrics,
        {"level": comparison.level, "reference": comparison.to},
    )


_SORTED = "list_sort(list(value) FILTER (WHERE value IS NOT NULL AND NOT isnan(value))) AS found"


def _long(metrics: tuple[str, ...]) -> str:
    """One line per metric, the ones that a row does not have included."""
    values = ", ".join(f"CAST({name} AS DOUBLE) AS {name}" for name in map(_quoted, metrics))
    columns = f"SELECT * REPLACE ({values}) FROM rows"
    return f"SELECT * FROM ({columns}) UNPIVOT INCLUDE NULLS (value FOR metric IN ({_names(metrics)}))"


def _wide(
    query: str, rows: pd.DataFrame, metrics: tuple[str, ...], values: dict[str, str] | None = None
) -> list[dict[str, Any]]:
    """Run the query and gather the metrics of a group in one record."""
    import duckdb

    with duckdb.connect() as connection:
        connection.register("rows", rows)
        result = connection.execute(query, values) if values else connection.execute(query)
        names = [column[0] for column in result.description or ()]
        lines = [dict(zip(names, line, strict=True)) for line in result.fetchall()]
    records: dict[tuple[Any, ...], dict[str, Any]] = {}
    for line in lines:
        metric, mean, sd = (line.pop(name) for name in ("metric", "mean", "sd"))
        line["leaks"] = sorted({*(line["leaks"] or "").split(",")} - {""})
        key = tuple(line[name] for name in names if name in line and name != "leaks")
        record = records.setdefault(key, line)
        record |= {f"{metric}_mean": mean, f"{metric}_sd": sd}
    return list(records.values())


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(map(_quoted, names))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
