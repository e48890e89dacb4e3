/* SPDX-License-Identifier: Apache-2.0
 *
 * The one surface of the sample host: every front (command line, socket, REST) turns what it hears
 * into a host_request and what it gets back into its own output. Knows no front. */
#ifndef HOST_COMMAND_H
#define HOST_COMMAND_H

#include "sample-host/src/base/host_error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct host host;
typedef struct host_viewer host_viewer;

/* Who asks. The local administrator is kind DPH_ACTOR_LOCAL with role DPH_ROLE_ADMINISTRATOR. */
typedef struct host_actor {
    uint32_t kind;              /* DPH_ACTOR_* */
    uint32_t role;              /* DPH_ROLE_* */
    uint32_t source;            /* DPH_SOURCE_* */
    uint32_t os_uid;            /* or DPH_UID_UNKNOWN */
    const char *name;           /* terminated, never NULL */
    const char *remote_address; /* terminated; "" when local */
    const char *as_user;        /* id or name of the user it acts as; NULL = none, the role above */
} host_actor;

/* Bytes in sodium_malloc memory. All zero = none. */
typedef struct host_secret {
    unsigned char *ptr;
    size_t len;
    size_t cap;
} host_secret;

/* Makes room for `cap` bytes, len 0. False when memory runs out. */
bool host_secret_init(host_secret *secret, size_t cap);
/* Wipes and frees; all zero afterwards. NULL-safe. */
void host_secret_done(host_secret *secret);

typedef struct host_request {
    const char *command; /* "folder list", "password add", ... */
    /* An object: long option names without dashes, '-' written as '_'; positionals under the names
     * of the command table; options with HOST_OPTION_REPEAT are arrays of strings, those with
     * HOST_OPTION_FLAG are true, those with HOST_OPTION_INT integers, all others strings. */
    const json_t *args;
    const host_secret *secret; /* one token or password from standard input, or NULL */
    host_actor actor;
    const host_viewer *viewer;       /* set by host_command_run; what the actor may see */
    int (*cancelled)(void *context); /* may be NULL; called from any thread */
    void *cancel_ctx;
    /* May be NULL; called from any thread. total 0 = not known. */
    void (*progress)(void *context, const char *unit, uint64_t done, uint64_t total);
    void *progress_ctx;
} host_request;

#define HOST_EXIT_DONE 0
#define HOST_EXIT_REFUSED 1
#define HOST_EXIT_USAGE 2

typedef struct host_reply {
    int exit_code;                   /* HOST_EXIT_* */
    dph_status status;               /* DPH_OK or DPH_E_*: finer than the exit code */
    uint32_t code;                   /* number for machines, 0 = none */
    char message[HOST_MESSAGE_SIZE]; /* why not; or, when done, one sentence or "" */
    json_t *body;                    /* object or NULL; lists are under "rows" */
    host_secret secret;              /* only from commands with HOST_COMMAND_PRINTS_SECRET */
} host_reply;

/* Starts empty. */
void host_reply_init(host_reply *reply);
/* Drops the body, wipes the secret. NULL-safe. */
void host_reply_done(host_reply *reply);

/* Flags of an option. */
#define HOST_OPTION_REQUIRED 1u
#define HOST_OPTION_REPEAT 2u
#define HOST_OPTION_FLAG 4u       /* takes no value */
#define HOST_OPTION_POSITIONAL 8u /* given by place, in the order of the table */
#define HOST_OPTION_INT 16u
#define HOST_OPTION_PATH 32u           /* a file: made absolute before it goes to a server */
#define HOST_OPTION_ASKS_SECRET 64u    /* given = one secret on standard input */
#define HOST_OPTION_SPARES_SECRET 128u /* given = none, whatever the command's flags say */

typedef struct host_option {
    const char *name; /* with dashes between words, without leading dashes: "client-id" */
    uint32_t flags;   /* HOST_OPTION_* */
    const char *value_name;
    const char *help;
} host_option;

/* Flags of a command. */
#define HOST_COMMAND_NO_DATA 1u            /* works without DIR: host may be NULL */
#define HOST_COMMAND_OFFLINE_ONLY 2u       /* never through a running server */
#define HOST_COMMAND_READS_SECRET 4u       /* one secret on standard input, always */
#define HOST_COMMAND_PRINTS_SECRET 8u      /* reply.secret is the output */
#define HOST_COMMAND_LIST 16u              /* body.rows is an array of objects */
#define HOST_COMMAND_MAY_READ_SECRET 32u   /* a secret on standard input when there is one */
#define HOST_COMMAND_WRITES 64u            /* changes the data */
#define HOST_COMMAND_WAITS 128u            /* waits for the others under way: is not one of them */
#define HOST_COMMAND_BARE 256u             /* runs with HOST_OPEN_BARE: the store may be damaged */
#define HOST_COMMAND_READS_FILE 512u       /* the secret is the content of the argument "file" */
#define HOST_COMMAND_PRINTS_TEXT 1024u     /* body.content, if there, is the output as it is */
#define HOST_COMMAND_SECRET_BY_GRANT 2048u /* a secret unless a person signs in elsewhere */
#define HOST_COMMAND_FILE_MAX 1048576u     /* bytes of such a file */

typedef struct host_command {
    const char *name; /* "folder list" */
    const char *help; /* one line */
    const host_option *options;
    size_t option_count;
    uint32_t flags;      /* HOST_COMMAND_* */
    const char *columns; /* default columns for text output, separated by spaces; "" = none */
    int (*run)(host *h, const host_request *request, host_reply *reply);
} host_command;

/* The table, sorted by name. Static. "serve" is not in it: it is a front. */
const host_command *host_commands(size_t *count);
/* The entry of that name, or NULL. */
const host_command *host_command_find(const char *name);
#define HOST_SECRET_NONE 0
#define HOST_SECRET_MAY 1
#define HOST_SECRET_MUST 2

/* The name of an option as an argument: underscores for dashes. */
void host_command_arg_name(const host_option *option, char *out, size_t cap);
/* HOST_SECRET_*: whether a secret belongs to that command, given those arguments. */
int host_command_wants_secret(const host_command *command, const json_t *args);
/* True when that secret is two, each on its own line: a refresh token and the app's own. */
bool host_command_wants_two(const host_command *command, const json_t *args);
/* Runs one command; returns reply->exit_code. Checks the arguments against the table. Thread-safe:
 * many may run at once on one host. `h` may be NULL for HOST_COMMAND_NO_DATA. `reply` was
 * initialized by the caller, who also ends it. "init" wants a request with arg "data". */
int host_command_run(host *h, const host_request *request, host_reply *reply);

typedef struct host_open_options {
    const char *data_dir;          /* terminated */
    const char *key_file;          /* NULL = the one that init wrote down */
    uint32_t flags;                /* HOST_OPEN_* */
    const host_secret *passphrase; /* of a sealed key file; NULL = none at hand */
} host_open_options;

#define HOST_TOKEN_USER_SIZE 65
#define HOST_OPEN_SERVER 1u /* it will run for long: log at level info, not error */

#define HOST_OPEN_BARE 2u /* lock and key file only: no store, no plugin */

/* Prepares the process once: file mode mask, no core dumps, libsodium. Call first in main. */
bool host_process_prepare(host_error *err);
/* Takes the exclusive lock, checks key file and store, loads the plugins. The data is usable when a
 * plugin cannot be loaded: what it guards stays guarded. When another process holds the lock: false
 * with err->code HOST_CODE_BUSY. */
bool host_open(const host_open_options *options, host **out, host_error *err);
/* Stops the scheduler, unloads, closes, releases the lock. NULL-safe. */
void host_close(host *h);

/* For `serve`. The scheduler runs due units on its own threads until stopped. */
bool host_scheduler_start(host *h, host_error *err);
/* Cancels running ticks and waits for them. */
void host_scheduler_stop(host *h);
/* Data directory, absolute; valid until host_close. */
const char *host_data_dir(const host *h);
/* Path of the file that holds the bearer token, absolute; valid until host_close. */
const char *host_token_path(const host *h);
/* True when those bytes are the bearer token made by init. Constant time in the token. */
bool host_token_ok(host *h, const char *token, size_t len);
/* True when those bytes are a token made for a user; out_id then names that user. */
bool host_token_user(host *h, const char *token, size_t len, char out_id[HOST_TOKEN_USER_SIZE]);
/* Path of the socket of a server on that data directory: DIR/socket. False when it does not fit. */
bool host_socket_path(const char *data_dir, char *out, size_t cap);
/* For /metrics: connections, and ticks since the start. */
typedef struct host_sync_counts {
    uint64_t units, running, queued, failing; /* failing = the last tick did not succeed */
    uint64_t done, refused, failed;
} host_sync_counts;

void host_sync_count(host *h, host_sync_counts *out);
/* Ready = the store answers and the scheduler, if it was started, still looks for work. A
 * connection that fails does not count: the host works without it. For /readyz. */
bool host_ready(host *h);
/* One structured line to standard error. `fields` may be NULL; borrowed. Never a secret. */
void host_log_line(uint32_t level, const char *event, const char *text, const json_t *fields);

#endif
