#include "store/migration.h"

#include <QtCore/QHash>
#include <QtSql/QSqlQuery>
#include <functional>

#include "core/log.h"
#include "store/connection.h"

namespace sluice::store {
namespace {

Error newer(const QString& file, const QString& cause)
{
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = QStringLiteral("%1 was written by a newer version of Sluice").arg(file),
                 .cause = cause,
                 .correction =
                     QStringLiteral("Start the newer version, or restore the backup made before the upgrade"),
                 .source = QStringLiteral("store")};
}

Error laterVersion(const QString& file, const QString& what, int version, int known)
{
    return newer(
        file,
        QStringLiteral("%3 is version %1; this program knows up to %2").arg(version).arg(known).arg(what));
}

/// All of them or none.
Result<void> together(Connection& connection, const QStringList& statements)
{
    for (const QString& statement : QStringList{QStringLiteral("BEGIN IMMEDIATE")} + statements +
                                        QStringList{QStringLiteral("COMMIT")}) {
        if (auto done = connection.exec(statement); !done) {
            // The answer does not matter: without a transaction there is nothing to undo.
            static_cast<void>(connection.exec(QStringLiteral("ROLLBACK")));
            return done;
        }
    }
    return {};
}

Result<void> checkOrder(const QString& file, const QList<Migration>& steps)
{
    int last = 0;
    for (const Migration& step : steps) {
        if (step.version <= last) {
            return fail(Error{.code = ErrorCode::Internal,
                              .message = QStringLiteral("The schema steps of %1 are out of order").arg(file),
                              .cause = QStringLiteral("Step %1 follows step %2").arg(step.version).arg(last),
                              .correction = QStringLiteral("Report this as a bug"),
                              .source = QStringLiteral("store")});
        }
        last = step.version;
    }
    return {};
}

int lastOf(const QList<Migration>& steps)
{
    return steps.isEmpty() ? 0 : steps.last().version;
}

QString quoted(const QString& text)
{
    return '\'' + QString(text).replace('\'', QLatin1String("''")) + '\'';
}

QString rememberPart(const QString& part, int version)
{
    return QStringLiteral("INSERT OR REPLACE INTO %1 (part, version) VALUES (%2, %3)")
        .arg(partTable(), quoted(part), QString::number(version));
}

/// Applies what comes after `held`, each step with the statement that remembers it.
/// @param upgraded what a line in the log says was brought to a version; empty for a new file
Result<void> apply(Connection& connection, const QList<Migration>& steps, int held, const QString& upgraded,
                   const std::function<QString(int version)>& remember)
{
    for (const Migration& step : steps) {
        if (step.version <= held) {
            continue;
        }
        if (auto done = together(connection, step.statements + QStringList{remember(step.version)}); !done) {
            return done;
        }
        if (!upgraded.isEmpty()) {
            log::info("store", QStringLiteral("%2: %3 brought to version %1")
                                   .arg(step.version)
                                   .arg(connection.file(), upgraded));
        }
    }
    return {};
}

/// A new file, or one that had one version for all its parts: from here on each part has its own.
Result<void> countByParts(Connection& connection, const QList<PartSchema>& parts, int fileVersion)
{
    int known = 0;
    QStringList statements{
        QStringLiteral("CREATE TABLE %1 (part TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID")
            .arg(partTable())};
    for (const PartSchema& part : parts) {
        int held = 0;
        for (const Migration& step : part.steps) {
            known = qMax(known, step.inFileSince);
            held = step.inFileSince > 0 && step.inFileSince <= fileVersion ? step.version : held;
        }
        statements.append(rememberPart(part.part, held));
    }
    if (fileVersion > known) {
        return fail(laterVersion(connection.file(), QStringLiteral("Its schema"), fileVersion, known));
    }
    statements.append(QStringLiteral("PRAGMA user_version = %1").arg(kVersionByParts));
    return together(connection, statements);
}

Result<QHash<QString, int>> partVersions(Connection& connection)
{
    QHash<QString, int> versions;
    auto read = connection.query(QStringLiteral("SELECT part, version FROM %1").arg(partTable()), {},
                                 [&versions](const QSqlQuery& row) {
                                     versions.insert(row.value(0).toString(), row.value(1).toInt());
                                     return true;
                                 });
    if (!read) {
        return fail(read.error());
    }
    return versions;
}

Result<void> checkKnown(const QString& file, const QHash<QString, int>& versions,
                        const QList<PartSchema>& parts)
{
    QHash<QString, int> known;
    for (const PartSchema& part : parts) {
        known.insert(part.part, lastOf(part.steps));
    }
    for (auto it = versions.begin(); it != versions.end(); ++it) {
        if (!known.contains(it.key())) {
            return fail(newer(
                file,
                QStringLiteral("It holds tables of “%1”, which this program does not have").arg(it.key())));
        }
        if (it.value() > known.value(it.key())) {
            return fail(laterVersion(file, QStringLiteral("The schema of “%1”").arg(it.key()), it.value(),
                                     known.value(it.key())));
        }
    }
    return {};
}

}  // namespace

QString partTable()
{
    return QStringLiteral("sluice_part");
}

Result<void> migrate(Connection& connection, const QList<Migration>& steps)
{
    if (auto ordered = checkOrder(connection.file(), steps); !ordered) {
        return ordered;
    }
    const auto version = connection.integer(QStringLiteral("PRAGMA user_version"));
    if (!version) {
        return fail(version.error());
    }
    if (*version > lastOf(steps)) {
        return fail(laterVersion(connection.file(), QStringLiteral("Its schema"), static_cast<int>(*version),
                                 lastOf(steps)));
    }
    return apply(connection, steps, static_cast<int>(*version),
                 *version > 0 ? QStringLiteral("schema") : QString(),
                 [](int applied) { return QStringLiteral("PRAGMA user_version = %1").arg(applied); });
}

Result<void> migrateParts(Connection& connection, const QList<PartSchema>& parts)
{
    for (const PartSchema& part : parts) {
        if (auto ordered = checkOrder(connection.file(), part.steps); !ordered) {
            return ordered;
        }
    }
    const auto version = connection.integer(QStringLiteral("PRAGMA user_version"));
    if (!version) {
        return fail(version.error());
    }
    if (*version != kVersionByParts) {
        if (auto counted = countByParts(connection, parts, static_cast<int>(*version)); !counted) {
            return counted;
        }
    }
    const auto versions = partVersions(connection);
    if (!versions) {
        return fail(versions.error());
    }
    if (auto known = checkKnown(connection.file(), *versions, parts); !known) {
        return known;
    }
    for (const PartSchema& part : parts) {
        const auto applied =
            apply(connection, part.steps, versions->value(part.part), *version > 0 ? part.part : QString(),
                  [&part](int step) { return rememberPart(part.part, step); });
        if (!applied) {
            return applied;
        }
    }
    return {};
}

}  // namespace sluice::store
