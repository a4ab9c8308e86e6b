"""How colours look to those who see fewer of them, and how far apart two colours are.

References
----------
G. M. Machado, M. M. Oliveira, L. A. F. Fernandes: A physiologically-based model for simulation of color vision
deficiency. IEEE Transactions on Visualization and Computer Graphics 15 (2009) 1291-1298: the matrices of severity 1.0,
for linear RGB.
G. Sharma, W. Wu, E. N. Dalal: The CIEDE2000 color-difference formula. Color Research and Application 30 (2005) 21-30.
Web Content Accessibility Guidelines 2.2, W3C (2024): relative luminance and contrast ratio.
"""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

Vector = NDArray[np.float64]

VISIONS: dict[str, Vector] = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
"""From linear sRGB, at white D65."""


def apart(one: str, other: str, vision: str = "usual") -> float:
    """How far apart two colours look: the CIEDE2000 difference; of about 2 on, they are seen to differ side by side."""
    return ciede2000(_lab(_seen(one, vision)), _lab(_seen(other, vision)))


def contrast(one: str, other: str = "white") -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    light, dark = sorted((float(_XYZ[1] @ _linear(colour)) for colour in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ciede2000(one: Vector, other: Vector) -> float:
    """The CIEDE2000 difference of two colours in CIELAB, with all weights 1."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(chroma**7 / (chroma**7 + 25.0**7)))
    a1, a2 = (1 + g) * a1, (1 + g) * a2
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    grey = c1 * c2 == 0
    turn = 0.0 if grey else (h2 - h1 + 180) % 360 - 180
    turn = 180.0 if turn == -180 else turn
    hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    mean = h1 + h2 if grey else (h1 + h2) / 2 + (180 if abs(h1 - h2) > 180 else 0)
    mean = mean - 360 if not grey and abs(h1 - h2) > 180 and h1 + h2 >= 360 else mean
    t = (
        1
        - 0.17 * np.cos(np.radians(mean - 30))
        + 0.24 * np.cos(np.radians(2 * mean))
        + 0.32 * np.cos(np.radians(3 * mean + 6))
        - 0.20 * np.cos(np.radians(4 * mean - 63))
    )
    s_l = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    s_c, s_h = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    rotation = -np.sin(np.radians(60 * np.exp(-(((mean - 275) / 25) ** 2))))
    rotation *= 2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    d_l, d_c, d_h = (l2 - l1) / s_l, (c2 - c1) / s_c, hue / s_h
    return float(np.sqrt(d_l**2 + d_c**2 + d_h**2 + rotation * d_c * d_h))


def _seen(colour: str, vision: str) -> Vector:
    """Linear RGB as it looks to somebody."""
    return np.clip(VISIONS[vision] @ _linear(colour), 0, 1)


def _linear(colour: str) -> Vector:
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def _lab(linear: Vector) -> Vector:
    ratio = (_XYZ @ linear) / _XYZ.sum(axis=1)
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])
