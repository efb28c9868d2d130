#include "ui/session/column.h"
#include "ui/widgets/cell_delegate.h"

// The tables of ui/session know nothing of widgets; the numbers of their roles must still be the delegate's.
static_assert(int{sluice::session::StateRole} == int{sluice::widgets::StateRole});
static_assert(int{sluice::session::NoteRole} == int{sluice::widgets::NoteRole});
static_assert(int{sluice::session::FractionRole} == int{sluice::widgets::FractionRole});
static_assert(int{sluice::session::ToneRole} == int{sluice::widgets::ToneRole});
static_assert(int{sluice::session::InkRole} == int{sluice::widgets::InkRole});
static_assert(int{sluice::session::NameRole} == int{sluice::widgets::NameRole});
static_assert(int{sluice::session::MonoRole} == int{sluice::widgets::MonoRole});
static_assert(int{sluice::session::FigureRole} == int{sluice::widgets::FigureRole});
static_assert(int{sluice::session::StaleRole} == int{sluice::widgets::StaleRole});
static_assert(int{sluice::session::SecondLineRole} == int{sluice::widgets::SecondLineRole});
static_assert(int{sluice::session::GroupRole} == int{sluice::widgets::GroupRole});
