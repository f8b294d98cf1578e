"""From the bytes of a YAML file to a sheet.

PyYAML's composer gives nodes with lines; no resolver runs, so every scalar stays the text that its author wrote. What
YAML allows and a thesis does not need is refused: duplicate keys, tags, aliases that multiply or contain themselves,
more than one document, more than a page.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from deepshock.errors import Fault, ThesisError
from deepshock.thesis.scalar import shown
from deepshock.thesis.sheet import Finding, Sheet, Steps, Tree

MOST_BYTES = 256 * 1024
# Room for a book of thousands of lines; a page of aliases that multiply is far beyond it.
MOST_NODES = 20_000
MOST_DEPTH = 16
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map")}


def read_file(path: Path, name: str) -> Sheet:
    """Read a YAML file.

    Raises
    ------
    ThesisError
        Where it is missing, too large, not UTF-8 or not one YAML mapping.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
        text = raw.decode("utf-8-sig") if len(raw) <= MOST_BYTES else ""
    except OSError as error:
        raise _refusal(name, 0, f"cannot be read: {error.strerror}", "give the path of a YAML file.") from None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _refusal(name, line, f"is not UTF-8 (byte {raw[error.start]:#04x})", "save the file as UTF-8.") from None
    if len(raw) > MOST_BYTES:
        raise _too_large(name)
    return read_text(text, name, folder=path.parent, file=path)


def read_text(text: str, name: str, *, folder: Path = Path(), file: Path | None = None) -> Sheet:
    """Read the text of one YAML document whose top is a mapping.

    Raises
    ------
    ThesisError
        Where it is empty, too large, not YAML, more than one document or not a mapping.
    """
    try:
        if len(text.encode()) > MOST_BYTES:
            raise _too_large(name)
        _check_depth(text, name)
        documents = list(yaml.compose_all(text, Loader=_LOADER))
    except UnicodeEncodeError as error:
        line = text[: error.start].count("\n") + 1
        raise _refusal(name, line, "holds half a character (a surrogate)", "write plain text.") from None
    except yaml.YAMLError as error:
        raise _not_yaml(error, text, name) from None
    if len(documents) > 1:
        remedy = "write one thesis or book in a file, without '---' between."
        raise _refusal(name, _line(documents[1]), "a second document starts here", remedy)
    top = documents[0] if documents else None
    if top is None or (isinstance(top, yaml.ScalarNode) and top.value == ""):
        raise _refusal(name, 1, "is empty", "start with 'thesis: a-slug'.")
    if not isinstance(top, yaml.MappingNode):
        raise _refusal(name, 1, "is not a mapping of words to values", "start with 'thesis: a-slug'.")
    walk = _Walk(name)
    return Sheet(name, walk.take(top, ()), walk.lines, file, folder, tuple(walk.findings))


def _refusal(name: str, line: int, problem: str, remedy: str) -> ThesisError:
    return ThesisError(Fault(f"{name}:{line}" if line else name, problem, remedy))


def _too_large(name: str) -> ThesisError:
    return _refusal(name, 0, f"is larger than {MOST_BYTES // 1024} KB", "a thesis is a page of text; split the file.")


def _too_deep(name: str, line: int) -> ThesisError:
    return _refusal(name, line, f"is nested deeper than {MOST_DEPTH} levels", "a thesis needs four.")


def _line(node: yaml.Node | yaml.Event) -> int:
    return node.start_mark.line + 1 if node.start_mark else 1


def _check_depth(text: str, name: str) -> None:
    """Refuse deep nesting from the flat stream of events, before the composer recurses into it."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            raise _too_deep(name, _line(event))


def _not_yaml(error: yaml.YAMLError, text: str, name: str) -> ThesisError:
    """Say where YAML gave up, and name the usual reason."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    lines = text.splitlines() or [""]
    line = min(mark.line if mark else text[: getattr(error, "position", 0)].count("\n"), len(lines) - 1)
    written = lines[line]
    if "\t" in written[: len(written) - len(written.lstrip())]:
        remedy = "indent with spaces, not with tabs."
    else:
        remedy = "check indentation, brackets, quotes and colons in this line and above it."
    return _refusal(name, line + 1, f"is not YAML: {reason}", remedy)


class _Walk:
    """Turns composed nodes into a tree, within a budget, and notes lines and faults of form."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Steps, int] = {}
        self.findings: list[Finding] = []
        self.n_nodes = 0
        self.above: list[yaml.Node] = []

    def take(self, node: yaml.Node, path: Steps) -> Any:
        """Return a node as strings, lists and dicts.

        Raises
        ------
        ThesisError
            Where aliases make more of it than anybody wrote.
        """
        self.lines.setdefault(path, _line(node))
        self.n_nodes += 1
        remedy = "write the values out, without aliases."
        if self.n_nodes > MOST_NODES:
            raise _refusal(self.name, _line(node), f"aliases expand to more than {MOST_NODES} values", remedy)
        if any(node is outer for outer in self.above):
            raise _refusal(self.name, _line(node), "an alias contains itself", remedy)
        if len(self.above) > MOST_DEPTH:
            raise _too_deep(self.name, _line(node))
        if node.tag not in _PLAIN_TAGS:
            self._find(path, f"the tag {shown(node.tag)} is not read", "remove it; a value is read by its word's type.")
        if isinstance(node, yaml.ScalarNode):
            return node.value
        self.above.append(node)
        result = self._mapping(node, path) if isinstance(node, yaml.MappingNode) else self._list(node, path)
        self.above.pop()
        return result

    def _list(self, node: yaml.Node, path: Steps) -> list[Any]:
        return [self.take(item, (*path, position)) for position, item in enumerate(node.value)]

    def _mapping(self, node: yaml.Node, path: Steps) -> Tree:
        tree: Tree = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _refusal(self.name, _line(key), "a key is not one word", "write 'word: value'.")
            if key.value in tree:
                first = self.lines[(*path, key.value)]
                # The second place of a key has a path of its own, so that it has a line of its own.
                self.lines[(*path, key.value, "")] = _line(key)
                problem = f"is written twice (first in line {first})"
                self._find((*path, key.value, ""), problem, "keep one of them.")
            else:
                self.lines[(*path, key.value)] = _line(key)
                tree[key.value] = self.take(value, (*path, key.value))
        return tree

    def _find(self, path: Steps, problem: str, remedy: str) -> None:
        self.findings.append(Finding(path, problem, remedy))
