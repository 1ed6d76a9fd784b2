/* SPDX-License-Identifier: MIT */
#include "arch/x86_64/pic.h"

#include "arch/x86_64/cpu.h"

#define MASTER_COMMAND 0x20
#define MASTER_DATA    0x21
#define SLAVE_COMMAND  0xa0
#define SLAVE_DATA     0xa1

#define ICW1_INIT_ICW4 0x11
#define ICW4_8086      0x01
#define SLAVE_INPUT    2

void pic_disable(void)
{
    port_write8(MASTER_COMMAND, ICW1_INIT_ICW4);
    port_write8(SLAVE_COMMAND, ICW1_INIT_ICW4);
    port_write8(MASTER_DATA, PIC_VECTOR);
    port_write8(SLAVE_DATA, PIC_VECTOR + PIC_INPUTS / 2);
    port_write8(MASTER_DATA, 1u << SLAVE_INPUT);
    port_write8(SLAVE_DATA, SLAVE_INPUT);
    port_write8(MASTER_DATA, ICW4_8086);
    port_write8(SLAVE_DATA, ICW4_8086);
    port_write8(MASTER_DATA, 0xff);
    port_write8(SLAVE_DATA, 0xff);
}
