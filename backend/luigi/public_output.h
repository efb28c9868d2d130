#pragma once

#include <QtCore/QMap>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "core/redact.h"

namespace sluice::luigi {

/// What a luigi process prints, made fit for others to read. Luigi prints its tasks with all their
/// parameters, those that the job declared HIDDEN among them, and does not say which these are. So of
/// `Family(name=value)` only values stay that the flow itself passed, and dates, switches and small numbers;
/// what was taken away once is taken away wherever it comes again.
class PublicOutput {
public:
    explicit PublicOutput(const QMap<QString, QString>& params = {});

    QString line(const QString& raw);

private:
    QString withoutValues(const QString& line);
    bool mayBeSeen(const QString& name, const QString& value) const;

    QMap<QString, QString> m_params;
    QStringList m_hidden{};
    LineRedactor m_lines{};
};

}  // namespace sluice::luigi
