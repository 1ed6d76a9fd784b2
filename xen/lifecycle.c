/* SPDX-License-Identifier: MIT */
#include "xen/lifecycle.h"

#include "kernel/console.h"
#include "kernel/printk.h"
#include "kernel/stop.h"
#include "lib/format.h"
#include "lib/string.h"
#include "lib/units.h"
#include "xen/clock.h"
#include "xen/evtchn.h"
#include "xen/xenstore.h"

#define PATH         "control/shutdown"
#define COMMAND_SIZE 16
#define VALUE_SHOWN  40
#define LOOK_EVERY   NS_PER_SECOND /* at whether xenstored still serves us */
#define NO_WATCH     UINT32_MAX

static struct {
    bool watching;
    uint32_t watch;
    bool complained;
    bool told;
    struct error told_err;
} state;

struct command {
    const char *name, *meaning;
    enum stop_reason reason;
    int code; /* of the error that ends the role */
};

static const struct command commands[] = {
    {"poweroff", "power off", STOP_POWEROFF, LIFECYCLE_STOP},
    {"halt", "halt", STOP_POWEROFF, LIFECYCLE_STOP},
    {"reboot", "reboot", STOP_REBOOT, LIFECYCLE_STOP},
    {"crash", "crash", STOP_CRASH, XEN_EIO},
};

static const struct command *find(const char *name)
{
    for (unsigned int i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    return NULL;
}

/* ---- What is asked for ---- */

static void complain(const char *what)
{
    if (!state.complained)
        printk_error("Toolstack: %s; expected poweroff, halt, reboot or crash\n", what);
    state.complained = true;
}

/* A command that we do not know: whoever wrote it may write more of them. */
static void complain_of(const char *value)
{
    char shown[VALUE_SHOWN], text[VALUE_SHOWN + 32];

    string_escape(shown, sizeof(shown), value, strlen(value));
    format(text, sizeof(text), PATH ": \"%s\"", shown);
    complain(text);
}

/* Acknowledges, unless the command has changed meanwhile: XEN_EBUSY. */
static bool acknowledge(uint32_t transaction, void *context, struct error *err)
{
    const struct command *const *command = context;
    char value[COMMAND_SIZE];

    if (!xenstore_read(transaction, PATH, value, sizeof(value), err))
        return false;
    if (strcmp(value, (*command)->name) != 0)
        return fail(err, XEN_EBUSY, PATH " has changed");
    return xenstore_write(transaction, PATH, "", err);
}

static bool obey(const struct command *command, struct error *err)
{
    printk(">> The toolstack told this domain to %s\n", command->meaning);
    fail(&state.told_err, command->code, "the toolstack told this domain to %s", command->meaning);
    state.told = true;
    stop_as(command->reason);
    return fail_as(err, &state.told_err);
}

static void stop_watching(const struct error *why)
{
    printk_error("Toolstack: " PATH " is watched no longer: %s\n", why->text);
    state.watching = false;
}

/* Reads what is asked for, and obeys. */
static bool read_command(struct error *err)
{
    const struct command *command;
    char value[COMMAND_SIZE];
    struct error wrong;

    if (!xenstore_read(0, PATH, value, sizeof(value), &wrong)) {
        if (wrong.code == XEN_E2BIG || wrong.code == XEN_EINVAL)
            complain(wrong.text);
        return true; /* a node that is not there asks for nothing */
    }
    if (value[0] == '\0')
        return true;
    command = find(value);
    if (!command) {
        complain_of(value);
        return true;
    }
    /* A command that was withdrawn meanwhile, or has changed, fires the watch again. */
    return !xenstore_transaction(acknowledge, &command, NULL) || obey(command, err);
}

bool lifecycle_look(struct error *err)
{
    bool fired = false;
    struct error wrong;

    if (state.told)
        return fail_as(err, &state.told_err);
    if (!state.watching)
        return true;
    evtchn_take(xenstore_port()); /* before the look: what comes after it ends the next sleep */
    if (!xenstore_watch_fired(state.watch, &fired, &wrong))
        stop_watching(&wrong);
    return !fired || read_command(err);
}

/* The nodes that may be missing, or not ours to write: the commands are obeyed all the same. */
static void announce(void)
{
    xenstore_write(0, "control/feature-poweroff", "1", NULL);
    xenstore_write(0, "control/feature-reboot", "1", NULL);
    xenstore_write(0, "control/feature-suspend", "0", NULL);
}

bool lifecycle_init(struct error *err)
{
    if (!evtchn_init(err) || !xenstore_init(err) || !xenstore_watch(PATH, &state.watch, err))
        return false;
    state.watching = true;
    announce();
    return true;
}

/* ---- The waits ---- */

/* Waits for an event on `port`, unless it is 0, or for `watch`, unless it is NO_WATCH. */
static bool wait_for(evtchn_port_t port, uint32_t watch, uint64_t deadline, struct error *err)
{
    /* Before taking an event: a caller that waits again after each one would never end. */
    bool late = clock_monotonic_ns() >= deadline;

    if (!late)
        console_flush(false);
    for (;;) {
        evtchn_port_t ports[2];
        unsigned int count = 0;
        bool come = false;
        uint64_t now;

        if (!lifecycle_look(err))
            return false;
        if (watch != NO_WATCH && !xenstore_watch_fired(watch, &come, err))
            return false;
        if (come || (port && !late && evtchn_take(port)))
            return true;
        now = clock_monotonic_ns();
        if (late || now >= deadline)
            return fail(err, XEN_ETIME, "nothing came before the deadline");
        if (port)
            ports[count++] = port;
        if (xenstore_port())
            ports[count++] = xenstore_port();
        if (xenstore_port() && deadline - now > LOOK_EVERY)
            now += LOOK_EVERY;
        else
            now = deadline;
        if (!evtchn_sleep(ports, count, now, err))
            return false;
    }
}

bool lifecycle_sleep(uint64_t ns, struct error *err)
{
    struct error wrong;

    return (!wait_for(0, NO_WATCH, clock_monotonic_ns() + ns, &wrong) && wrong.code == XEN_ETIME)
               ? clock_check(err)
               : fail_as(err, &wrong);
}

bool lifecycle_wait_event(evtchn_port_t port, uint64_t deadline, struct error *err)
{
    return wait_for(port, NO_WATCH, deadline, err);
}

bool lifecycle_wait_watch(uint32_t watch, uint64_t deadline, struct error *err)
{
    return wait_for(0, watch, deadline, err);
}
