#pragma once

#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

/// Answers recorded from a laboratory of 3 monitors and 3 OSDs, Ceph 16.2.15: healthy; degraded (mon.c and
/// osd.2 down); noquorum (mon.b down too).
inline QByteArray cephBytes(const QString& name)
{
    QFile file(QStringLiteral(CEPH_FIXTURES "/") + name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

inline QJsonObject cephJson(const QString& name)
{
    return QJsonDocument::fromJson(cephBytes(name + QStringLiteral(".json"))).object();
}
