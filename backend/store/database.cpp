#include "store/database.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QEvent>
#include <future>

#include "store/reader.h"
#include "store/writer.h"

namespace sluice::store {
namespace {

QEvent::Type stateType()
{
    static const auto kType = static_cast<QEvent::Type>(QEvent::registerEventType());
    return kType;
}

}  // namespace

Database::Database(QString file) : m_file(std::move(file)) {}

Database::~Database()
{
    m_reader.reset();
    m_writer.reset();
}

Result<std::unique_ptr<Database>> Database::open(Options options)
{
    std::unique_ptr<Database> database(new Database(options.file));
    Database* self = database.get();
    database->m_reader = std::make_unique<Reader>(options.file, options.busyTimeoutMs);
    // The thread is joined before `self` ends, and the event is posted to wherever `self` lives then.
    database->m_writer = std::make_unique<Writer>(std::move(options), [self] {
        const std::scoped_lock lock(self->m_mutex);
        QCoreApplication::postEvent(self, new QEvent(stateType()));
    });
    if (auto started = database->m_writer->start(); !started) {
        return fail(started.error());
    }
    return database;
}

bool Database::event(QEvent* event)
{
    {
        const std::scoped_lock lock(m_mutex);  // orders what the writing thread did before what is read here
    }
    if (event->type() == stateType()) {
        Q_EMIT stateChanged();
        return true;
    }
    return QObject::event(event);
}

void Database::write(Work work, QObject* context, Done done)
{
    m_writer->add(std::move(work), Answer::make(context ? context : this, std::move(done)));
}

void Database::read(Work work, QObject* context, Done done)
{
    auto answer =
        std::make_shared<std::unique_ptr<Answer>>(Answer::make(context ? context : this, std::move(done)));
    m_reader->add(std::move(work),
                  [answer](Result<void> result) { Answer::send(std::move(*answer), std::move(result)); });
}

Result<void> Database::readNow(const Work& work)
{
    std::promise<Result<void>> promise;
    auto answer = promise.get_future();
    m_reader->add(work, [&promise](Result<void> result) { promise.set_value(std::move(result)); });
    return answer.get();
}

Database::State Database::state() const
{
    return m_writer->state();
}

Mark Database::mark() const
{
    return m_writer->mark();
}

const Database::Opened& Database::opened() const
{
    return m_writer->opened();
}

Database::Figures Database::figures() const
{
    return m_writer->figures();
}

}  // namespace sluice::store
