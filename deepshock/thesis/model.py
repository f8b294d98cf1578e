"""The thesis: what is believed, what is bought and sold on it, and when it was wrong.

Built from YAML (`Thesis.from_yaml`, `deepshock.thesis.load`) or in Python; both ways accept the same spellings and end
in the same object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from pydantic import ModelWrapValidatorHandler, ValidationInfo, model_validator

from deepshock.errors import Fault, ThesisError
from deepshock.thesis.answers import Answers
from deepshock.thesis.check import Reading, cross_check
from deepshock.thesis.compose import read_text
from deepshock.thesis.dump import as_tree, words_of
from deepshock.thesis.findings import attempt
from deepshock.thesis.path import put, split
from deepshock.thesis.scalar import UnreadableError, shown
from deepshock.thesis.shared import Setting, names_in
from deepshock.thesis.sheet import Finding, Sheet, Tree
from deepshock.thesis.source import Citation
from deepshock.thesis.words import inside, present

# What a required word is taken for while the rest of a faulty thesis is examined; no such thesis is ever returned.
_STAND_INS: Tree = {"thesis": "unnamed", "source": {"published": "1970-01-01"}}


class Thesis(Answers):
    """A narrative, and the trade that follows from it.

    Raises
    ------
    ThesisError
        With every fault of the thesis, not only the first.

    Examples
    --------
    >>> thesis = Thesis(
    ...     name="short-ai-chips",
    ...     source={"publisher": "forexlive", "published": "2025-01-27 19:00 America/New_York"},
    ...     short={"NVDA": 1, "AMD": 1},
    ...     exit={"hold": "20 sessions", "stop": "8%"},
    ... )
    >>> thesis.known()
    datetime.datetime(2025, 1, 28, 0, 0, tzinfo=datetime.timezone.utc)
    >>> thesis.vary({"exit.hold": 5}).exit.hold
    5
    """

    @model_validator(mode="wrap")
    @classmethod
    def _read(cls, value: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            raise ThesisError(
                Fault("", f"{shown(value)} is not a mapping of words", "write for example Thesis(name=...).")
            )
        setting = info.context if isinstance(info.context, Setting) else Setting()
        value = present(value, cls.may_be_none)
        around, found = setting.include(value.get("include"))
        with inside():
            thesis, more, broken = attempt(handler, dict(value), cls, _STAND_INS)
        found += more
        if thesis is not None:
            thesis._around, thesis._sheet = around, setting.sheet
            found += cross_check(Reading(thesis, around, names_in(value), broken))
            found += thesis._try_alternatives() if setting.try_alternatives and not found else []
        faults = (*around.faults, *setting.sheet.faults(found))
        if faults or thesis is None:
            raise ThesisError(faults)
        return thesis

    def _try_alternatives(self) -> list[Finding]:
        """Build each alternative once, so that a wrong one is found when the file is read."""
        found = []
        for name, changes in self.alternatives.items():
            if not changes:
                found.append(
                    Finding(("alternatives", name), "changes nothing", "write for example {exit.hold: 5 sessions}.")
                )
            try:
                self.vary(changes)
            except ThesisError as error:
                path = ("alternatives", name, *(changes if len(changes) == 1 else ()))
                found += [Finding(path, str(Fault(fault.where, fault.problem)), fault.remedy) for fault in error.faults]
        return found

    @classmethod
    def from_yaml(cls, text: str, where: str = "thesis", folder: str | Path = ".") -> Self:
        """Read a thesis from YAML text.

        Parameters
        ----------
        text : str
            The YAML.
        where : str
            How messages call the text.
        folder : path
            Where a relative `include` starts.

        Raises
        ------
        ThesisError
            With all faults, each with its line.
        """
        return cls.from_sheet(read_text(text, where, folder=Path(folder)))

    @classmethod
    def from_sheet(cls, sheet: Sheet, setting: Setting | None = None) -> Self:
        """Build a thesis from a file that was read; Python's names of words are refused in it."""
        return cls.model_validate(sheet.tree, by_alias=True, by_name=False, context=setting or Setting(sheet))

    def vary(self, changes: Mapping[str, Any]) -> Thesis:
        """Return the thesis with some words changed, checked anew.

        Parameters
        ----------
        changes : mapping of str to value
            Dotted path (``exit.hold``, ``costs.half-spread.bps``, ``sources.forexlive.zones``) to what the YAML would
            hold there, as text or as a Python value. None removes the word. Another ``source.from`` removes the
            quote, which is the words of the source before, unless a ``source.quote`` is given with it.

        Raises
        ------
        ThesisError
            With all paths that are wrong, or all faults of the thesis that results.
        """
        tree, found = self.tree(), []
        for dotted, value in sorted(changes.items(), key=lambda change: change[0].strip() == "source.quote"):
            try:
                tree = self._changed(tree, dotted, value)
            except UnreadableError as wrong:
                found.append(Finding((), wrong.problem, wrong.remedy))
        sheet = Sheet(tree=tree, file=self.file, folder=self.folder)
        if found:
            raise ThesisError(sheet.faults(found))
        around = None if tree.get("include") != self.include else self._around
        varied = type(self).from_sheet(sheet, Setting(sheet, around, try_alternatives=False))
        varied._sheet = replace(self._sheet, tree=tree, findings=())
        return varied

    def _changed(self, tree: Tree, dotted: str, value: Any) -> Tree:
        """Return a tree with one path changed; what is included is copied before it is changed."""
        seen = {**tree}
        for word, block in (("sources", self._around.sources), ("events", self._around.events)):
            if dotted.startswith(word):
                seen[word] = {**{name: words_of(item) for name, item in block.items()}, **tree.get(word, {})}
        keys = split(dotted, type(self), seen)
        if len(keys) > 2 and keys[0] in ("sources", "events") and keys[1] in seen[keys[0]]:
            tree = {**tree, keys[0]: {**tree.get(keys[0], {}), keys[1]: seen[keys[0]][keys[1]]}}
        changed = put(tree, keys, None if value is None else as_tree(value), type(self))
        if keys == ("source", "from") and changed["source"] != Citation.expand(tree.get("source")):
            changed = put(changed, ("source", "quote"), None, type(self))
        return changed

    def with_read(self, words: Mapping[str, Any], tree: Tree) -> Self | None:
        """Return the thesis with some words as they were read from a changed tree, each by itself.

        Parameters
        ----------
        words : mapping of str to value
            By their names in Python.
        tree : dict
            All words of the thesis that results; but for these they are those that the thesis was read from.

        Returns
        -------
        Thesis or None
            None where something is wrong between the words.
        """
        made = super().model_copy(update=words)
        made._sheet, made._tree, made._legs = replace(self._sheet, tree=tree, findings=()), tree, ()
        wrong = cross_check(Reading(made, made._around, names_in(tree), frozenset()))
        return None if any(True for _ in wrong) else made

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy without checking anew (`vary` checks); a changed copy forgets the author's spelling."""
        copy = super().model_copy(update=update, deep=deep)
        if update:
            copy._sheet, copy._tree, copy._legs = replace(copy._sheet, tree={}), {}, ()
        return copy

    def __eq__(self, other: object) -> bool:
        """Equal where all words mean the same, and all that is included."""
        if not isinstance(other, Thesis):
            return NotImplemented
        mine, its = self._around, other._around
        return self.__dict__ == other.__dict__ and (mine.sources, mine.events) == (its.sources, its.events)

    def __hash__(self) -> int:
        return hash((self.name, self.title, self.news, tuple(self.long), tuple(self.short), tuple(self.versus)))
