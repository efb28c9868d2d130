#pragma once

namespace sluice::store {

/// SQLite maps the index of its log (FILE-shm) into memory; should somebody cut that file, touching it would
/// end the process by SIGBUS. With the guard such a page reads as zeros: SQLite takes the index for invalid,
/// FileWatch sees the cut file before the next commit, and the file is reported as damaged. Other causes of
/// SIGBUS end the process as ever. Once per process; further calls do nothing.
/// @thread any
void guardSharedIndex();

}  // namespace sluice::store
