#pragma once

class QThreadPool;

namespace sluice {

/// Starts all threads of a pool and keeps them. A thread that is started when no descriptor is free ends the
/// whole program, so none is started in the middle of work.
void keepThreads(QThreadPool& pool);

}  // namespace sluice
