#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>

#include "support/test_engine.h"

namespace sluice::test {

/// A TestEngine that has the engine's methods and topics, answers from what the test sets, and remembers
/// changes.
class CannedEngine {
public:
    CannedEngine();
    bool start() { return m_engine.start(); }

    TestEngine& engine() { return m_engine; }
    QString stateDir() const { return m_engine.stateDir(); }
    RowsTopic& topic(const QString& name) { return *m_topics.value(name); }

    /// What a method answers instead of the usual.
    void answer(const QString& method, const Result<QJsonObject>& result)
    {
        m_answers.insert(method, result);
    }
    /// Calls of a method so far: their params.
    QList<QJsonObject> calls(const QString& method) const { return m_calls.value(method); }

    static QJsonObject run(const QString& state, int done);
    static QJsonObject task(const QString& name, const QString& state);
    /// Answer of flow.show.
    static QJsonObject shown(const QJsonObject& run, const QJsonArray& tasks);
    static QJsonObject action(const QString& state, const QString& detail = {}, const QJsonArray& steps = {});
    static QJsonObject resetPlan();
    static QJsonObject cancelPlan();
    static QJsonObject rotatePlan();
    static QJsonObject renewPlan();
    static QJsonObject role(const QJsonObject& rotation = {});
    static QJsonObject caseRow();
    static QJsonObject engineRow();
    static QJsonObject kinds();
    static QJsonArray entities();

private:
    void add(const QString& name, const QStringList& required, bool mutation,
             const Result<QJsonObject>& usual);

    TestEngine m_engine;
    QHash<QString, RowsTopic*> m_topics;
    QHash<QString, Result<QJsonObject>> m_answers;
    QHash<QString, QList<QJsonObject>> m_calls;
};

}  // namespace sluice::test
