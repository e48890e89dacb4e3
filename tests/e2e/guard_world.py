# SPDX-License-Identifier: Apache-2.0
"""The objects and actions of tests/expect/guard.tsv, done through each door of one real host."""

import json
import os
import re
import shutil
import sqlite3

from harness import BUILD, FOLDER, PLUGIN, World, device, guid, key, quote

ROLES = ["administrator", "manager", "editor", "creator", "read-only", "lite"]
HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(os.path.dirname(HERE), "expect", "guard.tsv")
ACTIONS = os.path.join(os.path.dirname(HERE), "expect", "guard_actions.tsv")
REST = {
    "password show": ("GET", "/passwords/{record}"), "reveal": ("POST", "/passwords/{key}/reveal"),
    "password edit": ("PATCH", "/passwords/{record}"),
    "password link": ("POST", "/passwords/{record}/link"),
    "password move": ("POST", "/passwords/{record}/move"),
    "password copy": ("POST", "/passwords/{record}/copy"),
    "password rotate": ("POST", "/passwords/{record}/rotate"),
    "password schedule": ("POST", "/passwords/{record}/schedule"),
    "password delete": ("DELETE", "/passwords/{record}"),
    "password merge": ("POST", "/passwords/{record}/merge"),
    "password archive": ("POST", "/passwords/{record}/archive"),
    "password unarchive": ("POST", "/passwords/{record}/unarchive"),
    "password bulk-edit": ("POST", "/passwords/bulk-edit"),
    "password bulk-move": ("POST", "/passwords/bulk-move"),
    "password bulk-delete": ("POST", "/passwords/bulk-delete"),
    "password bulk-rotate": ("POST", "/passwords/bulk-rotate"),
    "password add": ("POST", "/passwords"), "folder add": ("POST", "/folders"),
    "folder rename": ("PATCH", "/folders/{folder}"),
    "folder move": ("POST", "/folders/{folder}/move"),
    "folder delete": ("DELETE", "/folders/{folder}"), "category add": ("POST", "/categories"),
    "category edit": ("PATCH", "/categories/{category}"),
    "org edit": ("PATCH", "/organizations/{org}"),
    "org delete": ("DELETE", "/organizations/{org}"),
    "category delete": ("DELETE", "/categories/{category}"),
    "org merge": ("POST", "/organizations/{org}/merge"), "find": ("GET", "/find?key={key}"),
    "import": ("POST", "/organizations/{org}/import"),
    "export": ("GET", "/organizations/{org}/export"),
    "folder secure": ("POST", "/folders/{folder}/security"), "plugin list": ("GET", "/plugins"),
    "trash purge": ("DELETE", "/trash/{record}"),
    "trash restore": ("POST", "/trash/{record}/restore"),
    "settings get": ("GET", "/settings"), "settings set": ("PATCH", "/settings/{key}"),
    "activity list": ("GET", "/activity"), "activity at-risk": ("GET", "/activity/at-risk")}
ENTITLEMENT = "entitlement.bitlocker_keys"


def actions():
    with open(ACTIONS, encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in lines
                if line.strip() and not line.startswith("#")]


def table():
    with open(TABLE, encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines
                if line.strip() and not line.startswith("#")]
    for action, item, add_on, *cells in rows:
        for role, expected in zip(ROLES, cells):
            yield action, item, add_on, role, expected


def is_by_place(name, option):
    """Whether the command line has that argument without a name."""
    kind = name.split(" ")[0]
    if option in ("org", "folder", "category", "name"):
        own = {"org": kind == "org", "folder": kind == "folder", "category": kind == "category",
               "name": name.endswith(" add") or name == "folder rename"}
        return own[option]
    return option in ("record", "key", "value") or (option == "into" and kind == "org")


class GuardWorld:
    """Organization Fernhill with keys of one device, two of them OS keys; organization Other."""

    def __init__(self):
        self.world = World()
        self.plugin_folder = os.path.join(self.world.folder, "plugin")
        shutil.copytree(os.path.dirname(PLUGIN), self.plugin_folder)
        self.library = os.path.join(self.plugin_folder, "bitlocker_keys.so")
        from harness import tenant
        one = device(1)
        keys = [key(1, one, created="2026-03-11T07:42:19Z"),
                key(2, one, created="2026-01-11T07:42:19Z")]
        data = tenant(keys, [one])
        sim = self.world.sim([data])
        self.host = host = self.world.host(plugin=self.library)
        host.organization("Fernhill", [one])
        host.ok("org", "add", "Other")
        connected = host.connect(sim, ["Fernhill"], data)
        assert connected.code == 0, connected.err
        for _ in range(2):
            result, _ = host.sync()
            assert result.code == 0, result.err
        self.prepare()

    def prepare(self):
        host = self.host
        rows = {row["key_id"]: row for row in host.list("Fernhill", "--archived")}
        self.ids = {"current": rows[guid(1, 1)]["record_id"],
                    "superseded": rows[guid(1, 2)]["record_id"]}
        assert rows[guid(1, 2)]["archived"] and not rows[guid(1, 1)]["archived"]
        self.ids["parent"] = host.json("folder", "add", "Parent", "--org", "Fernhill")["id"]
        self.ids["plain"] = host.json("folder", "add", "Plain", "--org", "Fernhill")["id"]
        self.ids["other"] = host.json("folder", "add", "Elsewhere", "--org", "Other")["id"]
        self.ids["partner"] = self.add_own()
        self.ids["mine"] = host.json("category", "add", "Mine")["id"]
        tree = host.rows("folder", "tree", "--org", "Fernhill")
        self.ids["managed"] = next(row["id"] for row in tree if row["name"] == FOLDER)
        host.ok("folder", "move", self.ids["managed"], "--parent", self.ids["parent"])
        self.ids["category"] = next(row["id"] for row in host.rows("category", "list")
                                    if row["name"] == FOLDER)
        self.ids["org"] = next(row["id"] for row in host.rows("org", "list")
                               if row["name"] == "Fernhill")
        self.ids["configuration"] = host.rows("config", "list", "--org", "Fernhill")[0]["id"]
        self.entitlement_key = self.entitlement()
        self.tokens = {}
        for role in ROLES:
            host.ok("user", "add", role, "--role", role, "--org", "Fernhill", "--org", "Other")
            self.tokens[role] = host.ok("token", "add", role).out.strip()

    def add_own(self):
        return self.host.json("password", "add", "own", "--org", "Fernhill",
                              stdin="secret\n")["id"]

    def close(self):
        self.world.close()

    def add_on(self, state):
        self.host.ok("settings", "set", self.entitlement(), state)

    def entitlement(self):
        rows = self.host.rows("settings", "get")
        return next(row["key"] for row in rows if row["key"].startswith("entitlement."))

    def replace_plugin(self, name):
        """None removes the file; otherwise that deliberately bad one takes its place."""
        os.remove(self.library)
        if name is None:
            return
        shutil.copy(os.path.join(BUILD, "bad-plugins", name + ".so"), self.library)
        manifest = os.path.join(self.plugin_folder, "manifest.json")
        with open(manifest, encoding="utf-8") as text:
            said = json.load(text)
        said.update(version="1.2.3", name="Bad plugin", max_parallel_units=1,
                    hooks=["dph.hook.guard/1"] if name == "bad_rule_allows" else [],
                    services={"required": [], "optional": []})
        said.pop("actions", None)
        for path in ("manifest.json", "bitlocker_keys.json"):
            path = os.path.join(self.plugin_folder, path)
            if os.path.exists(path):
                with open(path, "w", encoding="utf-8") as out:
                    json.dump(said, out)
        self.host.ok("plugin", "add", self.library)

    def fingerprint(self):
        """Everything that a refusal must leave alone: all but the activity log."""
        path = "file:%s?mode=ro" % os.path.join(self.host.data, "store.db")
        database = sqlite3.connect(path, uri=True)
        rows = [database.execute("select * from %s order by 1" % name).fetchall()
                for name in ("passwords", "folders", "categories", "organizations",
                             "configurations", "rotation_schedules", "record_links", "settings",
                             "trash", "folder_access")]
        refusals = database.execute("select count(*) from activity where action=10").fetchone()[0]
        database.close()
        return rows, refusals

    def command(self, action, item, add_on="on"):
        """The command of an action: its name, its arguments, a secret or None."""
        name, arguments = next((command, text) for known, objects, command, text in actions()
                               if known == action and (objects == "*" or item in objects.split()))
        found, secret = {}, None
        for word in arguments.split() if arguments != "-" else []:
            option, value = word.split("=", 1)
            value = re.sub(r"\{([a-z_-]+)\}", lambda hit: self.named(hit.group(1), item, add_on),
                           value.replace("\\n", "\n"))
            if option == "secret":
                secret = value
            elif name.startswith("password bulk-") and option == "record":
                found[option] = [value]
            else:
                found[option] = {"true": True}.get(value, int(value) if option == "days" else value)
        return name, found, secret

    def named(self, name, item, add_on):
        if name == "spare" or (name == "me" and item in ("own", "trashed")):
            made = self.add_own()
            if item == "trashed":
                self.host.ok("password", "delete", made)
            return made
        if name == "me":
            return self.ids[item]
        known = {"reserved": FOLDER, "entitlement": self.entitlement_key,
                 "add-on": "active" if add_on == "on" else "expired",
                 "key_id": guid(1, 1 if item == "current" else 2)}
        return known.get(name) or self.ids[name]

    def by_socket(self, role, name, arguments, secret):
        words = ["--as", role] + name.split(" ")
        for option, value in arguments.items():
            if is_by_place(name, option):
                words += value if isinstance(value, list) else [value]
            else:
                words += ["--" + option] + ([] if value is True else [str(value)])
        if name == "import":
            path = os.path.join(self.world.folder, "import.csv")
            with open(path, "w", encoding="utf-8") as out:
                out.write(secret)
            words, secret = words + [path], None
        result = self.host.run(*words, stdin=secret + "\n" if secret else None)
        return result.code, result.err + result.out

    def by_rest(self, role, name, arguments, secret):
        method, path = REST[name]
        body = {option.replace("-", "_"): value for option, value in arguments.items()}
        for option in list(body):
            if "{%s}" % option in path:
                path = path.replace("{%s}" % option, quote(body.pop(option)))
        if secret:
            body["secret"] = secret
        body = body if method in ("POST", "PATCH") else None
        status, answer = self.host.api(method, "/api/v1" + path, body, self.tokens[role])
        if status < 300:
            return "ok"
        code = answer["error"]["details"].get("code", 0)
        if code == 9111:
            return "role"
        return "404" if status == 404 else str(code or status)

    def undo(self, action, item):
        if action == "unarchive" and item == "superseded":
            self.host.ok("password", "archive", self.ids["superseded"])
