#include "ui/shell/shell_state.h"

namespace sluice::shell {

void ShellState::set(const ShellValues& values)
{
    if (values == m_values) {
        return;
    }
    m_values = values;
    Q_EMIT changed();
}

}  // namespace sluice::shell
