/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of refusals and the decision that picks one. Must not know the ABI or the host. */
#include "domain/guard_rules.h"

#include "domain/view.h"

typedef enum ruling {
    UNKNOWN, /* zero: what a table leaves out is refused */
    ALLOWED,
    RECORD_EDIT,
    RECORD_DELETE,
    RECORD_MOVE,
    RECORD_COPY,
    RECORD_ROTATE,
    RECORD_SHARE,
    RECORD_MERGE,
    RECORD_ARCHIVE,
    RECORD_CREATE,
    FOLDER_EDIT,
    FOLDER_DELETE,
    FOLDER_MOVE,
    FOLDER_CONTENTS,
    FOLDER_OTHER,
    ANCESTOR_DELETE,
    ANCESTOR_MOVE,
    ANCESTOR_OTHER,
    CATEGORY,
    NAME_RESERVED_CATEGORY,
    NAME_RESERVED_FOLDER,
    NAME_TOO_LONG,
    NAME_MALFORMED,
    RULING_COUNT
} ruling;

static const bkey_guard_rule rules[RULING_COUNT] = {
    [ALLOWED] = {0, "", ""},
    [RECORD_EDIT] = {1001, "record.edit",
                     "This record is managed by the BitLocker key sync; its name, category, "
                     "username, password and notes can only change at Microsoft."},
    [RECORD_DELETE] = {1002, "record.delete",
                       "This record is managed by the BitLocker key sync and cannot be deleted, "
                       "so that no recovery key is lost."},
    [RECORD_MOVE] = {1003, "record.move",
                     "This record is managed by the BitLocker key sync and cannot leave its "
                     "folder."},
    [RECORD_COPY] = {1004, "record.copy",
                     "This record is managed by the BitLocker key sync and cannot be copied: each "
                     "recovery key has exactly one record."},
    [RECORD_ROTATE] = {1005, "record.rotate",
                       "Not Permitted: passwords managed by the BitLocker key sync cannot be "
                       "rotated here; a recovery key is rotated at Microsoft."},
    [RECORD_SHARE] = {1006, "record.share",
                      "This record is managed by the BitLocker key sync and cannot be shared; who "
                      "may open the organization may open it."},
    [RECORD_MERGE] = {1007, "record.merge",
                      "This record is managed by the BitLocker key sync and cannot be merged or "
                      "overwritten by an import."},
    [RECORD_ARCHIVE] = {1008, "record.archive",
                        "This recovery key is current, so it cannot be archived; the BitLocker key "
                        "sync archives it when a newer one replaces it."},
    [RECORD_CREATE] = {1009, "record.create",
                       "Records of the BitLocker key sync are made by the sync alone."},
    [FOLDER_EDIT] = {1101, "folder.edit",
                     "This folder is managed by the BitLocker key sync; its name, description and "
                     "security cannot be changed."},
    [FOLDER_DELETE] = {1102, "folder.delete",
                       "This folder is managed by the BitLocker key sync and cannot be deleted."},
    [FOLDER_MOVE] = {1103, "folder.move",
                     "This folder is managed by the BitLocker key sync and cannot move to another "
                     "organization."},
    [FOLDER_CONTENTS] = {1104, "folder.contents",
                         "This folder holds only what the BitLocker key sync puts there; other "
                         "items and folders would vanish with the subscription."},
    [FOLDER_OTHER] = {1105, "folder.other",
                      "This folder is managed by the BitLocker key sync; this cannot be done to "
                      "it."},
    [ANCESTOR_DELETE] = {1201, "ancestor.delete",
                         "It contains the folder managed by the BitLocker key sync and cannot be "
                         "deleted or merged into another one."},
    [ANCESTOR_MOVE] = {1202, "ancestor.move",
                       "It contains the folder managed by the BitLocker key sync and cannot move "
                       "to another organization."},
    [ANCESTOR_OTHER] = {1203, "ancestor.other",
                        "It contains the folder managed by the BitLocker key sync; this cannot be "
                        "done to it."},
    [CATEGORY] = {1301, "category",
                  "This category is reserved for the BitLocker key sync and cannot be changed."},
    [NAME_RESERVED_CATEGORY] = {2001, "name.reserved-category",
                                "This is a reserved name: the category belongs to the BitLocker "
                                "key sync."},
    [NAME_RESERVED_FOLDER] = {2002, "name.reserved-folder",
                              "This is a reserved name: the folder belongs to the BitLocker key "
                              "sync."},
    [NAME_TOO_LONG] = {2003, "name.too-long", "A name has at most 255 characters."},
    [NAME_MALFORMED] = {2004, "name.malformed", "A name is text in UTF-8."},
    [UNKNOWN] = {9001, "unknown",
                 "The BitLocker key sync does not know this operation and therefore refuses it."},
};

/* Refusals that depend on the kind alone. A kind that is missing is not known. */
static const ruling on_record[BKEY_GUARD_KIND_COUNT] = {
    [BKEY_GUARD_CREATE] = RECORD_CREATE, [BKEY_GUARD_EDIT] = RECORD_EDIT,
    [BKEY_GUARD_DELETE] = RECORD_DELETE, [BKEY_GUARD_MOVE] = RECORD_MOVE,
    [BKEY_GUARD_COPY] = RECORD_COPY,     [BKEY_GUARD_ARCHIVE] = RECORD_ARCHIVE,
    [BKEY_GUARD_ROTATE] = RECORD_ROTATE, [BKEY_GUARD_SHARE] = RECORD_SHARE,
    [BKEY_GUARD_MERGE] = RECORD_MERGE,   [BKEY_GUARD_IMPORT] = RECORD_MERGE,
    [BKEY_GUARD_PURGE] = RECORD_DELETE,
};

static const ruling on_folder[BKEY_GUARD_KIND_COUNT] = {
    [BKEY_GUARD_CREATE] = FOLDER_OTHER,    [BKEY_GUARD_EDIT] = FOLDER_EDIT,
    [BKEY_GUARD_DELETE] = FOLDER_DELETE,   [BKEY_GUARD_MOVE] = FOLDER_MOVE,
    [BKEY_GUARD_COPY] = FOLDER_OTHER,      [BKEY_GUARD_ARCHIVE] = FOLDER_OTHER,
    [BKEY_GUARD_UNARCHIVE] = FOLDER_OTHER, [BKEY_GUARD_ROTATE] = FOLDER_OTHER,
    [BKEY_GUARD_SHARE] = FOLDER_OTHER,     [BKEY_GUARD_MERGE] = FOLDER_OTHER,
    [BKEY_GUARD_IMPORT] = FOLDER_CONTENTS, [BKEY_GUARD_PURGE] = FOLDER_DELETE,
};

static const ruling on_ancestor[BKEY_GUARD_KIND_COUNT] = {
    [BKEY_GUARD_CREATE] = ANCESTOR_OTHER,  [BKEY_GUARD_DELETE] = ANCESTOR_DELETE,
    [BKEY_GUARD_MOVE] = ANCESTOR_MOVE,     [BKEY_GUARD_COPY] = ANCESTOR_OTHER,
    [BKEY_GUARD_ARCHIVE] = ANCESTOR_OTHER, [BKEY_GUARD_ROTATE] = ANCESTOR_OTHER,
    [BKEY_GUARD_SHARE] = ANCESTOR_OTHER,   [BKEY_GUARD_MERGE] = ANCESTOR_DELETE,
    [BKEY_GUARD_IMPORT] = ANCESTOR_OTHER,  [BKEY_GUARD_PURGE] = ANCESTOR_DELETE,
};

static ruling judge_record(const bkey_guard_op *op)
{
    if (op->kind == BKEY_GUARD_UNARCHIVE || (op->kind == BKEY_GUARD_EDIT && op->links_only))
        return ALLOWED;
    if (op->kind == BKEY_GUARD_ARCHIVE &&
        bkey_view_tag_parse(op->tag, op->tag_len) == BKEY_LINEAGE_SUPERSEDED)
        return ALLOWED;
    if (op->kind == BKEY_GUARD_MOVE && !op->other_folder && !op->other_organization)
        return ALLOWED;
    return on_record[op->kind];
}

static ruling judge_folder(const bkey_guard_op *op)
{
    if (op->kind == BKEY_GUARD_MOVE && !op->other_organization)
        return ALLOWED;
    return on_folder[op->kind];
}

static ruling judge_ancestor(const bkey_guard_op *op)
{
    bool harmless = op->kind == BKEY_GUARD_EDIT || op->kind == BKEY_GUARD_UNARCHIVE;
    if (harmless || (op->kind == BKEY_GUARD_MOVE && !op->other_organization))
        return ALLOWED;
    return on_ancestor[op->kind];
}

static ruling judge_self(const bkey_guard_op *op)
{
    switch (op->object) {
    case BKEY_GUARD_RECORD:
        return judge_record(op);
    case BKEY_GUARD_FOLDER:
        return judge_folder(op);
    case BKEY_GUARD_CATEGORY:
        return CATEGORY;
    default:
        return UNKNOWN;
    }
}

static ruling judge(const bkey_guard_op *op)
{
    if (op->kind < BKEY_GUARD_CREATE || op->kind >= BKEY_GUARD_KIND_COUNT)
        return UNKNOWN;
    bool container = op->object == BKEY_GUARD_FOLDER || op->object == BKEY_GUARD_ORGANIZATION;
    bool item = op->object == BKEY_GUARD_FOLDER || op->object == BKEY_GUARD_RECORD;
    switch (op->relation) {
    case BKEY_GUARD_SELF:
        return judge_self(op);
    case BKEY_GUARD_INSIDE:
        if (!item)
            return UNKNOWN;
        return op->kind == BKEY_GUARD_UNARCHIVE ? ALLOWED : FOLDER_CONTENTS;
    case BKEY_GUARD_ANCESTOR:
        return container ? judge_ancestor(op) : UNKNOWN;
    default:
        return UNKNOWN;
    }
}

const bkey_guard_rule *bkey_guard_rules_check(const bkey_guard_op *op)
{
    return &rules[judge(op)];
}

const bkey_guard_rule *bkey_guard_rules_name(uint32_t kind, const char *name, size_t len,
                                             const char *reserved)
{
    switch (bkey_naming_check(kind, name, len, reserved)) {
    case BKEY_NAMING_FREE:
        return &rules[ALLOWED];
    case BKEY_NAMING_RESERVED:
        return &rules[kind == BKEY_NAMING_FOLDER ? NAME_RESERVED_FOLDER : NAME_RESERVED_CATEGORY];
    case BKEY_NAMING_TOO_LONG:
        return &rules[NAME_TOO_LONG];
    case BKEY_NAMING_MALFORMED:
        return &rules[NAME_MALFORMED];
    case BKEY_NAMING_NO_KIND:
        break;
    }
    return &rules[UNKNOWN];
}

size_t bkey_guard_rules_count(void)
{
    return RULING_COUNT - 1;
}

const bkey_guard_rule *bkey_guard_rules_at(size_t index)
{
    if (index >= RULING_COUNT - 1)
        return NULL;
    return index == RULING_COUNT - 2 ? &rules[UNKNOWN] : &rules[index + RECORD_EDIT];
}
