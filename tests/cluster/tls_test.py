#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""TLS between nodes with the certificates of `quorated cert`, and every kind of stranger refused."""

import re
import shutil
import socket
import ssl
import subprocess
import threading

from harness.case import NodeCase, main
from harness.cluster import Cluster
from harness.node import quorated, wait_until
from harness.wire import ReplyError

NAMES = ["n1", "n2", "n3"]


def make_certificates(folder, cluster="test", names=NAMES):
    subprocess.run(
        [quorated(), "cert", "--cluster", cluster, "--out", str(folder), *names],
        check=True, capture_output=True,
    )  # fmt: skip


def tls_of(folder, name):
    return {
        "certificate": str(folder / f"{name}.pem"), "key": str(folder / f"{name}.key"),
        "authority": str(folder / "authority.pem"),
    }  # fmt: skip


def expire(folder, name):
    """Signs the node's key and names again, for a day that is over."""
    certificate = folder / f"{name}.pem"
    (folder / "index.txt").write_text("")
    (folder / "serial").write_text("1000\n")
    (folder / "ca.cnf").write_text(
        f"[ca]\ndefault_ca = a\n[a]\ndatabase = {folder}/index.txt\nserial = {folder}/serial\n"
        f"new_certs_dir = {folder}\ndefault_md = sha256\npolicy = p\ncopy_extensions = copyall\n"
        "unique_subject = no\n[p]\ncommonName = optional\norganizationName = optional\n"
    )
    for command in (
        ["openssl", "x509", "-x509toreq", "-copy_extensions", "copyall", "-in", str(certificate),
         "-signkey", str(folder / f"{name}.key"), "-out", str(folder / "request.pem")],
        ["openssl", "ca", "-batch", "-notext", "-config", str(folder / "ca.cnf"), "-preserveDN",
         "-cert", str(folder / "authority.pem"), "-keyfile", str(folder / "authority.key"),
         "-startdate", "20200101000000Z", "-enddate", "20200102000000Z",
         "-in", str(folder / "request.pem"), "-out", str(certificate)],
    ):  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)


class Tls(NodeCase):
    def prepared(self, certificates):
        """A cluster that is not started, whose nodes have the given certificates (None: no TLS)."""
        cluster = Cluster(self.folder, pool={"request_timeout": "1s"})
        self.nodes += cluster.nodes
        for node, tls in zip(cluster, certificates):
            if tls is not None:
                node.settings["tls"] = tls
        return cluster

    def test_nodes_speak_tls(self):
        certs = self.folder / "certs"
        make_certificates(certs)
        cluster = self.prepared([tls_of(certs, name) for name in NAMES]).start()
        with cluster[0].wire() as writer, cluster[2].wire() as reader:
            for i in range(100):
                writer.call("SET", f"k{i}", i)
                self.assertEqual(reader.call("GET", f"k{i}"), b"%d" % i)
        cluster[1].kill()
        cluster[0].client().set("after", 1)
        cluster[1].start()
        cluster.wait_connected()
        self.assertEqual(cluster[1].client().get("after"), b"1")
        self.check_that_plain_and_nameless_peers_are_refused(cluster)

    def check_that_plain_and_nameless_peers_are_refused(self, cluster):
        host, port = cluster.seats[0]["address"].rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=10) as plain:
            plain.sendall(b"\x00" * 200)
            self.assertTrue(ended(plain))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection((host, int(port)), timeout=10) as nameless:
            # In TLS 1.3 the refusal of a client comes after its side of the handshake is done.
            with self.assertRaises((ssl.SSLError, ConnectionResetError)):
                with context.wrap_socket(nameless) as session:
                    self.assertEqual(session.recv(100), b"")
                    raise ConnectionResetError
        with socket.create_connection((host, int(port)), timeout=10) as old:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            with self.assertRaises((ssl.SSLError, ConnectionResetError)):
                context.wrap_socket(old)

    def strangers(self):
        """Certificates that n1 must not accept from who is at n3's place, with what is said of them."""
        good, other, old = (self.folder / name for name in ("certs", "other", "old"))
        make_certificates(good)
        make_certificates(other)
        shutil.copytree(good, old)
        expire(old, "n3")
        return {
            "expired": (tls_of(old, "n3"), r"expired"),
            "foreign": (tls_of(other, "n3"), r"certificate|authority|issuer"),
            "another name": (tls_of(good, "n2"), r"certificate.*(name|is that)|identity"),
        }

    def two_nodes(self):
        """n1 and n2 run; n3's place is free."""
        certs = self.folder / "certs"
        cluster = self.prepared([tls_of(certs, name) for name in NAMES])
        for node in cluster.nodes[:2]:
            node.launch()
        for node in cluster.nodes[:2]:
            node.wait_ready()
        wait_until(lambda: accepts(cluster[0], "QUORUM"), "two nodes make a quorum")
        return cluster

    def check_refused(self, cluster, case, reason):
        """n1 or n2 says why n3 is refused, and n3 counts for nobody."""

        def said():
            accepts(cluster[0], "ALL")
            return refusals(cluster.nodes[:2], reason)

        print(f"{case}: {wait_until(said, f'{case}: a line in the log', patience=20)[-1]}")
        self.assertFalse(accepts(cluster[0], "ALL"), case)
        self.assertTrue(accepts(cluster[0], "QUORUM"), case)

    def test_a_node_does_not_start_with_a_certificate_that_nobody_accepts(self):
        strangers = self.strangers()
        for case in ("expired", "another name"):
            tls, reason = strangers[case]
            node = self.prepared([None, None, tls])[2].launch()
            self.assertNotEqual(node.process.wait(timeout=30), 0)
            self.assertRegex(node.log(), reason)

    def test_strangers_that_answer_are_refused(self):
        strangers = self.strangers()
        cluster = self.two_nodes()
        address = cluster.seats[2]["address"].rsplit(":", 1)
        for case, (tls, reason) in strangers.items():
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls["certificate"], tls["key"])
            with Answering(int(address[1]), context):
                self.check_refused(cluster, f"answers, {case}", reason)
        with Answering(int(address[1]), None):
            self.check_refused(cluster, "answers without TLS", r"(?i)tls|ssl|handshake")

    def test_strangers_that_call_are_refused(self):
        strangers = self.strangers()
        cluster = self.two_nodes()
        host, port = cluster.seats[0]["address"].rsplit(":", 1)
        for case in ("expired", "foreign", None):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            if case is not None:
                context.load_cert_chain(strangers[case][0]["certificate"], strangers[case][0]["key"])
            with socket.create_connection((host, int(port)), timeout=10) as call:
                # In TLS 1.3 the refusal of a client comes after its own part of the handshake.
                with self.assertRaises((ssl.SSLError, ConnectionError), msg=case):
                    with context.wrap_socket(call) as session:
                        if not session.recv(100):
                            raise ConnectionError
            reason = strangers[case][1] if case else r"did not return a certificate"
            said = wait_until(lambda r=reason: refusals([cluster[0]], r), f"{case}: a line in the log")
            print(f"calls, {case or 'no certificate'}: {said[-1]}")
        self.assertTrue(accepts(cluster[0], "QUORUM"))

    def test_a_node_of_a_foreign_authority_is_in_no_quorum(self):
        tls, reason = self.strangers()["foreign"]
        cluster = self.two_nodes()
        cluster[2].settings["tls"] = tls
        cluster[2].start()
        self.assertFalse(accepts(cluster[2], "QUORUM"))
        self.check_refused(cluster, "a foreign node", reason)

    def test_a_node_without_tls_is_in_no_quorum(self):
        self.strangers()
        cluster = self.two_nodes()
        del cluster[2].settings["tls"]
        cluster[2].start()
        self.assertFalse(accepts(cluster[2], "QUORUM"))
        self.check_refused(cluster, "a node without TLS", r"(?i)tls|ssl|handshake|certificate")


class Answering:
    """Takes connections at a port, with TLS where there is a context, until it is left."""

    def __init__(self, port, context):
        self.listener = socket.create_server(("127.0.0.1", port))
        self.context = context
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)

    def _run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                try:
                    if self.context is None:
                        connection.sendall(b"-ERR who is there\r\n")
                        connection.recv(4096)
                        continue
                    with self.context.wrap_socket(connection, server_side=True) as session:
                        session.recv(4096)
                except OSError:
                    pass  # refused, as it should be


def ended(connection):
    try:
        while connection.recv(4096):
            pass
        return True
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


def accepts(node, level):
    try:
        with node.wire() as wire:
            return wire.call("CONSISTENCY", "WRITE", level, "THEN", "SET", "k", "v") == "OK"
    except (ReplyError, OSError):
        return False


def refusals(nodes, reason):
    """The lines of the nodes' logs that warn of a link for the reason."""
    lines = [line for node in nodes for line in node.log().splitlines()]
    return [line for line in lines if " warning " in line and "link" in line and re.search(reason, line)]


if __name__ == "__main__":
    main()
