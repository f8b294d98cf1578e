"""What the command lines of the benchmarks share."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Collection
from pathlib import Path


def parser(
    doc: str | None,
    rounds: int,
    small: str = "tiny sizes, to see whether it works",
    of: str = "of which the median counts",
) -> ArgumentParser:
    """Return the command line of a benchmark that measures in rounds and can write JSON.

    Parameters
    ----------
    doc : str or None
        Of the script; its first line is the description.
    rounds : int
        Default of ``--rounds``.
    small : str
        What ``--small`` does.
    of : str
        What a round is, or what becomes of it.
    """
    made = ArgumentParser(description=(doc or "").partition("\n")[0])
    made.add_argument("--rounds", type=at_least_one, default=rounds, help=f"{of}; default {rounds}")
    made.add_argument("--small", action="store_true", help=small)
    made.add_argument("--json", type=Path, help="write the figures there too")
    return made


def at_least_one(text: str) -> int:
    """Read a number of rounds or runs."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is not a number of at least 1")
    return int(text)


def some_of(names: Collection[str]) -> Callable[[str], list[str]]:
    """Return what reads names between commas, in upper or lower case."""
    known = {name.casefold(): name for name in names}

    def read(text: str) -> list[str]:
        wanted = [word.strip() for word in text.split(",")]
        if unknown := [word for word in wanted if word.casefold() not in known]:
            raise ArgumentTypeError(f"{', '.join(unknown)}: there are {', '.join(names)}")
        return [known[word.casefold()] for word in wanted]

    return read


def bars(text: str) -> str:
    """Read a source of bars: a file's path is made absolute, because another process reads it from another folder."""
    return text if text == "sample" else str(Path(text).resolve())
