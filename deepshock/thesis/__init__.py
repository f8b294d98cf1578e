"""What is believed: the thesis, its sources and events, its rules, and the YAML that they are written in."""

from deepshock.thesis.account import CostChoice, Margin, Money
from deepshock.thesis.book import Book
from deepshock.thesis.event import Event
from deepshock.thesis.figure import Change, Figure
from deepshock.thesis.leg import Leg, LegSpec
from deepshock.thesis.load import load, load_many, loads
from deepshock.thesis.model import Thesis
from deepshock.thesis.month_day import MonthDay
from deepshock.thesis.naive import NaiveRule
from deepshock.thesis.packaged import packaged_strategies
from deepshock.thesis.rule import Condition, Enter, Exit, Hedge
from deepshock.thesis.schema import json_schema
from deepshock.thesis.source import Citation, Counter, Source

__all__ = [
    "Book",
    "Change",
    "Citation",
    "Condition",
    "CostChoice",
    "Counter",
    "Enter",
    "Event",
    "Exit",
    "Figure",
    "Hedge",
    "Leg",
    "LegSpec",
    "Margin",
    "Money",
    "MonthDay",
    "NaiveRule",
    "Source",
    "Thesis",
    "json_schema",
    "load",
    "load_many",
    "loads",
    "packaged_strategies",
]
