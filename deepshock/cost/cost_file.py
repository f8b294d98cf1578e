"""A user's own cost file: a preset, what is changed in it, extra law, markets of their own.

.. code-block:: yaml

    preset: institutional
    half-spread.bps: 2
    borrow.special: 8%
    participation: 5%                # of the usual day's volume, the most that one fill takes; none for no cap
    law: my_law.csv                  # rows like those of schedules/law.csv; they win where dates overlap
    markets: {XTKS: japan}           # a calendar that no preset knows
    commission.japan.bps: 3
    half-spread.japan.bps: 4
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from deepshock.cost.law_file import built_in_law, read_law
from deepshock.cost.law_rows import LawRow, overlay
from deepshock.cost.settings import PRESETS, Given
from deepshock.cost.venues import PRESET_VENUES, Venues
from deepshock.errors import CostError, Fault, suggest

_MOST_BYTES = 256 * 1024
_WORD = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class CostFile:
    """What a cost file says, before its figures are laid over a preset.

    Parameters
    ----------
    preset : str
        The preset that it starts from; ``institutional`` where it names none.
    given : tuple of Given
        Figures, each with its line.
    law : tuple of LawRow
        The built-in law with the user's rows laid over it; empty where the file gives none.
    venues : tuple of Venues
        The markets with the user's own.
    faults : tuple of Fault
        What was not understood so far.
    """

    preset: str = "institutional"
    given: tuple[Given, ...] = ()
    law: tuple[LawRow, ...] = ()
    venues: tuple[Venues, ...] = PRESET_VENUES
    faults: tuple[Fault, ...] = ()


def read_cost_file(path: Path) -> CostFile:
    """Read a cost file; what is wrong with single words is kept in `CostFile.faults`.

    Raises
    ------
    CostError
        The file cannot be read at all, or is not a YAML mapping.
    """
    return _Reader(path).read()


class _Reader:
    """Goes through the words of one file and gathers what is wrong."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[Fault] = []
        self.nodes = self._nodes()

    def read(self) -> CostFile:
        return CostFile(self._preset(), self._given(), self._law(), self._venues(), tuple(self.faults))

    def _nodes(self) -> dict[str, yaml.Node]:
        """Return the value of each word; scalars stay the text that was written, so that ``off`` is no boolean."""
        try:
            root = yaml.compose(read_text(self.path), Loader=yaml.SafeLoader)
        except RecursionError as error:
            raise CostError(Fault(str(self.path), "is nested too deeply", "write one word per line")) from error
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f":{mark.line + 1}" if mark else ""
            raise CostError(Fault(f"{self.path}{line}", f"not YAML: {getattr(error, 'problem', error)}")) from error
        if not isinstance(root, yaml.MappingNode):
            raise CostError(Fault(str(self.path), "is no mapping of words", "write for example preset: retail"))
        nodes: dict[str, yaml.Node] = {}
        for key, node in root.value:
            if not isinstance(key, yaml.ScalarNode):
                self._fault(key, "", "a word was expected")
            elif key.value in nodes:
                self._fault(key, key.value, "is given twice")
            else:
                nodes[key.value] = node
        return nodes

    def _preset(self) -> str:
        preset = self._text("preset") or "institutional"
        if preset in PRESETS:
            return preset
        hint = suggest(preset, PRESETS)
        self._fault(
            self.nodes["preset"], "preset", f"{preset!r} is none", f"{hint} presets are {', '.join(PRESETS)}".strip()
        )
        return "institutional"

    def _given(self) -> tuple[Given, ...]:
        paths = [word for word in self.nodes if word not in ("preset", "law", "markets")]
        texts = ((path, self._text(path)) for path in paths)
        return tuple(Given(f"{self._where(self.nodes[path])} ", path, text) for path, text in texts if text is not None)

    def _law(self) -> tuple[LawRow, ...]:
        name = self._text("law")
        if not name:
            return ()
        law = self.path.parent / name
        try:
            return overlay(built_in_law(), read_law(read_text(law), str(law)), str(law))
        except CostError as error:
            self.faults.extend(error.faults)
            return ()

    def _venues(self) -> tuple[Venues, ...]:
        """Return the markets with the file's calendars moved to where it puts them."""
        node = self.nodes.get("markets")
        if node is None:
            return PRESET_VENUES
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        scalar = yaml.ScalarNode
        moved = {key.value: name.value for key, name in pairs if isinstance(key, scalar) and isinstance(name, scalar)}
        wrong = [name for name in moved.values() if not _WORD.fullmatch(name)]
        if not moved or len(moved) != len(pairs) or wrong:
            self._fault(node, "markets", "is no mapping of calendar to market", "write for example {XTKS: japan}")
            return PRESET_VENUES
        kept = {
            market.name: replace(market, calendars=tuple(c for c in market.calendars if c not in moved))
            for market in PRESET_VENUES
        }
        for calendar, name in moved.items():
            market = kept.get(name, Venues(name, name, ()))
            kept[name] = replace(market, calendars=(*market.calendars, calendar))
        self._check_figures(node, [name for name in kept if name not in {market.name for market in PRESET_VENUES}])
        return tuple(kept.values())

    def _check_figures(self, node: yaml.Node, names: list[str]) -> None:
        """A market of the user's own has no figures but theirs, and none must not be read as free."""
        for name in names:
            for item in ("commission", "half-spread"):
                everywhere = f"{item}.bps" in self.nodes and item == "half-spread"
                if not everywhere and not any(word.startswith(f"{item}.{name}.") for word in self.nodes):
                    self._fault(node, f"markets {name}", f"has no {item}", f"write {item}.{name}.bps; 0 is allowed")

    def _text(self, word: str) -> str | None:
        node = self.nodes.get(word)
        if node is None or isinstance(node, yaml.ScalarNode):
            return node.value if node else None
        self._fault(node, word, "one value was expected", "write paths on one line: half-spread.bps: 2")
        return None

    def _where(self, node: yaml.Node) -> str:
        return f"{self.path}:{node.start_mark.line + 1}"

    def _fault(self, node: yaml.Node, word: str, problem: str, remedy: str = "") -> None:
        self.faults.append(Fault(f"{self._where(node)} {word}".strip(), problem, remedy))


def read_text(path: Path) -> str:
    """Return the text of a small UTF-8 file.

    Raises
    ------
    CostError
        It is not there, too large, or not text.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise CostError(Fault(str(path), f"is larger than {_MOST_BYTES // 1024} KB", "a cost file is a page"))
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CostError(Fault(str(path), f"cannot be read: {error}", "give the path of a UTF-8 text file")) from error
