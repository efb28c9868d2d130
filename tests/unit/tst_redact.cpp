#include <QtCore/QJsonArray>

#include "core/error.h"
#include "core/redact.h"
#include "patience.h"

using namespace sluice;

/// Every form in which a secret was seen to reach a text; each must lose the secret and keep the rest.
class TestRedact : public QObject {
    Q_OBJECT

private:
    static QString cephxKey() { return QStringLiteral("AQBn0aZm") + QString(30, 'x') + QStringLiteral("=="); }

private Q_SLOTS:
    /// Of a size a flow file may have: what looks at the whole text at every name, or at every sign, does not
    /// come to an end.
    void largeTexts_data()
    {
        QTest::addColumn<QString>("part");
        QTest::addColumn<QString>("clean");
        const auto row = [](const char* part, const char* clean) {
            QTest::newRow(part) << QString(part) << QString(clean);
        };
        row("  t7: { needs: [gate] }\n", "  t7: { needs: [gate] }\n");
        row("password: S3cr3t-x\n", "password: (hidden)\n");
        row("token='a b',\n", "token=(hidden),\n");
        row("a=b, key=S3cr3t,x; ", "a=b, key=(hidden); ");
        row("://", "://");
        row("://a:b", "://a:b");
        row("http://a:b/c@d ", "http://(hidden)@d ");
        row("a:b@", "a:b@");
        row("password\\,", "password\\,");
        row("key [", "key [");
        row("key \"", "key \"");
        row(" -eyJaaaaaaaa", " -eyJaaaaaaaa");
        row("-----BEGIN ", "-----BEGIN ");
        row("PRIVATE KEY", "PRIVATE KEY");
        row("a:bcd-", "a:bcd-");
        row("cookie ", "cookie ");
        row("-----BEGIN PRIVATE KEY, ", "-----BEGIN PRIVATE KEY, ");
        row("eyJaaaaaaaaaa", "eyJaaaaaaaaaa");
        row("-u a", "-u a");
        row("basic\t", "basic\t");
        row(" ", " ");
        row("a", "a");
        row("\\", "\\");
        row("mysql -pS3cr3t x ", "mysql -p(hidden) x ");
        row("password for a: b c ", "password for a: b c ");
        row("key: |\n x\n", "key: |\n (hidden)\n");
        row("%5F", "%5F");
        row("%5Fa=1&", "%5Fa=1&");
        row("'' ", "'' ");
        row("\\npin", "\\npin");
        row("name=password,x=[", "name=password,x=[");
        row("password: - ", "password: (hidden) ");
        row("<password ", "<password ");
        row("identified by ", "identified by ");
        row("//a:b", "//a:b");
        row("&quot;", "&quot;");
        row("name=\"password\" v", "name=\"password\" v");
        row("tokens:\n - x\n", "tokens:\n (hidden)\n");
    }
    void largeTexts()
    {
        QFETCH(QString, part);
        QFETCH(QString, clean);
        const qsizetype times = 1'000'000 / part.size();
        const QString result = redactText(part.repeated(times));
        QVERIFY(result == clean.repeated(times));
    }
    void largeTextsOfOtherShapes()
    {
        const qsizetype n = 1'000'000;
        QVERIFY(redactText("-u " + QString(n, '=') + "\":") == "-u " + QString(n, '=') + "\":");
        const QString parts = QString("-eyJaaaaaaaa").repeated(n / 12);
        QVERIFY(redactText(parts + ".x") == parts + ".x");
        QCOMPARE(redactText(parts + ".xxxx end"), QString("-(hidden) end"));
        const QString token = "eyJ" + QString(9000, 'h') + '.' + QString(9000, 'p') + '.' + QString(80, 's');
        QCOMPARE(redactText("a " + token + " b"), QString("a (hidden) b"));
    }

    void names_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("secret");
        for (const char* name :
             {"password", "db_password", "dbPassword", "PASSWD", "pwd", "secret", "clientSecret", "api_token",
              "refreshToken", "key", "api_key", "accessKey", "s3-secret-key", "credentials", "passphrase",
              "auth", "X-Amz-Signature", "X-Amz-Security-Token", "sig"}) {
            QTest::newRow(name) << QString(name) << true;
        }
        for (const char* name : {"date", "bucket", "keyboard", "monkey", "author", "compass", "secs",
                                 "region", "path", "design", "signal", "bypass"}) {
            QTest::newRow(name) << QString(name) << false;
        }
    }
    void names()
    {
        QFETCH(QString, name);
        QFETCH(bool, secret);
        QCOMPARE(looksSecret(name), secret);
    }

    void forms_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("clean");
        const auto row = [](const char* name, const char* text, const char* clean) {
            QTest::newRow(name) << QString::fromUtf8(text) << QString::fromUtf8(clean);
        };
        row("pair", "Login(user=a, password=S3cr3t-x, x=1)", "Login(user=a, password=(hidden), x=1)");
        row("pairs without a space", "Login(password=S3cr3t,x=1)", "Login(password=(hidden),x=1)");
        row("two pairs", "token=a1 password=b2", "token=(hidden) password=(hidden)");
        row("pair behind a pair", "Error: secret_key=S3cr3t-x", "Error: secret_key=(hidden)");
        row("signs in the value", "password=S3cr3t,x;y)z, b=2", "password=(hidden), b=2");
        row("YAML", "password: S3cr3t-x", "password: (hidden)");
        row("YAML, a word", "password: swordfish", "password: (hidden)");
        row("double quotes", "secret_key: \"S3 cr3t x\" end", "secret_key: (hidden) end");
        row("quote in quotes", "password=\"S3\\\"cr3t x\" end", "password=(hidden) end");
        row("single quotes", "token='S3 cr3t' end", "token=(hidden) end");
        row("open quote", "token='S3 cr3t end", "token=(hidden)");
        row("JSON", "{\"user\": \"a\", \"password\": \"S3 cr3t\", \"n\": 1}",
            "{\"user\": \"a\", \"password\": (hidden), \"n\": 1}");
        row("JSON, number", "{\"password\":12345678,\"n\":1}", "{\"password\":(hidden),\"n\":1}");
        row("JSON, list", "{\"tokens\": [\"S3cr3t\", \"x\"], \"n\": 1}", "{\"tokens\": (hidden), \"n\": 1}");
        row("JSON in JSON", "{\"body\": \"{\\\"password\\\": \\\"S3cr3t\\\", \\\"n\\\": 1}\"}",
            "{\"body\": \"{\\\"password\\\": (hidden), \\\"n\\\": 1}\"}");
        row("JSON, lines", "{\n \"password\":\n  \"S3cr3t\"\n}", "{\n \"password\":\n  (hidden)\n}");
        row("Python", "{'password': u'S3 cr3t', 'n': 1}", "{'password': (hidden), 'n': 1}");
        row("Python item", "os.environ['DB_PASSWORD'] = 'S3cr3t'", "os.environ['DB_PASSWORD'] = (hidden)");
        row("Python arguments", "['psql', '--password', 'S3cr3t', '-x']",
            "['psql', '--password', (hidden), '-x']");
        row("Ruby", ":password => \"S3cr3t\"", ":password => (hidden)");
        row("XML", "<user>a</user><password>S3 cr3t</password>",
            "<user>a</user><password>(hidden)</password>");
        row("environment", "DB_PASSWORD=S3cr3t PATH=/bin", "DB_PASSWORD=(hidden) PATH=/bin");
        row("environment, blank", "DB_PASSWORD swordfish", "DB_PASSWORD (hidden)");
        row("environment, keys", "AWS_SECRET_ACCESS_KEY wJalrXUtnFEMI/K7", "AWS_SECRET_ACCESS_KEY (hidden)");
        row("name, blank", "db_password swordfish", "db_password (hidden)");
        row("netrc", "machine h login u password S3cr3t", "machine h login u password (hidden)");
        row("SQL", "CREATE ROLE a PASSWORD 'S3 cr3t' LOGIN", "CREATE ROLE a PASSWORD (hidden) LOGIN");
        row("option", "tool --password swordfish --verbose", "tool --password (hidden) --verbose");
        row("option =", "tool --password=swordfish --verbose", "tool --password=(hidden) --verbose");
        row("option, one dash", "tool -password swordfish", "tool -password (hidden)");
        row("option, long", "tool --s3-secret-key swordfish", "tool --s3-secret-key (hidden)");
        row("option key", "tool --key swordfish", "tool --key (hidden)");
        row("option -p", "mysql -u root -p swordfish db", "mysql -u root -p (hidden) db");
        row("option -p=", "mysql -p=swordfish db", "mysql -p=(hidden) db");
        row("option -p quoted", "mysql -p 'sword fish' db", "mysql -p (hidden) db");
        row("option -p listed", "['mysql', '-p', 'swordfish']", "['mysql', '-p', (hidden)]");
        row("glued to its letter", "mysql -u root -pS3cr3t db", "mysql -u root -p(hidden) db");
        row("glued, program with its path", "/usr/bin/mysqldump -pS3cr3t\\ x db",
            "/usr/bin/mysqldump -p(hidden) db");
        row("glued, quoted", "mariadb -p\"S3 cr3t\" db", "mariadb -p(hidden) db");
        row("glued, in JSON", "{\"cmd\": \"mysqladmin -pS3cr3t\", \"n\": \"x\"}",
            "{\"cmd\": \"mysqladmin -p(hidden)\", \"n\": \"x\"}");
        row("glued, quoted in JSON", "{\"cmd\": \"mysql -p\\\"S3 cr3t\\\" db\"}",
            "{\"cmd\": \"mysql -p(hidden) db\"}");
        row("glued, listed", "['mysql', '-uroot', '-pS3 cr3t', 'db']",
            "['mysql', '-uroot', '-p(hidden)', 'db']");
        row("glued, listed in lines", "[\n 'mysql',\n '-pS3cr3t'\n]", "[\n 'mysql',\n '-p(hidden)'\n]");
        row("glued, line goes on", "mysql -u root \\\n -pS3cr3t db", "mysql -u root \\\n -p(hidden) db");
        row("sshpass", "sshpass -pS3cr3t ssh -p 22 h", "sshpass -p(hidden) ssh -p 22 h");
        row("sshpass, apart", "sshpass -p 1234 ssh -p 22 h", "sshpass -p (hidden) ssh -p 22 h");
        row("sshpass, like a place", "sshpass -p /S3cr3t ssh h", "sshpass -p (hidden) ssh h");
        row("unknown program", "tool -p swordfish db", "tool -p (hidden) db");
        row("redis-cli", "redis-cli -h h -a S3cr3t ping", "redis-cli -h h -a (hidden) ping");
        row("redis-cli, listed", "['redis-cli', '-a', 'S3cr3t', 'ping']",
            "['redis-cli', '-a', (hidden), 'ping']");
        row("openssl", "openssl enc -aes-256-cbc -k S3cr3t -in x",
            "openssl enc -aes-256-cbc -k (hidden) -in x");
        row("openssl, source", "openssl rsa -passin pass:S3cr3t -in x", "openssl rsa -passin (hidden) -in x");
        row("ldapsearch", "ldapsearch -x -D cn=a -w S3cr3t -b dc=x",
            "ldapsearch -x -D cn=a -w (hidden) -b dc=x");
        row("second command", "ls -a dir; mysql -pS3cr3t", "ls -a dir; mysql -p(hidden)");
        row("doubled quote", "PASSWORD: 'it''s S3cr3t' end", "PASSWORD: (hidden) end");
        row("quote of a shell", "PASSWORD='it'\\''s S3cr3t' end", "PASSWORD=(hidden) end");
        row("quote in quotes of a shell", "PASSWORD='it'\"'\"'s S3cr3t' end", "PASSWORD=(hidden) end");
        row("empty, then another", "password='' user='a'", "password=(hidden) user='a'");
        row("escaped blank", "PASSWORD=a\\ S3cr3t end", "PASSWORD=(hidden) end");
        row("escaped quote", "PASSWORD=it\\'s_S3cr3t end", "PASSWORD=(hidden) end");
        row("JSON in JSON, number", "{\\\"token\\\":123,\\\"n\\\":1}",
            "{\\\"token\\\":(hidden),\\\"n\\\":1}");
        row("three quotes", "password = \"\"\" S3cr\"3t\n x \"\"\" end", "password = (hidden) end");
        row("three quotes, open", "password = ''' S3cr3t", "password = (hidden)");
        row("block of YAML", " password: |\n   S3cr3t\n\n   x\n next: 1",
            " password: |\n   (hidden)\n next: 1");
        row("folded block of YAML", "token: >-\n  S3cr3t\n  x\n", "token: >-\n  (hidden)\n");
        row("tab", "password\tS3cr3t", "password\t(hidden)");
        row("escaped tab", "'user\\tu\\tpassword\\tS3cr3t'", "'user\\tu\\tpassword\\t(hidden)'");
        row("escaped tab in JSON in JSON", "password\\\\tS3cr3t", "password\\\\t(hidden)");
        row("behind an escape", "'[client]\\nkey = S3cr3t'", "'[client]\\nkey = (hidden)'");
        row("name in a URL", "http://h/x?api%5Fkey=S3cr3t&b=2", "http://h/x?api%5Fkey=(hidden)&b=2");
        row("name begins so in a URL", "http://h/x?%70assword=S3cr3t&b=2",
            "http://h/x?%70assword=(hidden)&b=2");
        row("name and sign in a URL", "http://h/?to=%2Fx%3Fpassword%3DS3cr3t",
            "http://h/?to=%2Fx%3Fpassword%3D(hidden)");
        row("JSON in a URL", "http://h/?q=%7B%22token%22%3A%22S3cr3t%22%7D",
            "http://h/?q=%7B%22token%22%3A(hidden)%7D");
        row("asked for", "Password for root: S3cr3t", "Password for root: (hidden)");
        row("asked for, a word", "Enter passphrase for key '/home/ada/k': swordfish\nok",
            "Enter passphrase for key '/home/ada/k': (hidden)\nok");
        row("asked for, elsewhere", "Password for 'https://u@h:8443': S3cr3t",
            "Password for 'https://(hidden)@h:8443': (hidden)");
        row("bindpw", "bindpw swordfish", "bindpw (hidden)");
        row("rootpw", "rootpw \"S3 cr3t\" x", "rootpw (hidden) x");
        row("otp", "otp: 123456", "otp: (hidden)");
        row("pin", "PIN=1234 user_pin: 99 --pin 4711", "PIN=(hidden) user_pin: (hidden) --pin (hidden)");
        row("option -u", "curl -u lab:S3cr3t http://h/", "curl -u lab:(hidden) http://h/");
        row("URL, user", "http://lab:S3cr3t@host/x", "http://(hidden)@host/x");
        row("URL, slash in it", "s3://lab:S3/cr3t@host/x", "s3://(hidden)@host/x");
        row("URL without scheme", "user lab:S3cr3t@db.host:5432", "user lab:(hidden)@db.host:5432");
        row("URL, query", "http://h/x?a=1&access_token=S3cr3t&b=2",
            "http://h/x?a=1&access_token=(hidden)&b=2");
        row("S3 presigned", "https://h/b/o?X-Amz-Credential=AKIA1%2F20&X-Amz-Date=1&X-Amz-Signature=0af3",
            "https://h/b/o?X-Amz-Credential=(hidden)&X-Amz-Date=1&X-Amz-Signature=(hidden)");
        row("S3 presigned, old", "https://h/o?AWSAccessKeyId=AK&Expires=1&Signature=vj%2F",
            "https://h/o?AWSAccessKeyId=(hidden)&Expires=1&Signature=(hidden)");
        row("header", "Authorization: Bearer abcdefgh123", "Authorization: Bearer (hidden)");
        row("header, AWS", "Authorization: AWS4-HMAC-SHA256 Credential=AK/1, Signature=0a",
            "Authorization: AWS4-HMAC-SHA256 (hidden)");
        row("header, unknown", "authorization: S3cr3t x", "authorization: (hidden)");
        row("header, quoted", "{'Authorization': 'Basic bGFi', 'n': 1}",
            "{'Authorization': 'Basic (hidden)', 'n': 1}");
        row("header, cookie", "Cookie: session=S3cr3t; a=b", "Cookie: (hidden)");
        row("header, token", "X-Auth-Token: S3cr3t", "X-Auth-Token: (hidden)");
        row("bearer alone", "sent bearer abcdefgh123 to h", "sent bearer (hidden) to h");
        row("web token", "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln end", "got (hidden) end");
        row("exception", "KeyError: 'wrong credential: S3cr3t-x'", "KeyError: 'wrong credential: (hidden)'");
        row("private key", "a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b",
            "a (hidden) b");
        row("private key, cut", "a -----BEGIN PRIVATE KEY-----\nMIIE", "a (hidden)");
        row("named", "{\"name\": \"password\", \"value\": \"S3 cr3t\"}",
            "{\"name\": \"password\", \"value\": (hidden)}");
        row("named, key", "{\"key\":\"db_password\",\"value\":\"S3cr3t\"}",
            "{\"key\":\"db_password\",\"value\":(hidden)}");
        row("named, others between", "{'name': 'api_token', 'type': 'env', 'n': 1, 'value': 'S3cr3t'}",
            "{'name': 'api_token', 'type': 'env', 'n': 1, 'value': (hidden)}");
        row("named, YAML", "- name: DB_PASSWORD\n  value: S3cr3t\n",
            "- name: DB_PASSWORD\n  value: (hidden)\n");
        row("named, XML", "<param name=\"password\" value=\"S3 cr3t\"/>",
            "<param name=\"password\" value=(hidden)/>");
        row("named, element", "<property name=\"password\">S3 cr3t</property>",
            "<property name=\"password\">(hidden)</property>");
        row("element with attributes", "<Password type=\"x\">S3 cr3t</Password>",
            "<Password type=\"x\">(hidden)</Password>");
        row("element, data", "<password><![CDATA[S3<cr3t]]></password>", "<password>(hidden)]]></password>");
        row("object", "{\"password\": {\"value\": \"S3}cr3t\", \"n\": {}}, \"n\": 1}",
            "{\"password\": (hidden), \"n\": 1}");
        row("object, open", "password={S3cr3t\nx", "password=(hidden)\nx");
        row("call", "password=SecretStr('S3 cr3t'), n=1", "password=(hidden), n=1");
        row("call, default", "password = os.environ.get(\"X\", \"S3)cr3t\") + x", "password = (hidden) + x");
        row("list of YAML", "tokens:\n  - S3cr3t\n  - S3cr3t2\nnext: 1", "tokens:\n  (hidden)\nnext: 1");
        row("index", "token[0]=S3cr3t db.password[prod]=S3cr3t2",
            "token[0]=(hidden) db.password[prod]=(hidden)");
        row("arrow", "password -> S3cr3t x", "password -> (hidden) x");
        row("sentence, quoted", "The password is 'S3 cr3t'.", "The password is (hidden).");
        row("SQL, identified", "CREATE USER a IDENTIFIED BY 'S3 cr3t'; x",
            "CREATE USER a IDENTIFIED BY (hidden); x");
        row("SQL, set", "SET PASSWORD FOR a@h = 'S3 cr3t'", "SET PASSWORD FOR a@h = (hidden)");
        row("host by number", "lab:S3cr3t@10.0.0.1:5432", "lab:(hidden)@10.0.0.1:5432");
        row("URL without scheme, slashes", "//lab:S3cr3t@host/x", "//(hidden)@host/x");
        row("oracle", "jdbc:oracle:thin:scott/S3cr3t@//db:1521/x",
            "jdbc:oracle:thin:scott/(hidden)@//db:1521/x");
        row("sqlplus", "sqlplus -S scott/S3cr3t@db", "sqlplus -S scott/(hidden)@db");
        row("encoded twice", "http://h/?to=password%253DS3cr3t", "http://h/?to=password%253D(hidden)");
        row("escaped sign of JSON", "{\"u\":\"password\\u003dS3cr3t\"}",
            "{\"u\":\"password\\u003d(hidden)\"}");
        row("escaped quote of JSON", "\\u0022password\\u0022:\\u0022S3cr3t\\u0022",
            "\\u0022password\\u0022:(hidden)");
        row("escaped in HTML", "&quot;password&quot;:&quot;S3cr3t&quot; x",
            "&quot;password&quot;:(hidden) x");
        row("other languages", "Passwort: S3cr3t Kennwort=S3cr3t mot_de_passe=S3cr3t",
            "Passwort: (hidden) Kennwort=(hidden) mot_de_passe=(hidden)");
        for (const char* token :
             {"github_pat_S3cr3tS3cr3tS3cr3t", "glrt-S3cr3tS3cr3tS3cr3t", "sk-proj-S3cr3tS3cr3tS3cr3t",
              "rk_live_S3cr3tS3cr3tS3cr3t", "hf_S3cr3tS3cr3tS3cr3t", "npm_S3cr3tS3cr3tS3cr3t",
              "pypi-AgEIS3cr3tS3cr3tS3cr3t", "dckr_pat_S3cr3tS3cr3tS3cr3t", "hvs.S3cr3tS3cr3tS3cr3t",
              "ya29.S3cr3tS3cr3tS3cr3t", "AIzaS3cr3tS3cr3tS3cr3t", "xapp-1-S3cr3tS3cr3tS3cr3t",
              "whsec_S3cr3tS3cr3tS3cr3t", "SG.S3cr3tS3cr3t.S3cr3tS3cr3t",
              "AGE-SECRET-KEY-1S3CR3TS3CR3TS3CR3T"}) {
            QTest::newRow(token) << QStringLiteral("got %1 back").arg(QLatin1String(token))
                                 << QStringLiteral("got (hidden) back");
        }
        row("hook", "https://hooks.slack.com/services/T0/B0/S3cr3t",
            "https://hooks.slack.com/services/(hidden)");
        QTest::newRow("keyring") << "[client.a]\n\tkey = " + cephxKey() + "\n\tcaps mon = \"allow r\""
                                 << QStringLiteral("[client.a]\n\tkey = (hidden)\n\tcaps mon = \"allow r\"");
        QTest::newRow("cephx alone") << "got " + cephxKey() + " back" << QStringLiteral("got (hidden) back");
        QTest::newRow("cephx in JSON")
            << QStringLiteral("{\"entity\":\"client.a\",\"key\":\"") + cephxKey() + "\"}"
            << QStringLiteral("{\"entity\":\"client.a\",\"key\":(hidden)}");
    }
    void forms()
    {
        QFETCH(QString, text);
        QFETCH(QString, clean);
        QCOMPARE(redactText(text), clean);
        QCOMPARE(redactText(clean), clean);  // a text may pass more than one door
    }

    void sentencesStay_data()
    {
        QTest::addColumn<QString>("text");
        for (const char* text : {"step 3 of 10, date=2026-01-01",
                                 "The gateway refuses the key: The signature differs.",
                                 "Key AKIA17 may be left on rgw",
                                 "the token is made anew at each start",
                                 "There is no secret of that name: s3/rgw.vega: No such file",
                                 "The secret at s3/rgw is not private",
                                 "keys.rotate of role/ingest failed",
                                 "osd.3 [v2:10.0.0.1:6800/12] is down",
                                 "mkdir -p /tmp/x",
                                 "rados://hdd/landing/day-2/part-03.bin",
                                 "client.ingest.g2",
                                 "a token of the role: none",
                                 "InvalidAccessKeyId: The key is not there",
                                 "<Key>day-2/part-03.bin</Key>",
                                 "author: Ada",
                                 "http://host:8080/a@b",
                                 "password must be given",
                                 "tar -pxf a.tar",
                                 "ssh -p 22 h",
                                 "ssh -p 22 h 'ls -a dir'",
                                 "ls -a dir",
                                 "mkdir -p dir",
                                 "spin=1",
                                 "tool -pxf x",
                                 "mysql -h db -P 3306 -u root",
                                 "mysql is down; tool -pxf x",
                                 "redis-cli -h h ping",
                                 "openssl x509 -in k",
                                 "pin_memory=True",
                                 "pin the page: none",
                                 "opinion: 5",
                                 "['ssh', '-p', '22']",
                                 "copy -k S3",
                                 "password for ada: none",
                                 "a | b: c\n d",
                                 "Password for role/ingest: The gateway refuses it",
                                 "50%5F of it=1",
                                 "C:\\new\\table",
                                 "it''s 'a' b",
                                 "user\tpassword\tcreated",
                                 "{\"name\": \"day\", \"value\": \"1\"}",
                                 "name: password\nkind: text",
                                 "keys[0]: ok",
                                 "the token is there",
                                 "key -> value",
                                 "- name: copy\n  value: 1",
                                 "identified by its number",
                                 "sk-learn",
                                 "disk-landing-day-2-part-03",
                                 "a&b=c",
                                 "50%25 of it",
                                 "//host:80/x"}) {
            QTest::newRow(text) << QString::fromUtf8(text);
        }
    }
    void sentencesStay()
    {
        QFETCH(QString, text);
        QCOMPARE(redactText(text), text);
    }

    void knownSecretsAnywhere()
    {
        QCOMPARE(redactText("wrote hunter2 to x", {"hunter2"}), QStringLiteral("wrote (hidden) to x"));
        QCOMPARE(redactText("abc", {"ab"}), QStringLiteral("abc"));
    }

    void structuresAreRedactedThrough()
    {
        const QJsonObject json{{"n", 5}, {"list", QJsonArray{"a", QJsonObject{{"t", "password=S3cr3t"}}}}};
        const QJsonObject clean{{"n", 5}, {"list", QJsonArray{"a", QJsonObject{{"t", "password=(hidden)"}}}}};
        QCOMPARE(redactTexts(json), clean);
        QCOMPARE(redactParams({{"pin_token", 1234}, {"url", "http://a:b@h"}, {"n", 1}}),
                 (QJsonObject{{"pin_token", "(hidden)"}, {"url", "http://(hidden)@h"}, {"n", 1}}));
    }

    /// Every error that reaches a wire, a store or a log passes one of the two.
    void errorsCarryNoSecret()
    {
        const Error error{.message = "login failed, password=S3cr3t-1",
                          .cause = "the token: S3cr3t-2",
                          .correction = "not --password S3cr3t-3",
                          .upstream = Upstream{"x", 1, "http://lab:S3cr3t-4@h/"}};
        const Error read = Error::fromJson(error.toJson());
        for (const QString& text :
             {read.message, read.cause, read.correction, read.upstream->text, error.toLine()}) {
            QVERIFY2(!text.contains("S3cr3t"), qPrintable(text));
            QVERIFY(text.contains("(hidden)"));
        }
        QVERIFY(error.toLine().contains("login failed"));
    }

    void linesRememberWhatTheyAreIn()
    {
        LineRedactor lines;
        QCOMPARE(lines.feed("before"), QStringLiteral("before"));
        QCOMPARE(lines.feed("x -----BEGIN OPENSSH PRIVATE KEY-----"), QStringLiteral("x (hidden)"));
        QCOMPARE(lines.feed("b3BlbnNzaC1rZXk"), QStringLiteral("(hidden)"));
        QCOMPARE(lines.feed("-----END OPENSSH PRIVATE KEY-----"), QStringLiteral("(hidden)"));
        QCOMPARE(lines.feed("after"), QStringLiteral("after"));
        QCOMPARE(lines.feed("  \"password\":"), QStringLiteral("  \"password\":"));
        QCOMPARE(lines.feed("    \"S3cr3t\","), QStringLiteral("(hidden)"));
        QCOMPARE(lines.feed("the key:"), QStringLiteral("the key:"));
        QCOMPARE(lines.feed("is refused"), QStringLiteral("is refused"));
        QCOMPARE(lines.feed("-----BEGIN PRIVATE KEY-----MIIE-----END PRIVATE KEY-----"),
                 QStringLiteral("(hidden)"));
        QCOMPARE(lines.feed("after"), QStringLiteral("after"));
        QCOMPARE(lines.feed(" password: |"), QStringLiteral(" password: |"));
        QCOMPARE(lines.feed("   S3cr3t"), QStringLiteral("(hidden)"));
        QCOMPARE(lines.feed(""), QString());
        QCOMPARE(lines.feed("   S3cr3t"), QStringLiteral("(hidden)"));
        QCOMPARE(lines.feed(" next: 1"), QStringLiteral(" next: 1"));
        QCOMPARE(lines.feed("token = \"\"\""), QStringLiteral("token = (hidden)"));
        QCOMPARE(lines.feed("S3cr3t"), QStringLiteral("(hidden)"));
        QCOMPARE(lines.feed("x\"\"\""), QStringLiteral("(hidden)"));
        QCOMPARE(lines.feed("after"), QStringLiteral("after"));
        QCOMPARE(lines.feed("- name: DB_PASSWORD"), QStringLiteral("- name: DB_PASSWORD"));
        QCOMPARE(lines.feed("  kind: env"), QStringLiteral("  kind: env"));
        QCOMPARE(lines.feed("  value: S3cr3t"), QStringLiteral("  value: (hidden)"));
        QCOMPARE(lines.feed("  value: 1"), QStringLiteral("  value: 1"));
        QCOMPARE(lines.feed("- name: day"), QStringLiteral("- name: day"));
        QCOMPARE(lines.feed("  value: 1"), QStringLiteral("  value: 1"));
        QCOMPARE(lines.feed("  \"name\": \"password\","), QStringLiteral("  \"name\": \"password\","));
        QCOMPARE(lines.feed("  \"value\": \"S3cr3t\""), QStringLiteral("  \"value\": (hidden)"));
        QCOMPARE(lines.feed("tokens:"), QStringLiteral("tokens:"));
        QCOMPARE(lines.feed("  - S3cr3t"), QStringLiteral("(hidden)"));
        QCOMPARE(lines.feed("  - S3cr3t"), QStringLiteral("(hidden)"));
        QCOMPARE(lines.feed("next: 1"), QStringLiteral("next: 1"));
        QCOMPARE(lines.feed("after: 1"), QStringLiteral("after: 1"));
        // one that does not end hides no whole log
        lines.feed("token = \"\"\"");
        for (int i = 0; i < 100; ++i) {
            QCOMPARE(lines.feed("S3cr3t"), QStringLiteral("(hidden)"));
        }
        QCOMPARE(lines.feed("after"), QStringLiteral("after"));
    }
};

QTEST_APPLESS_MAIN(TestRedact)
#include "tst_redact.moc"
