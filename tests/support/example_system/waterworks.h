#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QMap>
#include <QtCore/QUrl>
#include <QtNetwork/QTcpServer>

/// A service on loopback that has valves: GET /valves gives {valves: [{name, open, holder}]}, POST
/// /valves/NAME/open|shut|hold|free|untag?by=WHO changes one and gives it back. To hold it leaves a tag
/// there, which untag takes off; only who holds it can free it.
namespace sluice::example {

class Waterworks final : public QObject {
    Q_OBJECT

public:
    struct Valve {
        bool open{};
        bool stuck{};  ///< it is told to open and stays shut
        QString holder{};
        QStringList tags{};  ///< of all who held it and did not take theirs off
    };

    explicit Waterworks(QObject* parent = nullptr);
    QUrl url() const { return QUrl(QStringLiteral("http://127.0.0.1:%1").arg(m_server.serverPort())); }
    /// Nothing is answered any more, as if it hung.
    void hang(bool hangs) { m_hangs = hangs; }

    QMap<QString, Valve> valves{};
    /// "METHOD /path", as they were asked.
    QStringList asked{};

private:
    QByteArray answer(const QString& method, const QUrl& url);
    QJsonObject row(const QString& name) const;

    QTcpServer m_server{};
    bool m_hangs{false};
};

}  // namespace sluice::example
