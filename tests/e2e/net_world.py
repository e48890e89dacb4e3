# SPDX-License-Identifier: Apache-2.0
"""What the tests of the way out share: certificates good and bad, a CONNECT proxy, and a world that
speaks TLS. Standard library and the openssl program."""

import base64
import os
import select
import socket
import ssl
import subprocess
import threading

from harness import World, device, key, tenant

CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
DEVICES = 2 # each costs a command before the test begins


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def certificates(folder, names="IP:127.0.0.1,DNS:localhost", days="30"):
    """The four files that graphsim looks for; the certificate is made out to `names` and ends in
    `days`."""
    os.makedirs(folder)

    def at(name):
        return os.path.join(folder, name)

    openssl("req", "-x509", *CURVE, "-keyout", at("ca-key.pem"), "-out", at("ca.pem"), "-subj",
            "/CN=an authority", "-days", "30")
    openssl("req", *CURVE, "-keyout", at("server-key.pem"), "-out", at("request.pem"), "-subj",
            "/CN=a server")
    with open(at("names"), "w", encoding="utf-8") as out:
        out.write("subjectAltName=%s\nbasicConstraints=CA:FALSE\n" % names)
    openssl("x509", "-req", "-in", at("request.pem"), "-CA", at("ca.pem"), "-CAkey",
            at("ca-key.pem"), "-CAcreateserial", "-days", days, "-extfile", at("names"), "-out",
            at("server.pem"))
    return at("ca.pem")


class Listener:
    """A port with a thread for each connection."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.guarded, args=(client,), daemon=True).start()

    def guarded(self, client):
        with client:
            try:
                self.serve(client)
            except (OSError, ValueError):
                pass # the other side is gone

    def close(self):
        if self.listener.fileno() >= 0:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()


class Proxy(Listener):
    """Takes CONNECT alone. `login` is what it asks for; `refuse` the status that it always gives."""

    def __init__(self, login=None, refuse=None):
        self.login = login
        self.refuse = refuse
        self.heads = []
        super().__init__()

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.port

    def serve(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            got = client.recv(65536)
            if not got:
                return
            head += got
        text = head.decode("latin-1")
        self.heads.append(text)
        method, target, _ = text.split("\r\n")[0].split(" ")
        if method != "CONNECT" or self.refuse:
            client.sendall(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % (self.refuse or 405))
            return
        if self.login is not None:
            wanted = base64.b64encode(self.login.encode()).decode()
            if "proxy-authorization: basic " + wanted.lower() not in text.lower():
                client.sendall(b"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"p\"\r\n"
                               b"Content-Length: 0\r\n\r\n")
                return
        name, port = target.rsplit(":", 1)
        with socket.create_connection((name, int(port))) as server:
            client.sendall(b"HTTP/1.1 200 Go\r\n\r\n")
            pass_on(client, server)


def pass_on(one, other):
    while True:
        for ready in select.select([one, other], [], [])[0]:
            data = ready.recv(65536)
            if not data:
                return
            (other if ready is one else one).sendall(data)


class OldTls(Listener):
    """Speaks TLS 1.2 at most, and no HTTP at all."""

    def __init__(self, folder):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.context.load_cert_chain(os.path.join(folder, "server.pem"),
                                     os.path.join(folder, "server-key.pem"))
        self.received = b""
        super().__init__()

    @property
    def url(self):
        return "https://127.0.0.1:%d" % self.port

    def serve(self, client):
        with self.context.wrap_socket(client, server_side=True) as secure:
            self.received += secure.recv(65536)


class NetWorld(World):
    """A world whose cloud speaks TLS with the certificate of self.tls."""

    def __init__(self):
        super().__init__()
        self.tls = os.path.join(self.folder, "tls")

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text, mode=0o600):
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(path, mode)
        return path

    def cloud(self, count=6, arguments=()):
        """A cloud, a host that is connected to it and knows no authority, and the keys."""
        self.devices = [device(n) for n in range(DEVICES)]
        self.keys = [key(n, self.devices[n % DEVICES]) for n in range(1, count + 1)]
        data = tenant(self.keys, self.devices)
        sim = self.sim([data], ["--tls", self.tls, *arguments])
        return sim, self.connect_to(sim, data)

    def connect_to(self, sim, data):
        host = self.host()
        host.organization("Fernhill", self.devices)
        answer = host.connect(sim, ["Fernhill"], data)
        if answer.code != 0:
            raise AssertionError(answer.err)
        return host

    def trust(self, host):
        host.ok("settings", "set", "http_ca_file", os.path.join(self.tls, "ca.pem"))


def finding(host):
    """What the doctor says keeps the connection from syncing: code and sentence."""
    rows = [row for row in host.run("doctor", as_json=True).rows() if row["severity"] == "error"]
    if len(rows) != 1:
        raise AssertionError("one problem is expected: %r" % rows)
    return rows[0]["code"], rows[0]["what"]
