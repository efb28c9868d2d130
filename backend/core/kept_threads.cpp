#include "core/kept_threads.h"

#include <QtCore/QSemaphore>
#include <QtCore/QThreadPool>
#include <memory>

namespace sluice {

void keepThreads(QThreadPool& pool)
{
    pool.setExpiryTimeout(-1);
    const int count = pool.maxThreadCount();
    // Every one of them is held until all are there: else the first would do the work of all.
    const auto there = std::make_shared<QSemaphore>();
    const auto go = std::make_shared<QSemaphore>();
    for (int i = 0; i < count; ++i) {
        pool.start([there, go] {
            there->release();
            go->acquire();
        });
    }
    there->acquire(count);
    go->release(count);
}

}  // namespace sluice
