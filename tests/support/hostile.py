"""Texts that whoever reads a file of ours might take for more than text."""

from __future__ import annotations

HOSTILE = (
    "=1+1",
    '=HYPERLINK("https://example.org","x")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "＝1+1",
    "<script>alert(1)</script>",
    "<b>bold</b> & <!-- -->",
    "]]> <![CDATA[x]]>",
    "&amp; &lt; &#60;",
    "https://example.org/?a=1&b=2",
    "mailto:a@example.org",
    "a : b ; c # d, e",
    "title x",
    "section x",
    "%%{init: {'theme':'dark'}}%%",
    "click a href javascript:alert(1)",
    "END:VEVENT",
    "x\\nBEGIN:VEVENT\\nSUMMARY:y",
    "a;b,c\\d",
    "\u202eevil\u202c",
    "\u2066x\u2069 \u200fy",
    "שלום عليكم",
    "{\\rtf1 $x^2$ #set page()}",
    "`code` **bold** [a](b) ![i](j)",
    "&D&P &Z&F &A",
    "_x000D_ _x0041_",
    "'quoted",
    '"quoted"',
    "ﷺ" * 40,
    "é\u0301\u0323" * 20,
)
"""Each is one line, as titles, names and notes must be."""
