/* SPDX-License-Identifier: Apache-2.0
 *
 * Long random lives (life.h): nothing is lost, nothing is shown at the wrong place, whatever comes.
 *
 *   test_life [--seed FIRST] [--seeds N] [--steps N] [--verbose]
 *
 * A life that fails is played again without the steps that it can do without, and what is left is
 * told. The first seed is TEST_SEED's of the environment.
 */
/* LINK: tests/support/fake_ports.c tests/support/fake_store*.c tests/support/fake_graph*.c
 * tests/support/sync_world.c tests/support/life.c tests/support/life_?*.c
 * plugin/src/usecase/?*.c
 * plugin/src/base/?*.c plugin/src/domain/?*.c plugin/src/state/?*.c plugin/src/graph/decode?*.c
 * plugin/src/graph/decode.c plugin/src/graph/assertion.c plugin/src/graph/challenge.c
 * plugin/src/graph/device_code.c plugin/src/graph/endpoints.c plugin/src/graph/json_batch.c
 * plugin/src/graph/http_date.c plugin/src/graph/origin.c
 * plugin/src/graph/token?*.c plugin/src/graph/token.c host-sdk/support/?*.c
 */
/* LIBS: -lsodium -ljansson -lpcre2-8 -lutf8proc -lcrypto */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/life.h"

#define STEPS_MAX 2000u

typedef struct options {
    uint64_t seed;
    uint64_t seeds;
    uint32_t steps;
    bool verbose;
} options;

/* In shared memory: what a child that lived it leaves. */
typedef struct lived {
    uint32_t steps; /* done */
    bool fine;
    char failure[400];
} lived;

static lived *result;

static void live(const life_step *steps, uint32_t count)
{
    life *l = calloc(1, sizeof *l);
    if (l == NULL)
        abort();
    life_begin(l);
    bool fine = l->failure[0] == '\0';
    for (uint32_t i = 0; fine && i < count; i++) {
        result->steps = i + 1;
        fine = life_live(l, &steps[i]);
    }
    for (uint32_t i = 0; fine && i < LIFE_TENANTS; i++)
        l->tenants[i].world.not_entitled = false;
    fine = fine && life_last(l);
    (void)snprintf(result->failure, sizeof result->failure, "%s", l->failure);
    life_end(l);
    free(l);
    result->fine = fine;
}

/* In a child, so that a crash is a failure like others. */
static bool is_well(const life_step *steps, uint32_t count, bool verbose)
{
    int status = 0;
    memset(result, 0, sizeof *result);
    (void)fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        const int nowhere = open("/dev/null", O_WRONLY);
        if (!verbose && nowhere >= 0)
            (void)dup2(nowhere, STDERR_FILENO);
        live(steps, count);
        exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        (void)snprintf(result->failure, sizeof result->failure, "a crash, %d", status);
        result->fine = false;
    }
    return result->fine;
}

/* Leaves out ever smaller pieces, as long as it goes on failing. */
static uint32_t shrink(life_step *steps, uint32_t count)
{
    life_step *fewer = calloc(STEPS_MAX, sizeof *fewer);
    if (fewer == NULL)
        abort();
    for (uint32_t piece = count / 2; piece > 0; piece /= 2) {
        for (uint32_t at = 0; at + piece <= count;) {
            memcpy(fewer, steps, at * sizeof *fewer);
            memcpy(fewer + at, steps + at + piece, (count - at - piece) * sizeof *fewer);
            if (is_well(fewer, count - piece, false)) {
                at += piece;
                continue;
            }
            count -= piece;
            memcpy(steps, fewer, count * sizeof *fewer);
            if (result->steps > 0 && result->steps < count)
                count = result->steps;
        }
    }
    free(fewer);
    return count;
}

static void tell(uint64_t seed, life_step *steps, uint32_t count, bool verbose)
{
    char text[160];
    (void)printf("FAILED seed %llu: %s\n", (unsigned long long)seed, result->failure);
    count = shrink(steps, result->steps < count && result->steps > 0 ? result->steps : count);
    (void)is_well(steps, count, verbose);
    (void)printf("  %u steps are enough: %s\n", count, result->failure);
    for (uint32_t i = 0; i < count; i++) {
        life_describe(&steps[i], text, sizeof text);
        (void)printf("    %s\n", text);
    }
}

static options read_options(int argc, char **argv)
{
    const char *seed = getenv("TEST_SEED");
    options o = {seed != NULL ? strtoull(seed, NULL, 10) : 1, 24, 100, false};
    for (int i = 1; i < argc; i++) {
        const bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "--seed") == 0 && has_value)
            o.seed = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seeds") == 0 && has_value)
            o.seeds = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--steps") == 0 && has_value)
            o.steps = (uint32_t)strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--verbose") == 0)
            o.verbose = true;
    }
    o.steps = o.steps < STEPS_MAX ? o.steps : STEPS_MAX;
    return o;
}

int main(int argc, char **argv)
{
    const options o = read_options(argc, argv);
    uint64_t failed = 0;
    life_step *steps = calloc(STEPS_MAX, sizeof *steps);
    result = mmap(NULL, sizeof *result, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (steps == NULL || result == MAP_FAILED)
        abort();
    (void)printf("seed %llu\n", (unsigned long long)o.seed);
    for (uint64_t i = 0; i < o.seeds; i++) {
        life_draw(o.seed + i, steps, o.steps);
        if (is_well(steps, o.steps, o.verbose))
            continue;
        failed++;
        tell(o.seed + i, steps, o.steps, o.verbose);
    }
    free(steps);
    (void)printf("%llu passed, %llu failed\n", (unsigned long long)(o.seeds - failed),
                 (unsigned long long)failed);
    return failed == 0 && o.seeds > 0 ? 0 : 1;
}
