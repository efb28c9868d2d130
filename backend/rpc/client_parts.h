#pragma once

#include "rpc/client.h"

namespace sluice::rpc {

struct Client::Call {
    QString method;
    QPointer<QObject> context;
    Answer answer;
    qint64 deadlineMs{};
    bool changes{};

    void settle(const Result<QJsonObject>& result) const
    {
        if (context && answer) {
            answer(result);
        }
    }
};

struct Client::Feed {
    Subscribe what;
    QPointer<QObject> context;
    OnChange onChange;
    OnError onError;
    QMetaObject::Connection end{};
    QString subscription{};  ///< the engine's name of it; empty until it answered
    QString epoch{};
    quint64 revision{};
    quint64 generation{};  ///< grows with every request for the window; answers to older ones are void
    bool waiting{};        ///< for the answer of the latest request
};

}  // namespace sluice::rpc
