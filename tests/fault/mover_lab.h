#pragma once

#include <QtCore/QDir>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <QtCore/QTemporaryDir>
#include <memory>
#include <rados/librados.hpp>

#include "core/clock.h"
#include "s3/client.h"
#include "s3/curl_transport.h"

/// A Ceph laboratory of its own, and a client.admin in it. With SLUICE_TEST_LAB_DIR in the environment a
/// laboratory that runs already is used and left alone.
class MoverLab {
public:
    MoverLab();
    ~MoverLab();

    /// @return empty, or what went wrong
    QString up(const QString& store = QStringLiteral("memstore"));
    /// tests/lab/ceph-lab with these arguments. @return its exit code
    int lab(const QStringList& arguments);

    librados::Rados& rados() { return *m_rados; }
    librados::IoCtx io(const QString& cephPool);
    /// @return code of the monitors
    int command(const QJsonObject& request, QByteArray* out = nullptr);
    /// PGs of a Ceph pool as `ceph pg ls-by-pool` tells of them.
    QJsonArray pgs(const QString& cephPool);
    /// @return code of the manager
    int deepScrub(const QString& pg);
    /// Whether somebody new gets a session within a second.
    bool answersNewClients() const;
    /// Makes the entity, or gives it other caps. @return its key
    QString entity(const QString& name, const QString& osdCaps);
    sluice::s3::Client& s3() { return *m_s3; }
    /// An empty one.
    void makeBucket(const QString& bucket);

    /// @param status "Enabled" or "Suspended"  @return HTTP status
    int setVersioning(const QString& bucket, const QByteArray& status);

    /// Parameters of `start` for a copy between two locations, as client.mover.
    QJsonObject order(const QString& from, const QString& to, const QString& run = QStringLiteral("R-1"));
    const QString& conf() const { return m_conf; }

    /// Bytes that cannot be guessed from their length.
    static QByteArray bytes(qsizetype size, quint32 seed);
    static void write(librados::IoCtx& io, const QString& name, const QByteArray& bytes);
    /// The same small bytes under many names, many at once.
    [[nodiscard]] static bool write(librados::IoCtx& io, const QStringList& names, const QByteArray& bytes);
    /// Null if there is none.
    static QByteArray read(librados::IoCtx& io, const QString& name);
    /// Waits until something is stored under that name. @return false after 10 s without
    static bool waitStored(librados::IoCtx& io, const QString& name);
    static QStringList list(librados::IoCtx& io, const QString& prefix = {});
    /// Waits until a copy for that name is staged. @return its name; empty after 10 s without
    static QString waitStaged(librados::IoCtx& io, const QString& name);
    /// As the engine does with the claims of an attempt that it fenced. @return how many are gone
    int removeStaged(const QJsonArray& claims);
    /// Scrubs all of a Ceph pool deeply. @return what is wrong, or nothing
    QString deepScrubAll(const QString& cephPool);
    /// @return false: something is left
    static bool clear(librados::IoCtx& io, const QString& prefix = {});
    static std::map<std::string, librados::bufferlist> omap(librados::IoCtx& io, const std::string& name);
    static bool isLocked(librados::IoCtx& io, const QString& name, const QString& lock);

private:
    QTemporaryDir m_folder{QDir::tempPath() + QStringLiteral("/mv-XXXXXX")};
    QString m_dir{};
    bool m_own{true};
    QString m_conf{};
    QString m_endpoint{};
    QByteArray m_accessKey{};
    QByteArray m_secretKey{};
    std::unique_ptr<librados::Rados> m_rados{};
    sluice::SystemClock m_clock{};
    std::unique_ptr<sluice::s3::CurlTransport> m_transport{};
    std::unique_ptr<sluice::s3::Client> m_s3{};
};
