#pragma once

/// The vocabulary of the look: names for colours and type, and the sizes that never change with the theme.
/// Sizes are logical pixels at 100 %.
namespace sluice::style {

/// Colour means state and nothing else. Ok and Neutral are quiet: their word is not coloured.
enum class Tone { Ok, Progress, Warn, Crit, Neutral };

inline constexpr bool isQuiet(Tone tone)
{
    return tone == Tone::Ok || tone == Tone::Neutral;
}

/// From the deepest to the highest: Inset, Window, Pane, Raised. Hover and Selected lie on top of any of
/// them.
enum class Surface { Window, Pane, Inset, Raised, Hover, Selected, Scrim };
enum class Ink { Primary, Secondary, Tertiary, Disabled, OnAccent };
enum class Line { Hairline, Strong, Control };
/// The accent means selection and the one primary action of a page.
enum class Accent { Base, Hover, Wash, Focus };

enum class Type { Tiny, Small, Body, Lead, Title, Figure, Mono };
enum class Weight { Regular, Medium, SemiBold };

enum class Density { Compact, Normal, Roomy };

inline constexpr int kGrid = 4;
inline constexpr int kPagePadding = 20;
inline constexpr int kCellPadding = 8;
inline constexpr int kGlyphToWord = 6;
inline constexpr int kSectionHead = 40;

inline constexpr int kRadiusMark = 2;
inline constexpr int kRadiusControl = 4;
inline constexpr int kRadiusBox = 6;
inline constexpr int kRadiusDialog = 8;
inline constexpr int kRadiusChip = 12;

inline constexpr int kSelectionBar = 3;
inline constexpr int kSelectionLine = 2;
inline constexpr int kFocusRing = 2;
inline constexpr int kFocusOffset = 2;

inline constexpr int kProfileStripe = 3;
inline constexpr int kHeader = 45;
inline constexpr int kRail = 64;
inline constexpr int kRailItem = 56;
inline constexpr int kPageHead = 52;
inline constexpr int kSummaryStrip = 68;
inline constexpr int kStatusLine = 26;
inline constexpr int kWindowMinWidth = 1120;
inline constexpr int kWindowMinHeight = 700;
inline constexpr int kWindowWidth = 1440;
inline constexpr int kWindowHeight = 900;
inline constexpr int kFindField = 300;
inline constexpr int kSideList = 248;

inline constexpr int kRowCompact = 26;
inline constexpr int kRowNormal = 32;
inline constexpr int kRowRoomy = 40;
/// Two-line rows of a side list.
inline constexpr int kListRow = 60;
inline constexpr int kTableHead = 28;
inline constexpr int kButton = 28;
inline constexpr int kInput = 28;
inline constexpr int kChip = 24;
inline constexpr int kHitMinimum = 24;
inline constexpr int kSplitterHit = 8;

inline constexpr int kGlyphSmall = 10;
inline constexpr int kGlyphState = 14;
inline constexpr int kGlyphHead = 16;
inline constexpr int kGlyphBig = 18;
inline constexpr int kIconRail = 20;
inline constexpr int kIconButton = 14;

inline constexpr int rowHeight(Density density)
{
    return density == Density::Compact ? kRowCompact : density == Density::Roomy ? kRowRoomy : kRowNormal;
}

}  // namespace sluice::style
