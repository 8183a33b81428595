"""Identifiers looked up at once: the place of each value among the known ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def look_up(values: pd.Series, known: pd.Series) -> np.ndarray:
    """Give the place in `known` (the first, where there are several) of each text; -1 where it is not there."""
    if not len(values) or not len(known):
        return np.full(len(values), -1)
    listed = pa.array(known.astype("str"), from_pandas=True)
    listed = (listed.combine_chunks() if isinstance(listed, pa.ChunkedArray) else listed).cast(pa.large_string())
    sought = pa.array(values.astype("str"), from_pandas=True).cast(pa.large_string())
    places = pc.index_in(sought, value_set=listed, skip_nulls=True)
    return pc.fill_null(places, -1).to_numpy().astype("int64")


def take(values: pd.Series, places: np.ndarray) -> np.ndarray:
    """Give the date at each place, none where the place is -1."""
    dates = values.to_numpy().astype("datetime64[ms]")
    if not len(dates):
        return np.full(len(places), np.datetime64("NaT"), dtype="datetime64[ms]")
    taken = dates[places]
    taken[places < 0] = np.datetime64("NaT")
    return taken
