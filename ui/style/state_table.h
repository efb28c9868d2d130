#pragma once

#include <span>

#include "ui/style/state_words.h"

namespace sluice::style {

/// One row of the table of states. Texts are untranslated, context "StateWords"; a null word: the state's own
/// text.
struct StateEntry {
    Domain domain{};
    const char* state{};
    const char* word{};
    Glyph glyph{};
    Tone tone{};
    const char* meaning{};
};

std::span<const StateEntry> stateTable();

/// A state of another system and the one of ours whose shape it borrows.
struct BorrowedState {
    Domain domain{};
    const char* foreign{};
    const char* ours{};
};

std::span<const BorrowedState> borrowedStates();

}  // namespace sluice::style
