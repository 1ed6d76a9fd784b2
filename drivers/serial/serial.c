/* SPDX-License-Identifier: MIT */
#include "drivers/serial/serial.h"

#include <stdint.h>

#include "arch/x86_64/cpu.h"
#include "kernel/console.h"

#define COM1 0x3f8

/* Register offsets; the first two are the divisor while DLAB is set. */
enum {
    DATA = 0,
    INTERRUPT_ENABLE = 1,
    FIFO_CONTROL = 2,
    LINE_CONTROL = 3,
    MODEM_CONTROL = 4,
    LINE_STATUS = 5
};

#define LINE_8N1              0x03
#define LINE_DLAB             0x80
#define FIFO_ENABLE_AND_CLEAR 0x07
#define MODEM_DTR_RTS         0x03
#define MODEM_LOOPBACK        0x10
#define STATUS_DATA_READY     0x01
#define STATUS_EMPTY          0x20

#define FIFO_DEPTH 16
#define WAIT_TICKS (1ull << 33) /* TSC: 1.7 s at 5 GHz; 16 bytes at 115200 baud take 1.4 ms */

static struct {
    bool gave_up;
} state;

static bool wait_for(uint8_t status)
{
    uint64_t since = tsc_read_ordered();

    while (!(port_read8(COM1 + LINE_STATUS) & status))
        if (tsc_read_ordered() - since > WAIT_TICKS)
            return false;
    return true;
}

/*
 * Sends up to FIFO_DEPTH bytes. One string instruction, which leaves a Xen guest once where as many
 * single OUTs would leave it for each byte.
 */
static void send_bytes(const char *bytes, size_t size)
{
    if (state.gave_up || !wait_for(STATUS_EMPTY)) {
        state.gave_up = true;
        return;
    }
    __asm__ volatile("rep outsb" : "+S"(bytes), "+c"(size) : "d"(COM1 + DATA) : "memory");
}

static void serial_write(const char *text, size_t size, bool alarm)
{
    char chunk[FIFO_DEPTH];
    size_t filled = 0;
    for (size_t i = 0; i < size; i++) {
        if (filled > FIFO_DEPTH - 2) {
            send_bytes(chunk, filled);
            filled = 0;
        }
        if (text[i] == '\n')
            chunk[filled++] = '\r';
        chunk[filled++] = text[i];
    }
    send_bytes(chunk, filled);
}

static bool loops_back(uint8_t byte)
{
    port_write8(COM1 + DATA, byte);
    return wait_for(STATUS_DATA_READY) && port_read8(COM1 + DATA) == byte;
}

bool serial_init(struct error *err)
{
    static struct console_sink sink = {.id = CONSOLE_COM1, .write = serial_write};

    port_write8(COM1 + INTERRUPT_ENABLE, 0);
    port_write8(COM1 + LINE_CONTROL, LINE_DLAB);
    port_write8(COM1 + DATA, 1); /* divisor 1: 115200 baud */
    port_write8(COM1 + INTERRUPT_ENABLE, 0);
    port_write8(COM1 + LINE_CONTROL, LINE_8N1);
    if (port_read8(COM1 + LINE_CONTROL) != LINE_8N1) /* nothing there: reads as 0xff */
        return fail(err, XEN_ENODEV, "no UART at port 0x%x", COM1);
    port_write8(COM1 + FIFO_CONTROL, FIFO_ENABLE_AND_CLEAR);
    port_write8(COM1 + MODEM_CONTROL, MODEM_DTR_RTS | MODEM_LOOPBACK);
    if (!loops_back(0x58) || !loops_back(0xa7))
        return fail(err, XEN_ENODEV, "the UART at port 0x%x does not loop back", COM1);
    port_write8(COM1 + MODEM_CONTROL, MODEM_DTR_RTS);
    console_register(&sink);
    return true;
}
