/* SPDX-License-Identifier: MIT */
/* Programs that do what they must not, as TAP: each ends, and the kernel goes on. */
#pragma once

void check_hostile(void);
