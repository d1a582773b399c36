"""What the reading of a file can object to, before anything in it is understood."""

from __future__ import annotations

from archboard.diagnostics import Phase, Rule, Severity

SYNTAX = Rule(
    "AB101",
    "syntax",
    Severity.ERROR,
    """The text does not parse. A file holds three kinds of statement and no others:

    rate: 10k rps                      a setting: a name, a colon, its values
    cache redis "Redis" { hit: 80% }   a thing: its kind, its names, a title, a block
    web -> edge -> redis "reads"       arrows: `->`, `<->`, `~>` or `-x>` between components

A statement ends at the end of its line, at `;`, before `}` and after its own `}`. Only a trailing
comma, arrow or `&` carries it on to the next line. The usual slips are a missing colon, a title
without quotes, an arrow typed another way (`=>`, `-->`), a name that begins with a digit, a comma
too many at the end of a line.

The message says what was found and what could stand there; mend that spot and check again. Each
slip is told once: the rest of the file is read as if the broken statement were not there.
""",
    Phase.TEXT,
)

UNREADABLE = Rule(
    "AB102",
    "unreadable",
    Severity.ERROR,
    """The text cannot be read as a design at all, or only in part. One of these:

- a string or a brace is opened and never closed. The message points at the opening, because the end
  of the file, where it is noticed, says nothing; where the indentation gives the intended end away,
  that place is shown too.
- the file is not UTF-8, or holds bytes that no text holds. Save it as UTF-8; a byte order mark and
  Windows line ends are fine.
- the file is larger than 4 MiB or holds over a million words and signs, or blocks are nested more
  than 64 deep. Split the design with `import "part.arch"`.
- a number is beyond what can be computed with, such as `1e999`. Write it with a unit that fits:
  `10ms`, `2TB`, `10k rps`.

A whiteboard holds a few hundred components. These limits stand far above that, and are there so
that a file which is not a design is refused at once instead of taking the machine's time.
""",
    Phase.TEXT,
)

RULES: tuple[Rule, ...] = (SYNTAX, UNREADABLE)
