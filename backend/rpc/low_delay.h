#pragma once

#include <QtNetwork/QAbstractSocket>
#include <QtWebSockets/QWebSocket>

namespace sluice::rpc {

/// Small messages leave at once: an answer and the delta behind it would otherwise wait up to 40 ms for each
/// other. QWebSocket has no option for it; its TCP socket is its child. Call when connected.
inline void setLowDelay(QWebSocket& socket)
{
    const auto children = socket.findChildren<QAbstractSocket*>();
    for (QAbstractSocket* tcp : children) {
        tcp->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    }
}

}  // namespace sluice::rpc
