#pragma once

#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "core/error.h"
#include "yaml/reader.h"

namespace sluice::flow {

/// What a flow file may refer to, and what it leaves out.
struct FlowContext {
    struct Connection {
        QString name{};
        QString type{};
    };
    QList<Connection> connections{};
    QStringList roles{};
    /// The connection each role has its key on.
    QHash<QString, QString> roleConnections{};
    QString defaultRole{};
    qint64 stallAfterMs{30'000};

    QStringList connectionsOf(const QString& type) const;
    bool hasConnection(const QString& name) const;
};

/// @return whether `checked` is good; else it is a problem of `value`.
bool passes(const Result<void>& checked, const yaml::Value& value, const QString& expected);
/// A secret must not be stored with the flow. @return whether `text` holds none; else it is a problem.
bool isPublic(const QString& text, const yaml::Value& value);

}  // namespace sluice::flow
