#!/usr/bin/env python3
"""Draws every icon of Rappel from one shape: the disc.

The disc is a filled circle without the sector between 11 and 12, the last five minutes of the
hour. Run without arguments after a change here; the pictures are committed. Needs only Python.

    icons/draw.py            writes the icons beside this file
    icons/draw.py --check    fails when a committed icon differs from what would be drawn
"""

import math
import struct
import sys
import zlib
from pathlib import Path

HERE = Path(__file__).parent

# --- Shapes -------------------------------------------------------------------------------------
# A shape is a function (x, y) -> signed distance to its edge in pixels, negative inside. An edge
# that lies on the pixel grid comes out sharp, any other is smoothed over one pixel.


def circle(cx, cy, radius):
    return lambda x, y: math.hypot(x - cx, y - cy) - radius


def rectangle(left, top, right, bottom, radius=0.0):
    cx, cy = (left + right) / 2, (top + bottom) / 2
    half_w, half_h = (right - left) / 2 - radius, (bottom - top) / 2 - radius

    def distance(x, y):
        dx, dy = abs(x - cx) - half_w, abs(y - cy) - half_h
        outside = math.hypot(max(dx, 0.0), max(dy, 0.0))
        return outside + min(max(dx, dy), 0.0) - radius

    return distance


def last_five_minutes(cx, cy):
    """The sector from 11 to 12 o'clock, without end."""
    eleven = math.radians(-30)
    nx, ny = -math.cos(eleven), -math.sin(eleven)
    return lambda x, y: max(x - cx, (x - cx) * nx + (y - cy) * ny)


def without(shape, *cuts):
    return lambda x, y: max(shape(x, y), *(-cut(x, y) for cut in cuts))


def union(*shapes):
    return lambda x, y: min(shape(x, y) for shape in shapes)


def disc(cx, cy, radius):
    return without(circle(cx, cy, radius), last_five_minutes(cx, cy))


# --- The tray -----------------------------------------------------------------------------------
# Measures in whole pixels (half pixels where the middle of a shape needs one), chosen for each
# size. `dot` is the middle and radius of the mark for what is unread; its gap is one pixel at 16.

TRAY = {
    16: dict(middle=8, radius=7, ring=2, dot=(13, 13, 3), gap=1, bar=2, apart=2, tall=6),
    22: dict(middle=11, radius=9, ring=2, dot=(17.5, 17.5, 3.5), gap=1.5, bar=2, apart=4, tall=8),
    32: dict(middle=16, radius=14, ring=3, dot=(26, 26, 5), gap=2, bar=4, apart=4, tall=12),
}


def tray(state, size):
    m = TRAY[size]
    middle, radius = m["middle"], m["radius"]
    whole = disc(middle, middle, radius)
    if state == "normal":
        return whole
    if state == "unread":
        x, y, r = m["dot"]
        return union(without(whole, circle(x, y, r + m["gap"])), circle(x, y, r))
    if state == "paused":
        inner, outer = m["apart"] / 2, m["apart"] / 2 + m["bar"]
        top, bottom = middle - m["tall"] / 2, middle + m["tall"] / 2
        bars = [
            rectangle(middle - outer, top, middle - inner, bottom),
            rectangle(middle + inner, top, middle + outer, bottom),
        ]
        return without(circle(middle, middle, radius), *bars)
    if state == "unreachable":
        return without(whole, circle(middle, middle, radius - m["ring"]))
    raise ValueError(state)


STATES = ("normal", "unread", "paused", "unreachable")
# What a panel of either tone needs drawn on it.
INK = {"light": (0x1F, 0x1D, 0x1A), "dark": (0xED, 0xE9, 0xE1)}

# --- The app ------------------------------------------------------------------------------------

PLATE = (0x23, 0x21, 0x1D)
AMBER = (0xF0, 0xA5, 0x45)


def app_icon(size, margin=0.0):
    """The amber disc on its dark plate; `margin` is the part left free on each side."""
    edge = round(size * margin)
    side = size - 2 * edge
    plate = rectangle(edge, edge, size - edge, size - edge, side * 0.22)
    radius = round(side * 0.34) if size >= 32 else side * 0.36
    return raster(size, [(plate, PLATE), (disc(size / 2, size / 2, radius), AMBER)])


# --- Pictures -----------------------------------------------------------------------------------


def raster(size, layers):
    """Rows of RGBA, each layer painted over the ones before it."""
    rows = []
    for py in range(size):
        row = bytearray()
        for px in range(size):
            red = green = blue = alpha = 0.0
            for shape, colour in layers:
                cover = min(max(0.5 - shape(px + 0.5, py + 0.5), 0.0), 1.0)
                if cover == 0.0:
                    continue
                keep = alpha * (1 - cover)
                alpha, total = cover + keep, cover + keep
                red = (colour[0] * cover + red * keep) / total
                green = (colour[1] * cover + green * keep) / total
                blue = (colour[2] * cover + blue * keep) / total
            row += bytes(round(v) for v in (red, green, blue, alpha * 255))
        rows.append(bytes(row))
    return rows


def png(rows):
    def chunk(kind, content):
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    size = len(rows)
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def ico(pictures):
    """A Windows icon; `pictures` maps a size to its PNG."""
    offset = 6 + 16 * len(pictures)
    entries, bodies = b"", b""
    for size, body in pictures.items():
        entries += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(body), offset)
        bodies += body
        offset += len(body)
    return struct.pack("<HHH", 0, 1, len(pictures)) + entries + bodies


def icns(pictures):
    """A macOS icon; `pictures` maps the four letters of an entry to its PNG."""
    body = b"".join(kind + struct.pack(">I", len(p) + 8) + p for kind, p in pictures.items())
    return b"icns" + struct.pack(">I", len(body) + 8) + body


def drawn():
    """Every icon: its path beside this file, and its bytes."""
    for size in TRAY:
        for panel, ink in INK.items():
            for state in STATES:
                picture = png(raster(size, [(tray(state, size), ink)]))
                yield f"tray/{state}-{panel}-{size}.png", picture
    app = {size: png(app_icon(size)) for size in (16, 24, 32, 48, 64, 128, 256)}
    yield "32x32.png", app[32]
    yield "128x128.png", app[128]
    yield "128x128@2x.png", app[256]
    yield "icon.png", png(app_icon(512))
    yield "icon.ico", ico({size: app[size] for size in (16, 24, 32, 48, 64, 256)})
    # macOS expects about a tenth of the picture free on each side.
    mac = {size: png(app_icon(size, margin=0.098)) for size in (32, 64, 128, 256, 512, 1024)}
    kinds = {b"ic11": 32, b"ic12": 64, b"ic07": 128, b"ic13": 256, b"ic08": 256, b"ic14": 512, b"ic09": 512, b"ic10": 1024}
    yield "icon.icns", icns({kind: mac[size] for kind, size in kinds.items()})


def main():
    check = "--check" in sys.argv[1:]
    stale = []
    for name, picture in drawn():
        path = HERE / name
        if check:
            if not path.exists() or path.read_bytes() != picture:
                stale.append(name)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(picture)
    if stale:
        sys.exit("not as drawn: " + ", ".join(stale))


if __name__ == "__main__":
    main()
