/* SPDX-License-Identifier: Apache-2.0
 *
 * Points, processes and counts. */
#define _GNU_SOURCE
#include "tests/support/torture.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS_MAX 64u
#define WELL_MAX 4096u

typedef struct tally {
    atomic_uint passed;
    atomic_uint failed;
    atomic_uint struck;
    atomic_uint alike; /* left what an earlier one left */
} tally;

/* What points of the scene left that was found well. */
typedef struct known {
    const crash_scene *scene;
    size_t count;
    uint8_t seen[WELL_MAX][CRASH_DIGEST];
} known;

static torture_options opts;
static tally *shared;
static known well;
static unsigned self;
static uint64_t dealt;
static uint64_t state;

/* A point lives for a second: what is kept of freed memory, and of who asked for it, would only
 * make each fork and each leak check slower. ASAN_OPTIONS in the environment wins. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "quarantine_size_mb=4:malloc_context_size=8";
}

void torture_points(uint64_t total, bool may_all,
                    bool (*run)(void *context, uint64_t at, uint64_t seed), void *context)
{
    const bool each = total <= opts.points || (opts.all && may_all) || opts.at != 0;
    for (uint64_t i = 0; i < (each ? total : opts.points); i++) {
        /* Every process draws alike, whoever's turn it is. */
        const uint64_t at = each ? i + 1 : 1 + crash_scenes_draw(&state) % total;
        const uint64_t seed = crash_scenes_draw(&state) >> 16;
        if ((opts.at == 0 || opts.at == at) && dealt++ % opts.jobs == self) {
            atomic_fetch_add(run(context, at, seed) ? &shared->passed : &shared->failed, 1);
        }
    }
}

void torture_struck(void)
{
    atomic_fetch_add(&shared->struck, 1);
}

void torture_alike(void)
{
    atomic_fetch_add(&shared->alike, 1);
}

bool torture_speaks(void)
{
    return self == 0;
}

static void hush(void)
{
    int nothing = opts.verbose ? -1 : open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nothing >= 0) {
        (void)dup2(nothing, STDERR_FILENO);
    }
}

static int run_child(void (*play)(const void *what), const void *what, bool may_speak)
{
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    crash_scenes_need(child >= 0, "fork");
    if (child == 0) {
        if (!may_speak) {
            hush();
        }
        play(what);
        _exit(0);
    }
    crash_scenes_need(waitpid(child, &status, 0) == child, "waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int torture_child(void (*play)(const void *what), const void *what)
{
    return run_child(play, what, false);
}

static void look(const void *what)
{
    _exit(crash_scenes_is_well(what) ? 0 : 1);
}

bool torture_is_well(const crash_scene *scene)
{
    uint8_t found[CRASH_DIGEST];
    crash_host_digest_files(&crash_world, found);
    if (well.scene != scene) {
        well.scene = scene;
        well.count = 0;
    }
    for (size_t i = 0; i < well.count; i++) {
        if (memcmp(well.seen[i], found, CRASH_DIGEST) == 0) {
            torture_alike();
            return true;
        }
    }
    if (run_child(look, scene, true) != 0) {
        return false;
    }
    if (well.count < WELL_MAX) {
        memcpy(well.seen[well.count++], found, CRASH_DIGEST);
    }
    return true;
}

static uint64_t number_of(const char *text)
{
    return strtoull(text, NULL, 10);
}

static void read_options(int argc, char **argv, uint64_t points)
{
    const char *seed = getenv("TEST_SEED");
    opts = (torture_options){
        .seed = seed != NULL ? number_of(seed) : 1, .points = points, .only = "", .jobs = 1};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--all") == 0) {
            opts.all = true;
        } else if (strcmp(argv[i], "--verbose") == 0) {
            opts.verbose = true;
        } else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
            opts.seed = number_of(argv[++i]);
        } else if (strcmp(argv[i], "--points") == 0 && i + 1 < argc) {
            opts.points = number_of(argv[++i]);
        } else if (strcmp(argv[i], "--at") == 0 && i + 1 < argc) {
            opts.at = number_of(argv[++i]);
        } else if (strcmp(argv[i], "--jobs") == 0 && i + 1 < argc) {
            opts.jobs = (unsigned)number_of(argv[++i]);
        } else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
            opts.only = argv[++i];
        }
    }
    crash_scenes_need(opts.jobs >= 1 && opts.jobs <= JOBS_MAX, "--jobs");
}

static void make_scenes(const void *nothing)
{
    (void)nothing;
    crash_scenes_make();
}

static void work(unsigned number, void (*play_scene)(const crash_scene *scene))
{
    self = number;
    state = opts.seed;
    crash_scenes_init();
    crash_scenes_need(run_child(make_scenes, NULL, true) == 0, "the scenes are not made");
    for (size_t i = 0; i < crash_scene_count; i++) {
        if (strstr(crash_scenes[i].name, opts.only) != NULL) {
            play_scene(&crash_scenes[i]);
        }
    }
    crash_host_done(&crash_world);
    (void)fflush(NULL);
    _exit(0);
}

static void wait_for(pid_t worker)
{
    int status = 0;
    crash_scenes_need(waitpid(worker, &status, 0) == worker, "waitpid");
    if (status != 0) {
        (void)printf("FAILED a process ended early (%x)\n", (unsigned)status);
        atomic_fetch_add(&shared->failed, 1);
    }
}

int torture_main(int argc, char **argv, uint64_t points,
                 void (*play_scene)(const crash_scene *scene))
{
    pid_t workers[JOBS_MAX];
    read_options(argc, argv, points);
    (void)printf("seed %llu\n", (unsigned long long)opts.seed);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    crash_scenes_need(shared != MAP_FAILED, "memory");
    (void)fflush(NULL);
    for (unsigned i = 0; i < opts.jobs; i++) {
        workers[i] = fork();
        crash_scenes_need(workers[i] >= 0, "fork");
        if (workers[i] == 0) {
            work(i, play_scene);
        }
    }
    for (unsigned i = 0; i < opts.jobs; i++) {
        wait_for(workers[i]);
    }
    const unsigned struck = atomic_load(&shared->struck);
    const unsigned passed = atomic_load(&shared->passed);
    const unsigned failed = atomic_load(&shared->failed);
    (void)printf("%u faults struck, %u left what an earlier one had left\n%u passed, %u failed\n",
                 struck, atomic_load(&shared->alike), passed, failed);
    /* Some points lie behind the end, since not every run counts alike; most must not. */
    return failed == 0 && passed > 0 && struck > passed / 2 ? 0 : 1;
}

/* There in a sanitized build only. */
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

bool torture_leaks(void)
{
    return __lsan_do_recoverable_leak_check != NULL && __lsan_do_recoverable_leak_check() != 0;
}
