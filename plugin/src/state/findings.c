/* SPDX-License-Identifier: Apache-2.0
 *
 * See findings.h. Content of a check: version, time, count, then code, reason and number of each;
 * of the switch: version, time. */
#include "state/findings.h"

#include "state/content.h"

#define VERSION 1u
#define CONTENT_MAX 512u

static const bkey_bytes check_id = {(const uint8_t *)"check", 5};
static const bkey_bytes off_id = {(const uint8_t *)"off", 3};

bkey_err bkey_findings_seal(const bkey_place *place, const bkey_findings *findings,
                            bkey_sealed *out_sealed)
{
    bkey_content content;
    bkey_err err = bkey_content_begin(place, CONTENT_MAX, VERSION, &content);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_put_i64(&content.writer, findings->checked_ms);
    bkey_codec_put_u32(&content.writer, findings->found.count);
    for (uint32_t i = 0; i < findings->found.count; i++) {
        const bkey_preflight_problem *problem = &findings->found.items[i];
        bkey_codec_put_u32(&content.writer, (uint32_t)problem->code);
        bkey_codec_put_u32(&content.writer, problem->reason);
        bkey_codec_put_i64(&content.writer, problem->number);
    }
    const bkey_ref ref = {BKEY_KIND_FINDINGS, check_id, findings->revision};
    return bkey_content_seal(&content, place, &ref, out_sealed);
}

static bkey_err decode(bkey_secret *plain, bkey_findings *out)
{
    bkey_codec_reader reader;
    bkey_err err = bkey_content_read(bkey_secret_borrow(plain), bkey_secret_len(plain), &reader);
    if (bkey_is_ok(err)) {
        out->checked_ms = bkey_codec_get_i64(&reader);
        const uint32_t count = bkey_codec_get_u32(&reader);
        for (uint32_t i = 0; i < count && !reader.failed; i++) {
            bkey_preflight_problem problem = {.number = 0};
            problem.code = (bkey_preflight_code)bkey_codec_get_u32(&reader);
            problem.reason = bkey_codec_get_u32(&reader);
            problem.number = bkey_codec_get_i64(&reader);
            if (!reader.failed && out->found.count < BKEY_PREFLIGHT_MAX)
                out->found.items[out->found.count++] = problem;
        }
        err = reader.failed ? bkey_fail(BKEY_E_FORMAT) : bkey_ok();
    }
    bkey_secret_return(plain);
    return err;
}

bkey_err bkey_findings_get(const bkey_place *place, bkey_findings *out_findings)
{
    bkey_secret *plain = NULL;
    bkey_findings found = {.checked_ms = 0};
    bkey_err err = bkey_open_row(place, BKEY_KIND_FINDINGS, check_id, &plain, &found.revision);
    if (!bkey_is_ok(err))
        return err;
    err = decode(plain, &found);
    bkey_secret_free(&plain);
    if (bkey_is_ok(err))
        *out_findings = found;
    return err;
}

bkey_err bkey_findings_seal_off(const bkey_place *place, const bkey_switch_off *off,
                                bkey_sealed *out_sealed)
{
    bkey_content content;
    bkey_err err = bkey_content_begin(place, CONTENT_MAX, VERSION, &content);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_put_i64(&content.writer, off->since_ms);
    const bkey_ref ref = {BKEY_KIND_FINDINGS, off_id, off->revision};
    return bkey_content_seal(&content, place, &ref, out_sealed);
}

bkey_err bkey_findings_get_off(const bkey_place *place, bkey_switch_off *out_off)
{
    bkey_secret *plain = NULL;
    bkey_codec_reader reader;
    bkey_switch_off off = {0, 0};
    bkey_err err = bkey_open_row(place, BKEY_KIND_FINDINGS, off_id, &plain, &off.revision);
    if (bkey_is(err, BKEY_E_NO_STATE)) {
        *out_off = off;
        return bkey_ok();
    }
    if (!bkey_is_ok(err))
        return err;
    err = bkey_content_read(bkey_secret_borrow(plain), bkey_secret_len(plain), &reader);
    if (bkey_is_ok(err)) {
        off.since_ms = bkey_codec_get_i64(&reader);
        err = reader.failed ? bkey_fail(BKEY_E_FORMAT) : bkey_ok();
    }
    bkey_secret_return(plain);
    bkey_secret_free(&plain);
    if (bkey_is_ok(err))
        *out_off = off;
    return err;
}
