sluice_test(worker_frame DEPENDS sluice_worker LABELS unit)
sluice_test(worker_child_channel DEPENDS sluice_worker LABELS unit)
