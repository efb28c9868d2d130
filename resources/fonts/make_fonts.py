#!/usr/bin/env python3
"""Makes the fonts of the window out of the distribution's Inter and JetBrains Mono.

Qt before 6.7 cannot ask a font for tabular figures, so the character map of the UI font is pointed at them: 0-9 and
the punctuation that stands between figures. The families get names of their own, because a changed font must not
answer to the name of the original, and because the original may be installed too.

usage: make_fonts.py OUTPUT_DIR
"""
import os
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

INTER = "/usr/share/fonts/opentype/inter"
MONO = "/usr/share/fonts/truetype/jetbrains-mono"
UI_FAMILY = "Sluice Sans"
MONO_FAMILY = "Sluice Mono"
FIGURES = "0123456789,.:"

# (source, file, family, style)
FONTS = [
    (f"{INTER}/Inter-Regular.otf", "sluice-sans-regular.otf", UI_FAMILY, "Regular"),
    (f"{INTER}/Inter-Medium.otf", "sluice-sans-medium.otf", UI_FAMILY, "Medium"),
    (f"{INTER}/Inter-SemiBold.otf", "sluice-sans-semibold.otf", UI_FAMILY, "SemiBold"),
    (f"{MONO}/JetBrainsMono-Regular.ttf", "sluice-mono-regular.ttf", MONO_FAMILY, "Regular"),
    (f"{MONO}/JetBrainsMono-Medium.ttf", "sluice-mono-medium.ttf", MONO_FAMILY, "Medium"),
]

LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x180), 0x192, *range(0x2C6, 0x2DE), *range(0x1E80, 0x1E86), 0x1E9E]
SIGNS = [
    *range(0x2010, 0x2023), 0x2026, 0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x2044, 0x20AC, 0x2122,
    *range(0x2190, 0x219A), 0x21A9, 0x21B5, 0x2212, 0x2215, 0x221E, 0x2248, 0x2260, 0x2264, 0x2265, 0x2318, 0x2325,
    0x25A0, 0x25B6, 0x25CF, 0x2713, 0x2717, 0xFFFD,
]
KEPT_FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl"]


def tabular_glyphs(font):
    """The substitutions of the font's tnum feature, glyph name to glyph name."""
    substitutions = {}
    table = font["GSUB"].table
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag != "tnum":
            continue
        for index in record.Feature.LookupListIndex:
            for part in table.LookupList.Lookup[index].SubTable:
                part = getattr(part, "ExtSubTable", part)
                substitutions.update(getattr(part, "mapping", {}))
    return substitutions


def point_figures_at_tabular(font):
    tabular = tabular_glyphs(font)
    missing = [c for c in FIGURES if font.getBestCmap()[ord(c)] not in tabular]
    if any(c.isdigit() for c in missing):
        raise SystemExit(f"the font has no tabular figures for {missing}")
    for cmap in font["cmap"].tables:
        for character in FIGURES:
            name = cmap.cmap.get(ord(character))
            if name in tabular:
                cmap.cmap[ord(character)] = tabular[name]
    make_equally_wide(font, [font.getBestCmap()[ord(c)] for c in FIGURES if c.isdigit()])


def make_equally_wide(font, glyphs):
    """Tabular figures of interpolated weights differ by a rounding, a thousandth of their width."""
    metrics = font["hmtx"]
    widths = [metrics[name][0] for name in glyphs]
    width = max(widths)
    if width - min(widths) > width // 200:
        raise SystemExit(f"the figures are between {min(widths)} and {width} wide: not tabular")
    for name in glyphs:
        metrics[name] = (width, metrics[name][1])


def rename(font, family, style):
    postscript = f"{family.replace(' ', '')}-{style}"
    names = {1: family, 2: style, 3: postscript, 4: f"{family} {style}", 6: postscript, 16: family, 17: style}
    table = font["name"]
    for name_id in (1, 2, 3, 4, 6, 16, 17, 21, 22, 25):
        table.removeNames(nameID=name_id)
    for name_id, text in names.items():
        table.setName(text, name_id, 3, 1, 0x409)
    if "CFF " in font:
        cff = font["CFF "].cff
        cff.fontNames = [postscript]
        cff.topDictIndex[0].FamilyName = family
        cff.topDictIndex[0].FullName = f"{family} {style}"


def make(source, target, family, style):
    options = subset.Options()
    options.layout_features = KEPT_FEATURES
    options.name_IDs = ["*"]
    options.name_languages = [0x409]
    options.hinting = True
    options.notdef_outline = True
    font = TTFont(source, recalcTimestamp=False)
    if family == UI_FAMILY:
        point_figures_at_tabular(font)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=LATIN + SIGNS)
    subsetter.subset(font)
    rename(font, family, style)
    font.save(target)


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__.strip().splitlines()[-1])
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for source, name, family, style in FONTS:
        make(source, os.path.join(folder, name), family, style)


if __name__ == "__main__":
    main()
