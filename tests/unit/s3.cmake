sluice_test(s3_signer DEPENDS sluice_s3 LABELS unit)
sluice_test(s3_client SOURCES tst_s3_client.cpp s3_bench.h s3_fake_gateway.h DEPENDS sluice_s3 Qt6::Network LABELS unit)
sluice_test(s3_refusals SOURCES tst_s3_refusals.cpp s3_bench.h s3_fake_gateway.h DEPENDS sluice_s3 Qt6::Network LABELS unit)
sluice_test(s3_gateway_admin SOURCES tst_s3_gateway_admin.cpp s3_fake_gateway.h DEPENDS sluice_s3 Qt6::Network LABELS unit)
