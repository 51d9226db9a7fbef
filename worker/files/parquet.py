"""Rows of Parquet files."""

import json
from collections.abc import Iterator
from datetime import date
from typing import IO

from worker.errors import DataError
from worker.files.types import Json, Row

MAGIC = b"PAR1"


def read_parquet(content: IO[bytes], where: str) -> Iterator[Row]:
    """Yield the header, and the rows with their values as text.

    Raises:
        DataError: the file is damaged, or pyarrow is not installed.

    """
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ModuleNotFoundError:
        raise DataError(f"{where} is Parquet, which needs: pip install 'tweet-cascade[parquet]'") from None
    try:
        file = ParquetFile(content)
        yield Row(0, list(file.schema_arrow.names))
        number = 0
        for batch in file.iter_batches():
            for fields in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                number += 1
                yield Row(number, [as_text(value) for value in fields])
    except (ArrowException, OSError) as error:
        raise DataError(f"{where} is not Parquet or is damaged: {error}") from error


def as_text(value: Json) -> str:
    """Return a value as a table has it: nothing for null, JSON for lists and objects.

    >>> [as_text(value) for value in ("fire", None, True, 1.0, 2**60, ["a"])]
    ['fire', '', 'true', '1.0', '1152921504606846976', '["a"]']
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False, default=str)
