"""What it shows: was it the narrative, or beta, or luck, and what cannot be concluded."""

from deepshock.inference.contradictions import Contradiction, contradictions
from deepshock.inference.dossier import Dossier
from deepshock.inference.evidence import Adjusted, Evidence, across, evidence
from deepshock.inference.figures import check_figures

__all__ = [
    "Adjusted",
    "Contradiction",
    "Dossier",
    "Evidence",
    "across",
    "check_figures",
    "contradictions",
    "evidence",
]
