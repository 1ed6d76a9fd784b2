// SPDX-License-Identifier: MIT
#include "kernel/cmdline.h"
#include "kernel/shared_page.h"
#include "tests/fuzz/fuzz.h"

static bool same(const struct cmdline *a, const struct cmdline *b)
{
    return a->role == b->role && a->peer == b->peer && a->gref == b->gref &&
           !strcmp(a->name, b->name) && a->wait == b->wait && a->count == b->count &&
           a->grants == b->grants && a->hold == b->hold && a->by == b->by &&
           !strcmp(a->message, b->message) && a->hypercall == b->hypercall &&
           a->consoles == b->consoles && a->exit == b->exit && a->epoch_given == b->epoch_given &&
           a->epoch_ms == b->epoch_ms;
}

static void must_be_in_range(const struct cmdline *line)
{
    const uint32_t consoles = CONSOLE_VGA | CONSOLE_COM1 | CONSOLE_XEN;
    size_t length = strnlen(line->message, sizeof(line->message));

    must(cmdline_role_name(line->role));
    must(line->peer <= 0x7fef || line->peer == CMDLINE_PEER_AUTO);
    must(line->gref >= 8);
    must(line->name[0] && strnlen(line->name, sizeof(line->name)) <= CMDLINE_NAME_MAX);
    must(line->wait >= 1 && line->wait <= 3600);
    must(line->count >= 1 && line->count <= SHARED_PAGE_ROUNDS);
    must(line->grants >= 1 && line->grants <= 4194304);
    must(line->hold <= 3600 || line->hold == CMDLINE_HOLD_AUTO);
    must(line->by <= BY_COPY);
    must(length > 0 && length <= CMDLINE_MESSAGE_MAX);
    must(line->hypercall <= HYPERCALL_DIRECT);
    must(line->consoles && !(line->consoles & ~consoles));
    must(line->exit <= EXIT_HALT);
    must(line->epoch_given || !line->epoch_ms);
}

// What parses describes itself in printable text that parses to the same.
static void must_describe_itself(const struct cmdline *line)
{
    static char text[CMDLINE_DESCRIBE_SIZE];
    struct cmdline again;
    struct why why;

    memset(text, 0xaa, sizeof(text));
    cmdline_describe(line, text, sizeof(text));
    must_be_printable(text, sizeof(text));
    must(cmdline_parse(text, &again, &why));
    must(same(line, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct cmdline line, defaults, wanted;
    struct why why = {""};

    memcpy(text, data, size);
    text[size] = '\0';
    must(cmdline_parse("", &defaults, &why));
    memset(&line, 0xaa, sizeof(line));
    if (!cmdline_parse(text, &line, &why)) {
        must_be_a_reason(&why);
        wanted = defaults;
        wanted.consoles = line.consoles;
        wanted.exit = line.exit;
        wanted.hypercall = line.hypercall;
        must(same(&line, &wanted));
    }
    must_be_in_range(&line);
    must_describe_itself(&line);
    free(text);
    return 0;
}
