#include "mover/hang_watch.h"

namespace sluice::mover {

HangWatch::HangWatch(Progress& progress, Judge judge)
    : m_progress(progress), m_judge(std::move(judge)), m_thread([this] { watch(); })
{
}

HangWatch::~HangWatch()
{
    m_end.raise({});
    m_thread.join();
}

void HangWatch::watch()
{
    while (m_end.sleep(std::chrono::milliseconds(500))) {
        std::map<QString, Blockage> judged;
        for (const Progress::Waiting& waiting : m_progress.waitingLongerThan(kAfterMs)) {
            // one answer per Ceph pool and round is enough: judging takes time
            const QString where = waiting.place.connection + '/' + waiting.place.cephPool;
            auto at = judged.find(where);
            if (at == judged.end()) {
                at = judged.emplace(where, m_judge(waiting)).first;
            }
            Blockage blockage = at->second;
            blockage.object = waiting.place.object;
            blockage.op = waiting.op;
            m_progress.waitsFor(waiting.id, blockage);
        }
    }
}

}  // namespace sluice::mover
