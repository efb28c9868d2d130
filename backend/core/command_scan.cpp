#include "core/command_scan.h"

#include <QtCore/QHash>

#include "core/secret_names.h"
#include "core/secret_scan.h"

namespace sluice {
namespace {

constexpr qsizetype kLongestProgram = 24;

/// Letters of a program's options that have a secret for a value.
struct Program {
    QString apart{QStringLiteral("p")};
    QString glued{};
};

const QHash<QString, Program>& programs()
{
    static const QHash<QString, Program> kPrograms = [] {
        QHash<QString, Program> table;
        const auto add = [&table](const char* names, const char* apart, const char* glued) {
            for (const QString& name : QString::fromLatin1(names).split(' ')) {
                table.insert(name, {QString::fromLatin1(apart), QString::fromLatin1(glued)});
            }
        };
        add("mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlshow mysqlpump mysqlbinlog mysqlsh "
            "mysqlslap mariadb "
            "mariadb-dump mariadb-admin mariadb-import mariadb-check mariadb-show",
            "p", "p");
        add("sshpass 7z 7za 7zr 7zz rar unrar", "p", "p");
        add("redis-cli valkey-cli", "a", "");
        add("openssl", "kK", "");
        add("ldapsearch ldapadd ldapmodify ldapdelete ldapmodrdn ldapcompare ldapwhoami ldapexop", "w", "w");
        add("ldappasswd", "was", "was");
        add("sqlcmd bcp isql tsql", "P", "P");
        add("mosquitto_pub mosquitto_sub mosquitto_rr zip unzip zipcloak", "P", "");
        // what they name with -p is no secret
        add("ssh scp sftp rsync mkdir cp ps pgrep pkill lsof strace tar nc ncat nmap iptables git nsenter "
            "taskset",
            "", "");
        return table;
    }();
    return kPrograms;
}

/// Looks through one text from word to word; a program's options go to the end of its command.
class CommandScan {
public:
    explicit CommandScan(const QString& text) : m_text(text) {}

    QString run()
    {
        qsizetype i = 0;
        while (i < m_text.size()) {
            if (endsCommand(i)) {
                m_program = {};
            }
            if (!beginsWord(i)) {
                ++i;
            } else if (at(i) == '-') {
                i = option(i);
            } else {
                i = word(i);
            }
        }
        return m_from == 0 ? m_text : m_out.append(QStringView(m_text).mid(m_from));
    }

private:
    QChar at(qsizetype i) const { return i >= 0 && i < m_text.size() ? m_text.at(i) : QChar(); }
    static bool isBlank(QChar c) { return c == ' ' || c == '\t'; }
    static bool isQuote(QChar c) { return c == '"' || c == '\''; }
    static bool isWordPart(QChar c)
    {
        return isSmallOrDigit(c) || isCapital(c) || c == '_' || c == '-' || c == '.';
    }

    bool beginsWord(qsizetype i) const
    {
        const QChar before = at(i - 1);
        return (isWordPart(at(i)) || at(i) == '-') && !isWordPart(before);
    }

    /// A line goes on behind a backslash, and behind a comma of a list.
    bool endsCommand(qsizetype i) const
    {
        const QChar c = at(i);
        if (c == '\n') {
            const QChar before = at(i - 1) == '\r' ? at(i - 2) : at(i - 1);
            return before != '\\' && before != ',';
        }
        return c == ';' || c == '|' || (c == '&' && at(i + 1) == '&') || (c == '\\' && at(i + 1) == 'n');
    }

    /// @return where it ends
    qsizetype word(qsizetype begin)
    {
        qsizetype end = begin;
        while (isWordPart(at(end))) {
            ++end;
        }
        if (end - begin <= kLongestProgram && at(end) != '=' && at(end) != ':') {
            const auto known = programs().constFind(m_text.mid(begin, end - begin).toLower());
            m_program = known == programs().constEnd() ? m_program : *known;
        }
        return end;
    }

    /// @return where to look on
    qsizetype option(qsizetype begin)
    {
        const QChar before = at(begin - 1);
        const QChar letter = at(begin + 1);
        const qsizetype next = begin + 2;
        const bool alone = before.isNull() || before.isSpace() || isQuote(before);
        if (!alone || !letter.isLetter()) {
            return begin + 1;
        }
        if (isQuote(before) && at(next) == before) {
            return m_program.apart.contains(letter) ? listed(next + 1) : next;
        }
        if (isBlank(at(next)) || (at(next) == '=' && letter == 'p')) {
            return m_program.apart.contains(letter) && !isQuote(before) ? apart(next) : next;
        }
        const bool inQuotes =
            letter == 'p' && m_program.apart.contains(letter) && (isQuote(at(next)) || isEscapedQuote(next));
        if ((m_program.glued.contains(letter) || inQuotes) && !at(next).isNull() && !at(next).isSpace()) {
            return hide(next, isQuote(before) ? endOfQuoted(next, before) : endOfValue(next));
        }
        return next;
    }

    /// The next item of a list: ", 'value'".
    qsizetype listed(qsizetype i)
    {
        const qsizetype begin = blanksEnd(i, true);
        if (at(begin) != ',') {
            return i;
        }
        const qsizetype value = blanksEnd(begin + 1, true);
        return isQuote(at(value)) ? hide(value, endOfQuoted(value + 1, at(value)) + 1) : i;
    }

    qsizetype apart(qsizetype i)
    {
        const qsizetype value = at(i) == '=' ? i + 1 : blanksEnd(i, false);
        const QChar first = at(value);
        // a program that is not known may mean a place with it
        const bool isPlace = m_program.glued.isEmpty() && at(i - 1) == 'p' && (first == '/' || first == '.');
        return first == '-' || isPlace ? value : hide(value, endOfValue(value));
    }

    qsizetype blanksEnd(qsizetype i, bool lines) const
    {
        while (isBlank(at(i)) || (lines && (at(i) == '\n' || at(i) == '\r'))) {
            ++i;
        }
        return i;
    }

    /// @return place of the quote, or the end of the text
    qsizetype endOfQuoted(qsizetype i, QChar quote) const
    {
        while (i < m_text.size() && at(i) != quote) {
            i += at(i) == '\\' ? 2 : 1;
        }
        return qMin(i, m_text.size());
    }

    bool isEscapedQuote(qsizetype i) const { return at(i) == '\\' && isQuote(at(i + 1)); }

    /// Of a word in quotes, or a bare one; a quote behind a bare one ends what the command stands in.
    qsizetype endOfValue(qsizetype i) const
    {
        if (isQuote(at(i))) {
            return endOfQuoted(i + 1, at(i)) + 1;
        }
        if (isEscapedQuote(i)) {
            const qsizetype end = m_text.indexOf(m_text.mid(i, 2), i + 2);
            return end < 0 ? m_text.size() : end + 2;
        }
        while (i < m_text.size() && !at(i).isSpace() && !isQuote(at(i))) {
            const bool goesOn =
                at(i) == '\\' && (isBlank(at(i + 1)) || (isQuote(at(i + 1)) && at(i + 2).isLetterOrNumber()));
            if (isEscapedQuote(i) && !goesOn) {
                break;
            }
            i += goesOn ? 2 : 1;
        }
        return i;
    }

    qsizetype hide(qsizetype begin, qsizetype end)
    {
        end = qMin(end, m_text.size());
        if (begin >= end ||
            QStringView(m_text).mid(begin, end - begin).startsWith(QLatin1String("(hidden"))) {
            return qMax(begin, end);
        }
        m_out += QStringView(m_text).mid(m_from, begin - m_from);
        m_out += hiddenText();
        m_from = end;
        return end;
    }

    const QString m_text;
    QString m_out{};
    qsizetype m_from{0};
    Program m_program{};
};

}  // namespace

QString hideOptionValues(const QString& text)
{
    return CommandScan(text).run();
}

}  // namespace sluice
