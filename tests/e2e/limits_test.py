#!/usr/bin/env python3
"""The HTTP server's limits from outside, with raw sockets: what two servers could read differently is refused, sizes, counts and times
are bounded, and nobody who sends slowly, wrongly or too much keeps others from being served."""
import concurrent.futures
import json
import os
import socket
import threading
import time

import support
from support import Checks, Daemon, Folder

HOST = b"Host: earshot.example\r\n"
HEALTHY = b"GET /-/healthy HTTP/1.1\r\n" + HOST


def rss(pid):
    """Resident bytes."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS"))


def cpu(pid):
    """Seconds of processor time used so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Raw:
    """A TCP connection of its own; `source` is the loopback address it comes from."""

    def __init__(self, port, source="127.0.0.1", timeout=20):
        self.link = socket.create_connection(("127.0.0.1", port), timeout=timeout, source_address=(source, 0))
        self.left = b""

    def say(self, data):
        try:
            self.link.sendall(data)
        except OSError:
            pass  # an answer may be there all the same

    def answer(self):
        """(status, body) of one answer; (0, b"") where the connection ends without one."""
        while b"\r\n\r\n" not in self.left:
            if not self.more():
                return 0, b""
        head, self.left = self.left.split(b"\r\n\r\n", 1)
        size = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
        while len(self.left) < size and self.more():
            pass
        body, self.left = self.left[:size], self.left[size:]
        return int(head.split(b" ", 2)[1]), body

    def more(self):
        try:
            part = self.link.recv(65536)
        except OSError:
            return False
        self.left += part
        return bool(part)

    def ended_after(self, limit, drip=b""):
        """Seconds until the server ends the connection; None where it has not after `limit`. Sends `drip` once a second."""
        began = time.monotonic()
        self.link.settimeout(1)
        while time.monotonic() - began < limit:
            try:
                if drip:
                    self.link.sendall(drip)
                if not self.link.recv(65536):
                    return time.monotonic() - began
            except TimeoutError:
                continue
            except OSError:
                return time.monotonic() - began
        return None

    def close(self):
        self.link.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Trial:
    def __init__(self, folder, checks):
        self.that = checks.that
        self.daemon = Daemon(folder, support.free_port())
        folder.write("earshot.yaml", support.config(self.daemon.port, [{"name": "push", "type": "push"}],
                                                    [{"name": "hook", "type": "log"}]))

    def ask(self, data, source="127.0.0.1"):
        with Raw(self.daemon.port, source) as link:
            link.say(data)
            return link.answer()

    def alive(self, name):
        status, body = self.ask(HEALTHY + b"\r\n")
        return self.that(status == 200 and body == b"Earshot is healthy.\n", name, f"{status} {body[:100]}")

    def requests(self):
        """One request each: (name, bytes, the statuses that are right)."""
        post = b"POST /api/v1/posts HTTP/1.1\r\n" + HOST
        return [
            ("a plain request", HEALTHY + b"\r\n", (200,)),
            ("HTTP/1.0 without a host", b"GET /-/healthy HTTP/1.0\r\n\r\n", (200,)),
            ("Content-Length and Transfer-Encoding", post + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400,)),
            ("Transfer-Encoding and Content-Length", post + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", (400,)),
            ("Transfer-Encoding twice", post + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (501,)),
            ("Transfer-Encoding: gzip, chunked", post + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", (501,)),
            ("Transfer-Encoding: xchunked", post + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", (501,)),
            ("Transfer-Encoding with a vertical tab", post + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", (400,)),
            ("Transfer-Encoding of HTTP/1.0", b"POST /api/v1/posts HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400,)),
            ("two lengths", post + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n[]x", (400,)),
            ("the same length twice", post + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n[]", (400,)),
            ("a list of lengths", post + b"Content-Length: 2, 2\r\n\r\n[]", (400,)),
            ("a length with a sign", post + b"Content-Length: +2\r\n\r\n[]", (400,)),
            ("a negative length", post + b"Content-Length: -1\r\n\r\n[]", (400,)),
            ("a length in hexadecimal", post + b"Content-Length: 0x2\r\n\r\n[]", (400,)),
            ("a length beyond 64 bits", post + b"Content-Length: 99999999999999999999\r\n\r\n", (400,)),
            ("a length beyond the limit", post + b"Content-Length: 8388609\r\n\r\n", (413,)),
            ("an empty length", post + b"Content-Length:\r\n\r\n", (400,)),
            ("a folded line", HEALTHY + b"X-A: b\r\n c\r\n\r\n", (400,)),
            ("a folded line by tab", HEALTHY + b"X-A: b\r\n\tc\r\n\r\n", (400,)),
            ("a blank before the first field", b"GET /-/healthy HTTP/1.1\r\n " + HOST + b"\r\n", (400,)),
            ("bare LF", b"GET /-/healthy HTTP/1.1\nHost: a\n\n", (400,)),
            ("one bare LF", HEALTHY + b"X-A: b\nX-B: c\r\n\r\n", (400,)),
            ("bare CR", HEALTHY + b"X-A: b\rX-B: c\r\n\r\n", (400,)),
            ("NUL in a value", HEALTHY + b"X-A: b\0c\r\n\r\n", (400,)),
            ("a blank before the colon", HEALTHY + b"X-A : b\r\n\r\n", (400,)),
            ("a line without a colon", HEALTHY + b"X-A\r\n\r\n", (400,)),
            ("a field without a name", HEALTHY + b": b\r\n\r\n", (400,)),
            ("no host", b"GET /-/healthy HTTP/1.1\r\n\r\n", (400,)),
            ("two hosts", HEALTHY + HOST + b"\r\n", (400,)),
            ("64 headers", HEALTHY + b"".join(b"X-%d: y\r\n" % n for n in range(63)) + b"\r\n", (200,)),
            ("65 headers", HEALTHY + b"".join(b"X-%d: y\r\n" % n for n in range(64)) + b"\r\n", (431,)),
            ("16 KiB of headers", HEALTHY + b"X-A: " + b"y" * (16384 - len(HEALTHY) - 9) + b"\r\n\r\n", (200,)),
            ("a header of 17 KiB", HEALTHY + b"X-A: " + b"y" * 17408 + b"\r\n\r\n", (431,)),
            ("a header of 4 MiB", HEALTHY + b"X-A: " + b"y" * (4 << 20), (431,)),
            ("a target of 20 KiB", b"GET /" + b"a" * 20480 + b" HTTP/1.1\r\n" + HOST + b"\r\n", (431,)),
            ("a target of 9 KiB", b"GET /" + b"a" * 9216 + b" HTTP/1.1\r\n" + HOST + b"\r\n", (400,)),
            ("two blanks in the request line", b"GET  /-/healthy HTTP/1.1\r\n" + HOST + b"\r\n", (400,)),
            ("HTTP/2.0", b"GET / HTTP/2.0\r\n" + HOST + b"\r\n", (400,)),
            ("the HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400,)),
            ("HTTP/0.9", b"GET /\r\n\r\n", (400,)),
            ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n" + bytes(32), (400,)),
            ("dot segments", b"GET /api/../metrics HTTP/1.1\r\n" + HOST + b"\r\n", (400,)),
            ("encoded dot segments", b"GET /api/%2e%2e/metrics HTTP/1.1\r\n" + HOST + b"\r\n", (400,)),
            ("an encoded NUL", b"GET /api%00 HTTP/1.1\r\n" + HOST + b"\r\n", (400,)),
            ("overlong UTF-8 in the path", b"GET /%c0%af HTTP/1.1\r\n" + HOST + b"\r\n", (400,)),
            ("a broken escape", b"GET /%zz HTTP/1.1\r\n" + HOST + b"\r\n", (400,)),
            ("a chunk size that is none", post + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", (400,)),
            ("a chunk size beyond 64 bits", post + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", (400, 413)),
            ("a chunk beyond the limit", post + b"Transfer-Encoding: chunked\r\n\r\n900000\r\n" + b"a" * 0x900000, (413,)),
            ("a chunk extension of 200 KiB", post + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"a" * 204800, (400,)),
            ("JSON of 9 MiB", post + b"Content-Length: 9437184\r\n\r\n" + b"[" * 9437184, (413,)),
        ]

    def malformed(self):
        for name, data, right in self.requests():
            status, body = self.ask(data)
            self.that(status in right, f"{name}: {'/'.join(map(str, right))}", f"{status} {body[:200]}")
        self.alive("the server goes on after each of them")

    def bodies(self):
        head = b"POST /api/v1/posts?source=push HTTP/1.1\r\n" + HOST
        good = json.dumps({"id": "good-%d", "author": {"id": "a"}, "text": "all is well"})

        def post(body):
            status, text = self.ask(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            try:
                return status, json.loads(text)
            except ValueError:
                return status, {}

        that = self.that
        lines = [(good % 1).encode(), b"not json", b'{"id":"no-text"}', b"\xff\xfe\xfd", b'{"id":"x","text":"\\ud800"',
                 b"[" * 100000, (good % 2).encode(), b'{"id":1e400,"text":"a"}', b'{"id":NaN}', (good % 3).encode()]
        status, answer = post(b"\n".join(lines))
        bad = [it["line"] for it in answer.get("quarantined", [])]
        that(status == 202 and answer.get("accepted", 0) >= 3 and bad == [2, 3, 4, 5, 6, 8, 9],
             "JSON lines: each bad line is set aside with its number, the good ones are taken", f"{status} {answer}")
        kept = self.daemon.rows("SELECT count(*) AS n FROM quarantine")
        that(kept[0]["n"] == 7, "what was set aside is in the quarantine", str(kept))
        cases = [("deep arrays", b"[" * 1000000), ("deep objects", b'{"a":' * 1000000), ("8 MiB of [1,1", b"[" + b"1," * 4194000 + b"1]"),
                 ("an empty body", b""), ("NUL", b"\0" * 1000), ("a million keys", b"{" + b",".join(b'"k%d":1' % n for n in range(700000)) + b"}"),
                 ("10,001 lines", b"{}\n" * 10001)]
        before_rss, worst, slowest = rss(self.daemon.process.pid), 0, 0.0
        for name, body in cases:
            before = cpu(self.daemon.process.pid)
            status, answer = post(body)
            used = cpu(self.daemon.process.pid) - before
            worst, slowest = max(worst, rss(self.daemon.process.pid) - before_rss), max(slowest, used)
            that(status in (400, 413) and used <= 0.5, f"{name} is refused in half a second", f"{status} {used:.2f} s {answer}")
        that(worst <= 40 << 20, "and memory grows by 40 MiB at most", f"{worst >> 20} MiB")
        print(f"figure: hostile bodies of POST /api/v1/posts: at most {slowest:.2f} s CPU, +{worst / 2**20:.1f} MiB")
        with Raw(self.daemon.port) as link:
            link.say(head + b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(good % 4))
            that(link.answer()[0] == 100, "a client that waits for 100 Continue gets it")
            link.say((good % 4).encode())
            that(link.answer()[0] == 202, "and its body is taken")
        with Raw(self.daemon.port) as link:
            link.say(HEALTHY + b"\r\n" + HEALTHY + b"\r\n")
            that([link.answer()[0], link.answer()[0]] == [200, 200], "two requests in one packet are answered in order")
        with Raw(self.daemon.port) as link:
            for byte in HEALTHY + b"\r\n":
                link.say(bytes([byte]))
            that(link.answer()[0] == 200, "a request byte by byte is answered")

    def crowd(self):
        """1,000 connections, 50 of one address."""
        port, that = self.daemon.port, self.that
        own = [Raw(port, "127.0.0.9", timeout=3) for _ in range(60)]
        for link in own:
            link.say(HEALTHY + b"\r\n")
        served = sum(link.answer()[0] == 200 for link in own)
        that(served == 50, "50 connections of one address are served, the others closed", str(served))
        that(self.ask(HEALTHY + b"\r\n", "127.0.0.10")[0] == 200, "another address is served meanwhile")
        for link in own:
            link.close()
        time.sleep(0.5)
        that(self.ask(HEALTHY + b"\r\n", "127.0.0.9")[0] == 200, "the address is served again when they are gone")
        began, links = time.monotonic(), []
        for n in range(1050):
            links.append(Raw(port, f"127.0.{1 + n // 45}.2", timeout=5))
        for link in links:
            link.say(HEALTHY + b"\r\n")
        served = sum(link.answer()[0] == 200 for link in links)
        that(served == 1000, "1,000 connections are served, the others closed", str(served))
        print(f"figure: 1,050 connections of 24 addresses: {served} served in {time.monotonic() - began:.1f} s, "
              f"{rss(self.daemon.process.pid) >> 20} MiB resident")
        for link in links:
            link.close()
        time.sleep(0.5)
        self.alive("a new connection is served when they are gone")

    def big_bodies(self):
        """Bodies of all connections share 64 MiB."""
        head = b"POST /api/v1/posts HTTP/1.1\r\n" + HOST + b"Content-Length: 8388608\r\n\r\n"
        before, links = rss(self.daemon.process.pid), []
        for _ in range(12):
            links.append(Raw(self.daemon.port, "127.0.2.1", timeout=10))
            links[-1].say(head + b"x" * (4 << 20))
        busy = 0
        for link in links:
            link.link.settimeout(1)
            busy += link.answer()[0] == 503
        grown = rss(self.daemon.process.pid) - before
        self.that(busy == 4, "of 12 bodies of 8 MiB at once 8 are read, 4 told to come again", str(busy))
        self.that(grown <= 72 << 20, "and memory stays inside the budget", f"{grown >> 20} MiB")
        for link in links:
            link.close()

    def slow(self):
        """Everything that is slow is ended, all at once; meanwhile others are answered."""
        port = self.daemon.port
        post = b"POST /api/v1/posts HTTP/1.1\r\n" + HOST
        cases = [("silence", b"", b"", 10), ("a head that drips", b"GET / HTTP/1.1\r\nX-A: ", b"a", 10),
                 ("headers that never end", HEALTHY, b"X-B: c\r\n", 10), ("half a request line", b"GE", b"", 10),
                 ("a body that never comes", post + b"Content-Length: 10\r\n\r\n", b"", 30),
                 ("a body that drips", post + b"Content-Length: 1000\r\n\r\n", b" ", 30),
                 ("chunks that drip", post + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", 30)]
        stop, waits = threading.Event(), []

        def others():
            while not stop.wait(0.5):
                began = time.monotonic()
                status, _ = self.ask(HEALTHY + b"\r\n", "127.0.0.7")
                waits.append(time.monotonic() - began if status == 200 else 99.0)

        def one(case):
            name, begin, drip, limit = case
            with Raw(port, "127.0.3.1") as link:
                link.say(begin)
                return name, limit, link.ended_after(limit + 6, drip)

        def idle():
            with Raw(port, "127.0.3.2") as link:
                link.say(HEALTHY + b"\r\n")
                link.answer()
                return "a kept connection without a further request", 60, link.ended_after(68)

        watch = threading.Thread(target=others)
        watch.start()
        crowd = [Raw(port, f"127.0.4.{1 + n // 40}") for n in range(200)]  # slowloris
        for link in crowd:
            link.say(b"GET / HTTP/1.1\r\nX-A: b")
        with concurrent.futures.ThreadPoolExecutor(len(cases) + 1) as pool:
            jobs = [pool.submit(one, case) for case in cases] + [pool.submit(idle)]
            for job in jobs:
                name, limit, after = job.result()
                self.that(after is not None and limit - 2 <= after <= limit + 4, f"{name} is ended after {limit} s", str(after))
        for link in crowd:
            link.link.settimeout(1)
        self.that(not any(link.more() for link in crowd), "200 connections with half a head are ended")
        for link in crowd:
            link.close()
        stop.set()
        watch.join()
        self.that(waits and max(waits) < 1, "others were answered meanwhile", str(max(waits or [99])))
        print(f"figure: beside 200 slow connections {len(waits)} requests, the slowest answer took {max(waits) * 1000:.0f} ms")


def main():
    checks = Checks()
    with Folder() as folder:
        trial = Trial(folder, checks)
        trial.daemon.start()
        try:
            trial.malformed()
            trial.bodies()
            trial.crowd()
            trial.big_bodies()
            trial.slow()
            trial.alive("the server is well in the end")
        finally:
            code = trial.daemon.stop()
        checks.that(code == 0, "it stops cleanly", f"{code}\n" + trial.daemon.log()[-1500:])
    checks.end()


if __name__ == "__main__":
    main()
