"""Event studies: what an event did to several names beyond what is normal, and what that can show.

    returns + event -> windows -> models -> fits -> abnormal -> parametric | ranks -> outcome -> table

Statistics of arrays and frames of returns alone; nothing here looks at a market.
"""

from deepshock.stats.event_study.models import Normal
from deepshock.stats.event_study.outcome import Outcome
from deepshock.stats.event_study.study import EventStudy, event_study
from deepshock.stats.event_study.windows import Window

__all__ = ["EventStudy", "Normal", "Outcome", "Window", "event_study"]
