#pragma once

#include <QtCore/QList>
#include <QtCore/QTranslator>

class QCoreApplication;

namespace sluice::style {

/// The English forms of texts with a count. In the sources such a text stands as it is for many, and tr()
/// gets the count: tr("%1 records", nullptr, formOf(records)). A language of its own forms, like German, is
/// one more translator that is installed after this one.
class EnglishForms : public QTranslator {
    Q_OBJECT

public:
    using QTranslator::QTranslator;

    /// Once for an application; more often does nothing.
    static void installOn(QCoreApplication& application);

    QString translate(const char* context, const char* text, const char* comment, int count) const override;
    bool isEmpty() const override { return false; }
};

/// The count as tr() takes it.
int formOf(qint64 count);

}  // namespace sluice::style
