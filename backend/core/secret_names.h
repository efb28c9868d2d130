#pragma once

#include <QtCore/QString>
#include <QtCore/QStringList>

/// What a word says by itself, wherever it stands in a text.
namespace sluice {

/// "dbPassword" and "db_password" give "db", "password".
QStringList wordsOf(const QString& name);

/// Whether a name says by itself that its value is secret. "key", "keys", "auth", "pass", "pin" and "otp"
/// alone do not: they are words of sentences too.
bool isStrongName(const QString& name);

/// Whether a person is asked for it: what stands behind "Password for ada:" is the answer.
bool isAskedFor(const QString& name);

/// Whether it is no word of a sentence, so that what stands behind it with only a blank is its value:
/// "DB_PASSWORD", "db_password", "bindpw".
bool isNoWord(const QString& name);

/// "KeyError" and "SignatureDoesNotMatch" name what went wrong; what follows is a sentence.
bool namesTrouble(const QString& name);

/// A word as it stands in a sentence: letters, a capital only at its beginning.
bool isPlainWord(const QString& value);

/// Words that follow a name in a sentence about it.
bool goesOnTalking(const QString& value);

/// "none", "wrong": what a message says of a secret behind a colon.
bool saysHowItIs(const QString& value);

/// "name" in {"name": "password", "value": "x"}: what it holds is a name itself.
bool namesAnother(const QString& name);
/// "value" in the same.
bool holdsAnother(const QString& name);

bool isSmallOrDigit(QChar c);
bool isCapital(QChar c);

}  // namespace sluice
