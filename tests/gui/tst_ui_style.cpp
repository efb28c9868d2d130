#include <QtCore/QSet>
#include <QtGui/QFontInfo>
#include <QtGui/QFontMetricsF>
#include <QtGui/QPainter>
#include <QtTest/QSignalSpy>
#include <QtWidgets/QApplication>
#include <cmath>
#include <limits>

#include "patience.h"
#include "ui/style/english_forms.h"
#include "ui/style/icons.h"
#include "ui/style/paint.h"
#include "ui/style/state_words.h"
#include "ui/style/theme.h"
#include "ui/style/theme_colours.h"
#include "ui/widgets/state_label.h"
#include "widgets_support.h"

using namespace sluice;
using namespace sluice::style;

namespace {

double luminance(const QColor& colour)
{
    const auto channel = [](double value) {
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * channel(colour.redF()) + 0.7152 * channel(colour.greenF()) +
           0.0722 * channel(colour.blueF());
}

double contrast(const QColor& a, const QColor& b)
{
    const double one = luminance(a);
    const double two = luminance(b);
    return (std::max(one, two) + 0.05) / (std::min(one, two) + 0.05);
}

constexpr std::array kTones{Tone::Ok, Tone::Progress, Tone::Warn, Tone::Crit, Tone::Neutral};
constexpr std::array kModes{ThemeMode::Light, ThemeMode::Dark};

}  // namespace

class TestUiStyle : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aTextWithACountHasTheFormThatIsDue()
    {
        EnglishForms::installOn(*qApp);
        const auto said = [](const char* text, int count) {
            return QCoreApplication::translate("sluice", text, nullptr, count);
        };
        QCOMPARE(said("%n runs", 1), QString("1 run"));
        QCOMPARE(said("%n runs", 0), QString("0 runs"));
        QCOMPARE(said("%n runs", 21), QString("21 runs"));
        QCOMPARE(said("%1 records were written to %2", 1).arg("1", "a.csv"),
                 QString("1 record was written to a.csv"));
        QCOMPARE(said("%1 records were written to %2", 660).arg("660", "a.csv"),
                 QString("660 records were written to a.csv"));
        QCOMPARE(said("a text without forms", 1), QString("a text without forms"));
        QCOMPARE(formOf(7'000'000'000), std::numeric_limits<int>::max());
        // installed once, however often it is asked for; a language that comes later has its own
        EnglishForms::installOn(*qApp);
        QCOMPARE(qApp->findChildren<EnglishForms*>().size(), 1);
        class German : public QTranslator {
        public:
            QString translate(const char*, const char* text, const char*, int count) const override
            {
                return qstrcmp(text, "%n runs") != 0 ? QString() : count == 1 ? "ein Lauf" : "%n Läufe";
            }
            bool isEmpty() const override { return false; }
        } german;
        QVERIFY(QCoreApplication::installTranslator(&german));
        QCOMPARE(said("%n runs", 1), QString("ein Lauf"));
        QCOMPARE(said("%n runs", 3), QString("3 Läufe"));
        QCOMPARE(said("%n steps", 1), QString("1 step"));
    }

    void themesAreReadableOnEverySurface()
    {
        for (const ThemeMode mode : kModes) {
            const Theme theme(mode);
            QCOMPARE(theme.isDark(), mode == ThemeMode::Dark);
            for (const Surface surface : {Surface::Window, Surface::Pane, Surface::Inset, Surface::Raised,
                                          Surface::Hover, Surface::Selected}) {
                for (const Ink ink : {Ink::Primary, Ink::Secondary, Ink::Tertiary}) {
                    QVERIFY2(contrast(theme.ink(ink), theme.surface(surface)) >= 4.5,
                             qPrintable(QStringLiteral("ink %1 on %2").arg(int(ink)).arg(int(surface))));
                }
                for (const Tone tone : kTones) {
                    QVERIFY(contrast(theme.word(tone), theme.surface(surface)) >= 4.5);
                    QVERIFY(contrast(theme.shape(tone), theme.surface(surface)) >= 3.0);
                }
            }
            QVERIFY(contrast(theme.ink(Ink::OnAccent), theme.accent(Accent::Base)) >= 4.5);
            for (const Tone tone : kTones) {
                QVERIFY(contrast(theme.ink(Ink::Primary), theme.wash(tone)) >= 4.5);
            }
        }
    }

    void heatHasSixStepsAndHoldsItsEnds()
    {
        const Theme theme(ThemeMode::Light);
        QCOMPARE(theme.heatSteps(), 6);
        QCOMPARE(theme.heat(3).fill, theme.heatStep(0).fill);
        QCOMPARE(theme.heat(59.9).fill, theme.heatStep(1).fill);
        QCOMPARE(theme.heat(60).fill, theme.heatStep(2).fill);
        QCOMPARE(theme.heat(100).fill, theme.heatStep(5).fill);
        for (int i = 0; i < theme.heatSteps(); ++i) {
            QVERIFY(contrast(theme.heatStep(i).text, theme.heatStep(i).fill) >= 4.5);
        }
    }

    void aDamagedThemeNamesWhatIsMissing()
    {
        const auto notJson = parseThemeColours("{");
        QVERIFY(!notJson);
        const auto empty = parseThemeColours("{}");
        QVERIFY(!empty);
        QVERIFY(empty.error().message.contains(QStringLiteral("surface.window")));
        QVERIFY(!empty.error().correction.isEmpty());
    }

    void anUnknownProfileColourFallsBack()
    {
        const Theme theme(ThemeMode::Light);
        QCOMPARE(theme.profile(u"nonsense"), theme.profile(u"slate"));
        QVERIFY(theme.profile(u"plum") != theme.profile(u"slate"));
    }

    void changingTheThemeRepaintsAndTellsOnce()
    {
        Theme theme(ThemeMode::Light);
        theme.applyTo(*qApp);
        const QSignalSpy changed(&theme, &Theme::changed);
        widgets::StateLabel label(theme);
        label.setState(stateWord(Domain::Task, u"failed"));
        QVERIFY(test::contains(test::picture(label), theme.shape(Tone::Crit)));
        const QColor light = theme.shape(Tone::Crit);
        theme.setMode(ThemeMode::Dark);
        theme.setMode(ThemeMode::Dark);
        QCOMPARE(changed.count(), 1);
        const QImage dark = test::picture(label);
        QVERIFY(test::contains(dark, theme.shape(Tone::Crit)));
        QVERIFY(!test::contains(dark, light));
        QCOMPARE(qApp->palette().color(QPalette::Base), theme.surface(Surface::Pane));
    }

    void figuresOfTheUiFontHaveOneWidth()
    {
        const Theme theme(ThemeMode::Light);
        for (const Weight weight : {Weight::Regular, Weight::Medium, Weight::SemiBold}) {
            const QFontMetricsF metrics(theme.font(Type::Body, weight));
            const qreal zero = metrics.horizontalAdvance(QLatin1Char('0'));
            for (char digit = '1'; digit <= '9'; ++digit) {
                QVERIFY(std::abs(metrics.horizontalAdvance(QLatin1Char(digit)) - zero) < 0.01);
            }
            QCOMPARE(metrics.horizontalAdvance(QStringLiteral("1.11:11")),
                     metrics.horizontalAdvance(QStringLiteral("8.40:96")));
        }
    }

    void theFontsOfThisBuildAreUsed()
    {
        const Theme theme(ThemeMode::Light);
        QCOMPARE(QFontInfo(theme.font(Type::Body)).family(), QStringLiteral("Sluice Sans"));
        QCOMPARE(QFontInfo(theme.font(Type::Mono)).family(), QStringLiteral("Sluice Mono"));
        QCOMPARE(QFontInfo(theme.font(Type::Body, Weight::SemiBold)).weight(), int(QFont::DemiBold));
        for (const char16_t sign : u"→–…×≥äßŁ°%") {
            if (sign != 0) {
                QVERIFY2(QFontMetricsF(theme.font(Type::Body)).inFont(QChar(sign)),
                         qPrintable(QString(QChar(sign))));
            }
        }
    }

    void everyStateHasAWordAndAShape()
    {
        for (const Domain domain : allDomains()) {
            if (domain == Domain::Pg) {
                continue;
            }
            QVERIFY2(!statesOf(domain).isEmpty(), qPrintable(QString::number(int(domain))));
            for (const QString& state : statesOf(domain)) {
                const StateWord word = stateWord(domain, state);
                QVERIFY2(word.known, qPrintable(state));
                QVERIFY(!word.word.isEmpty());
                QVERIFY(word.glyph != Glyph::None);
            }
        }
    }

    void statesThatMeanSomethingElseLookDifferent()
    {
        // Where two states share a look they share their word, or DRBD's own words say the rest.
        const Theme theme(ThemeMode::Light);
        for (const Domain domain : {Domain::Task, Domain::Availability, Domain::Redundancy, Domain::Posture,
                                    Domain::Osd, Domain::DrbdDisk, Domain::KeyGeneration, Domain::Step,
                                    Domain::Cause, Domain::Lock, Domain::Connection}) {
            QHash<QByteArray, QString> looks;
            for (const QString& state : statesOf(domain)) {
                const StateWord word = stateWord(domain, state);
                const QImage image = glyphPixmap(word.glyph, theme.shape(word.tone), 14, 1).toImage();
                const QByteArray pixels(reinterpret_cast<const char*>(image.constBits()),
                                        image.sizeInBytes());
                if (looks.contains(pixels)) {
                    QCOMPARE(stateWord(domain, looks.value(pixels)).tone, word.tone);
                    const bool sameWord = stateWord(domain, looks.value(pixels)).word == word.word;
                    const bool bothGood = word.tone == Tone::Ok;
                    QVERIFY2(sameWord || bothGood,
                             qPrintable(looks.value(pixels) + QLatin1Char(' ') + state));
                }
                looks.insert(pixels, state);
            }
        }
    }

    void shapesDifferWithoutColour()
    {
        QSet<QByteArray> seen;
        for (int i = 1; i < kGlyphCount; ++i) {
            const auto glyph = static_cast<Glyph>(i);
            QVERIFY(!glyphPath(glyph).isEmpty());
            QVERIFY(QRectF(-0.5, -0.5, 17, 17).contains(glyphPath(glyph).boundingRect()));
            QCOMPARE(glyphFromName(glyphName(glyph)), glyph);
            const QImage image = glyphPixmap(glyph, Qt::black, 14, 1).toImage();
            seen.insert(QByteArray(reinterpret_cast<const char*>(image.constBits()), image.sizeInBytes()));
        }
        QCOMPARE(seen.size(), kGlyphCount - 1);
        QCOMPARE(glyphFromName(u"no such shape"), Glyph::None);
    }

    void glyphsAreRedrawnAtTheScaleOfTheScreen()
    {
        const QPixmap twice = glyphPixmap(Glyph::DiscCheck, Qt::red, 14, 2);
        QCOMPARE(twice.width(), 28);
        QCOMPARE(twice.deviceIndependentSize(), QSizeF(14, 14));
    }

    void foreignWordsKeepTheirSpelling()
    {
        const StateWord luigi = stateWord(Domain::LuigiTask, u"BATCH_RUNNING");
        QCOMPARE(luigi.word, QStringLiteral("BATCH_RUNNING"));
        QCOMPARE(luigi.glyph, stateWord(Domain::Task, u"running").glyph);
        const StateWord unknown = stateWord(Domain::Task, u"levitating");
        QCOMPARE(unknown.word, QStringLiteral("levitating"));
        QVERIFY(!unknown.known);
        QCOMPARE(unknown.glyph, Glyph::RingQ);
        QCOMPARE(stateWord(Domain::Task, u"").word, QStringLiteral("unknown"));
    }

    void postureSaysHowMany()
    {
        QCOMPARE(postureWord(u"to fix", 2).word, QStringLiteral("2 to fix"));
        QCOMPARE(postureWord(u"in order", 0).word, QStringLiteral("in order"));
    }

    void theWorstFlagOfAPgDecides_data()
    {
        QTest::addColumn<QString>("state");
        QTest::addColumn<int>("tone");
        QTest::newRow("good") << "active+clean" << int(Tone::Ok);
        QTest::newRow("scrub") << "active+clean+scrubbing+deep" << int(Tone::Ok);
        QTest::newRow("recovering") << "active+recovering+undersized+degraded" << int(Tone::Progress);
        QTest::newRow("degraded") << "active+undersized+degraded" << int(Tone::Warn);
        QTest::newRow("peering") << "peering" << int(Tone::Warn);
        QTest::newRow("down") << "down+peering" << int(Tone::Crit);
        QTest::newRow("inconsistent") << "active+clean+inconsistent" << int(Tone::Crit);
        QTest::newRow("toofull") << "active+degraded+backfill_toofull" << int(Tone::Crit);
    }

    void theWorstFlagOfAPgDecides()
    {
        QFETCH(QString, state);
        QFETCH(int, tone);
        QCOMPARE(int(stateWord(Domain::Pg, state).tone), tone);
    }

    void everyIconOfTheRailIsThere()
    {
        for (const char* name :
             {"now", "flows", "storage", "routes", "keys", "observe", "audit", "settings", "search", "lock",
              "lock-open", "clock", "user", "copy", "export", "task", "object", "client", "host"}) {
            QVERIFY2(hasIcon(QString::fromLatin1(name)), name);
            const QImage image = iconPixmap(QString::fromLatin1(name), Qt::red, 20, 1).toImage();
            int inked = 0;
            for (int i = 0; i < 400; ++i) {
                const QColor ink = image.pixelColor(i % 20, i / 20);
                if (ink.alpha() > 60) {
                    ++inked;
                    QVERIFY2(ink.red() > 200 && ink.green() < 40 && ink.blue() < 40, name);
                }
            }
            QVERIFY2(inked > 20 && inked < 300, name);
        }
        QVERIFY(!hasIcon(QStringLiteral("../themes/light")));
    }

    void figuresAreSplitFromTheirUnit()
    {
        QCOMPARE(splitFigure(QStringLiteral("1.42 GiB/s")).unit, QStringLiteral("GiB/s"));
        QCOMPARE(splitFigure(QStringLiteral("7,439 of 7,440")).number, QStringLiteral("7,439"));
        QCOMPARE(splitFigure(QStringLiteral("not known")).unit, QString());
    }
};

QTEST_MAIN(TestUiStyle)
#include "tst_ui_style.moc"
