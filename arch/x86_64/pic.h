/* SPDX-License-Identifier: MIT */
/* The two legacy interrupt controllers, which the BIOS leaves on. Intel 8259A data sheet. */
#pragma once

#define PIC_VECTOR 0x20 /* the first of their vectors, behind those of the exceptions */
#define PIC_INPUTS 16

/*
 * Masks all their inputs: the BIOS's timer would arrive as a #DF, and, while interrupts are off,
 * end every SCHEDOP_poll at once. Moves their vectors behind the exceptions, as even a masked
 * controller may raise a spurious one.
 */
void pic_disable(void);
