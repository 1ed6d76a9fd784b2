/* SPDX-License-Identifier: MIT */
#include "tests/guests/caller32.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/tap.h"
#include "lib/format.h"

static unsigned int checks, failures;

/* Compilers call these to divide 64 bits; their library for 32-bit code is not installed. */
uint64_t __udivmoddi4(uint64_t dividend, uint64_t divisor, uint64_t *remainder);
uint64_t __udivdi3(uint64_t dividend, uint64_t divisor);
uint64_t __umoddi3(uint64_t dividend, uint64_t divisor);

uint64_t __udivmoddi4(uint64_t dividend, uint64_t divisor, uint64_t *remainder)
{
    uint64_t quotient = 0, rest = 0;

    for (int bit = 63; bit >= 0; bit--) {
        rest = rest << 1 | (dividend >> bit & 1);
        if (rest >= divisor) {
            rest -= divisor;
            quotient |= 1ull << bit;
        }
    }
    if (remainder)
        *remainder = rest;
    return quotient;
}

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor)
{
    return __udivmoddi4(dividend, divisor, NULL);
}

uint64_t __umoddi3(uint64_t dividend, uint64_t divisor)
{
    uint64_t remainder;

    __udivmoddi4(dividend, divisor, &remainder);
    return remainder;
}

void say(const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    format_v(text, sizeof(text), format, arguments);
    va_end(arguments);
    print(text);
}

bool tap_check(bool passed, const char *format, ...)
{
    char text[200];
    va_list arguments;

    va_start(arguments, format);
    format_v(text, sizeof(text), format, arguments);
    va_end(arguments);
    checks++;
    failures += !passed;
    say("%s %u - %s\n", passed ? "ok" : "not ok", checks, text);
    return passed;
}

void tap_skip(const char *name, const char *reason)
{
    checks++;
    say("ok %u - %s # SKIP %s\n", checks, name, reason);
}

bool verdict(void)
{
    say("1..%u\n", checks);
    say(failures ? ">> RESULT: FAIL (%u hypercall checks failed)\n" : ">> RESULT: PASS\n",
        failures);
    return failures == 0;
}
