/* SPDX-License-Identifier: Apache-2.0
 *
 * The loader's side of a trial load. Must not load anything itself. */
#include "loader/probe.h"

#include "loader/fail.h"
#include "loader/os_spawn.h"
#include "support/hex.h"

#include <jansson.h>
#include <string.h>

#define DEFAULT_TIMEOUT_MS 10000u

static dph_status refuse(const char *id, const char *what, long long number, dph_error *err)
{
    return dphl_fail(err, DPH_E_UNAVAILABLE, DPHL_CODE_PROBE,
                     "The trial load of plugin %s %s (%lld).", id, what, number);
}

/* Takes over the refusal that the probe printed; 0 when what it printed is none. */
static int relay_refusal(const json_t *answer, dph_status *out, dph_error *err)
{
    json_int_t status = json_integer_value(json_object_get(answer, "status"));
    json_int_t code = json_integer_value(json_object_get(answer, "code"));
    const char *message = json_string_value(json_object_get(answer, "message"));
    if (message == NULL || status >= 0 || status < INT32_MIN || code <= 0 || code > UINT32_MAX)
        return 0;
    *out = dphl_fail(err, (dph_status)status, (uint32_t)code, "%s", message);
    return 1;
}

static dph_status judge(const char *id, const dphl_os_spawn_result *result, dph_error *err)
{
    dph_status status = DPH_OK;
    if (result->timed_out)
        return dphl_fail(err, DPH_E_UNAVAILABLE, DPHL_CODE_PROBE,
                         "The trial load of plugin %s did not end in time.", id);
    if (result->signal != 0)
        return refuse(id, "crashed: it was ended by a signal", result->signal, err);
    json_t *answer = json_loadb(result->text, result->len, 0, NULL);
    if (result->exit_code == 0 && json_is_true(json_object_get(answer, "ok")))
        goto out;
    if (!relay_refusal(answer, &status, err))
        status =
            refuse(id, "ended the process without an answer: exit code", result->exit_code, err);
out:
    json_decref(answer);
    return status;
}

dph_status dphl_probe_run(const dphl_options *options, const char *id, int image, dph_error *err)
{
    char hash[2 * DPHL_HASH_SIZE + 1];
    dphl_os_spawn_result result;
    sup_hex_format(options->library_hash, DPHL_HASH_SIZE, hash);
    const char *const argv[] = {"dph-probe", "--image", id, hash, NULL};
    uint32_t timeout = options->probe_timeout_ms;
    dphl_os_spawn_request request = {options->probe_path, argv, image, DPHL_PROBE_IMAGE_FD,
                                     timeout == 0 ? DEFAULT_TIMEOUT_MS : timeout};
    int number = dphl_os_spawn_run(&request, &result);
    if (number != 0)
        return dphl_fail(err, DPH_E_UNAVAILABLE, DPHL_CODE_PROBE, "%s cannot be started: %s.",
                         options->probe_path, dphl_os_spawn_error_text(number));
    return judge(id, &result, err);
}
