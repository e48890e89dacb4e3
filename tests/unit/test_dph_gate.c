/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate of a veto: each way in which a guard can answer, or fail to. What is guarded stays so
 * whatever the guard does, and a person always gets a reason (S1.65). */
/* LINK: host-sdk/loader/gate.c host-sdk/support/utf8.c */
/* LIBS: */
#include "loader/gate.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* What the guard of a test does; it is the plugin's `self`. */
typedef struct script {
    dph_status status;
    uint32_t decision;
    uint32_t code;
    const char *key;
    const char *message;
    int garbage; /* fill the whole verdict with 0xff, then set decision */
    int cancels; /* the caller gives up while the guard thinks */
    int asked;
} script;

static uint64_t clock_ns;
static int32_t cancelled;

static uint64_t read_clock(void *context)
{
    (void)context;
    return clock_ns;
}

static int32_t is_cancelled(const dph_call *call)
{
    (void)call;
    return cancelled;
}

static dph_status answer(dph_plugin *plugin, dph_verdict *verdict)
{
    script *self = plugin->self;
    self->asked++;
    cr_expect_eq(verdict->decision, 0, "the verdict is zeroed before the call");
    cr_expect_eq(verdict->struct_size, sizeof *verdict);
    if (self->garbage)
        memset(verdict, 0xff, sizeof *verdict);
    verdict->decision = self->decision;
    if (self->code != 0)
        verdict->code = self->code;
    if (self->key != NULL)
        memcpy(verdict->reason_key, self->key, strlen(self->key) + 1);
    if (self->message != NULL)
        memcpy(verdict->message, self->message, strlen(self->message) + 1);
    cancelled = self->cancels;
    clock_ns += 100;
    return self->status;
}

static dph_status check(dph_plugin *plugin, const dph_call *call, const dph_op *op,
                        dph_verdict *verdict)
{
    (void)call;
    script *self = plugin->self;
    if (op->kind == 0 || op->kind > DPH_OP_PURGE) {
        self->decision = DPH_DENY; /* the plugin's duty: an unknown kind is no */
        self->message = "I do not know this operation.";
    }
    return answer(plugin, verdict);
}

static dph_status validate_name(dph_plugin *plugin, const dph_call *call, uint32_t kind,
                                const dph_str *name, dph_verdict *verdict)
{
    (void)call;
    (void)kind;
    (void)name;
    return answer(plugin, verdict);
}

static const dph_hook_guard_v1 whole = {sizeof whole, 0, check, validate_name};
static const dph_hook_guard_v1 no_slots = {sizeof no_slots, 0, NULL, NULL};
static const dph_hook_guard_v1 no_size = {8, 0, check, validate_name};
static const dph_hook_guard_v1 half = {offsetof(dph_hook_guard_v1, validate_name), 0, check,
                                       validate_name};
static const dph_op edit = {.struct_size = sizeof edit, .kind = DPH_OP_EDIT};
static const dph_op unknown = {.struct_size = sizeof unknown, .kind = 4711};
static const dph_str some_name = {"Routers", 7};

static dph_call make_call(uint64_t deadline_ns)
{
    dph_call call = {.struct_size = sizeof call, .lane = DPH_LANE_HOOK};
    call.deadline_ns = deadline_ns;
    call.is_cancelled = is_cancelled;
    return call;
}

/* Every refusal looks like this, whoever gave it. */
static void expect_refusal(const char *row, const dph_verdict *v, uint32_t code, const char *text)
{
    cr_expect_eq(v->decision, DPH_DENY, "%s: decision %x", row, v->decision);
    cr_expect_eq(v->struct_size, sizeof *v, "%s", row);
    cr_expect_eq(v->code, code, "%s: code %u", row, v->code);
    cr_expect_eq(v->flags, 0, "%s", row);
    cr_expect_not_null(memchr(v->message, 0, sizeof v->message), "%s", row);
    cr_expect_not_null(memchr(v->reason_key, 0, sizeof v->reason_key), "%s", row);
    cr_expect_not_null(strstr(v->message, text), "%s: \"%s\"", row, v->message);
}

typedef struct row {
    const char *name;
    script script;
    const dph_op *op;
    uint64_t deadline_ns; /* the clock shows 1000 before and 1100 after the guard */
    uint32_t code;        /* of the refusal; 0 = allowed */
    const char *text;
} row;

static const char long_bad_text[] = "line\nbreak \x1b[31m and \xff";

static const row rows[] = {
    {"valid yes", {.decision = DPH_ALLOW}, &edit, 0, 0, ""},
    {"valid yes just in time", {.decision = DPH_ALLOW}, &edit, 1101, 0, ""},
    {"yes with stray text", {.decision = DPH_ALLOW, .code = 5, .message = "x"}, &edit, 0, 0, ""},
    {"valid no",
     {.decision = DPH_DENY, .code = 7, .key = "a.b", .message = "Ours."},
     &edit,
     0,
     7,
     "Ours."},
    {"no, late", {.decision = DPH_DENY, .code = 7, .message = "Ours."}, &edit, 1050, 7, "Ours."},
    {"no without code",
     {.decision = DPH_DENY, .message = "Ours."},
     &edit,
     0,
     DPHL_GATE_NO_CODE,
     "Ours."},
    {"no without message", {.decision = DPH_DENY, .code = 7}, &edit, 0, 7, "toy"},
    {"no with control bytes",
     {.decision = DPH_DENY, .code = 7, .message = long_bad_text},
     &edit,
     0,
     7,
     "line?break ?[31m and ?"},
    {"no, garbage without terminator",
     {.decision = DPH_DENY, .garbage = 1},
     &edit,
     0,
     0xffffffffU,
     "???"},
    {"decision unset", {.decision = 0}, &edit, 0, DPHL_GATE_NO_ANSWER, "no valid answer"},
    {"boolean 1", {.decision = 1}, &edit, 0, DPHL_GATE_NO_ANSWER, "no valid answer"},
    {"all bits",
     {.decision = 0xffffffffU, .garbage = 1},
     &edit,
     0,
     DPHL_GATE_NO_ANSWER,
     "no valid answer"},
    {"allow with error",
     {.decision = DPH_ALLOW, .status = DPH_E_INTERNAL},
     &edit,
     0,
     DPHL_GATE_ERROR,
     "failed"},
    {"allow with positive status",
     {.decision = DPH_ALLOW, .status = 1},
     &edit,
     0,
     DPHL_GATE_ERROR,
     "failed"},
    {"no with error",
     {.decision = DPH_DENY, .status = DPH_E_NOMEM, .message = "Ours."},
     &edit,
     0,
     DPHL_GATE_ERROR,
     "failed"},
    {"garbage with error",
     {.decision = DPH_ALLOW, .status = -77, .garbage = 1},
     &edit,
     0,
     DPHL_GATE_ERROR,
     "failed"},
    {"yes, late", {.decision = DPH_ALLOW}, &edit, 1050, DPHL_GATE_LATE, "in time"},
    {"yes at the deadline", {.decision = DPH_ALLOW}, &edit, 1100, DPHL_GATE_LATE, "in time"},
    {"yes, cancelled", {.decision = DPH_ALLOW, .cancels = 1}, &edit, 0, DPHL_GATE_LATE, "in time"},
    {"unknown kind", {.decision = DPH_ALLOW, .code = 9}, &unknown, 0, 9, "do not know"},
};

static void run_row(const row *row, int as_name)
{
    script self = row->script;
    dph_plugin plugin = {.struct_size = sizeof plugin, .self = &self};
    dphl_guard guard = {"toy", &plugin, &whole, read_clock, NULL};
    dph_call call = make_call(row->deadline_ns);
    dph_verdict verdict;
    memset(&verdict, 0xaa, sizeof verdict);
    clock_ns = 1000;
    cancelled = 0;
    int32_t allowed =
        as_name ? dphl_guard_validate_name(&guard, &call, DPH_NAME_FOLDER, &some_name, &verdict)
                : dphl_guard_check(&guard, &call, row->op, &verdict);
    cr_expect_eq(self.asked, 1, "%s", row->name);
    cr_expect_eq(allowed, row->code == 0, "%s: allowed %d", row->name, allowed);
    if (row->code != 0) {
        expect_refusal(row->name, &verdict, row->code, row->text);
        return;
    }
    cr_expect_eq(verdict.decision, DPH_ALLOW, "%s", row->name);
    cr_expect_eq(verdict.code, 0, "%s", row->name);
    cr_expect_str_empty(verdict.message, "%s", row->name);
}

Test(gate, only_a_clear_timely_yes_is_yes)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        run_row(&rows[i], 0);
}

/* S1.31 S1.33: nobody gets a reserved name because the guard of it is ill. */
Test(gate, names_are_judged_by_the_same_table)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].op != &unknown)
            run_row(&rows[i], 1);
    }
}

Test(gate, absent_guard_is_refused_and_named)
{
    script self = {.decision = DPH_ALLOW};
    dph_plugin plugin = {.struct_size = sizeof plugin, .self = &self};
    const dphl_guard guards[] = {
        {"toy", NULL, &whole, read_clock, NULL},       /* not loaded, quarantined, disabled */
        {"toy", &plugin, NULL, read_clock, NULL},      /* no interface */
        {"toy", &plugin, &no_slots, read_clock, NULL}, /* NULL slot */
        {"toy", &plugin, &no_size, read_clock, NULL},  /* struct too short */
    };
    dph_call call = make_call(0);
    dph_verdict verdict;
    for (size_t i = 0; i < sizeof guards / sizeof guards[0]; i++) {
        cr_expect_eq(dphl_guard_check(&guards[i], &call, &edit, &verdict), 0, "row %zu", i);
        expect_refusal("check", &verdict, DPHL_GATE_UNAVAILABLE, "toy is not available");
        cr_expect_eq(dphl_guard_validate_name(&guards[i], &call, 1, &some_name, &verdict), 0,
                     "row %zu", i);
        expect_refusal("name", &verdict, DPHL_GATE_UNAVAILABLE, "toy is not available");
    }
    cr_expect_eq(self.asked, 0);
}

Test(gate, missing_arguments_are_refused)
{
    script self = {.decision = DPH_ALLOW};
    dph_plugin plugin = {.struct_size = sizeof plugin, .self = &self};
    dphl_guard guard = {NULL, &plugin, &whole, NULL, NULL};
    dph_call call = make_call(0);
    dph_verdict verdict;
    cr_expect_eq(dphl_guard_check(NULL, &call, &edit, &verdict), 0);
    expect_refusal("no guard", &verdict, DPHL_GATE_UNAVAILABLE, "(unnamed)");
    cr_expect_eq(dphl_guard_check(&guard, NULL, &edit, &verdict), 0);
    cr_expect_eq(dphl_guard_check(&guard, &call, NULL, &verdict), 0);
    cr_expect_eq(dphl_guard_validate_name(&guard, &call, 1, NULL, &verdict), 0);
    cr_expect_eq(self.asked, 0);
    call.deadline_ns = UINT64_MAX;
    cr_expect_eq(dphl_guard_check(&guard, &call, &edit, &verdict), 0, "a deadline but no clock");
    expect_refusal("no clock", &verdict, DPHL_GATE_LATE, "in time");
}

Test(gate, shorter_interface_keeps_the_slots_it_has)
{
    script self = {.decision = DPH_ALLOW};
    dph_plugin plugin = {.struct_size = sizeof plugin, .self = &self};
    dphl_guard guard = {"toy", &plugin, &half, read_clock, NULL};
    dph_call call = make_call(0);
    dph_verdict verdict;
    cr_expect_eq(dphl_guard_check(&guard, &call, &edit, &verdict), 1);
    cr_expect_eq(dphl_guard_validate_name(&guard, &call, 1, &some_name, &verdict), 0);
    expect_refusal("too short", &verdict, DPHL_GATE_UNAVAILABLE, "not available");
}

Test(gate, reason_key_of_other_characters_is_dropped)
{
    script self = {.decision = DPH_DENY, .code = 3, .key = "<b>", .message = "No."};
    dph_plugin plugin = {.struct_size = sizeof plugin, .self = &self};
    dphl_guard guard = {"toy", &plugin, &whole, read_clock, NULL};
    dph_call call = make_call(0);
    dph_verdict verdict;
    cr_expect_eq(dphl_guard_check(&guard, &call, &edit, &verdict), 0);
    cr_expect_str_empty(verdict.reason_key);
    self.key = "toy.edit-1";
    cr_expect_eq(dphl_guard_check(&guard, &call, &edit, &verdict), 0);
    cr_expect_str_eq(verdict.reason_key, "toy.edit-1");
}

Test(gate, two_guards_refuse_when_either_does_and_both_speak)
{
    for (int bits = 0; bits < 4; bits++) {
        script first = {.decision = (bits & 1) != 0 ? DPH_ALLOW : DPH_DENY, .code = 1};
        script second = {.decision = (bits & 2) != 0 ? DPH_ALLOW : DPH_DENY, .code = 2};
        first.message = "First.";
        second.message = "Second.";
        dph_plugin one = {.struct_size = sizeof one, .self = &first};
        dph_plugin two = {.struct_size = sizeof two, .self = &second};
        const dphl_guard guards[] = {{"one", &one, &whole, read_clock, NULL},
                                     {"two", &two, &whole, read_clock, NULL}};
        dph_call call = make_call(0);
        dph_verdict verdicts[2];
        cr_expect_eq(dphl_guard_check_all(guards, 2, &call, &edit, verdicts), bits == 3);
        cr_expect_eq(first.asked + second.asked, 2, "both are asked");
        cr_expect_str_eq(verdicts[0].message, (bits & 1) != 0 ? "" : "First.");
        cr_expect_str_eq(verdicts[1].message, (bits & 2) != 0 ? "" : "Second.");
    }
    dph_call call = make_call(0);
    cr_expect_eq(dphl_guard_check_all(NULL, 0, &call, &edit, NULL), 0, "nobody asked is no yes");
}
