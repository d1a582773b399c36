"""Imports: the statements of other files put where they are imported, and never a file outside the root.

The root is the folder of the design that is compiled. Links are followed before the comparison, so that a
link out of the folder is refused like a path out of it.
"""

from __future__ import annotations

import errno
import stat
from pathlib import Path

from archboard.design.rules import BAD_IMPORT
from archboard.diagnostics import Diagnostic
from archboard.language import syntax
from archboard.language.parse import parse, read
from archboard.records import record
from archboard.source import LARGEST, Source, Span

DEEPEST = 64
"""Files that import each other one inside the other."""


@record
class Loaded:
    """All statements of a design, imports included, and where each file came from."""

    statements: tuple[syntax.Statement, ...]
    diagnostics: tuple[Diagnostic, ...]
    sources: tuple[Source, ...]


@record
class _Place:
    """A file on the disk as messages show it, and as the disk knows it."""

    shown: str
    real: Path


class _Loader:
    """Follows imports depth first; a file is read once, and a file inside itself is a circle."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.done: set[Path] = set()
        self.size = 0
        self.diagnostics: list[Diagnostic] = []
        self.sources: list[Source] = []

    def follow(self, document: syntax.Document, chain: tuple[_Place, ...]) -> list[syntax.Statement]:
        statements: list[syntax.Statement] = []
        for statement in document.statements:
            if not (isinstance(statement, syntax.Thing) and statement.kind.text == "import"):
                statements.append(statement)
            elif statement.title is None:
                self._refuse(statement.head, "`import` names no file", 'write `import "common.arch"`')
            else:
                statements += self._imported(statement.title, chain)
        return statements

    def _imported(self, path: syntax.Text, chain: tuple[_Place, ...]) -> list[syntax.Statement]:
        here = chain[-1]
        shown = str(Path(here.shown).parent / path.text)
        try:
            real = (here.real.parent / path.text).resolve()
            inside = real.is_relative_to(self.root)
        except (OSError, ValueError, RuntimeError):
            self._refuse(path.span, f"`{_short(path.text)}` is no path of a file", "write the path of an .arch file")
            return []
        if not inside:
            self._refuse(
                path.span, f"`{_short(path.text)}` lies outside the folder of the design",
                "move the file beside the design; imports never leave its folder",
            )  # fmt: skip
            return []
        if any(real == place.real for place in chain):
            circle = " → ".join(Path(place.shown).name for place in (*chain, _Place(shown, real)))
            self._refuse(path.span, f"`{_short(path.text)}` imports itself: {circle}", "break the circle")
            return []
        if len(chain) > DEEPEST:
            self._refuse(path.span, f"imports are nested deeper than {DEEPEST}", "import the file from one further out")
            return []
        if real in self.done:
            return []
        self.done.add(real)
        return self._read(path, shown, real, chain)

    def _read(
        self, path: syntax.Text, shown: str, real: Path, chain: tuple[_Place, ...]
    ) -> list[syntax.Statement]:
        try:
            content = _content(real)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a path"
            self._refuse(path.span, f"`{_short(path.text)}` cannot be read: {reason}", "check the path")
            return []
        self.size += len(content)
        if self.size > LARGEST:
            self._refuse(
                path.span, f"with `{_short(path.text)}` the design is larger than {LARGEST // 2**20} MiB",
                "import less of it",
            )  # fmt: skip
            return []
        source, unreadable = read(shown, content)
        self.sources.append(source)
        self.diagnostics += unreadable
        document, unparsed = (syntax.Document(source, ()), ()) if unreadable else parse(source)
        self.diagnostics += unparsed
        inside = self.follow(document, (*chain, _Place(shown, real)))
        return [s for s in inside if not (isinstance(s, syntax.Thing) and s.kind.text == "design")]

    def _refuse(self, span: Span, message: str, help: str) -> None:
        self.diagnostics.append(BAD_IMPORT.at(span, message, help))


def _content(real: Path) -> bytes:
    """Return what is in a file, as far as a design may be long; what is no file, and might never end, is not opened."""
    if not stat.S_ISREG(real.stat().st_mode):
        raise OSError(errno.EINVAL, "a folder, a device or a pipe, and no file")
    with real.open("rb") as stream:
        return stream.read(LARGEST + 1)


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}…"


def load(document: syntax.Document) -> Loaded:
    """Return a document's statements with those of all files it imports; `design` blocks of those are left out."""
    if not any(isinstance(s, syntax.Thing) and s.kind.text == "import" for s in document.statements):
        return Loaded(document.statements, (), (document.source,))
    real = Path(document.source.place or document.source.path).resolve()
    loader = _Loader(real.parent)
    loader.sources.append(document.source)
    statements = loader.follow(document, (_Place(document.source.path, real),))
    return Loaded(tuple(statements), tuple(loader.diagnostics), tuple(loader.sources))
