"""The page to print as a PDF: the laid-out page as marks, drawn by the same pen as the board."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from io import BytesIO

from archboard.board.marks import Box, Group, Line, Mark, Pen, Role, Scene, Text
from archboard.board.writing.text_widths import ascent
from archboard.renderers.pictures import icon_images as pictures
from archboard.renderers.pictures.pdf import Page, paint, register_fonts
from archboard.renderers.pictures.theme import LIGHT
from archboard.renderers.sheet.layout import BELOW, HEADING, MARGIN, VERDICT, Block, Paper, leading
from archboard.renderers.sheet.layout import Line as Words


def render_sheet_pdf(paper: Paper) -> bytes:
    """Return the page as a PDF without a date: the same page gives the same bytes."""
    # reportlab is heavy and only this format needs it
    from reportlab.lib.utils import ImageReader  # noqa: PLC0415
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415

    register_fonts()
    out = BytesIO()
    canvas = Canvas(out, pagesize=(paper.width, paper.height), pageCompression=1, invariant=1)
    canvas.setTitle(paper.contents.title)
    canvas.setFillColor(LIGHT.paper)
    canvas.rect(0, 0, paper.width, paper.height, stroke=0, fill=1)
    image = cache(lambda name: ImageReader(BytesIO(pictures.picture(name))))
    for picture in paper.pictures:
        scene = picture.scene
        bottom = paper.height - picture.y - scene.height * picture.scale
        paint(scene, Page(canvas, LIGHT, True, scene.height, image), picture.x, bottom, picture.scale)
    words = Scene("sheet", 6, paper.width, paper.height, "", "", (Group("sheet", 6, tuple(_marks(paper))),))
    paint(words, Page(canvas, LIGHT, False, paper.height, image), 0, 0, 1.0)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _marks(paper: Paper) -> Iterator[Mark]:
    y = MARGIN - 6
    verdict = paper.contents.verdict
    yield Text(paper.width - MARGIN, y + ascent(paper.title), verdict.text, VERDICT, verdict.role, "end", bold=True)
    for line in paper.titles:
        yield Text(MARGIN, y + ascent(paper.title), line, paper.title, bold=True)
        y += leading(paper.title)
    for line in paper.below:
        yield Text(MARGIN, y + ascent(BELOW), line, BELOW, Role.MUTED)
        y += leading(BELOW)
    for block in paper.blocks:
        yield from _block(block)


def _block(block: Block) -> Iterator[Mark]:
    if block.title:
        size = block.size * HEADING
        yield Text(block.x, block.y + ascent(size), block.title, size, bold=True)
        rule = block.y + leading(size) + 0.5
        yield Line(((block.x, rule), (block.x + block.width, rule)), Role.FRAME, "", width=0.6, sketched=False)
    for row in block.rows:
        for cell in row:
            yield from _cell(cell, block)


def _cell(words: Words, block: Block) -> Iterator[Mark]:
    x, y, line = block.x + words.x, block.y + words.y, leading(block.size)
    cell = words.cell
    if cell.bar is not None:
        high = block.size * 0.5
        top = y + (line - high) / 2 + 0.5
        whole = Box(x, top, words.width, high, Role.FRAME, "", Pen.SOLID, "pale", 1.5, sketched=False)
        yield whole
        part = words.width * min(1.0, max(0.0, cell.bar))
        if part > 0.5:
            role = Role.BAD if cell.role is Role.BAD else Role.CORE
            yield Box(x, top, part, high, role, "", Pen.SOLID, "strong", 1.5, sketched=False)
        return
    for number, text in enumerate(words.lines):
        base = y + number * line + ascent(block.size)
        if cell.end:
            yield Text(x + words.width, base, text, block.size, cell.role, "end", cell.bold)
        else:
            yield Text(x, base, text, block.size, cell.role, bold=cell.bold)
