# SPDX-License-Identifier: Apache-2.0
"""Signing in to the simulated cloud: every grant, every way it fails, challenges, partners."""
import base64
import hashlib
import itertools
import json
import pathlib
import subprocess
import tempfile
import unittest
import urllib.parse

from graphsim_client import AGENT, DEVICES, KEYS, Sim, payload

GRAPH = "https://graph.microsoft.com/.default"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
CP1 = {"access_token": {"xms_cc": {"values": ["cp1"]}}}
CODES = """16000 50001 50011 50012 50013 50020 50034 50053 50055 50057 50058 50059 50072 50074
50076 50079 50078 50089 50105 50126 50131 50158 50132 50133 50173 50177 50194 50196 50199 500011
500021 500022 500212 500213 5000224 50097 53000 53001 53003 530032 530034 54005 65001 65004 650051
650052 650056 650057 70001 7000112 70000 70008 70011 700022 70016 70018 70019 70043 700005 700016
700025 700027 700030 700082 700084 7000215 7000218 7000222 90002 50000 90006 90012 90024 90033
90090 90013 90014 900144 9002313 90019 900023 90038 90055 90072 90094 90095 90099 90119 90120 90133
9001023""".split()


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Base(unittest.TestCase):
    OPTIONS = ("--devices", "4", "--tenants", "2", "--seed", "3")

    def setUp(self):
        self.sim = Sim(*self.OPTIONS)
        self.addCleanup(self.stop)

    def stop(self):
        code, _, err = self.sim.stop()
        self.assertEqual((code, err), (0, ""))

    def wrong(self, answer, number, status=400):
        self.assertEqual((answer[0], answer[1].get("error_codes")), (status, [number]), answer[1])

    def advance(self, seconds):
        self.sim.control("time", {"advance_ms": seconds * 1000})

    def statuses(self, answer, *paths):
        headers = {"Authorization": "Bearer " + answer[1]["access_token"], **AGENT}
        return [self.sim.get(path, headers=headers)[0] for path in paths]


class DeviceCode(Base):
    def start(self, segment=None, tenant=0, **form):
        facts = self.sim.tenants[tenant]
        fields = {"client_id": facts["clientId"], "scope": "offline_access " + GRAPH, **form}
        body = urllib.parse.urlencode({k: v for k, v in fields.items() if v is not None})
        return self.sim.call("POST", f"/{segment or facts['tenantId']}/oauth2/v2.0/devicecode",
                             body.encode())

    def poll(self, code, kind=DEVICE_GRANT, **form):
        return self.sim.token(grant_type=kind, device_code=code, client_secret=None, scope=None,
                              **form)

    def test_pending_then_slow_down_then_tokens_then_used(self):
        status, body, _ = self.start()
        self.assertEqual(status, 200)
        self.assertEqual((body["expires_in"], body["interval"]), (900, 5))
        self.assertGreater(len(body["device_code"]), 200)
        self.assertIn(body["user_code"], body["message"])
        code = body["device_code"]
        answer = self.poll(code)
        self.wrong(answer, 70016)
        self.assertEqual(answer[1]["error"], "authorization_pending")
        self.assertEqual(self.poll(code)[1]["error"], "slow_down")
        self.advance(6)
        self.assertEqual(self.poll(code)[1]["error"], "slow_down")
        self.advance(16)
        answer = self.poll(code, kind="device_code")
        self.assertEqual(answer[0], 200)
        self.assertIn("refresh_token", answer[1])
        self.assertEqual(self.statuses(answer, KEYS), [200])
        self.wrong(self.poll(code), 54005)

    def test_outcomes_by_switch_and_by_event(self):
        self.sim.control("switches", {"device_pending": 0, "device_result": "decline"})
        code = self.start()[1]["device_code"]
        self.assertEqual(self.poll(code)[1]["error"], "authorization_declined")
        self.sim.control("switches", {"device_result": "blocked"})
        self.wrong(self.poll(self.start()[1]["device_code"]), 53003)
        self.sim.control("switches", {"device_result": "approve", "device_pending": 1000})
        for result, error in (("expire", "expired_token"), ("decline", "authorization_declined")):
            body = self.start()[1]
            self.sim.control("events", {"type": "device_code", "result": result,
                                        "tenant": self.sim.tenants[0]["tenantId"],
                                        "user_code": body["user_code"]})
            self.assertEqual(self.poll(body["device_code"])[1]["error"], error)
        body = self.start()[1]
        self.advance(901)
        self.wrong(self.poll(body["device_code"]), 70019)

    def test_wrong_codes_scopes_tenants(self):
        self.wrong(self.poll("made up"), 70018)
        self.wrong(self.start(segment="common"), 90133)
        self.sim.control("switches", {"device_common_refused": False})
        self.assertEqual(self.start(segment="common")[0], 200)
        self.assertEqual(self.start(segment="organizations")[0], 200)
        self.wrong(self.start(segment="nowhere"), 90002)
        self.wrong(self.start(client_id="x"), 700016)
        self.wrong(self.start(scope="https://vault.azure.net/.default"), 70011)
        self.wrong(self.start(scope=None), 900144)

    def test_no_offline_access_no_refresh_token(self):
        self.sim.control("switches", {"device_pending": 0})
        body = self.start(scope="openid " + GRAPH)[1]
        answer = self.poll(body["device_code"])[1]
        self.assertNotIn("refresh_token", answer)
        self.assertIn("id_token", answer)


class Code(Base):
    def page(self, tenant=0, segment=None, **query):
        facts = self.sim.tenants[tenant]
        fields = {"client_id": facts["clientId"], "response_type": "code",
                  "redirect_uri": "http://localhost:4321/back", "state": "a b&c",
                  "scope": "offline_access openid " + GRAPH, "code_challenge": CHALLENGE,
                  "code_challenge_method": "S256", **query}
        text = urllib.parse.urlencode({k: v for k, v in fields.items() if v is not None})
        status, body, headers = self.sim.raw(
            "GET", f"/{segment or facts['tenantId']}/oauth2/v2.0/authorize?{text}")
        if status != 302:
            return status, body.decode()
        parts = urllib.parse.urlsplit(headers["Location"])
        return status, dict(urllib.parse.parse_qsl(parts.query or parts.fragment))

    def redeem(self, code, verifier=VERIFIER, **form):
        fields = {"redirect_uri": "http://localhost:4321/back", "scope": None, **form}
        return self.sim.token(grant_type="authorization_code", code=code, code_verifier=verifier,
                              **fields)

    def test_code_is_redeemed_once(self):
        status, back = self.page()
        self.assertEqual((status, back["state"]), (302, "a b&c"))
        answer = self.redeem(back["code"])
        self.assertEqual(answer[0], 200)
        self.assertEqual(sorted(answer[1]), ["access_token", "expires_in", "ext_expires_in",
                                             "id_token", "refresh_token", "scope", "token_type"])
        self.assertEqual(self.sim.delegated(refresh_token=answer[1]["refresh_token"])[0], 200)
        self.wrong(self.redeem(back["code"]), 54005)

    def test_verifier_redirect_tenant_and_age_are_checked(self):
        self.wrong(self.redeem(self.page()[1]["code"], "x" * 43), 70000)
        self.wrong(self.redeem(self.page()[1]["code"], None), 70000)
        self.wrong(self.redeem(self.page()[1]["code"], VERIFIER[:-1]), 70000)
        self.wrong(self.redeem(self.page()[1]["code"], redirect_uri="http://localhost/x"), 50011)
        self.wrong(self.redeem(self.page(tenant=1)[1]["code"]), 700005)
        self.wrong(self.redeem("made up"), 9002313)
        code = self.page()[1]["code"]
        self.advance(601)
        self.wrong(self.redeem(code), 70008)
        plain = self.page(code_challenge=VERIFIER, code_challenge_method="plain")[1]["code"]
        self.assertEqual(self.redeem(plain)[0], 200)
        none = self.page(code_challenge=None, code_challenge_method=None)[1]["code"]
        self.assertEqual(self.redeem(none, None)[0], 200)
        digest = b64(hashlib.sha256(VERIFIER.encode()).digest())
        self.assertEqual(digest, CHALLENGE)

    def test_errors_are_shown_or_sent_back(self):
        self.assertIn("AADSTS50011", self.page(redirect_uri="https://evil.example/")[1])
        self.assertIn("AADSTS700016", self.page(client_id="x")[1])
        self.assertEqual(self.page(response_type="token")[1]["error"], "invalid_request")
        self.assertEqual(self.page(scope="https://vault.azure.net/x")[1]["error"],
                         "invalid_scope")
        self.sim.control("switches", {"authorize_error": 65004})
        back = self.page()[1]
        self.assertEqual((back["error"], back["state"]), ("access_denied", "a b&c"))
        self.assertIn("AADSTS65004", back["error_description"])

    def test_response_modes(self):
        self.assertIn("code", self.page(response_mode="fragment")[1])
        self.assertIn('name="code"', self.page(response_mode="form_post")[1])
        self.assertEqual(self.page(segment="organizations")[0], 302)

    def test_registered_redirects_hold(self):
        self.sim.control("events", {
            "type": "set_tenant", "tenant": self.sim.tenants[0]["tenantId"],
            "fields": {"redirectUris": ["https://host.example/cb", "http://localhost/back"]}})
        for uri, status in (("https://host.example/cb", 302), ("http://localhost:99/back", 302),
                            ("http://localhost:99/other", 400), ("https://host.example", 400)):
            self.assertEqual(self.page(redirect_uri=uri)[0], status, uri)

    def test_code_stands_in_no_log(self):
        code = self.page()[1]["code"]
        self.assertNotIn("state=", json.dumps(self.sim.call("GET", "/_sim/requests")[1]))
        self.assertNotIn(code, json.dumps(self.sim.call("GET", "/_sim/requests")[1]))

    def test_admin_consent(self):
        tenant = self.sim.tenants[0]
        self.sim.control("events", {"type": "set_tenant", "tenant": tenant["tenantId"],
                                    "fields": {"consented": False}})
        self.wrong(self.sim.delegated(), 65001)
        query = urllib.parse.urlencode({"client_id": tenant["clientId"], "state": "s",
                                        "redirect_uri": "http://localhost/back"})
        path = f"/{tenant['tenantId']}/adminconsent?{query}"
        self.sim.control("switches", {"admin_consent": "deny"})
        self.assertIn("error=permission_denied", self.sim.raw("GET", path)[2]["Location"])
        self.sim.control("switches", {"admin_consent": "grant"})
        self.assertIn(f"admin_consent=True&tenant={tenant['tenantId']}&state=s",
                      self.sim.raw("GET", path)[2]["Location"])
        self.assertEqual(self.sim.delegated()[0], 200)

    def test_openid_configuration(self):
        body = self.sim.get("/organizations/v2.0/.well-known/openid-configuration")[1]
        self.assertTrue(body["token_endpoint"].endswith("/oauth2/v2.0/token"))
        self.assertEqual(self.sim.get("/nobody/v2.0/.well-known/openid-configuration")[0], 400)


class Refresh(Base):
    def test_ninety_days_and_revocation(self):
        token = self.sim.delegated()[1]["refresh_token"]
        self.advance(89 * 86400)
        self.assertEqual(self.sim.delegated(refresh_token=token)[0], 200)
        self.advance(2 * 86400)
        self.wrong(self.sim.delegated(refresh_token=token), 700082)
        fresh = self.sim.delegated()[1]["refresh_token"]
        self.sim.control("events", {"type": "revoke_sessions",
                                    "tenant": self.sim.tenants[0]["tenantId"]})
        self.wrong(self.sim.delegated(refresh_token=fresh), 50173)
        self.wrong(self.sim.delegated(), 50173)

    def test_long_and_kept_tokens(self):
        self.sim.control("switches", {"refresh_token_bytes": 1500})
        token = self.sim.delegated()[1]["refresh_token"]
        self.assertEqual(len(token), 1500)
        self.sim.control("switches", {"keep_refresh_token": True})
        self.assertEqual(self.sim.delegated(refresh_token=token)[1]["refresh_token"], token)

    def test_public_and_confidential_clients(self):
        tenant = self.sim.tenants[0]["tenantId"]
        for public, secret, number, status in ((True, "x", 700025, 401),
                                               (False, None, 7000218, 401)):
            self.sim.control("events", {"type": "set_tenant", "tenant": tenant,
                                        "fields": {"publicClient": public}})
            answer = self.sim.delegated(client_secret=secret)
            self.assertEqual(answer[1].get("error_codes"), [number])
        self.sim.control("events", {"type": "set_tenant", "tenant": tenant, "fields": {
            "clientSecretExpires": "2020-01-01T00:00:00Z"}})
        self.wrong(self.sim.token(), 7000222, 401)


class Errors(Base):
    def test_every_number_can_be_raised_by_name(self):
        for code in CODES:
            self.sim.call("DELETE", "/_sim/faults")
            self.sim.control("faults", {"route": "token", "error": "token:" + code})
            status, body, _ = self.sim.token()
            self.assertEqual(body["error_codes"], [int(code)])
            self.assertNotEqual(body["error_description"].split(": ")[1].split("\r")[0],
                                "The request failed.", code)
            self.assertGreaterEqual(status, 400)
            self.assertTrue(body["error"])
            if code == "50076":
                json.loads(body["claims"])


class Challenge(Base):
    def claims_of(self, header):
        text = header.split('claims="')[1].split('"')[0]
        return json.loads(base64.b64decode(text))

    def test_only_clients_that_declared_it_are_challenged_until_they_answer(self):
        plain = self.sim.delegated()
        able = self.sim.delegated(claims=json.dumps(CP1))
        self.assertEqual(payload(able[1]["access_token"])["xms_cc"], ["cp1"])
        self.assertGreater(able[1]["expires_in"], 80000)
        self.sim.control("events", {"type": "challenge",
                                    "tenant": self.sim.tenants[0]["tenantId"]})
        self.assertEqual(self.statuses(plain, KEYS), [200])
        self.assertEqual(self.statuses(able, KEYS, DEVICES), [401, 401])
        headers = {"Authorization": "Bearer " + able[1]["access_token"], **AGENT}
        challenge = self.sim.get(KEYS, headers=headers)[2]["WWW-Authenticate"]
        claims = self.claims_of(challenge)
        again = self.sim.delegated(claims=json.dumps(CP1))
        self.assertEqual(self.statuses(again, KEYS), [401])
        claims["access_token"].update(CP1["access_token"])
        answered = self.sim.delegated(claims=json.dumps(claims))
        self.assertEqual(self.statuses(answered, KEYS), [200])
        self.advance(20)
        self.sim.control("events", {"type": "challenge",
                                    "tenant": self.sim.tenants[0]["tenantId"]})
        self.assertEqual(self.statuses(answered, KEYS), [401])

    def test_styles_of_the_header(self):
        for style, check in (("bearer", lambda v: v[0].startswith("Bearer ")),
                             ("pop_first", lambda v: v[0].startswith("PoP ") and "Bearer" in v[0]),
                             ("two_lines", lambda v: len(v) == 2 and v[1].startswith("Bearer")),
                             ("unquoted", lambda v: "authorization_uri=https" in v[0])):
            self.sim.control("switches", {"challenge_style": style})
            self.sim.control("faults", {"route": "recovery_keys_list", "error": "cae"})
            answer = self.sim.get(KEYS)
            self.assertEqual(answer[0], 401)
            values = answer[2].get_all("WWW-Authenticate")
            self.assertTrue(check(values), values)
            nbf = self.claims_of(values[-1])["access_token"]["nbf"]
            self.assertEqual(nbf, {"essential": True, "value": "1790000000"})


class Certificate(unittest.TestCase):
    numbers = itertools.count()

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = pathlib.Path(cls.folder.name)
        for name in ("good", "other"):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
                            "30", "-subj", "/CN=app", "-keyout", f"{name}.key", "-out",
                            f"{name}.pem"], cwd=cls.path, check=True, capture_output=True)
        data = {"certificates": [(cls.path / "good.pem").read_text()], "recoveryKeys": [],
                "domain": "fern.example"}
        (cls.path / "data.json").write_text(json.dumps(data))
        cls.sim = Sim("--data", str(cls.path / "data.json"))

    @classmethod
    def tearDownClass(cls):
        code, _, err = cls.sim.stop()
        cls.folder.cleanup()
        assert (code, err) == (0, ""), err

    def assertion(self, alg="PS256", key="good", header=None, **claims):
        der = subprocess.run(["openssl", "x509", "-in", "good.pem", "-outform", "DER"],
                             cwd=self.path, check=True, capture_output=True).stdout
        now = self.sim.call("GET", "/_sim/time")[1]["now_ms"] // 1000
        facts = self.sim.tenants[0]
        if header == "sha1":
            header = {"x5t": b64(hashlib.sha1(der).digest())}
        elif header is None:
            header = {"x5t#S256": b64(hashlib.sha256(der).digest())}
        head = {"alg": alg, "typ": "JWT", **header}
        body = {"aud": f"{self.sim.origin}/{facts['tenantId']}/oauth2/v2.0/token",
                "iss": facts["clientId"], "sub": facts["clientId"], "nbf": now, "iat": now,
                "exp": now + 300, "jti": f"{self.id()}-{next(self.numbers)}", **claims}
        text = b64(json.dumps(head).encode()) + "." + b64(json.dumps(body).encode())
        command = ["openssl", "dgst", "-sha256", "-sign", f"{key}.key", "-binary"]
        if alg == "PS256":
            command += ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"]
        signature = subprocess.run(command, cwd=self.path, check=True, capture_output=True,
                                   input=text.encode()).stdout
        return text + "." + b64(signature)

    def ask(self, assertion, **form):
        return self.sim.token(client_secret=None, client_assertion=assertion,
                              client_assertion_type=ASSERTION, **form)

    def wrong(self, answer, number):
        self.assertEqual(answer[1].get("error_codes"), [number], answer[1])

    def test_both_algorithms_and_both_thumbprints(self):
        for alg in ("PS256", "RS256"):
            answer = self.ask(self.assertion(alg))
            self.assertEqual(answer[0], 200, answer[1])
            self.assertEqual(payload(answer[1]["access_token"])["appidacr"], "2")
        self.sim.control("switches", {"x5t_sha1": False})
        self.wrong(self.ask(self.assertion(header="sha1")), 700027)
        self.sim.control("switches", {"x5t_sha1": True})
        self.assertEqual(self.ask(self.assertion(header="sha1"))[0], 200)

    def test_audience_may_be_microsofts_or_the_domain(self):
        for host in ("https://login.microsoftonline.com", self.sim.origin):
            url = host + "/fern.example/oauth2/v2.0/token"
            self.assertEqual(self.ask(self.assertion(aud=url))[0], 200)

    def test_claims_are_checked(self):
        now = self.sim.call("GET", "/_sim/time")[1]["now_ms"] // 1000
        for claims in ({"aud": "https://login.microsoftonline.com/other/oauth2/v2.0/token"},
                       {"iss": "x"}, {"sub": "x"}, {"exp": now - 1}, {"exp": now + 3600},
                       {"nbf": now + 900, "exp": now + 1000}, {"jti": ""}):
            self.wrong(self.ask(self.assertion(**claims)), 50013)
        once = self.assertion(jti="once")
        self.assertEqual(self.ask(once)[0], 200)
        self.wrong(self.ask(once), 50013)

    def test_keys_and_forms_are_checked(self):
        self.wrong(self.ask(self.assertion(key="other")), 700027)
        self.wrong(self.ask(self.assertion(header={"x5t#S256": "AAAA"})), 700027)
        self.wrong(self.ask(self.assertion()[:-8] + "AAAAAAAA"), 700027)
        self.wrong(self.ask("a.b"), 50013)
        self.wrong(self.ask("a.b.c"), 50013)
        self.wrong(self.sim.token(client_secret=None, client_assertion=self.assertion()), 900144)
        delegated = self.sim.delegated(client_assertion=self.assertion(),
                                       client_assertion_type=ASSERTION)
        self.assertEqual(delegated[0], 200)


class Partner(unittest.TestCase):
    def setUp(self):
        partner = "31025107-6d78-4b4c-ae70-f9154b4a5324"
        data = {"tenants": [
            {"tenantId": partner, "recoveryKeys": [], "scopes":
             "DelegatedAdminRelationship.Read.All Directory.Read.All"},
            {"displayName": "Fernhill Dental", "recoveryKeys": [{"id": "k1"}], "partners": [
                {"tenantId": partner, "scopes": ["BitlockerKey.Read.All"],
                 "roles": ["Device.Read.All"],
                 "wids": ["729827e3-9c14-49f7-bb1b-9608f156bbb8"]}]},
            {"recoveryKeys": [], "partners": [{"tenantId": partner}]},
            {"recoveryKeys": []},
            {"recoveryKeys": [], "partners": [
                {"tenantId": "b5a1464d-cb60-415d-b51f-8a385d7798ec", "scopes": ["x"]}]}]}
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "data.json").write_text(json.dumps(data))
        self.sim = Sim("--data", str(folder / "data.json"))
        self.addCleanup(self.sim.stop)

    def at(self, customer, **form):
        fields = {"client_secret": self.sim.tenants[0]["clientSecret"], **form}
        return self.sim.delegated(segment=self.sim.tenants[customer]["tenantId"], **fields)

    def test_one_refresh_token_serves_all_customers_that_list_the_partner(self):
        answer = self.at(1)
        self.assertEqual(answer[0], 200, answer[1])
        claims = payload(answer[1]["access_token"])
        self.assertEqual(claims["tid"], self.sim.tenants[1]["tenantId"])
        self.assertEqual(claims["appid"], self.sim.tenants[0]["clientId"])
        self.assertEqual(claims["scp"], "BitlockerKey.Read.All")
        headers = {"Authorization": "Bearer " + answer[1]["access_token"], **AGENT}
        self.assertEqual(len(self.sim.get(KEYS, headers=headers)[1]["value"]), 1)
        self.assertEqual(self.sim.get(DEVICES, headers=headers)[0], 403)
        again = self.at(1, refresh_token=answer[1]["refresh_token"])
        self.assertEqual(again[0], 200)
        self.assertEqual(self.at(2)[1]["error_codes"], [65001])
        for other in (3, 4):
            self.assertEqual(self.at(other)[1]["error_codes"], [50020])
        self.assertEqual(self.at(1, client_secret="no")[1]["error_codes"], [7000215])

    def test_app_only_at_a_customer(self):
        own = self.sim.tenants[0]
        form = {"client_id": own["clientId"], "client_secret": own["clientSecret"]}
        answer = self.sim.token(segment=self.sim.tenants[1]["tenantId"], **form)
        self.assertEqual(payload(answer[1]["access_token"])["roles"], ["Device.Read.All"])
        answer = self.sim.token(segment=self.sim.tenants[3]["tenantId"], **form)
        self.assertEqual(answer[1]["error_codes"], [700016])

    def test_customer_list_and_contracts(self):
        token = self.sim.delegated()[1]["access_token"]
        headers = {"Authorization": "Bearer " + token, **AGENT}
        rows = self.sim.get("/v1.0/tenantRelationships/delegatedAdminCustomers",
                            headers=headers)[1]["value"]
        self.assertEqual([row["displayName"] for row in rows], ["Fernhill Dental", "Tenant 3"])
        rows = self.sim.get("/v1.0/contracts", headers=headers)[1]["value"]
        self.assertEqual([row["customerId"] for row in rows],
                         [t["tenantId"] for t in self.sim.tenants[1:3]])

    def test_consent_is_given_once_and_taken_back(self):
        token = self.sim.delegated(scope="https://api.partnercenter.microsoft.com/.default")
        headers = {"Authorization": "Bearer " + token[1]["access_token"], **AGENT}
        app = self.sim.tenants[0]["clientId"]
        path = f"/v1/customers/{self.sim.tenants[2]['tenantId']}/applicationconsents"
        body = {"ApplicationId": app, "ApplicationGrants": [
            {"EnterpriseApplicationId": "00000003-0000-0000-c000-000000000000",
             "Scope": "BitlockerKey.Read.All,Device.Read.All"}]}
        self.assertEqual(self.sim.call("POST", path, body, headers)[0], 201)
        self.assertEqual(self.at(2)[0], 200)
        again = self.sim.call("POST", path, body, headers)
        self.assertEqual((again[0], again[1]["description"]),
                         (409, "Permission entry already exists."))
        self.assertEqual(self.sim.raw("DELETE", f"{path}/{app}", None, headers)[0], 204)
        self.assertEqual(self.at(2)[1]["error_codes"], [65001])


class Clouds(unittest.TestCase):
    def test_scopes_audiences_and_pages_follow_the_cloud(self):
        sim = Sim("--devices", "2", "--cloud", "usgov")
        self.addCleanup(sim.stop)
        answer = sim.token(scope="https://graph.microsoft.us/.default")
        self.assertEqual(payload(answer[1]["access_token"])["aud"], "https://graph.microsoft.us")
        self.assertEqual(sim.token(scope=GRAPH)[1]["error_codes"], [70011])
        body = urllib.parse.urlencode({"client_id": sim.tenants[0]["clientId"],
                                       "scope": "https://graph.microsoft.us/.default"})
        start = sim.call("POST", "/organizations/oauth2/v2.0/devicecode", body.encode())[1]
        self.assertEqual(start["verification_uri"], "https://microsoft.com/deviceloginus")
        self.assertIn("graph.microsoft.us", sim.get(KEYS)[1]["@odata.context"])

    def test_tenant_of_another_cloud_and_hosts_of_the_data_file(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "data.json").write_text(json.dumps({
            "cloudHosts": {"graph": "graph.sovereign.example"}, "tenants": [
                {"recoveryKeys": []}, {"recoveryKeys": [], "cloud": "china"}]}))
        sim = Sim("--data", str(folder / "data.json"))
        self.addCleanup(sim.stop)
        self.assertEqual(sim.token(scope="https://graph.sovereign.example/.default")[0], 200)
        self.assertEqual(sim.token(tenant=1)[1]["error_codes"], [90038])


if __name__ == "__main__":
    unittest.main()
