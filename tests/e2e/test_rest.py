# SPDX-License-Identifier: Apache-2.0
"""The REST API of dochost: who may ask, what it refuses, every route, and what its log says
(DESIGN.md section 6)."""
import concurrent.futures
import contextlib
import json
import shutil
import socket
import ssl
import subprocess
import urllib.parse
import unittest

from front_host import Host

API = "/api/v1"
PLANTED = "PLANTED-51d0aa"

ROUTES = """
GET /activity
GET POST /categories
PATCH DELETE /categories/X
GET POST /configurations
GET PATCH DELETE /configurations/X
POST /connections
GET /find
GET POST /folders
PATCH DELETE /folders/X
POST /folders/X/move
GET /names/check
GET POST /organizations
PATCH DELETE /organizations/X
GET /organizations/X/folders
GET POST /passwords
GET PATCH DELETE /passwords/X
POST /passwords/X/archive
POST /passwords/X/copy
POST /passwords/X/move
POST /passwords/X/reveal
POST /passwords/X/rotate
POST /passwords/X/unarchive
GET /plugins
GET /plugins/X
GET /settings
GET PATCH /settings/X
POST /sync
GET /sync/log
GET /tenants
GET POST /tenants/X/sync
GET /activity/at-risk
GET /key
GET /key/check
GET /me
GET POST /groups
DELETE /groups/X
GET POST /users
PATCH DELETE /users/X
POST /organizations/X/clean
POST /passwords/X/link
POST /passwords/X/merge
POST /passwords/X/schedule
POST /plugins/X/release
POST /folders/X/security
POST /organizations/X/merge
GET /trash
DELETE /trash/X
POST /trash/X/restore
"""


def routes():
    for line in ROUTES.split("\n"):
        *methods, path = line.split() or [None]
        if path:
            yield sorted(methods), API + path


class Rest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.host = Host()
        cls.addClassCleanup(cls.host.close)
        cls.server = cls.host.serve()
        cls.addClassCleanup(cls.server.stop)

    def ask(self, *words, **more):
        return self.server.ask(*words, **more)

    def assert_error(self, answer, status, code):
        """S2.49"""
        self.assertEqual(answer[0], status, answer[2])
        self.assertIs(answer[2]["success"], False)
        self.assertEqual(answer[2]["error"]["code"], code)
        self.assertEqual(set(answer[2]["error"]), {"code", "message", "details"})

    def made(self, path, body):
        """S2.48"""
        status, _, answer = self.ask("POST", API + path, body)
        self.assertEqual(status, 201, answer)
        self.assertIs(answer["success"], True)
        self.assertEqual(set(answer), {"success", "data", "meta"})
        return answer["data"]["id"]


class Access(Rest):
    def test_health_is_open_and_nothing_else(self):
        for path in ("/healthz", "/readyz"):
            self.assertEqual(self.ask("GET", path, Authorization=None)[0], 200)
        for path in ("/metrics", "/", "/api", API + "/organizations", API + "/nothing"):
            for method in ("GET", "POST", "PUT"):
                answer = self.ask(method, path, Authorization=None)
                self.assert_error(answer, 401, "UNAUTHORIZED")
                self.assertIn("Bearer", answer[1]["WWW-Authenticate"])

    def test_a_wrong_token_is_refused(self):
        good = self.server.token
        for token in ("", "Bearer", "Bearer ", "Bearer x", good, "bearer " + good,
                      "Bearer " + good[:-1], "Bearer " + good + "0", "Basic " + good):
            answer = self.ask("GET", API + "/organizations", Authorization=token)
            self.assert_error(answer, 401, "UNAUTHORIZED")

    def test_another_host_name_is_refused(self):
        port = self.server.url.port
        for name in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}",
                     f"localhost.evil.example:{port}"):
            self.assert_error(self.ask("GET", API + "/organizations", Host=name), 403, "FORBIDDEN")
        for name in (f"localhost:{port}", f"127.0.0.1:{port}"):
            self.assertEqual(self.ask("GET", API + "/organizations", Host=name)[0], 200)

    def test_another_origin_is_refused(self):
        port = self.server.url.port
        for origin in ("http://evil.example", "null", f"https://127.0.0.1:{port}"):
            answer = self.ask("GET", API + "/organizations", Origin=origin)
            self.assert_error(answer, 403, "FORBIDDEN")
        own = f"http://127.0.0.1:{port}"
        self.assertEqual(self.ask("GET", API + "/organizations", Origin=own)[0], 200)

    def test_the_token_file_is_private(self):
        self.assertEqual((self.host.data / "api-token").stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.server.token_file, str(self.host.data / "api-token"))

    def test_every_answer_forbids_caches_and_guesses(self):
        for path in ("/healthz", "/metrics", API + "/organizations", API + "/nothing"):
            headers = self.ask("GET", path)[1]
            self.assertEqual(headers["Cache-Control"], "no-store")
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")


class Requests(Rest):
    def test_unknown_paths_are_not_found(self):
        for path in ("/", API, API + "/", API + "/nothing", API + "/organizations/",
                     API + "/organizations/a/b", "/api/v2/organizations", API + "//organizations",
                     API + "/organizations/a%00b", API + "/organizations/%ff"):
            method = "DELETE" if "%" in path else "GET"
            self.assert_error(self.ask(method, path), 404, "NOT_FOUND")

    def test_every_route_tells_its_methods(self):
        for methods, path in routes():
            answer = self.ask("PUT", path)
            self.assert_error(answer, 405, "METHOD_NOT_ALLOWED")
            self.assertEqual(sorted(answer[1]["Allow"].split(", ")), methods, path)

    def test_every_route_leads_somewhere(self):
        for methods, path in routes():
            for method in methods:
                body = {} if method in ("POST", "PATCH") else None
                status, _, answer = self.ask(method, path, body)
                self.assertIn(status, (200, 400, 403, 404, 409, 503), (method, path, answer))
                self.assertIn("success", answer)

    def test_a_body_that_is_too_large_is_refused(self):
        large = '{"name":"' + "x" * 2 ** 20 + '"}'
        answer = self.ask("POST", API + "/organizations", iter([large.encode()]))
        self.assert_error(answer, 413, "PAYLOAD_TOO_LARGE")
        with contextlib.closing(self.server.connect()) as connection:
            connection.putrequest("POST", API + "/organizations")
            connection.putheader("Authorization", "Bearer " + self.server.token)
            connection.putheader("Content-Length", str(2 ** 20 + 1))
            connection.endheaders()
            self.assertEqual(connection.getresponse().status, 413)

    def test_bodies_that_do_not_fit_are_refused(self):
        for body in ("", "[]", "{", '{"name":1}', '{"name":"a","name":"b"}', '{"name":"a","x":1}',
                     '{"name":"a","secret":"b"}', '{"n\\u0061me":"a"}', b'{"name":"\xff"}'):
            answer = self.ask("POST", API + "/organizations", body)
            self.assert_error(answer, 400, "INVALID_REQUEST")
        answer = self.ask("POST", API + "/organizations", '{"name":"a"}',
                          Content_Type="text/plain")
        self.assert_error(answer, 400, "INVALID_REQUEST")

    def test_queries_that_do_not_fit_are_refused(self):
        for query in ("x=1", "limit=x", "limit=1&limit=2", "days=%zz"):
            answer = self.ask("GET", API + "/activity?" + query)
            self.assert_error(answer, 400, "INVALID_REQUEST")
        self.assertEqual(self.ask("GET", API + "/activity?limit=5&days=3")[0], 200)

    def test_missing_things_are_not_found(self):
        for method, path in (("DELETE", "/organizations/none"), ("GET", "/passwords/none"),
                             ("DELETE", "/folders/none")):
            self.assert_error(self.ask(method, API + path), 404, "NOT_FOUND")

    def test_half_a_request_hurts_nobody(self):
        address = (self.server.url.hostname, self.server.url.port)
        for text in (b"", b"GET", b"\0\xff\xfe\r\n\r\n", b"POST /api/v1/sync HTTP/1.1\r\nHost: x"):
            with socket.create_connection(address, timeout=60) as peer:
                peer.sendall(text)
        self.assertEqual(self.ask("GET", "/healthz")[0], 200)


class Work(Rest):
    def test_documents_are_made_changed_and_deleted(self):
        org = self.made("/organizations", {"name": "Contoso"})
        self.assertEqual(self.ask("PATCH", f"{API}/organizations/{org}", {"name": "Fabrikam"})[0],
                         200)
        rows = self.ask("GET", API + "/organizations")[2]
        self.assertIn({"id": org, "name": "Fabrikam"},
                      [{"id": row["id"], "name": row["name"]} for row in rows["data"]])
        self.assertEqual(rows["meta"]["total"], len(rows["data"]))
        config = self.made("/configurations", {"org": org, "name": "PC-1", "serial": "S1"})
        folder = self.made("/folders", {"org": org, "name": "Printers"})
        category = self.made("/categories", {"name": "Wi-Fi"})
        self.assertEqual(self.ask("PATCH", f"{API}/folders/{folder}", {"name": "Scanners"})[0],
                         200)
        tree = self.ask("GET", f"{API}/organizations/{org}/folders")[2]["data"]
        self.assertIn("Scanners", [row["name"] for row in tree])
        for path in (f"/configurations/{config}", f"/folders/{folder}", f"/categories/{category}",
                     f"/organizations/{org}"):
            self.assertEqual(self.ask("DELETE", API + path)[0], 200, path)

    def test_a_password_is_shown_only_by_reveal(self):
        org = self.made("/organizations", {"name": "Tailspin"})
        record = self.made("/passwords", {"org": org, "name": "Router", "username": "admin",
                                          "password": PLANTED + "\"\\\u00e4"})
        for path in (f"/passwords/{record}", "/passwords?org=" + org, "/activity"):
            status, _, answer = self.ask("GET", API + path)
            self.assertEqual(status, 200, answer)
            self.assertNotIn(PLANTED, json.dumps(answer))
        self.assert_error(self.ask("POST", f"{API}/passwords/{record}/reveal", {}), 400,
                          "INVALID_REQUEST")
        status, headers, answer = self.ask("POST", f"{API}/passwords/{record}/reveal",
                                           {"reason": "test", "ticket": "T1"})
        self.assertEqual((status, answer["data"]), (200, {"password": PLANTED + "\"\\\u00e4"}))
        self.assertEqual(headers["Cache-Control"], "no-store")

    def test_reserved_names_are_refused(self):
        name = urllib.parse.quote("BitLocker Keys (via Network Glue)")
        self.assert_error(self.ask("GET", f"{API}/names/check?kind=folder&name={name}"), 403,
                          "FORBIDDEN")
        self.assertEqual(self.ask("GET", API + "/names/check?kind=folder&name=Printers")[0], 200)

    def test_32_requests_at_once_are_all_answered(self):
        def one(number):
            return self.ask("POST", API + "/organizations", {"name": f"Parallel {number}"})[0]

        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            self.assertEqual(list(pool.map(one, range(32))), [201] * 32)
            rows = pool.map(lambda _: self.ask("GET", API + "/organizations")[2]["data"],
                            range(32))
            for found in rows:
                self.assertEqual(sum(row["name"].startswith("Parallel ") for row in found), 32)

    def test_metrics_count_answers(self):
        self.ask("GET", API + "/nothing")
        status, headers, text = self.ask("GET", "/metrics")
        self.assertEqual(status, 200)
        self.assertTrue(headers["Content-Type"].startswith("text/plain"))
        self.assertRegex(text, r'dochost_http_requests_total\{status="4xx"\} [1-9]')


class Log(unittest.TestCase):
    def setUp(self):
        self.host = Host()
        self.addCleanup(self.host.close)

    def test_the_log_is_json_without_secrets_bodies_or_queries(self):
        with self.host.serve() as server:
            org = server.ask("POST", API + "/organizations", {"name": "Contoso"})[2]["data"]["id"]
            record = server.ask("POST", API + "/passwords",
                                {"org": org, "name": "R", "password": PLANTED})[2]["data"]["id"]
            server.ask("POST", f"{API}/passwords/{record}/reveal", {"reason": "QUIET-REASON"})
            server.ask("GET", API + "/find?key=QUIETQUERY")
            server.ask("GET", API + "/nothing/QUIETPATH?token=QUIETTOKEN")
            server.ask("POST", API + "/connections",
                       {"tenant": "t", "org": [org], "client-id": "c", "secret": PLANTED})
            self.assertEqual(server.stop(), 0)
        for word in (PLANTED, "QUIET", server.token):
            self.assertNotIn(word, server.log)
        lines = [json.loads(line) for line in server.log.splitlines()]
        self.assertTrue(any("/passwords/{key}/reveal" in json.dumps(line) for line in lines))

    def test_a_server_that_is_stopped_answers_what_it_has_begun(self):
        with self.host.serve() as server:
            with contextlib.closing(server.connect()) as idle:
                idle.request("GET", "/healthz")
                self.assertEqual(idle.getresponse().read(), b"ok\n")
                self.assertEqual(server.stop(), 0)

    def test_a_port_in_use_is_told(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            done = self.host.run("serve", "--port", str(taken.getsockname()[1]))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("cannot listen", done.stderr)


class Tls(unittest.TestCase):
    def setUp(self):
        if shutil.which("openssl") is None:
            self.skipTest("no program here makes a certificate")
        self.host = Host()
        self.addCleanup(self.host.close)
        self.cert = self.host.data.parent / "cert.pem"
        self.key = self.host.data.parent / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", str(self.key), "-out", str(self.cert)],
                       check=True, capture_output=True, timeout=60)
        self.key.chmod(0o600)

    def test_a_certificate_makes_it_https(self):
        with self.host.serve("--cert", str(self.cert), "--key", str(self.key)) as server:
            self.assertEqual(server.url.scheme, "https")
            context = ssl.create_default_context(cafile=str(self.cert))
            with socket.create_connection((server.url.hostname, server.url.port), 60) as plain:
                with context.wrap_socket(plain, server_hostname="127.0.0.1") as peer:
                    self.assertIn(peer.version(), ("TLSv1.2", "TLSv1.3"))
                    peer.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
                    answer = b"".join(iter(lambda: peer.recv(4096), b""))
        self.assertTrue(answer.endswith(b"ok\n"), answer)

    def test_a_key_that_others_can_read_is_refused(self):
        self.key.chmod(0o640)
        done = self.host.run("serve", "--port", "0", "--cert", str(self.cert), "--key",
                             str(self.key))
        self.assertEqual(done.returncode, 1)
        self.assertIn("0600", done.stderr)


if __name__ == "__main__":
    unittest.main()
