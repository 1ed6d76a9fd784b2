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
#include "xen/grant.h"
#include "xen/suspend.h"
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
    struct xen_info *xen;
    uint32_t suspends, restores;
    const struct lifecycle_listener *listener;
} state;

struct command {
    const char *name, *meaning;
    enum stop_reason reason;
    int code; /* of the error that ends the role; 0: it goes on */
};

static const struct command commands[] = {
    {"poweroff", "power off", STOP_POWEROFF, LIFECYCLE_STOP},
    {"halt", "halt", STOP_POWEROFF, LIFECYCLE_STOP},
    {"reboot", "reboot", STOP_REBOOT, LIFECYCLE_STOP},
    {"crash", "crash", STOP_CRASH, XEN_EIO},
    {"suspend", "suspend", STOP_POWEROFF, 0},
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
        printk_error("Toolstack: %s; expected poweroff, halt, reboot, crash or suspend\n", what);
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

/* The nodes that may be missing, or not ours to write: the commands are obeyed all the same. */
static void announce(void)
{
    xenstore_write(0, "control/feature-poweroff", "1", NULL);
    xenstore_write(0, "control/feature-reboot", "1", NULL);
    xenstore_write(0, "control/feature-suspend", "1", NULL);
}

static void stop_watching(const struct error *why)
{
    printk_error("Toolstack: " PATH " is watched no longer: %s\n", why->text);
    state.watching = false;
}

static void say_resumed(const struct suspension *suspension)
{
    uint64_t ms = suspension->away_ns / NS_PER_MS;
    uint64_t monotonic_ms = clock_monotonic_ns() / NS_PER_MS;
    uint64_t base_ms = clock_wall_base_ns() / NS_PER_MS;

    if (suspension->restored)
        printk(">> Resumed: as domain %u, away for %lu.%03lu seconds\n", state.xen->domid,
               ms / 1000, ms % 1000);
    else
        printk(">> Resumed: in place, away for %lu.%03lu seconds\n", ms / 1000, ms % 1000);
    printk("Resumed: monotonic clock %lu ms, wall clock's base %lu ms\n", monotonic_ms, base_ms);
}

/* Suspends, after the command was acknowledged. */
static bool obey_suspend(struct error *err)
{
    struct suspension suspension;
    struct error wrong;

    printk("Toolstack: suspending\n");
    if (state.listener)
        state.listener->leave(state.listener->context);
    state.suspends++;
    if (!suspend(state.xen, &suspension, err))
        return false;
    if (suspension.restored) {
        state.restores++;
        if (xenstore_resume(&wrong))
            announce();
        else
            stop_watching(&wrong);
    } else if (state.listener) {
        state.listener->stay(state.listener->context);
    }
    say_resumed(&suspension);
    return true;
}

/* Refuses what cannot be done: without an acknowledgement the toolstack gives up after a while. */
static bool can_obey(const struct command *command)
{
    struct error wrong;

    if (command->code != 0 || grant_suspend(&wrong))
        return true;
    printk_error("Toolstack: cannot suspend: %s\n", wrong.text);
    return false;
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
    if (!can_obey(command) || !xenstore_transaction(acknowledge, &command, NULL))
        return true;
    return command->code == 0 ? obey_suspend(err) : obey(command, err);
}

bool lifecycle_look(struct error *err)
{
    bool fired = false;
    struct error wrong;

    if (state.told)
        return fail_as(err, &state.told_err);
    evtchn_take(xenstore_port()); /* before the look: what comes after it ends the next sleep */
    if (!state.watching)
        return true;
    if (!xenstore_watch_fired(state.watch, &fired, &wrong))
        stop_watching(&wrong);
    return !fired || read_command(err);
}

void lifecycle_listen(const struct lifecycle_listener *listener)
{
    state.listener = listener;
}

uint32_t lifecycle_suspends(void)
{
    return state.suspends;
}

uint32_t lifecycle_restores(void)
{
    return state.restores;
}

bool lifecycle_init(struct xen_info *xen, struct error *err)
{
    state.xen = xen;
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
    uint32_t restores = state.restores;

    if (!late)
        console_flush(false);
    for (;;) {
        evtchn_port_t ports[2];
        unsigned int count = 0;
        bool come = false;
        uint64_t now;

        if (!lifecycle_look(err))
            return false;
        if ((port || watch != NO_WATCH) && state.restores != restores)
            return fail(err, LIFECYCLE_RESTORED, "this domain was restored as domain %u",
                        state.xen->domid);
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
