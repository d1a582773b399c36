"""What was computed, drawn and told into files. Every format that archboard writes is a row of `FORMATS`.

The command line offers what stands here and nothing else: the forms of `--to` and `--format`, the endings of `-o`,
their help, and the nearest right one where somebody asks for a wrong one. A row names its writer and loads it when it
writes, so this table costs a start nothing. A new format is a file with its writer, and a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from archboard.records import record


@record
class Format:
    """One form of one artefact: its name, the writer as `module:function`, and what asks for it.

    `endings` are those of file names, and may be said in place of the name. `takes` are the wishes that the writer
    knows of those that a command offers: colours, a theme, a scale. Where many designs make one artefact, a `part`, as
    `module:function`, is made of each, perhaps in another process, and knows the wishes; the writer joins the parts.
    """

    artefact: str
    name: str
    writer: str
    endings: tuple[str, ...]
    takes: tuple[str, ...] = ()
    part: str = ""

    def write(self, *made: Any, **wishes: Any) -> bytes:
        """Return the file of what was made: bytes, a text in UTF-8."""
        written = _loaded(self.writer)(*made, **({} if self.part else self._known(wishes)))
        return written if isinstance(written, bytes) else str(written).encode()

    def of_one(self, *made: Any, **wishes: Any) -> Any:
        """Return the part of one design, to be written together with others."""
        return _loaded(self.part)(*made, **self._known(wishes))

    def _known(self, wishes: dict[str, Any]) -> dict[str, Any]:
        return {name: wishes[name] for name in self.takes}


FORMATS: tuple[Format, ...] = (
    Format("picture", "svg", "renderers.pictures.svg:render_svg", ("svg",), ("style", "theme", "focus")),
    Format("picture", "png", "renderers.pictures.png:render_scene", ("png",), ("style", "theme", "focus", "scale")),
    Format("picture", "pdf", "renderers.pictures.pdf:render_scene", ("pdf",), ("style", "theme")),
    Format("picture", "mermaid", "renderers.pictures.mermaid:render_mermaid", ("mmd", "mermaid"), ("theme",)),
    Format("script", "md", "script.markdown:render_markdown", ("md", "markdown")),
    Format("script", "html", "renderers.pages.walkthrough:render_page", ("html", "htm"), ("boards", "holds")),
    Format("script", "text", "script.forms:render_text", ("txt", "text")),
    Format("script", "ssml", "script.forms:render_ssml", ("ssml",)),
    Format("script", "vtt", "script.forms:render_vtt", ("vtt",)),
    Format("script", "json", "script.forms:render_json", ("json",)),
    Format(
        "report", "text", "renderers.report.joining:under_each_other", ("txt",), ("paint",),
        "renderers.report.text:render_text",
    ),
    Format(
        "report", "md", "renderers.report.joining:under_each_other", ("md", "markdown"), (),
        "renderers.report.markdown:render_report",
    ),
    Format(
        "report", "json", "renderers.report.json_form:render_json", ("json",), (),
        "renderers.report.json_form:as_data",
    ),
    Format(
        "report", "github", "renderers.report.joining:line_after_line", (), (),
        "renderers.report.github:render_github",
    ),
    Format(
        "report", "sarif", "renderers.report.sarif:render_sarif", ("sarif",), (),
        "renderers.report.sarif:as_results",
    ),
    Format("questions", "text", "renderers.questions:render_text", ("txt", "text"), ("paint",)),
    Format("questions", "md", "renderers.questions:render_markdown", ("md", "markdown")),
    Format("questions", "json", "renderers.questions:render_json", ("json",)),
    Format("comparison", "text", "renderers.comparison.text:render_comparison", ("txt",), ("paint", "everything")),
    Format("comparison", "json", "renderers.comparison.json_form:render_comparison", ("json",)),
    Format("comparison", "md", "renderers.comparison.markdown:render_comparison", ("md", "markdown"), ("everything",)),
    Format("sensitivity", "text", "renderers.what_if.sensitivity:render_text", ("txt",), ("paint", "everything")),
    Format("sensitivity", "json", "renderers.what_if.sensitivity:render_json", ("json",)),
    Format("sensitivity", "md", "renderers.what_if.sensitivity:render_markdown", ("md", "markdown"), ("everything",)),
    Format("solution", "text", "renderers.what_if.solution:render_text", ("txt",), ("paint",)),
    Format("solution", "json", "renderers.what_if.solution:render_json", ("json",), ("path",)),
    Format("sweep", "text", "renderers.what_if.sweep:render_text", ("txt", "text"), ("paint",)),
    Format("sweep", "csv", "renderers.what_if.sweep:render_csv", ("csv",)),
    Format("sweep", "json", "renderers.what_if.sweep:render_json", ("json",), ("path",)),
    Format("sweep", "svg", "renderers.pictures.chart:render_svg", ("svg",), ("style", "theme")),
    Format("sweep", "png", "renderers.pictures.chart:render_png", ("png",), ("style", "theme", "scale")),
    Format("sweep", "pdf", "renderers.pictures.chart:render_pdf", ("pdf",), ("style", "theme")),
    Format("sheet", "pdf", "renderers.sheet.pdf:render_sheet_pdf", ("pdf",)),
    Format("sheet", "html", "renderers.sheet.html_form:render_sheet_html", ("html", "htm")),
    Format("gallery", "html", "renderers.pages.gallery:render_gallery", ("html", "htm"), ("folder",)),
    Format("list", "text", "renderers.listing:render_text", ("txt",)),
    Format("list", "json", "renderers.listing:render_json", ("json",)),
)
"""Every format there is; of each artefact the first is the usual one."""


def formats(artefact: str) -> Mapping[str, Format]:
    """Return the formats of an artefact by name, the usual one first."""
    return {row.name: row for row in FORMATS if row.artefact == artefact}


def meant(word: str, artefact: str) -> Format | None:
    """Return the format that a name or an ending asks for, None where there is none."""
    known, key = formats(artefact), word.lower()
    return known.get(key) or next((row for row in known.values() if key in row.endings), None)


def written(artefact: str, form: str, *made: object, **wishes: object) -> bytes:
    """Return what was made, in the form that was asked for."""
    return formats(artefact)[form].write(*made, **wishes)


def _loaded(place: str) -> Any:
    module, _, function = place.partition(":")
    return getattr(import_module(f"archboard.{module}"), function)
