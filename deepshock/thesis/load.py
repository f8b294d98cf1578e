"""From files to theses and books, with every fault of every file at once."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from deepshock.errors import Fault, ThesisError, suggest
from deepshock.thesis.agreement import check_account
from deepshock.thesis.book import Book
from deepshock.thesis.compose import read_file, read_text
from deepshock.thesis.model import Thesis
from deepshock.thesis.shared import Setting, Shared, Surroundings
from deepshock.thesis.sheet import Finding, Sheet, display, identity
from deepshock.thesis.vocabulary import vocabulary

_SUFFIXES = (".yaml", ".yml")


def load(path: str | os.PathLike[str]) -> Thesis | Book:
    """Read a thesis or a book from a YAML file.

    Raises
    ------
    ThesisError
        With all faults of the file and of those that it includes or names, each with file, line, what was given and
        what is allowed.
    """
    reader = _Reader()
    found = reader.open(Path(path))
    return reader.finish([found])[0]


def load_many(paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> list[Thesis | Book]:
    """Read files and folders, in the order given; files of a folder by name.

    In a folder, files without `thesis` or `book`, such as shared sources, are passed over.

    Raises
    ------
    ThesisError
        With all faults of all files; also where two files hold a thesis of one name.
    """
    reader, found = _Reader(), []
    for path in [Path(paths)] if isinstance(paths, str | os.PathLike) else map(Path, paths):
        if path.is_dir():
            files = sorted(file for file in path.iterdir() if file.suffix in _SUFFIXES)
            found += [reader.open(file) for file in files if not reader.is_shared(file)]
            if not files:
                reader.note(Fault(display(path), "holds no YAML file", "give a file, or a folder of theses."))
        else:
            found.append(reader.open(path))
    return reader.finish(found)


def loads(text: str, where: str = "text", folder: str | os.PathLike[str] = ".") -> Thesis | Book:
    """Read a thesis or a book from YAML text.

    Parameters
    ----------
    text : str
        The YAML.
    where : str
        How messages call the text.
    folder : path
        Where relative paths in it start.

    Raises
    ------
    ThesisError
        With all faults, each with its line.
    """
    reader = _Reader()
    return reader.finish([reader.build(read_text(text, where, folder=Path(folder)))])[0]


class _Reader:
    """Reads each file once, and gathers the faults of all."""

    def __init__(self) -> None:
        self.sheets: dict[Path, Sheet | None] = {}
        self.built: dict[Path, Thesis | Book | None] = {}
        self.included: dict[Path, Surroundings] = {}
        self.faults: dict[Fault, None] = {}

    def note(self, *faults: Fault) -> None:
        """Remember faults, each once."""
        self.faults |= dict.fromkeys(faults)

    def finish(self, found: list[Thesis | Book | None]) -> list[Thesis | Book]:
        """Return what was read, or raise all faults."""
        first: dict[str, Thesis] = {}
        for one in found:
            if isinstance(one, Thesis) and first.setdefault(one.name, one).file != one.file:
                here, there = (display(thesis.file or "") for thesis in (one, first[one.name]))
                self.note(
                    Fault(
                        f"{here}:1 thesis",
                        f"{one.name!r} is also the name of {there}",
                        "give each thesis its own name.",
                    )
                )
        if self.faults:
            raise ThesisError(self.faults)
        return [one for one in found if one is not None]

    def sheet(self, path: Path) -> Sheet | None:
        """Read a file; None where it cannot be."""
        key = identity(path)
        if key not in self.sheets:
            try:
                self.sheets[key] = read_file(path, display(path))
            except ThesisError as error:
                self.note(*error.faults)
                self.sheets[key] = None
        return self.sheets[key]

    def is_shared(self, path: Path) -> bool:
        """Say whether a file is no thesis and no book, and has no word that only those have."""
        sheet = self.sheet(path)
        if sheet is None or {"thesis", "book"} & set(sheet.tree):
            return False
        return not (set(vocabulary(Thesis)) - set(vocabulary(Shared)) - {"costs"}) & set(sheet.tree)

    def open(self, path: Path) -> Thesis | Book | None:
        """Read and build what a file holds, once."""
        key = identity(path)
        if key not in self.built:
            self.built[key] = None
            sheet = self.sheet(path)
            self.built[key] = self.build(sheet) if sheet else None
        return self.built[key]

    def build(self, sheet: Sheet) -> Thesis | Book | None:
        """Build what a file holds; None where it has faults."""
        if "book" in sheet.tree and "thesis" not in sheet.tree:
            return self._book(sheet)
        if "thesis" not in sheet.tree and set(sheet.tree) <= set(vocabulary(Shared)):
            remedy = "start it with 'thesis: a-slug', or include it from one."
            self.note(Fault(f"{sheet.name}:1", "holds neither a thesis nor a book", remedy))
            return None
        try:
            return Thesis.from_sheet(sheet, Setting(sheet, known_files=self.included))
        except ThesisError as error:
            self.note(*error.faults)
            return None

    def _book(self, sheet: Sheet) -> Book | None:
        """Build a book with the theses that it names; their own faults are noted under their own files."""
        book, found = Book.examine(sheet)
        named = sheet.tree.get("theses")
        names = [name for name in named if isinstance(name, str)] if isinstance(named, dict | list) else []
        members: dict[Path, tuple[str, Thesis | None]] = {}
        for place, name in enumerate(names):
            file = Path(sheet.folder, name if name.endswith(_SUFFIXES) else f"{name}.yaml")
            problem, remedy = self._unfit(file, identity(file) in members)
            if problem:
                found.append(Finding(("theses", place if isinstance(named, list) else name), problem, remedy))
            else:
                members[identity(file)] = name, self._member(file)
        theses = {name: thesis for name, thesis in members.values() if thesis}
        found += check_account(theses, sheet.tree)
        faults = sheet.faults(found)
        self.note(*faults)
        return book.holding(theses.values(), sheet) if book and not faults and len(theses) == len(names) else None

    def _unfit(self, file: Path, is_there: bool) -> tuple[str, str]:
        """Say why a book cannot hold a file, and what to do; two empty texts where it can."""
        if not file.is_file():
            near = suggest(file.name, sorted(other.name for other in file.parent.glob("*.y*ml")), most=1)
            return f"there is no file {display(file)}", near or "write the path relative to the book."
        sheet = self.sheet(file)
        if sheet and "book" in sheet.tree and "thesis" not in sheet.tree:
            return f"{display(file)} is a book", "name theses only."
        return ("stands twice in the book", "keep one of them.") if is_there else ("", "")

    def _member(self, file: Path) -> Thesis | None:
        found = self.open(file)
        return found if isinstance(found, Thesis) else None
