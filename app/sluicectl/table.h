#pragma once

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace sluice::ctl {

/// Left-aligned columns two spaces apart. Without a heading if `heading` is empty.
class Table {
public:
    explicit Table(QStringList heading) : m_heading(std::move(heading)) {}

    void add(const QStringList& cells) { m_rows.append(cells); }
    bool isEmpty() const { return m_rows.isEmpty(); }
    QString text() const;

private:
    QStringList m_heading;
    QList<QStringList> m_rows;
};

}  // namespace sluice::ctl
