#pragma once

#include <QtCore/QByteArray>
#include <array>

/// What is fed with bytes of strangers. A target returns if it kept its promises, and aborts with a message
/// if not; crashes and sanitizer reports come on top.
namespace sluice::fuzz {

using Target = void (*)(const QByteArray& input);

/// rpc::decode of JSON: what is taken comes back the same through both encodings, and is no deeper than
/// promised.
void json(const QByteArray& input);
/// The same of CBOR.
void cbor(const QByteArray& input);
/// A message as far as it goes behind the handshake: method table, parameter checks, a subscription's window
/// and delta.
void call(const QByteArray& input);
/// worker::FrameDecoder: the same frames come out however the bytes are cut.
void workerFrame(const QByteArray& input);
/// flow::parseFlow: a flow or at least one mistake, each with a place inside the text.
void flowFile(const QByteArray& input);
/// config::parse: a configuration whose references hold, or one mistake with its place.
void configFile(const QByteArray& input);
/// What an S3 gateway answers: lists, uploads, errors; and names through the percent-encoding and back.
void s3Xml(const QByteArray& input);
/// What a cluster's commands answer, as facts and as a verdict on the monitor quorum.
void cephJson(const QByteArray& input);
/// The monitors that a ceph.conf names.
void cephConf(const QByteArray& input);
/// The bytes in which the object class keeps a lock.
void cephLock(const QByteArray& input);
/// Lines of a `luigi` process.
void luigiOutput(const QByteArray& input);
/// luigid's graph as rows.
void luigiGraph(const QByteArray& input);

struct NamedTarget {
    const char* name;  ///< also the folder of its corpus
    Target run;
};

inline constexpr std::array kTargets{
    NamedTarget{"json", json},
    NamedTarget{"cbor", cbor},
    NamedTarget{"call", call},
    NamedTarget{"worker_frame", workerFrame},
    NamedTarget{"flow", flowFile},
    NamedTarget{"config", configFile},
    NamedTarget{"s3_xml", s3Xml},
    NamedTarget{"ceph_json", cephJson},
    NamedTarget{"ceph_conf", cephConf},
    NamedTarget{"ceph_lock", cephLock},
    NamedTarget{"luigi_output", luigiOutput},
    NamedTarget{"luigi_graph", luigiGraph},
};

}  // namespace sluice::fuzz
