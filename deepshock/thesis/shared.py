"""Sources and events that several theses share, and the files that include one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from pydantic import Field

from deepshock.errors import Fault, ThesisError
from deepshock.thesis.compose import read_file
from deepshock.thesis.event import Event
from deepshock.thesis.findings import attempt
from deepshock.thesis.scalar import Line, Name, Text, UnreadableError
from deepshock.thesis.sheet import Finding, Sheet, display, identity
from deepshock.thesis.source import Source
from deepshock.thesis.words import Words, inside


class Shared(Words):
    """A file of sources and events, without a thesis."""

    title: Line | None = Field(None, description="What the file is about.")
    note: Text | None = Field(None, description="Anything else.")
    include: Line | None = Field(
        None, description="Another such file, relative to this one.", examples=["deepseek.yaml"]
    )
    sources: Mapping[Name, Source] = Field(default_factory=dict, description="Who said it, by id.")
    events: Mapping[Name, Event] = Field(default_factory=dict, description="Facts with dates, by name.")


@dataclass(frozen=True)
class Surroundings:
    """What a thesis finds in the files that it includes.

    Parameters
    ----------
    sources, events : mapping
        Valid ones by name; the nearest file wins.
    names : frozenset of str
        Names that are declared, those of faulty entries included (so that one fault does not cause a second).
    faults : tuple of Fault
        What is wrong in those files.
    complete : bool
        Whether all of them could be read; if not, a name that is missing may be in the others.
    """

    sources: Mapping[str, Source] = field(default_factory=dict)
    events: Mapping[str, Event] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    faults: tuple[Fault, ...] = ()
    complete: bool = True


@dataclass
class Setting:
    """Where a thesis is being built: its file, what has been included before, whether alternatives are tried."""

    sheet: Sheet = field(default_factory=Sheet)
    surroundings: Surroundings | None = None
    try_alternatives: bool = True
    known_files: dict[Path, Surroundings] = field(default_factory=dict)

    def include(self, target: object) -> tuple[Surroundings, list[Finding]]:
        """Return what an `include` of this file brings, and what is wrong with the word itself."""
        if not isinstance(target, str) or self.surroundings is not None:
            return self.surroundings or Surroundings(), []
        try:
            return self._follow(target, self.sheet, ()), []
        except UnreadableError as wrong:
            return Surroundings(complete=False), [Finding(("include",), wrong.problem, wrong.remedy)]

    def _follow(self, target: str, sheet: Sheet, above: tuple[Path, ...]) -> Surroundings:
        """Read an included file and those that it includes."""
        here = above or ((identity(sheet.file),) if sheet.file else ())
        if PurePath(target).is_absolute() or not target.endswith((".yaml", ".yml")):
            raise UnreadableError(
                f"{target!r} is not a relative path of a YAML file",
                "write it relative to this file, such as deepseek.yaml.",
            )
        path = Path(sheet.folder, target)
        key = identity(path)
        if key in here:
            chain = " -> ".join(part.name for part in (*here[here.index(key) :], key))
            raise UnreadableError(f"{target!r} includes itself ({chain})", "remove one of these includes.")
        if not path.is_file():
            raise UnreadableError(f"there is no file {display(path)}", "write the path relative to this file.")
        if key not in self.known_files:
            self.known_files[key] = self._read(path, (*here, key))
        return self.known_files[key]

    def _read(self, path: Path, above: tuple[Path, ...]) -> Surroundings:
        try:
            sheet = read_file(path, display(path))
        except ThesisError as error:
            return Surroundings(faults=error.faults, complete=False)
        with inside():
            shared, found, _ = attempt(
                lambda tree: Shared.model_validate(tree, by_name=False, by_alias=True), sheet.tree, Shared, {}
            )
        outer = Surroundings()
        if isinstance(target := sheet.tree.get("include"), str):
            try:
                outer = self._follow(target, sheet, above)
            except UnreadableError as wrong:
                outer = Surroundings(complete=False)
                found = [*found, Finding(("include",), wrong.problem, wrong.remedy)]
        own = shared or Shared()
        return Surroundings(
            {**outer.sources, **own.sources},
            {**outer.events, **own.events},
            outer.names | names_in(sheet.tree),
            (*outer.faults, *sheet.faults(found)),
            outer.complete,
        )


def names_in(tree: Mapping[str, object]) -> frozenset[str]:
    """Return the names under `sources` and `events` of a tree, valid or not."""
    blocks = (tree[word] for word in ("sources", "events") if word in tree)
    return frozenset(str(name) for block in blocks if isinstance(block, Mapping) for name in block)
