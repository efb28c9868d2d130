#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <QtCore/QSaveFile>

#include "core/error.h"

namespace sluice::session {

class EngineClient;

/// Writes the audit records that match a filter to a file, part by part; the file is there only when it is
/// whole. Ends by one of its signals, and then deletes itself.
/// @thread main loop
class RecordExport : public QObject {
    Q_OBJECT

public:
    /// A name that ends in .csv gets a table for people, every other one the records as they are hashed.
    RecordExport(EngineClient& client, const QString& file, const QJsonObject& filter, QObject* parent);
    void start();
    qint64 records() const { return m_records; }
    QString fileName() const { return m_file.fileName(); }

Q_SIGNALS:
    void progressed();
    void finished();
    void failed(const sluice::Error& error);

private:
    void part(qint64 after);
    void take(const QJsonObject& answer);
    void fail(const Error& error);
    void cannotWrite();

    EngineClient& m_client;
    QSaveFile m_file;
    QJsonObject m_filter{};
    qint64 m_records{0};
};

}  // namespace sluice::session
