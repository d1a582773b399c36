"""Icons of the catalogue, read from the installed `diagrams` package and made small enough to embed."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from io import BytesIO

from archboard.board.writing.icons import catalogue

PIXELS = 64
COLOURS = 128


@cache
def picture(name: str) -> bytes:
    """Return an icon as a small square PNG, empty if it is not in the catalogue or not readable."""
    # pillow is heavy and only a board with icons needs it
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415

    folder = catalogue()
    if folder is None:
        return b""
    try:
        with Image.open(folder / name) as read:
            image = read.convert("RGBA")
    except (OSError, UnidentifiedImageError):
        return b""
    image.thumbnail((PIXELS, PIXELS), Image.Resampling.LANCZOS)
    square = Image.new("RGBA", (PIXELS, PIXELS), (0, 0, 0, 0))
    square.paste(image, ((PIXELS - image.width) // 2, (PIXELS - image.height) // 2))
    out = BytesIO()
    square.quantize(COLOURS, Image.Quantize.FASTOCTREE).save(out, "PNG", optimize=True)
    return out.getvalue()


@cache
def data_uri(name: str) -> str:
    """Return an icon as a data URI, empty if there is none."""
    png = picture(name)
    return "data:image/png;base64," + b64encode(png).decode("ascii") if png else ""
