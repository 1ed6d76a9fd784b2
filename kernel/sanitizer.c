/* SPDX-License-Identifier: MIT */
#include "kernel/sanitizer.h"

#include <stdint.h>
#include <stdnoreturn.h>

#include "kernel/panic.h"
#include "kernel/printk.h"

/* The first member of what every handler's first argument points to (compiler-rt: ubsan). */
struct source_location {
    const char *file;
    uint32_t line;
    uint32_t column;
};

static struct {
    unsigned int reports;
} state;

unsigned int sanitizer_reports(void)
{
    return state.reports;
}

void sanitizer_forget(void)
{
    state.reports = 0;
}

static void report(const struct source_location *at, const char *what)
{
    state.reports++;
    printk_error("UBSan: %s at %s:%u:%u\n", what, at->file, at->line, at->column);
}

/* The handlers take up to three more arguments, which the report does not need. */
#define HANDLER(name, what)                                                                        \
    void __ubsan_handle_##name(const struct source_location *at);                                  \
    void __ubsan_handle_##name(const struct source_location *at)                                   \
    {                                                                                              \
        report(at, what);                                                                          \
    }

HANDLER(add_overflow, "signed addition overflow")
HANDLER(sub_overflow, "signed subtraction overflow")
HANDLER(mul_overflow, "signed multiplication overflow")
HANDLER(negate_overflow, "signed negation overflow")
HANDLER(divrem_overflow, "division by zero or overflow")
HANDLER(shift_out_of_bounds, "shift out of bounds")
HANDLER(out_of_bounds, "index out of bounds")
HANDLER(type_mismatch_v1, "misaligned or too small object")
HANDLER(load_invalid_value, "value not valid for its type")
HANDLER(nonnull_arg, "null passed to a nonnull parameter")
HANDLER(invalid_builtin, "invalid argument to a builtin")
HANDLER(pointer_overflow, "pointer overflow")
HANDLER(vla_bound_not_positive, "array of negative size")
HANDLER(builtin_unreachable, "unreachable code reached")
HANDLER(missing_return, "function without return value")
HANDLER(function_type_mismatch, "call through a pointer of another type") /* clang 17 and later */

noreturn void __stack_chk_fail(void);
noreturn void __stack_chk_fail(void)
{
    panic("stack smashed in the function that returns to %p", __builtin_return_address(0));
}
