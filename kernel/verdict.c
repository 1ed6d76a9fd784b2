/* SPDX-License-Identifier: MIT */
#include "kernel/verdict.h"

#include "kernel/printk.h"
#include "kernel/sanitizer.h"
#include "kernel/stop.h"

noreturn void verdict_pass(void)
{
    if (sanitizer_reports() > 0)
        verdict_fail("the sanitizer reported undefined behaviour");
    printk(">> RESULT: PASS\n");
    stop(false);
}

noreturn void verdict_fail(const char *why)
{
    printk_error(">> RESULT: FAIL (%s)\n", why);
    stop(true);
}

noreturn void verdict_skip(const char *why)
{
    printk(">> RESULT: SKIP (%s)\n", why);
    stop(false);
}
