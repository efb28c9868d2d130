#include "store/answer.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QEvent>
#include <mutex>

namespace sluice::store {
namespace {

QEvent::Type answerType()
{
    static const auto kType = static_cast<QEvent::Type>(QEvent::registerEventType());
    return kType;
}

/// Held while an event is posted and taken before its content is looked at. The locks inside Qt give the same
/// order, but ThreadSanitizer does not see those.
std::mutex& handOver()
{
    static std::mutex mutex;
    return mutex;
}

class AnswerEvent final : public QEvent {
public:
    explicit AnswerEvent(std::unique_ptr<Answer> answer) : QEvent(answerType()), m_answer(std::move(answer))
    {
    }

private:
    std::unique_ptr<Answer> m_answer;
};

}  // namespace

Answer::Answer(QObject* context, Done done) : m_context(context), m_done(std::move(done)) {}

std::unique_ptr<Answer> Answer::make(QObject* context, Done done)
{
    if (!done) {
        return nullptr;
    }
    std::unique_ptr<Answer> answer(new Answer(context, std::move(done)));
    answer->moveToThread(context->thread());
    return answer;
}

void Answer::send(std::unique_ptr<Answer> answer, Result<void> result)
{
    if (!answer) {
        return;
    }
    Answer* receiver = answer.get();
    const std::scoped_lock lock(handOver());
    receiver->m_result = std::move(result);
    QCoreApplication::postEvent(receiver, new AnswerEvent(std::move(answer)));
}

bool Answer::event(QEvent* event)
{
    {
        const std::scoped_lock lock(handOver());
    }
    if (event->type() != answerType()) {
        return QObject::event(event);
    }
    if (m_context) {
        m_done(m_result);
    }
    return true;
}

}  // namespace sluice::store
