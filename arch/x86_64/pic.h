/* SPDX-License-Identifier: MIT */
/* The two legacy interrupt controllers, which the BIOS leaves on. Intel 8259A data sheet. */
#ifndef XENOLITH_ARCH_PIC_H
#define XENOLITH_ARCH_PIC_H

#define PIC_VECTOR 0x20 /* the 16 vectors from here on are the controllers' */

/*
 * Masks all their inputs: the BIOS's timer would arrive as a #DF. Moves their vectors behind the
 * exceptions and ignores these, as a masked controller may still raise a spurious one.
 */
void pic_disable(void);

#endif
