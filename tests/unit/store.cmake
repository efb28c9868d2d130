foreach(name store_write store_room store_read store_schema store_manifest store_watch store_wal)
  sluice_test(${name} DEPENDS sluice_store LABELS "unit;threads")
endforeach()
