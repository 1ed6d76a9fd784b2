/* SPDX-License-Identifier: MIT */
/* The local APIC, as x2APIC, for interrupts that need an EOI. Intel SDM volume 3, 10.12. */
#pragma once

#include <stdbool.h>

/* Whether this CPU has the x2APIC, whose registers are MSRs. */
bool apic_is_x2apic(void);

/* Switches the local APIC of the vCPU that executes this on, as x2APIC. It may be on already. */
void apic_enable(void);

/* The end of an interrupt that came through the local APIC. */
void apic_eoi(void);

/* Sends INIT to every other vCPU: each is as before it was first started. */
void apic_reset_others(void);
