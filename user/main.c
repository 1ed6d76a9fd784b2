/* SPDX-License-Identifier: MIT */
#include "user/programs.h"
#include "user/user.h"

uint64_t user_main(uint64_t number, uint64_t argument);

/* user/crt.asm comes here, and exits with what this returns. */
uint64_t user_main(uint64_t number, uint64_t argument)
{
    static program *const programs[PROGRAM_COUNT] = {
#define PROGRAM(id, function) [RUN_##id] = (function),
#include "user/programs.def"
#undef PROGRAM
    };

    return number < PROGRAM_COUNT ? programs[number](argument) : UINT64_MAX;
}
