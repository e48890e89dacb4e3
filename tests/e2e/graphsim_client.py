# SPDX-License-Identifier: Apache-2.0
"""A running graphsim and a client for it, for the end-to-end tests."""
import base64
import http.client
import json
import os
import pathlib
import subprocess
import urllib.parse

ROOT = pathlib.Path(os.environ.get("ROOT", pathlib.Path(__file__).resolve().parents[2]))
GRAPHSIM = os.environ.get("GRAPHSIM", str(ROOT / "build/san/bin/graphsim"))
DEMO = ROOT / "sample-host/graphsim/demo.json"
KEYS = "/v1.0/informationProtection/bitlocker/recoveryKeys"
DEVICES = "/v1.0/deviceManagement/managedDevices"
AGENT = {"User-Agent": "TestSuite/1.0"}


class Sim:
    """One running graphsim and a client for it."""

    def __init__(self, *options):
        self.process = subprocess.Popen([GRAPHSIM, "--port", "0", *options], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.ready = self.process.stdout.readline()
        self.port = int(self.ready.rsplit(":", 1)[1])
        self.origin = f"http://127.0.0.1:{self.port}"
        self.tenants = self.call("GET", "/_sim/tenants")[1]["tenants"]

    def stop(self):
        self.process.terminate()
        with self.process.stdout as out, self.process.stderr as err:
            printed, complained = out.read(), err.read()
        return self.process.wait(timeout=20), printed, complained

    def raw(self, method, target, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()

    def call(self, method, target, body=None, headers=None):
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        status, data, found = self.raw(method, target, body, headers)
        return status, json.loads(data), found

    def token(self, tenant=0, segment=None, **form):
        facts = self.tenants[tenant]
        fields = {"grant_type": "client_credentials", "client_id": facts["clientId"],
                  "client_secret": facts["clientSecret"], "scope": self.origin + "/.default"}
        fields.update(form)
        body = urllib.parse.urlencode({k: v for k, v in fields.items() if v is not None})
        path = f"/{segment or facts['tenantId']}/oauth2/v2.0/token"
        return self.call("POST", path, body.encode())

    def delegated(self, tenant=0, **form):
        fields = {"grant_type": "refresh_token", "client_secret": None,
                  "refresh_token": self.tenants[tenant]["refreshToken"]}
        fields.update(form)
        return self.token(tenant, **fields)

    def bearer(self, tenant=0):
        return {"Authorization": "Bearer " + self.token(tenant)[1]["access_token"], **AGENT}

    def get(self, target, tenant=0, headers=None):
        return self.call("GET", target, headers=headers or self.bearer(tenant))

    def pages(self, target, tenant=0):
        headers = self.bearer(tenant)
        rows, count = [], 0
        while target:
            status, body, _ = self.get(target, headers=headers)
            assert status == 200, body
            rows += body["value"]
            count += 1
            link = body.get("@odata.nextLink")
            assert link is None or link.startswith(self.origin + "/"), link
            target = link[len(self.origin):] if link else None
        return rows, count

    def control(self, what, body, method="POST"):
        status, answer, _ = self.call(method, "/_sim/" + what, body)
        assert status == 200, answer
        return answer

    def counts(self):
        return self.call("GET", "/_sim/counts")[1]


def payload(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def password_is_valid(text):
    groups = text.split("-")
    return len(groups) == 8 and all(
        len(g) == 6 and g.isdigit() and int(g) % 11 == 0 and int(g) < 720896 for g in groups)
