"""When a trade settles: the venue's cycle, counted in its own sessions."""

from __future__ import annotations

from datetime import date, timedelta

from deepshock.cost import settle_lag

LONG_ENOUGH = timedelta(days=30)  # no cycle and no holiday is as long


def settlement_date(mic: str, on: date) -> date:
    """Return the date on which a trade settles.

    Parameters
    ----------
    mic : str
        Venue code of the data; ``US`` stands for its exchanges.
    on : date
        Label date of the trade's session; where there is none, the next one counts.

    Returns
    -------
    date
        ``on`` itself for a venue without a calendar.

    Raises
    ------
    CostError, LawError
        The cycle of the venue, or of that date, is not known.
    """
    from deepshock.market import calendar_of, day_of, sessions  # costs a second, which those who only plan never pay

    calendar = calendar_of("XNYS" if mic == "US" else mic)
    if not calendar:
        return on
    days = sessions(calendar, on, on + LONG_ENOUGH).days
    return day_of(int(days[int(settle_lag(calendar, days[:1])[0])]))
