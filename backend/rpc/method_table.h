#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <functional>
#include <optional>

#include "core/error.h"

namespace sluice::rpc {

/// What a person may do; each role may do all that the ones before it may.
enum class Role { Viewer, Operator, Admin };

QString toString(Role role);
/// @return Viewer for a name this version does not know: never more rights than asked for.
Role roleFromString(const QString& name);

/// Who calls. `via` says how that was established: "token loopback".
struct Principal {
    QString name{};
    Role role{Role::Viewer};
    QString via{};
};

/// One call that passed the checks of its method's row. `params` is as the client sent it, unknown members
/// included; `requestId` is params.requestId of a mutation, `paramsHash` of all else in its params; `session`
/// names the connection for as long as it lives.
struct Request {
    QString method{};
    QJsonObject params{};
    Principal principal{};
    QString requestId{};
    QString paramsHash{};
    QString session{};
};

/// Answers a call: once, now or later, on the main loop. A second answer is dropped, as is one to a client
/// that has gone. If the last copy is destroyed unanswered, the client gets Internal.
using Reply = std::function<void(const Result<QJsonObject>&)>;

/// A named member of params, of a result or of a topic's row.
/// `type` is one of string, text (a string of any length), integer, number, boolean, object, array, strings.
struct Field {
    QString name{};
    QString type{};
    bool required{};
    QString doc{};
};

/// One row of the protocol: dispatch, role check, parameter check and documentation all come from it.
/// `actionClass`: 0 read, 1 reversible, 2 disruptive, 3 destructive. A mutation needs a requestId (its Field
/// is added to `params` by MethodTable::add).
struct Method {
    QString name{};
    Role role{};
    int actionClass{};
    bool mutation{};
    bool whileStopped{};  ///< a mutation that is allowed while the gate refuses all others
    QList<Field> params{};
    QList<Field> result{};
    QString since{};
    QString doc{};
    std::function<void(const Request&, Reply)> handler{};
};

/// What a topic's rows hold, for the document.
struct TopicDoc {
    QString name{};
    QString doc{};
    QList<Field> row{};
};

/// A call that is not carried out: the code of JSON-RPC and the error for the person.
struct Refusal {
    int rpcCode{};
    Error error{};
};

/// All methods of the engine. Holds from the start the methods the server answers itself: identify, topic.*.
/// @thread main loop only; complete before the server listens
class MethodTable {
public:
    MethodTable();

    /// A second row of one name is a programming error and ends the program.
    void add(Method method);
    /// Asked before each mutation; what it returns refuses it. Without one nothing is refused.
    using Gate = std::function<std::optional<Error>()>;
    void setGate(Gate gate) { m_gate = std::move(gate); }
    /// Documents a topic; the topic itself is given to the server.
    void addTopic(TopicDoc topic);
    /// Markdown that follows the topics; begins with a line "## …".
    void addChapter(const QString& markdown) { m_chapters += markdown; }

    /// @return nullptr if there is no such method; valid until the next add().
    const Method* find(const QString& name) const;
    /// In order of name.
    QList<Method> all() const;

    /// Why `request` is not carried out, if it is not: method unknown, role too low, params wrong, requestId
    /// missing.
    std::optional<Refusal> refuse(const Request& request) const;
    /// Checks, then calls the handler; a refusal goes to `reply`.
    void dispatch(const Request& request, const Reply& reply) const;

    /// The whole protocol document, as in resources/docs/protocol.md. The same table gives the same bytes.
    QString toMarkdown() const;

private:
    QHash<QString, Method> m_methods;
    QList<TopicDoc> m_topics;
    QString m_chapters{};
    Gate m_gate{};
};

}  // namespace sluice::rpc
