#pragma once

#include <QtCore/QtGlobal>

namespace sluice::rpc {

/// How much the peer of a TCP connection has sent that arrived, read or not, in frames of any kind; 0 if the
/// kernel does not tell.
qint64 receivedBytes(int descriptor);

}  // namespace sluice::rpc
