#pragma once

#include <QtCore/QByteArray>

/// What is fed with bytes of strangers. A target returns if it kept its promises, and aborts with a message if not;
/// crashes and sanitizer reports come on top.
namespace sluice::fuzz {

using Target = void (*)(const QByteArray& input);

/// rpc::decode of JSON: what is taken comes back the same through both encodings, and is no deeper than promised.
void json(const QByteArray& input);
/// The same of CBOR.
void cbor(const QByteArray& input);
/// A message as far as it goes behind the handshake: method table, parameter checks, a subscription's window and delta.
void call(const QByteArray& input);
/// worker::FrameDecoder: the same frames come out however the bytes are cut.
void workerFrame(const QByteArray& input);
/// flow::parseFlow: a flow or at least one mistake, each with a place inside the text.
void flowFile(const QByteArray& input);

}  // namespace sluice::fuzz
