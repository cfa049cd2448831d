#!/usr/bin/env python3
"""Renders the icons of this folder from their SVG sources; run it after changing one. Needs rsvg-convert (librsvg2-bin).

Output: icons/*.png, icons/icon.ico and icons/icon.icns for the bundles, tray/*.png for the tray."""

import struct
import subprocess
from pathlib import Path

HERE = Path(__file__).parent


def png(source: str, size: int) -> bytes:
    command = ["rsvg-convert", "--width", str(size), "--height", str(size), str(HERE / source)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def ico(images: dict[int, bytes]) -> bytes:
    """A Windows icon: a directory, then the PNGs as they are."""
    head = struct.pack("<HHH", 0, 1, len(images))
    offset = len(head) + 16 * len(images)
    for size, data in images.items():
        head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(data), offset)
        offset += len(data)
    return head + b"".join(images.values())


def icns(images: dict[bytes, bytes]) -> bytes:
    """A macOS icon: chunks of a type, a length and a PNG."""
    body = b"".join(kind + struct.pack(">I", len(data) + 8) + data for kind, data in images.items())
    return b"icns" + struct.pack(">I", len(body) + 8) + body


def main() -> None:
    icons, tray = HERE / "icons", HERE / "tray"
    icons.mkdir(exist_ok=True)
    tray.mkdir(exist_ok=True)
    for name, size in {"32x32.png": 32, "128x128.png": 128, "128x128@2x.png": 256, "icon.png": 512}.items():
        (icons / name).write_bytes(png("icon.svg", size))
    (icons / "icon.ico").write_bytes(ico({size: png("icon.svg", size) for size in (16, 24, 32, 48, 64, 256)}))
    kinds = {b"ic07": 128, b"ic08": 256, b"ic09": 512, b"ic10": 1024, b"ic11": 32, b"ic12": 64}
    (icons / "icon.icns").write_bytes(icns({kind: png("icon.svg", size) for kind, size in kinds.items()}))
    (tray / "idle.png").write_bytes(png("tray.svg", 64))
    (tray / "recording.png").write_bytes(png("tray-recording.svg", 64))


if __name__ == "__main__":
    main()
