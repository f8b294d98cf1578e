"""From what a user writes to the provider that is meant."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from deepshock.errors import Fault, MarketError
from deepshock.market.files import CsvProvider, ParquetProvider
from deepshock.market.frame import FrameProvider
from deepshock.market.lending import Lending
from deepshock.market.provider import Lender, Provider

Source = str | Path | pd.DataFrame | Provider

_BY_SUFFIX: dict[str, type[ParquetProvider] | type[CsvProvider]] = {
    ".parquet": ParquetProvider,
    ".pq": ParquetProvider,
    ".csv": CsvProvider,
}
_ALLOWED = "give 'sample', 'yahoo', a .parquet or .csv file, a DataFrame, or an object with a method bars"


def provider_of(source: Source) -> Provider:
    """Return the provider of a source.

    Parameters
    ----------
    source : str, Path, DataFrame or Provider
        ``"sample"`` is simulated, ``"yahoo"`` is downloaded; another text is a path.

    Raises
    ------
    MarketError
        It is none of these.
    """
    if isinstance(source, pd.DataFrame):
        return FrameProvider(source)
    if not isinstance(source, str | Path):
        if callable(getattr(source, "bars", None)):
            return source
        raise MarketError(Fault("market", f"{source!r} is a {type(source).__name__}", _ALLOWED))
    if str(source) == "sample":
        from deepshock.market.sample import SampleProvider

        return SampleProvider()
    if str(source) == "yahoo":
        from deepshock.market.yahoo import YahooProvider

        return YahooProvider()
    path = Path(source).expanduser()
    if path.suffix.lower() not in _BY_SUFFIX:
        raise MarketError(Fault("market", f"{str(source)!r} is no kind of source", _ALLOWED))
    return _BY_SUFFIX[path.suffix.lower()](path)


def lending_of(provider: Provider, given: Lending | None, symbols: tuple[str, ...], start: date, end: date) -> Lending:
    """Return what the caller gave; if nothing, what the provider has to say; if it has no say, an empty one.

    Raises
    ------
    MarketError
        It is no `Lending`.
    """
    found: object = given
    if found is None:
        found = provider.lending(symbols, start, end) if isinstance(provider, Lender) else Lending()
    if isinstance(found, Lending):
        return found
    remedy = "give Lending.load(borrow=..., recalls=..., designated=...)"
    raise MarketError(Fault("lending", f"{found!r} is a {type(found).__name__}", remedy))
