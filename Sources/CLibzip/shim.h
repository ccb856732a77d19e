#pragma once
#include <zip.h>

// What libzip offers as macros only, which Swift does not see.

static const zip_int32_t vitrine_zip_store = ZIP_CM_STORE;
static const zip_uint8_t vitrine_zip_unix = ZIP_OPSYS_UNIX;
// 1 January 1980, 00:00:00, the first moment that a ZIP can name.
static const zip_uint16_t vitrine_zip_date = (1 << 5) | 1;
