/* SPDX-License-Identifier: MIT */
#include "boot/pvh.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_boot_parser(pvh_parse, data, size);
    return 0;
}
