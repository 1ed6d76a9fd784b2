/* SPDX-License-Identifier: MIT */
/* The programs' numbers, with which role=user starts them. */
#pragma once

#include <stdint.h>

enum program_number {
#define PROGRAM(id, function) RUN_##id,
#include "user/programs.def"
#undef PROGRAM
    PROGRAM_COUNT
};
