"""Several theses in one account."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, PrivateAttr, WithJsonSchema

from deepshock.errors import Fault, ThesisError
from deepshock.thesis.account import Capital, CostChoice, Margin, Money
from deepshock.thesis.agreement import WORDS, check_account
from deepshock.thesis.dump import to_text, words_of
from deepshock.thesis.findings import attempt
from deepshock.thesis.model import Thesis
from deepshock.thesis.number import Percent, Weight
from deepshock.thesis.scalar import Line, Slug, Text, UnreadableError, matching, shown
from deepshock.thesis.sheet import Finding, Sheet, Tree
from deepshock.thesis.words import Words, inside

_MEMBERS_SCHEMA = {
    "anyOf": [
        {"type": "object", "additionalProperties": {"type": ["number", "string"]}, "minProperties": 1},
        {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
    ]
}


def _read_members(value: Any) -> Any:
    """Read a list as shares of one part each."""
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        return value
    twice = sorted({shown(item) for item in value if value.count(item) > 1})
    if twice:
        raise UnreadableError(
            f"{', '.join(twice)} stands twice in the list", "name each thesis once; give shares as {a: 2, b: 1}."
        )
    return dict.fromkeys(value, 1.0)


def _check_shares(shares: Mapping[str, float]) -> Mapping[str, float]:
    """Percentages sum to 100 % and are not mixed with parts."""
    percents = [share for share in shares.values() if isinstance(share, Percent)]
    if not shares:
        raise UnreadableError("no thesis is given", "write for example {short-ai-chips.yaml: 1}.")
    if percents and len(percents) < len(shares):
        raise UnreadableError("a part stands beside percentages", "write all shares as parts, or all as percentages.")
    if percents and not math.isclose(total := math.fsum(percents), 1, abs_tol=1e-9):
        raise UnreadableError(
            f"the shares sum to {100 * total:.10g}%", "percentages must sum to 100%; or write parts, such as 1."
        )
    return shares


Member = Annotated[str, matching(r"[^\s/\\][^\x00-\x1f\\]*", "a slug or a file", "short-ai-chips.yaml")]
Members = Annotated[Mapping[Member, Weight], BeforeValidator(_read_members), WithJsonSchema(_MEMBERS_SCHEMA)]


class Book(Words):
    """Theses that share one account.

    Parts are scaled to sum to one; percentages must sum to 100 %. `Book.of` builds one from theses,
    `deepshock.thesis.load` from a file.
    """

    name: Slug = Field(alias="book", description="A slug.", examples=["deepseek"])
    title: Line | None = Field(None, description="The book in one plain line.")
    theses: Members = Field(
        description="Slugs or files, relative to this one, with their shares.", examples=["[short-ai-chips.yaml]"]
    )
    capital: Capital = Field(
        Money(),
        description="What the account starts with; the `capital` of its theses is not used.",
        examples=["1_000_000 USD"],
    )
    costs: CostChoice | None = Field(
        None, description="What trading costs, for all of them; needed where the theses say different things."
    )
    margin: Margin | None = Field(
        None, description="The margin that the account keeps; needed where the theses say different things."
    )
    note: Text | None = Field(None, description="Anything else.")

    _members: tuple[Thesis, ...] = PrivateAttr(())
    _sheet: Sheet = PrivateAttr(default_factory=Sheet)

    def checked(self) -> Self:
        """Refuse shares that do not add up."""
        _check_shares(self.theses)
        return self

    @classmethod
    def of(cls, name: str, members: Iterable[Thesis | tuple[Thesis, float]], **words: Any) -> Self:
        """Build a book from theses, each by itself (one part) or with its share.

        Raises
        ------
        ThesisError
            Where two of them have one name, they ask for different costs or margin and the book for none, or a word is
            wrong.
        """
        pairs = [(member, 1.0) if isinstance(member, Thesis) else member for member in members]
        names = [thesis.name for thesis, _ in pairs]
        twice = sorted({one for one in names if names.count(one) > 1})
        if twice:
            raise ThesisError(
                Fault("theses", f"{', '.join(twice)} stands twice in the book", "give each thesis its own name.")
            )
        book = cls(name=name, theses=dict(zip(names, (share for _, share in pairs), strict=True)), **words)
        book._members = tuple(thesis for thesis, _ in pairs)
        faults = book.account_faults()
        if faults:
            raise ThesisError(faults)
        return book

    @classmethod
    def examine(cls, sheet: Sheet) -> tuple[Self | None, list[Finding]]:
        """Read a book's own words; the theses that it names are given to it by `holding`."""
        with inside():
            book, found, _ = attempt(
                lambda tree: cls.model_validate(tree, by_alias=True, by_name=False),
                sheet.tree,
                cls,
                {"book": "unnamed", "theses": {"none": "1"}},
            )
        return book, found

    def holding(self, members: Iterable[Thesis], sheet: Sheet) -> Self:
        """Return the book with the theses that it names, in their order, as read from a file."""
        book = self.model_copy()
        book._members, book._sheet = tuple(members), sheet
        return book

    @property
    def file(self) -> Path | None:
        """The file that it was read from."""
        return self._sheet.file

    @property
    def members(self) -> tuple[tuple[Thesis, float], ...]:
        """The theses with their shares of the NAV, which sum to one."""
        if len(self._members) != len(self.theses):
            raise ThesisError(
                Fault("theses", "the book names theses and holds none", "build it with Book.of, or load it.")
            )
        total = math.fsum(self.theses.values())
        return tuple((thesis, share / total) for thesis, share in zip(self._members, self.theses.values(), strict=True))

    def account_costs(self) -> tuple[CostChoice, Path]:
        """Return what trading costs in the account, and the folder that a cost file is relative to.

        The book's own choice, or else the one that its theses share.
        """
        if self.costs is not None:
            return self.costs, self._sheet.folder
        first = self.members[0][0]
        return first.costs, first.folder

    def account_margin(self) -> Margin:
        """Return the margin rule of the account: the book's own, or else the one that its theses share.

        Raises
        ------
        ThesisError
            They ask for different ones. A book that was loaded, or built with `Book.of`, was refused for that already.
        """
        if self.margin is not None:
            return self.margin
        faults = self.account_faults()
        if faults:
            raise ThesisError(faults)
        return self.members[0][0].margin

    def account_faults(self) -> tuple[Fault, ...]:
        """Return what the theses do not agree on, of costs and margin that the book does not name."""
        members = {name: thesis for name, (thesis, _) in zip(self.theses, self.members, strict=True)}
        own = [word for word in WORDS if getattr(self, word) is not None]
        return tuple(map(self._sheet.fault, check_account(members, own)))

    def tree(self) -> Tree:
        """Return the words that were given, as text."""
        return dict(self._sheet.tree) or words_of(self)

    def to_yaml(self) -> str:
        """Write the words that were given as YAML."""
        return to_text(self.tree())

    def __eq__(self, other: object) -> bool:
        """Equal where words and members are."""
        if not isinstance(other, Book):
            return NotImplemented
        return self.__dict__ == other.__dict__ and self._members == other._members

    def __hash__(self) -> int:
        return hash((self.name, tuple(self.theses)))
