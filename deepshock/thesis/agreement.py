"""What the theses of a book have to agree on, because they share one account: costs and margin."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from deepshock.thesis.dump import words_of
from deepshock.thesis.model import Thesis
from deepshock.thesis.sheet import Finding, display


def check_account(members: Mapping[str, Thesis], own: Collection[str]) -> list[Finding]:
    """Theses of a book have one account, so they have to ask for the same costs and margin where the book names none.

    Parameters
    ----------
    members : mapping of str to Thesis
        By the name that the book has for each.
    own : collection of str
        The words of the book's own, whatever it says with them.
    """
    found = []
    for word, (what, asked, example) in WORDS.items():
        names: dict[str, list[str]] = {}
        for name, thesis in members.items():
            names.setdefault(asked(thesis), []).append(name)
        if word not in own and len(names) > 1:
            told = ", ".join(f"{text} ({', '.join(whose)})" for text, whose in names.items())
            problem = f"the members ask for different {what}: {told}"
            found.append(Finding(("book",), problem, f"write '{word}: ...' in the book, such as {word}: {example}."))
    return found


def _asked_margin(thesis: Thesis) -> str:
    """Write the margin that a thesis asks for in one line, equal ones alike."""
    words = words_of(thesis.margin)
    return words if isinstance(words, str) else f"{{{', '.join(f'{word}: {rate}' for word, rate in words.items())}}}"


def _asked_costs(thesis: Thesis) -> str:
    """Write the costs that a thesis asks for in one line, equal ones alike; a file with its folder."""
    preset = display(thesis.folder / thesis.costs.preset) if thesis.costs.is_file() else thesis.costs.preset
    words = words_of(thesis.costs)
    figures = (
        sorted((word, text) for word, text in words.items() if word != "preset") if isinstance(words, dict) else []
    )
    told = ", ".join(f"{word}: {text}" for word, text in [("preset", preset), *figures])
    return f"{{{told}}}" if figures else preset


# What the members of a book have to agree on, by its word: what messages call it, how a thesis says it, an example.
WORDS: Mapping[str, tuple[str, Callable[[Thesis], str], str]] = {
    "costs": ("costs", _asked_costs, "institutional"),
    "margin": ("margin rules", _asked_margin, "reg-t"),
}
