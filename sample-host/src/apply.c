/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches: validate, look up the operation key, write all or nothing. */
#include "sample-host/src/apply.h"

#include "sample-host/src/activity.h"
#include "sample-host/src/apply_names.h"
#include "sample-host/src/base/os_clock.h"

#include <sodium.h>
#include <string.h>

#define HASH_SIZE 32u

static dph_status check_batch(const dph_call *call, const dph_batch *batch, const dph_str *op_key,
                              dph_apply_result *result, host_error *err)
{
    if (call == NULL || batch == NULL || op_key == NULL || result == NULL ||
        batch->struct_size < sizeof *batch || result->struct_size < sizeof *result) {
        (void)host_error_set(err, DPH_E_INVALID, 0, "The batch is malformed.");
        return DPH_E_INVALID;
    }
    if (op_key->len < 1 || op_key->len > DPH_OP_KEY_MAX || batch->item_count < 1 ||
        batch->item_count > DPH_BATCH_MAX_ITEMS || batch->items == NULL) {
        (void)host_error_set(err, DPH_E_INVALID, 0,
                             "A batch has 1 to %u items and an operation key of 1 to %u bytes.",
                             DPH_BATCH_MAX_ITEMS, DPH_OP_KEY_MAX);
        return DPH_E_INVALID;
    }
    for (uint32_t i = 0; i < batch->item_count; i++) {
        if (batch->items[i] == NULL || !host_apply_item_check(batch->items[i], err)) {
            result->conflict_index = i;
            if (batch->items[i] == NULL) {
                (void)host_error_set(err, DPH_E_INVALID, 0, "An item of the batch is missing.");
            }
            return DPH_E_INVALID;
        }
    }
    return DPH_OK;
}

static void hash_batch(const dph_batch *batch, uint8_t out[HASH_SIZE])
{
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, HASH_SIZE);
    for (uint32_t i = 0; i < batch->item_count; i++) {
        host_apply_item_hash(batch->items[i], &state);
    }
    (void)crypto_generichash_final(&state, out, HASH_SIZE);
}

/* *out_known: the key has landed before; the stored result is in `result`. */
static bool look_up(const host_apply_job *job, const dph_bytes *key, const uint8_t *hash,
                    dph_apply_result *result, bool *out_known, host_error *err)
{
    sqlite3_stmt *stmt = host_rows_query(
        job->conn, err, "SELECT hash, rows_changed FROM apply_ops WHERE plugin=? AND op_key=?",
        "db", job->plugin, key);
    bool row = false;
    if (stmt == NULL || !host_rows_next(job->conn, stmt, &row, err)) {
        return false;
    }
    *out_known = row;
    if (!row) {
        return true;
    }
    dph_bytes stored = host_rows_bytes(stmt, 0);
    bool is_same = stored.len == HASH_SIZE && memcmp(stored.ptr, hash, HASH_SIZE) == 0;
    result->rows_changed = (uint64_t)sqlite3_column_int64(stmt, 1);
    result->replayed = 1;
    host_rows_done(stmt);
    return is_same ? true
                   : host_error_set(err, DPH_E_INVALID, 0,
                                    "That operation key was used for another batch.");
}

static bool write_batch(const host_apply_job *job, const dph_batch *batch, const dph_bytes *key,
                        const uint8_t *hash, dph_apply_result *result, host_error *err)
{
    for (uint32_t i = 0; i < batch->item_count; i++) {
        if (!host_apply_item_write(job, batch->items[i], err)) {
            result->conflict_index = i;
            return false;
        }
    }
    dph_bytes digest = {hash, HASH_SIZE};
    result->rows_changed = batch->item_count;
    return host_apply_records_flush(job, err) &&
           host_rows_run(job->conn, err,
                         "INSERT INTO apply_ops(plugin, op_key, hash, rows_changed, at_ms)"
                         " VALUES(?,?,?,?,?)",
                         "dbbii", job->plugin, key, &digest, (int64_t)result->rows_changed,
                         job->now_ms) &&
           host_activity_count_changes(job->conn, result->rows_changed, err);
}

/* Once the batch is known to be in order: one short transaction. */
static dph_status run_job(host *h, host_apply_job *job, const dph_batch *batch,
                          const dph_bytes *key, dph_apply_result *result, host_error *err)
{
    uint8_t hash[HASH_SIZE];
    hash_batch(batch, hash);
    job->conn = host_db_write_begin(h->db, job->call->lane != DPH_LANE_SYNC, err);
    if (job->conn == NULL) {
        return err->status;
    }
    dph_apply_result made = {.struct_size = sizeof made};
    bool is_known = false;
    bool ok = look_up(job, key, hash, &made, &is_known, err) &&
              (is_known || write_batch(job, batch, key, hash, &made, err));
    if (!ok || is_known) {
        host_db_write_rollback(h->db, job->conn);
    } else {
        ok = host_db_write_commit(h->db, job->conn, err);
    }
    result->conflict_index = made.conflict_index;
    if (!ok) {
        return err->status;
    }
    result->rows_changed = made.rows_changed;
    result->replayed = made.replayed;
    return DPH_OK;
}

dph_status host_apply(host *h, const dph_str *plugin, const dph_call *call, const dph_batch *batch,
                      const dph_str *op_key, dph_apply_result *result, host_error *err)
{
    dph_status status = check_batch(call, batch, op_key, result, err);
    if (status != DPH_OK) {
        return status;
    }
    if (!host_apply_names(h, plugin, call, batch, &result->conflict_index, err)) {
        return err->status;
    }
    host_apply_records records = {.count = 0};
    host_apply_job job = {
        .plugin = plugin, .call = call, .now_ms = host_clock_wall_ms(), .records = &records};
    status = host_call_state(call);
    if (status != DPH_OK) {
        (void)host_error_set(err, status, 0, "The call is over; nothing was written.");
        return status;
    }
    dph_bytes key = {(const uint8_t *)op_key->ptr, op_key->len};
    return run_job(h, &job, batch, &key, result, err);
}

bool host_apply_purge(host *h, host_error *err)
{
    int64_t before = host_clock_wall_ms() - HOST_APPLY_KEEP_MS;
    host_conn *conn = host_db_write_begin(h->db, false, err);
    if (conn == NULL) {
        return false;
    }
    if (!host_rows_run(conn, err, "DELETE FROM apply_ops WHERE at_ms<?", "i", before)) {
        host_db_write_rollback(h->db, conn);
        return false;
    }
    return host_db_write_commit(h->db, conn, err);
}
