"""The verdict: a short paragraph of fixed form, whose words follow from figures by stated rules."""

from deepshock.inference.verdict.findings import Findings
from deepshock.inference.verdict.judge import WORDS, Verdict, verdict
from deepshock.inference.verdict.sentences import brief

__all__ = ["WORDS", "Findings", "Verdict", "brief", "verdict"]
