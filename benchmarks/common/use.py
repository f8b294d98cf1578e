"""One whole call of one library: what a process of its own does, so that the peak of its memory is that call's."""

from __future__ import annotations

from collections.abc import Callable

from common.workloads import Workload, book, event_trade, placebo

SIZES: dict[str, tuple[Callable[[], Workload], Callable[[], Workload]]] = {
    "E": (event_trade, lambda: event_trade(2, 2)),
    "B": (lambda: book(1000), lambda: book(20)),
    "P": (placebo, lambda: placebo(3, n_sessions=120)),
}


def build(name: str, small: bool) -> Workload:
    """Return a workload by its letter."""
    return SIZES[name][small]()


def use(who: str, what: str, small: bool) -> None:
    """Do it; nothing of the other library is imported."""
    work = build(what, small)
    if who == "deepshock":
        from common import ours

        ours.sweep(work)
        return
    from peers import with_vectorbt

    with with_vectorbt.engine(who.removeprefix("vectorbt ")):
        with_vectorbt.figures(work.plain, with_vectorbt.prepare(work.plain))
