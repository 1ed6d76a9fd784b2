/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <dirent.h>

#include "kernel/console.h"
#include "roles/options.h"
#include "xen/hypercall.h"

#define MESSAGE_MAX (sizeof(((struct options *)0)->message) - 1)
#define KEYS                                                                                       \
    "expected role, peer, gref, name, wait, rounds, grants, pages, hold, access, side, node, "     \
    "size, ring, chunk, mode, seed, reconnect, hypercall, console, exit, wall-base or message"

static struct options defaults(void)
{
    struct options options;
    struct error err;

    assert_true(options_parse("", &options, &err));
    return options;
}

static void assert_same(const char *text, const struct options *got, const struct options *wanted)
{
    for (uint32_t i = 0; options_key(i); i++) {
        const struct options_key *key = options_key(i);
        const char *a = (const char *)got + key->offset, *b = (const char *)wanted + key->offset;

        if (key->kind == KEY_NAME || key->kind == KEY_PATH || key->kind == KEY_TEXT)
            require(!strcmp(a, b), "%s: %s <%s>, expected <%s>", text, key->name, a, b);
        else
            require(!memcmp(a, b, key->size), "%s: %s", text, key->name);
    }
}

/* Parses a copy that ends where its allocation ends. */
static bool parse(const char *text, struct options *out, struct error *err)
{
    char *exact = strdup(text);
    bool good;

    memset(out, 0xaa, sizeof(*out));
    memset(err, '?', sizeof(*err));
    good = options_parse(exact, out, err);
    free(exact);
    return good;
}

static void expect_good(const char *text, const struct options *wanted)
{
    struct options got;
    struct error err;

    require(parse(text, &got, &err), "%s: \"%s\"", text, err.text);
    assert_same(text, &got, wanted);
}

static void nothing_given_is_all_defaults(void **state)
{
    struct options options = defaults();

    (void)state;
    assert_int_equal(options.role, ROLE_NONE);
    assert_int_equal(options.peer, OPTIONS_AUTO);
    assert_int_equal(options.gref, OPTIONS_AUTO);
    assert_int_not_equal(strlen(options.message), 0);
    assert_string_equal(options.name, "default");
    assert_int_equal(options.wait, 60);
    assert_int_equal(options.rounds, 1);
    assert_int_equal(options.grants, 1);
    assert_int_equal(options.pages, 1);
    assert_int_equal(options.hold, OPTIONS_AUTO);
    assert_int_equal(options.access, ACCESS_MAP);
    assert_int_equal(options.hypercall, HYPERCALL_PAGE);
    assert_int_equal(options.consoles, CONSOLE_VGA | CONSOLE_COM1);
    assert_int_equal(options.exit, EXIT_POWEROFF);
    assert_true(options.wall_base_ms == OPTIONS_BIG_AUTO);
    expect_good("     ", &options);
}

/* Each row changes one field of the defaults. */
static void each_value_of_each_key(void **state)
{
#define FIELD(field) offsetof(struct options, field)
    static const struct {
        const char *text;
        size_t field;
        uint32_t value;
    } cases[] = {
        {"role=none", FIELD(role), ROLE_NONE},
        {"role=selftest", FIELD(role), ROLE_SELFTEST},
        {"role=writer", FIELD(role), ROLE_WRITER},
        {"role=reader", FIELD(role), ROLE_READER},
        {"role=sender", FIELD(role), ROLE_SENDER},
        {"role=receiver", FIELD(role), ROLE_RECEIVER},
        {"role=bench", FIELD(role), ROLE_BENCH},
        {"role=hypercall", FIELD(role), ROLE_HYPERCALL},
        {"role=user", FIELD(role), ROLE_USER},
        {"peer=auto", FIELD(peer), OPTIONS_AUTO},
        {"peer=0", FIELD(peer), 0},
        {"peer=7", FIELD(peer), 7},
        {"peer=32751", FIELD(peer), 0x7fef},
        {"peer=0012", FIELD(peer), 12},
        {"gref=auto", FIELD(gref), OPTIONS_AUTO},
        {"gref=8", FIELD(gref), 8},
        {"gref=4294967294", FIELD(gref), 0xfffffffe},
        {"wait=1", FIELD(wait), 1},
        {"wait=3600", FIELD(wait), 3600},
        {"rounds=1", FIELD(rounds), 1},
        {"rounds=1000000", FIELD(rounds), 1000000},
        {"grants=1", FIELD(grants), 1},
        {"grants=4194304", FIELD(grants), 4194304},
        {"pages=1", FIELD(pages), 1},
        {"pages=64", FIELD(pages), 64},
        {"hold=auto", FIELD(hold), OPTIONS_AUTO},
        {"hold=0", FIELD(hold), 0},
        {"hold=3600", FIELD(hold), 3600},
        {"access=map", FIELD(access), ACCESS_MAP},
        {"access=copy", FIELD(access), ACCESS_COPY},
        {"side=auto", FIELD(side), SIDE_AUTO},
        {"side=server", FIELD(side), SIDE_SERVER},
        {"side=client", FIELD(side), SIDE_CLIENT},
        {"size=1", FIELD(size), 1},
        {"size=4294967295", FIELD(size), 0xffffffff},
        {"ring=10", FIELD(ring), 10},
        {"ring=20", FIELD(ring), 20},
        {"chunk=1", FIELD(chunk), 1},
        {"chunk=65536", FIELD(chunk), 65536},
        {"mode=stream", FIELD(mode), MODE_STREAM},
        {"mode=packet", FIELD(mode), MODE_PACKET},
        {"mode=in-place", FIELD(mode), MODE_IN_PLACE},
        {"seed=0", FIELD(seed), 0},
        {"seed=4294967295", FIELD(seed), 0xffffffff},
        {"reconnect=1000", FIELD(reconnect), 1000},
        {"hypercall=page", FIELD(hypercall), HYPERCALL_PAGE},
        {"hypercall=direct", FIELD(hypercall), HYPERCALL_DIRECT},
        {"console=vga", FIELD(consoles), CONSOLE_VGA},
        {"console=com1", FIELD(consoles), CONSOLE_COM1},
        {"console=xen", FIELD(consoles), CONSOLE_XEN},
        {"console=vga,com1", FIELD(consoles), CONSOLE_VGA | CONSOLE_COM1},
        {"console=com1,vga,xen", FIELD(consoles), CONSOLE_VGA | CONSOLE_COM1 | CONSOLE_XEN},
        {"console=xen,xen", FIELD(consoles), CONSOLE_XEN},
        {"exit=poweroff", FIELD(exit), EXIT_POWEROFF},
        {"exit=halt", FIELD(exit), EXIT_HALT},
        /* Ways to write it: xl's raw text, GRUB's quoting, blanks around. */
        {"  role=reader  ", FIELD(role), ROLE_READER},
        {"role=\"reader\"", FIELD(role), ROLE_READER},
        {"\"role=reader\"", FIELD(role), ROLE_READER},
        {"\"role\"=reader", FIELD(role), ROLE_READER},
        {"ro\\x6ce=reader", FIELD(role), ROLE_READER},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct options wanted = defaults();

        memcpy((char *)&wanted + cases[i].field, &cases[i].value, sizeof(cases[i].value));
        expect_good(cases[i].text, &wanted);
    }
}

static void name_values(void **state)
{
    static const char *const names[] = {"a", "Pair-1_of2", "0123456789012345678901234567890"};

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct options wanted = defaults();
        char text[64];

        strcpy(wanted.name, names[i]);
        sprintf(text, "name=%s", names[i]);
        expect_good(text, &wanted);
    }
}

static void wall_base_values(void **state)
{
    static const struct {
        const char *text;
        uint64_t value;
    } cases[] = {
        {"wall-base=0", 0},
        {"wall-base=1617563766123", 1617563766123},
        {"wall-base=18446744073709551614", UINT64_MAX - 1},
        {"wall-base=auto", OPTIONS_BIG_AUTO},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct options wanted = defaults();

        wanted.wall_base_ms = cases[i].value;
        expect_good(cases[i].text, &wanted);
    }
}

static void message_quoting(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"message=hello", "hello"},
        {"message=\"hello world\"", "hello world"},   /* xl */
        {"\"message=hello world\"", "hello world"},   /* GRUB */
        {"message=say\\\"hi\\\"", "say\"hi\""},       /* GRUB, no blank */
        {"\"message=say \\\"hi\\\"\"", "say \"hi\""}, /* GRUB, with blanks */
        {"message=it\\'s", "it's"},                   /* GRUB */
        {"message=it's", "it's"},                     /* xl */
        {"message=back\\\\slash", "back\\slash"},
        {"message=\\\\x41", "\\x41"},
        {"message=\\x41\\x7e\\xC3\\xa9\\xFf", "A~\xc3\xa9\xff"},
        {"message=two\\x0alines", "two\nlines"},
        {"message=raw\xc3\xa9\tbytes\n", "raw\xc3\xa9\tbytes\n"},
        {"message=\"  kept  \"", "  kept  "},
        {"message=a=b=c", "a=b=c"},
        {"message==", "="},
        {"message=\"role=writer\"", "role=writer"},
        {"message=a\" \"b", "a b"},
        {"message=\\x20", " "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct options wanted = defaults();

        strcpy(wanted.message, cases[i].message);
        expect_good(cases[i].text, &wanted);
    }
}

static void every_key_at_once(void **state)
{
    struct options wanted = {
        .role = ROLE_WRITER,
        .peer = 3,
        .gref = 9,
        .name = "n",
        .wait = 7,
        .rounds = 8,
        .grants = 9,
        .pages = 5,
        .hold = 10,
        .access = ACCESS_COPY,
        .side = SIDE_CLIENT,
        .node = "data/vchan/x",
        .size = 11,
        .ring = 12,
        .chunk = 13,
        .mode = MODE_IN_PLACE,
        .seed = 14,
        .reconnect = 15,
        .message = "hello there",
        .hypercall = HYPERCALL_DIRECT,
        .consoles = CONSOLE_COM1,
        .exit = EXIT_HALT,
        .wall_base_ms = 12,
    };

    (void)state;
    expect_good(
        "exit=halt \"message=hello there\" gref=9 role=writer   wall-base=12 console=com1 "
        "hypercall=direct peer=3 access=copy hold=10 pages=5 grants=9 rounds=8 wait=7 name=n "
        "reconnect=15 seed=14 mode=in-place chunk=13 ring=12 size=11 node=data/vchan/x side=client",
        &wanted);
}

/* What GRUB makes of a word of its configuration file. */
static size_t grub_word(char *to, const char *word)
{
    const char *quote = strchr(word, ' ') ? "\"" : "";
    char *at = to;

    at += sprintf(at, "%s", quote);
    for (; *word; word++)
        at += sprintf(at, strchr("\\\"'", *word) ? "\\%c" : "%c", *word);
    at += sprintf(at, "%s ", quote);
    return (size_t)(at - to);
}

/* Every message survives it. (Some GRUBs pass \xNN unescaped: its letters are not in the alphabet.)
 */
static void any_message_survives_grub(void **state)
{
    static const char alphabet[] = "ab \\\"'=,\t\n~\x01\x80\xff";
    uint64_t seed = 7;

    (void)state;
    for (int round = 0; round < 5000; round++) {
        struct options wanted = defaults();
        char word[64] = "message=", text[160];
        size_t length = 1 + test_random(&seed) % 40, used;

        for (size_t i = 0; i < length; i++)
            wanted.message[i] = alphabet[test_random(&seed) % (sizeof(alphabet) - 1)];
        wanted.message[length] = '\0';
        wanted.role = ROLE_WRITER;
        strcat(word, wanted.message);
        used = grub_word(text, word);
        grub_word(text + used, "role=writer");
        expect_good(text, &wanted);
    }
}

static void message_length_limit(void **state)
{
    char text[64 + MESSAGE_MAX] = "message=";
    struct options wanted = defaults(), got;
    struct error err;

    (void)state;
    memset(wanted.message, 'm', MESSAGE_MAX);
    wanted.message[MESSAGE_MAX] = '\0';
    strcat(text, wanted.message);
    expect_good(text, &wanted);
    strcat(text, "m");
    assert_false(parse(text, &got, &err));
    assert_string_equal(err.text,
                        "bad value in \"message=mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm...\": "
                        "expected 1 to 1024 bytes");
}

#define ROLES                                                                                      \
    "expected none, idle, selftest, writer, reader, sender, receiver, bench, hypercall or user"
#define PEERS      "expected a domain id from 0 to 32751, or auto"
#define GREFS      "expected a grant reference from 8 to 4294967294, or auto"
#define CALLS      "expected page or direct"
#define CONSOLES   "expected one or more of vga, com1 and xen, separated by commas"
#define NAMES      "expected 1 to 31 letters, digits, - and _"
#define WAITS      "expected seconds from 1 to 3600"
#define ROUNDS     "expected rounds from 1 to 1000000"
#define GRANTS     "expected references from 1 to 4194304"
#define PAGES      "expected references from 1 to 64"
#define HOLDS      "expected seconds from 0 to 3600, or auto"
#define ACCESSES   "expected map or copy"
#define EXITS      "expected poweroff or halt"
#define WALL_BASES "expected milliseconds from 0 to 18446744073709551614, or auto"
#define MESSAGES   "expected 1 to 1024 bytes"
#define ESCAPES    "a backslash must stand before \\, \", ' or a byte as xNN"

static const struct {
    const char *text, *err;
} bad[] = {
    {"colour=red", "unknown key in \"colour=red\": " KEYS},
    {"role=writer writer", "unknown key in \"writer\": " KEYS},
    {"=writer", "unknown key in \"=writer\": " KEYS},
    {"\"\"", "unknown key in \"\": " KEYS},
    {"Role=writer", "unknown key in \"Role=writer\": " KEYS},
    {"roles=writer", "unknown key in \"roles=writer\": " KEYS},
    {"rol=writer", "unknown key in \"rol=writer\": " KEYS},
    {"\trole=writer", "unknown key in \"\\x09role=writer\": " KEYS},
    {"message='two words'", "unknown key in \"words'\": " KEYS},

    {"role=banana", "bad value in \"role=banana\": " ROLES},
    {"role=", "bad value in \"role=\": " ROLES},
    {"role", "bad value in \"role\": " ROLES},
    {"role=Writer", "bad value in \"role=Writer\": " ROLES},
    {"role=writers", "bad value in \"role=writers\": " ROLES},
    {"role=write", "bad value in \"role=write\": " ROLES},
    {"\"role=writer \"", "bad value in \"role=writer \": " ROLES},
    {"role=writer\tpeer=1", "bad value in \"role=writer\\x09peer=1\": " ROLES},
    {"role=writer\n", "bad value in \"role=writer\\x0a\": " ROLES},
    {"role=a\x1b[31mb", "bad value in \"role=a\\x1b[31mb\": " ROLES},

    {"peer=", "bad value in \"peer=\": " PEERS},
    {"peer=32752", "bad value in \"peer=32752\": " PEERS},
    {"peer=-1", "bad value in \"peer=-1\": " PEERS},
    {"peer=+1", "bad value in \"peer=+1\": " PEERS},
    {"peer=0x10", "bad value in \"peer=0x10\": " PEERS},
    {"peer=1a", "bad value in \"peer=1a\": " PEERS},
    {"\"peer= 1\"", "bad value in \"peer= 1\": " PEERS},
    {"peer=1:", "bad value in \"peer=1:\": " PEERS},
    {"peer=1/", "bad value in \"peer=1/\": " PEERS},
    {"peer=4294967295", "bad value in \"peer=4294967295\": " PEERS},
    {"peer=4294967296", "bad value in \"peer=4294967296\": " PEERS},
    {"peer=18446744073709551616", "bad value in \"peer=18446744073709551616\": " PEERS},
    {"peer=automatic", "bad value in \"peer=automatic\": " PEERS},

    {"peer=auto gref", "bad value in \"gref\": " GREFS}, /* nothing is left of the word before */
    {"gref=", "bad value in \"gref=\": " GREFS},
    {"gref=0", "bad value in \"gref=0\": " GREFS},
    {"gref=7", "bad value in \"gref=7\": " GREFS},
    {"gref=4294967295", "bad value in \"gref=4294967295\": " GREFS},
    {"gref=4294967304", "bad value in \"gref=4294967304\": " GREFS},
    {"gref=none", "bad value in \"gref=none\": " GREFS},

    {"name=", "bad value in \"name=\": " NAMES},
    {"name=a/b", "bad value in \"name=a/b\": " NAMES},
    {"name=..", "bad value in \"name=..\": " NAMES},
    {"\"name=a b\"", "bad value in \"name=a b\": " NAMES},
    {"name=\xc3\xa9", "bad value in \"name=\\xc3\\xa9\": " NAMES},
    {"name=01234567890123456789012345678901",
     "bad value in \"name=01234567890123456789012345678901\": " NAMES},
    {"wait=0", "bad value in \"wait=0\": " WAITS},
    {"wait=3601", "bad value in \"wait=3601\": " WAITS},
    {"wait=auto", "bad value in \"wait=auto\": " WAITS},
    {"wait=", "bad value in \"wait=\": " WAITS},
    {"rounds=0", "bad value in \"rounds=0\": " ROUNDS},
    {"rounds=1000001", "bad value in \"rounds=1000001\": " ROUNDS},
    {"grants=0", "bad value in \"grants=0\": " GRANTS},
    {"grants=4194305", "bad value in \"grants=4194305\": " GRANTS},
    {"pages=0", "bad value in \"pages=0\": " PAGES},
    {"pages=65", "bad value in \"pages=65\": " PAGES},
    {"hold=3601", "bad value in \"hold=3601\": " HOLDS},
    {"hold=-1", "bad value in \"hold=-1\": " HOLDS},
    {"access=", "bad value in \"access=\": " ACCESSES},
    {"access=swap", "bad value in \"access=swap\": " ACCESSES},
    {"side=left", "bad value in \"side=left\": expected auto, server or client"},
    {"node=", "bad value in \"node=\": expected 1 to 80 letters, digits, -, _ and /"},
    {"node=a.b", "bad value in \"node=a.b\": expected 1 to 80 letters, digits, -, _ and /"},
    {"size=0", "bad value in \"size=0\": expected bytes from 1 to 4294967295"},
    {"size=4294967296", "bad value in \"size=4294967296\": expected bytes from 1 to 4294967295"},
    {"ring=9", "bad value in \"ring=9\": expected orders from 10 to 20"},
    {"ring=21", "bad value in \"ring=21\": expected orders from 10 to 20"},
    {"chunk=0", "bad value in \"chunk=0\": expected bytes from 1 to 65536"},
    {"chunk=65537", "bad value in \"chunk=65537\": expected bytes from 1 to 65536"},
    {"mode=fast", "bad value in \"mode=fast\": expected stream, packet or in-place"},
    {"seed=-1", "bad value in \"seed=-1\": expected numbers from 0 to 4294967295"},
    {"name=a name=b", "\"name\" given twice"},

    {"hypercall=", "bad value in \"hypercall=\": " CALLS},
    {"hypercall=vmcall", "bad value in \"hypercall=vmcall\": " CALLS},

    {"console=", "bad value in \"console=\": " CONSOLES},
    {"console=vga,", "bad value in \"console=vga,\": " CONSOLES},
    {"console=,vga", "bad value in \"console=,vga\": " CONSOLES},
    {"console=vga,,com1", "bad value in \"console=vga,,com1\": " CONSOLES},
    {"console=vga,com2", "bad value in \"console=vga,com2\": " CONSOLES},
    {"console=vg", "bad value in \"console=vg\": " CONSOLES},
    {"console=vgax", "bad value in \"console=vgax\": " CONSOLES},
    {"\"console=vga, com1\"", "bad value in \"console=vga, com1\": " CONSOLES},

    {"exit=", "bad value in \"exit=\": " EXITS},
    {"exit=reboot", "bad value in \"exit=reboot\": " EXITS},

    {"wall-base=", "bad value in \"wall-base=\": " WALL_BASES},
    {"wall-base=1.5", "bad value in \"wall-base=1.5\": " WALL_BASES},
    {"wall-base=18446744073709551615",
     "bad value in \"wall-base=18446744073709551615\": " WALL_BASES},
    {"wall-base=18446744073709551616",
     "bad value in \"wall-base=18446744073709551616\": " WALL_BASES},
    {"wall-base=18446744073709551620",
     "bad value in \"wall-base=18446744073709551620\": " WALL_BASES},
    {"wall-base=99999999999999999999",
     "bad value in \"wall-base=99999999999999999999\": " WALL_BASES},

    {"message=", "bad value in \"message=\": " MESSAGES},
    {"message=\"\"", "bad value in \"message=\": " MESSAGES},
    {"message", "bad value in \"message\": " MESSAGES},

    {"role=writer role=reader", "\"role\" given twice"},
    {"role=writer role=writer", "\"role\" given twice"},
    {"peer=1 peer=2", "\"peer\" given twice"},
    {"gref=8 gref=8", "\"gref\" given twice"},
    {"message=a message=b", "\"message\" given twice"},
    {"hypercall=page hypercall=page", "\"hypercall\" given twice"},
    {"console=vga console=com1", "\"console\" given twice"},
    {"exit=halt exit=poweroff", "\"exit\" given twice"},
    {"wall-base=1 wall-base=1", "\"wall-base\" given twice"},

    {"message=\"open", "bad quoting in \"message=open\": the double quote is never closed"},
    {"\"role=writer peer=2",
     "bad quoting in \"role=writer peer=2\": the double quote is never closed"},
    {"message=\"", "bad quoting in \"message=\": the double quote is never closed"},
    {"message=a\\b", "bad quoting in \"message=a\\x5cb\": " ESCAPES},
    {"message=a\\", "bad quoting in \"message=a\\x5c\": " ESCAPES},
    {"message=a\\ b", "bad quoting in \"message=a\\x5c\": " ESCAPES},
    {"message=\\x4", "bad quoting in \"message=\\x5cx4\": " ESCAPES},
    {"message=\\x", "bad quoting in \"message=\\x5cx\": " ESCAPES},
    {"message=\\xg0", "bad quoting in \"message=\\x5cxg0\": " ESCAPES},
    {"message=\\x0g", "bad quoting in \"message=\\x5cx0g\": " ESCAPES},
    {"message=\\X41", "bad quoting in \"message=\\x5cX41\": " ESCAPES},
    {"message=a\\x00b", "bad quoting in \"message=a\\x5cx00b\": " ESCAPES},

    /* The first fault is the one that is told. */
    {"colour=red role=banana", "unknown key in \"colour=red\": " KEYS},
    {"role=banana colour=red message=\"", "bad value in \"role=banana\": " ROLES},
};

static void each_fault_is_named(void **state)
{
    struct options wanted = defaults(), got;
    struct error err;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        require(!parse(bad[i].text, &got, &err), "<%s> parsed", bad[i].text);
        require(!strcmp(err.text, bad[i].err), "<%s>: <%s>, expected <%s>", bad[i].text, err.text,
                bad[i].err);
        /* The value that stood before a key given twice is one that did parse. */
        wanted.consoles = got.consoles;
        wanted.exit = got.exit;
        wanted.hypercall = got.hypercall;
        assert_same(bad[i].text, &got, &wanted);
    }
}

static void a_fault_keeps_consoles_exit_and_hypercall(void **state)
{
    static const char *const texts[] = {
        "console=xen exit=halt hypercall=direct role=writer peer=1 gref=8 message=x wall-base=1 "
        "bad=1",
        "bad=1 console=xen exit=halt hypercall=direct role=writer peer=1 gref=8 message=x "
        "wall-base=1",
        "console=xen bad=1 role=reader exit=halt role=banana hypercall=direct message=\"open",
        "exit=halt console=xen hypercall=direct console=vga hypercall=page exit=poweroff",
    };
    struct options wanted = defaults(), got;
    struct error err;

    (void)state;
    wanted.consoles = CONSOLE_XEN;
    wanted.exit = EXIT_HALT;
    wanted.hypercall = HYPERCALL_DIRECT;
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_false(parse(texts[i], &got, &err));
        assert_same(texts[i], &got, &wanted);
    }

    wanted = defaults();
    assert_false(parse("console=none exit=never hypercall=", &got, &err));
    assert_same("bad values", &got, &wanted);
}

static void huge_lines(void **state)
{
    static const struct {
        const char *start;
        char fill;
        const char *err;
    } cases[] = {
        {"", 'a', "unknown key in \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\": " KEYS},
        {"peer=", '0', "bad value in \"peer=000000000000000000000000000000000000000...\": " PEERS},
        {"message=", '\n',
         "bad value in \"message=\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a...\": " MESSAGES},
        {"message=", '\\', NULL},
        {"message=", '"', "bad value in \"message=\": " MESSAGES},
        {"role=writer", ' ', ""},
    };
    const size_t size = 64 * 1024;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = malloc(size + 1);
        struct options options;
        struct error err = {0};
        bool good;

        memset(text, cases[i].fill, size);
        memcpy(text, cases[i].start, strlen(cases[i].start));
        text[size] = '\0';
        good = options_parse(text, &options, &err);
        require(good == (cases[i].err && !*cases[i].err), "case %zu: \"%s\"", i, err.text);
        if (cases[i].err)
            assert_string_equal(err.text, cases[i].err);
        free(text);
    }
}

static void many_words(void **state)
{
    const size_t repeats = 16 * 1024;
    char *text = calloc(repeats, sizeof("x=1 "));
    struct options options;
    struct error err;

    (void)state;
    for (size_t i = 0; i < repeats; i++)
        memcpy(text + 4 * i, "x=1 ", 4);
    strcat(text, "console=xen");
    assert_false(options_parse(text, &options, &err));
    assert_string_equal(err.text, "unknown key in \"x=1\": " KEYS);
    assert_int_equal(options.consoles, CONSOLE_XEN);
    free(text);
}

static void describe_text(void **state)
{
    struct options options = defaults();
    char text[OPTIONS_DESCRIBE_SIZE];

    (void)state;
    strcpy(options.message, "say \"hi\"\n\\ it's");
    options_describe(&options, text, sizeof(text));
    assert_string_equal(text, "role=none peer=auto gref=auto hypercall=page console=vga,com1 "
                              "exit=poweroff message=\"say \\\"hi\\\"\\x0a\\x5c it's\"");
    options.role = ROLE_SELFTEST;
    options.peer = 32751;
    options.gref = 8;
    options.hypercall = HYPERCALL_DIRECT;
    options.consoles = CONSOLE_XEN | CONSOLE_VGA;
    options.exit = EXIT_HALT;
    options.wall_base_ms = UINT64_MAX - 1;
    strcpy(options.message, "m");
    strcpy(options.name, "n");
    options.wait = 61;
    options.rounds = 2;
    options.grants = 3;
    options.pages = 4;
    options.hold = 0;
    options.access = ACCESS_COPY;
    options_describe(&options, text, sizeof(text));
    assert_string_equal(text,
                        "role=selftest peer=32751 gref=8 name=n wait=61 rounds=2 grants=3 pages=4 "
                        "hold=0 access=copy hypercall=direct console=vga,xen "
                        "exit=halt wall-base=18446744073709551614 message=\"m\"");
}

static void assert_describes(const struct options *options)
{
    char *text = malloc(OPTIONS_DESCRIBE_SIZE);
    struct options again;
    struct error err;

    options_describe(options, text, OPTIONS_DESCRIBE_SIZE);
    require(options_parse(text, &again, &err), "%s: \"%s\"", text, err.text);
    assert_same(text, &again, options);
    for (const char *at = text; *at; at++)
        assert_true(*at >= ' ' && *at <= '~');
    free(text);
}

static void describing_then_parsing_gives_the_same(void **state)
{
    uint64_t seed = 3;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct options options = {
            .role = test_random(&seed) % (ROLE_HYPERCALL + 1),
            .peer = test_random(&seed) & 1 ? OPTIONS_AUTO : (uint32_t)(test_random(&seed) % 0x7ff0),
            .gref = test_random(&seed) & 1 ? OPTIONS_AUTO
                                           : 8 + (uint32_t)(test_random(&seed) % (0xfffffffe - 7)),
            .wait = test_random(&seed) & 1 ? 60 : 1 + (uint32_t)(test_random(&seed) % 3600),
            .rounds = 1 + (uint32_t)(test_random(&seed) % 3),
            .grants = 1 + (uint32_t)(test_random(&seed) % 3),
            .pages = 1 + (uint32_t)(test_random(&seed) % 64),
            .hold = test_random(&seed) & 1 ? OPTIONS_AUTO : (uint32_t)(test_random(&seed) % 9),
            .access = test_random(&seed) % 2,
            .side = test_random(&seed) % 3,
            .size = 1 + (uint32_t)(test_random(&seed) % 0xffffffff),
            .ring = 10 + (uint32_t)(test_random(&seed) % 11),
            .chunk = 1 + (uint32_t)(test_random(&seed) % 65536),
            .mode = test_random(&seed) % 3,
            .seed = (uint32_t)test_random(&seed),
            .reconnect = (uint32_t)(test_random(&seed) % 1001),
            .hypercall = test_random(&seed) % 2,
            .consoles = 1 + test_random(&seed) % 7,
            .exit = test_random(&seed) % 2,
            .wall_base_ms = test_random(&seed) & 1 ? OPTIONS_BIG_AUTO : test_random(&seed),
        };
        size_t length = 1 + test_random(&seed) % (round % 10 ? 30 : MESSAGE_MAX);

        strcpy(options.name, test_random(&seed) & 1 ? "default" : "other");
        strcpy(options.node, test_random(&seed) & 1 ? "auto" : "data/vchan/1");
        for (size_t i = 0; i < length; i++)
            options.message[i] = (char)(1 + test_random(&seed) % 255);
        assert_describes(&options);
    }
}

static void longest_description_fits(void **state)
{
    struct options options = {
        .role = ROLE_SELFTEST,
        .peer = 32751,
        .gref = 0xfffffffe,
        .name = "0123456789012345678901234567890",
        .wait = 3600,
        .rounds = 1000000,
        .grants = 4194304,
        .pages = 64,
        .hold = 3600,
        .access = ACCESS_COPY,
        .side = SIDE_SERVER,
        .size = 0xffffffff,
        .ring = 20,
        .chunk = 65536 - 1,
        .mode = MODE_IN_PLACE,
        .seed = 0xffffffff,
        .reconnect = 1000,
        .hypercall = HYPERCALL_DIRECT,
        .consoles = CONSOLE_VGA | CONSOLE_COM1 | CONSOLE_XEN,
        .exit = EXIT_POWEROFF,
        .wall_base_ms = UINT64_MAX - 1,
    };

    (void)state;
    memset(options.message, 0xff, MESSAGE_MAX);
    memset(options.node, '/', sizeof(options.node) - 1);
    assert_describes(&options);
}

static void small_buffers_cut_the_description(void **state)
{
    struct options options = defaults();
    char whole[OPTIONS_DESCRIBE_SIZE];

    (void)state;
    strcpy(options.message, "\n\"\\ end");
    options_describe(&options, whole, sizeof(whole));
    for (unsigned int size = 1; size <= strlen(whole) + 1; size++) {
        char *text = malloc(size);

        options_describe(&options, text, size);
        assert_int_equal(strnlen(text, size), size - 1);
        assert_memory_equal(text, whole, size - 1);
        free(text);
    }
}

/* The whole of a file, in memory that the caller frees. */
static char *contents(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 65536);

    require(file, "%s: cannot open it; run this from the project's top", path);
    require(fread(text, 1, 65535, file) < 65535, "%s: larger than expected", path);
    fclose(file);
    return text;
}

static bool has_word(const char *text, const char *word)
{
    for (const char *at = text; (at = strstr(at, word)); at++)
        if (at == text || at[-1] == ' ' || at[-1] == '"' || at[-1] == '\n')
            return true;
    return false;
}

/* A fuzzer finds no key by chance: one that is in the table and in no seed is missed here. */
static void every_key_and_role_has_a_seed(void **state)
{
    static const char folder[] = "tests/fuzz/corpus/options";
    char *dictionary = contents("tests/fuzz/options.dict"), *seeds = calloc(1, 1 << 20), word[64];
    DIR *listing = opendir(folder);
    struct options options;
    struct error err;

    (void)state;
    require(listing, "%s: cannot open it; run this from the project's top", folder);
    for (struct dirent *entry; (entry = readdir(listing));) {
        char path[512], *text;

        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        text = contents(path);
        /* One that does not parse tests no value. */
        if (options_parse(text, &options, &err))
            strcat(strcat(seeds, text), "\n");
        free(text);
    }
    closedir(listing);
    assert_false(options_parse("x", &options, &err));
    for (uint32_t i = 0; options_key(i); i++) {
        require(strstr(err.text, options_key(i)->name), "<%s> lacks %s", err.text,
                options_key(i)->name);
        snprintf(word, sizeof(word), "%s=", options_key(i)->name);
        require(has_word(seeds, word), "no seed in %s has %s", folder, word);
        snprintf(word, sizeof(word), "\n\"%s=\"\n", options_key(i)->name);
        require(strstr(dictionary, word), "the fuzzer's dictionary lacks %s", options_key(i)->name);
    }
    for (uint32_t i = 0; options_role(i); i++) {
        snprintf(word, sizeof(word), "role=%s", options_role(i)->name);
        require(has_word(seeds, word), "no seed in %s has %s", folder, word);
    }
    free(dictionary);
    free(seeds);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_given_is_all_defaults),
        cmocka_unit_test(each_value_of_each_key),
        cmocka_unit_test(name_values),
        cmocka_unit_test(wall_base_values),
        cmocka_unit_test(message_quoting),
        cmocka_unit_test(every_key_at_once),
        cmocka_unit_test(any_message_survives_grub),
        cmocka_unit_test(message_length_limit),
        cmocka_unit_test(each_fault_is_named),
        cmocka_unit_test(a_fault_keeps_consoles_exit_and_hypercall),
        cmocka_unit_test(huge_lines),
        cmocka_unit_test(many_words),
        cmocka_unit_test(describe_text),
        cmocka_unit_test(describing_then_parsing_gives_the_same),
        cmocka_unit_test(longest_description_fits),
        cmocka_unit_test(small_buffers_cut_the_description),
        cmocka_unit_test(every_key_and_role_has_a_seed),
    };

    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
