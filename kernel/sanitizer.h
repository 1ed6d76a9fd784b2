/* SPDX-License-Identifier: MIT */
/* What the compiler's sanitizers call in a kernel built with SANITIZE=1. */
#pragma once

#ifdef XENOLITH_SANITIZE
/* How many reports there were so far; each was printed as it came. */
unsigned int sanitizer_reports(void);

/* Forgets the reports so far: for the test that provokes one. */
void sanitizer_forget(void);
#else
static inline unsigned int sanitizer_reports(void)
{
    return 0;
}
#endif
