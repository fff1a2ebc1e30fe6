#!/usr/bin/env python3
"""A host that is hostile in every way, read by the real daemon beside a host that is well: bodies, compression bombs, headers without end,
redirects to where nobody may go, answers a byte a second. Each is refused or ended in time; memory, processor and the other feed hold."""
import gzip
import os
import socketserver
import subprocess
import sys
import threading
import time
import zlib

import support
from support import Checks, Daemon, Folder, wait_for

sys.path.insert(0, os.path.join(support.ROOT, "tests", "hostile"))
import generate  # noqa: E402  pylint: disable=wrong-import-position

MIB = 1 << 20
# Of the hostile set (tests/hostile/run takes all of it through `earshot parse`): the heaviest of each kind.
BODIES = ["garbage", "deep", "elements", "elements_199000", "attributes", "attribute_huge", "cdata_open", "comments_open", "namespace_lookup",
          "base_growing", "laughs", "quadratic_small", "xxe", "text_huge", "name_huge", "items_5000_big", "cdata_links", "bytes_bad_utf8",
          "json_deep_arrays", "json_5_mb_of_[", "json_ones", "json_keys_1e6", "json_keys_colliding", "json_long_number", "jsonfeed_tags"]


def good_feed(n):
    items = "".join(f"<item><guid>good-{i}</guid><title>Letter {i}</title></item>" for i in range(n, max(0, n - 50), -1))
    return f'<rss version="2.0"><channel><title>Good</title>{items}</channel></rss>'.encode()


def zstd_bomb(size):
    """A frame of RLE blocks: four bytes make 128 KiB."""
    blocks = size // 131072
    body = b"".join(((131072 << 3) | 2 | (i == blocks - 1)).to_bytes(3, "little") + b"a" for i in range(blocks))
    return b"\x28\xb5\x2f\xfd\x00\x58" + body


def brotli_bomb(size):
    script = f"process.stdout.write(require('zlib').brotliCompressSync(Buffer.alloc({size}, 97)))"
    return subprocess.run(["node", "-e", script], stdout=subprocess.PIPE, check=True).stdout


def status(pid, field):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(field + ":"))


def answer(body, *headers):
    lines = ["HTTP/1.1 200 OK", "Content-Type: application/rss+xml", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def redirect(to):
    return f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


class Host(socketserver.ThreadingTCPServer):
    """Serves /good, a hostile answer per path, and slow ones. Big answers go out one after the other."""
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Visit)
        self.port = self.server_address[1]
        self.lock, self.served, self.ended = threading.Lock(), {}, {}
        self.settled = lambda name: True  # the daemon is done with this answer
        bomb = gzip.compress(b"a" * (200 * MIB), 9)
        makers = {name: make for kind, name, make in generate.all_cases() if kind == "feed"}
        self.cases = {name: answer(makers[name]()) for name in BODIES}
        self.cases |= {
            "gzip_bomb": answer(bomb, "Content-Encoding: gzip"),
            "gzip_twice": answer(gzip.compress(bomb, 9), "Content-Encoding: gzip, gzip"),
            "deflate_bomb": answer(zlib.compress(b"a" * (200 * MIB), 9), "Content-Encoding: deflate"),
            "brotli_bomb": answer(brotli_bomb(200 * MIB), "Content-Encoding: br"),
            "zstd_bomb": answer(zstd_bomb(200 * MIB), "Content-Encoding: zstd"),
            "gzip_cut": answer(gzip.compress(good_feed(50))[:-20], "Content-Encoding: gzip"),
            "gzip_garbage": answer(b"\x1f\x8b" + bytes(range(256)) * 100, "Content-Encoding: gzip"),
            "no_http": b"220 mail.example ESMTP\r\n" * 1000,
            "no_status": b"HTTP/1.1 zzz\r\n\r\n",
            "interim_flood": b"HTTP/1.1 100 Continue\r\n\r\n" * 100000,
            "header_huge": b"HTTP/1.1 200 OK\r\nX-A: " + b"y" * (4 * MIB),
            "headers_many": b"HTTP/1.1 200 OK\r\n" + b"X-A: y\r\n" * 500000,
            "length_lie": b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n<rss>",
            "length_negative": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n<rss/>",
            "chunks_wrong": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzzz\r\n",
            "chunk_huge": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n" + b"a" * 100000,
            "loop": redirect("/case/loop"),
            "to_metadata": redirect("http://169.254.169.254/latest/meta-data/"),
            "to_inside": redirect(f"http://127.0.0.2:{self.port}/case/inside"),
            "to_number": redirect(f"http://0x7f000002:{self.port}/case/inside"),
            "to_ipv6": redirect(f"http://[::ffff:127.0.0.2]:{self.port}/case/inside"),
            "to_file": redirect("file:///etc/passwd"),
            "to_nowhere": redirect("\x01://"),
        }
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # clients that leave are what this is about


class Visit(socketserver.BaseRequestHandler):
    def handle(self):
        head = b""
        while b"\r\n\r\n" not in head:
            part = self.request.recv(65536)
            if not part:
                return
            head += part
        name = head.split(b" ")[1].decode().rsplit("/", 1)[-1]
        getattr(self, "slow_" + name, lambda: self.usual(name))()

    def usual(self, name):
        host = self.server
        with host.lock:  # one at a time, until the daemon is done with it: the budget is per answer
            host.served[name] = host.served.get(name, 0) + 1
            try:
                self.request.sendall(host.cases[name])
                self.request.settimeout(2)
                while self.request.recv(4096):
                    pass
            except OSError:
                pass
            if not host.cases[name].startswith(b"HTTP/1.1 302"):  # which is not the end yet
                wait_for(lambda: host.settled(name), 5)

    def drip(self, name, begin, more, pause):
        began = time.monotonic()
        try:
            self.request.sendall(begin)
            while time.monotonic() - began < 90:
                time.sleep(pause)
                self.request.sendall(more)
        except OSError:
            pass
        self.server.ended.setdefault(name, time.monotonic() - began)

    def slow_body(self):
        self.drip("body", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"<", 1)

    def slow_head(self):
        self.drip("head", b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", 1)

    def slow_chunks(self):
        self.drip("chunks", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n", 1)

    def slow_endless(self):
        self.drip("endless", b"HTTP/1.1 200 OK\r\n\r\n", b"<a>" * 20000, 0)


class Trial:
    def __init__(self, folder, checks):
        self.that = checks.that
        self.host = Host()
        self.well = support.Server(self.good)  # a host of its own: requests to one host take turns
        self.good_n, self.good_at = 0, []
        self.daemon = Daemon(folder, support.free_port())
        self.slow = ["body", "head", "chunks", "endless"]
        names = list(self.host.cases) + self.slow
        sources = [{"name": "good", "type": "feed", "url": f"http://127.0.0.1:{self.well.port}/good", "every": "1s", "min_every": "1s", "start": "all"}]
        sources += [{"name": f"case-{i}", "type": "feed", "url": self.url(name), "every": "1h", "start": "all"} for i, name in enumerate(names)]
        self.host.settled = self.settled
        self.names = {f"case-{i}": name for i, name in enumerate(names)}
        folder.write("earshot.yaml", support.config(self.daemon.port, sources, [{"name": "hook", "type": "log"}]))

    def good(self, handler, _):
        self.good_n += 1
        self.good_at.append(time.monotonic())
        support.reply(handler, 200, good_feed(self.good_n), "application/rss+xml")

    def url(self, name):
        return f"http://127.0.0.1:{self.host.port}/case/{name}"

    def health(self):
        return {self.names[it["name"]]: it for it in self.daemon.get("/api/v1/sources") if it["name"] in self.names}

    def settled(self, name):
        it = self.health().get(name, {})
        return it.get("failures") or it.get("last_success")

    def run(self):
        waits, stop = [], threading.Event()

        def others():
            while not stop.wait(0.2):
                began = time.monotonic()
                waits.append(time.monotonic() - began if self.daemon.call("GET", "/-/healthy", timeout=30)[0] == 200 else 99.0)

        began = time.monotonic()
        self.daemon.start()
        pid = self.daemon.process.pid
        base = status(pid, "VmRSS")
        watch = threading.Thread(target=others)
        watch.start()
        wait_for(lambda: set(self.host.cases) <= set(self.host.served), 60)
        left = sorted(set(self.host.cases) - set(self.host.served))
        self.that(not left, f"all {len(self.host.cases)} hostile answers were fetched", str(left))
        time.sleep(1)
        peak = status(pid, "VmHWM")
        self.that("inside" not in self.host.served, "no redirect led inside")
        wait_for(lambda: set(self.slow) <= set(self.host.ended), 75, 0.5)
        for name, limit in (("body", 27), ("head", 62), ("chunks", 27), ("endless", 20)):
            took = self.host.ended.get(name)
            self.that(took is not None and took <= limit, f"a slow answer ({name}) is ended within {limit} s", str(took))
        stop.set()
        watch.join()
        self.judge(base, peak, waits, time.monotonic() - began)

    def judge(self, base, peak, waits, took):
        that, grown = self.that, peak - base
        that(self.daemon.running(), "the daemon runs on")
        # One answer is held to 40 MiB by tests/hostile/run. Here up to 16 of one host are under way, and all else the daemon does counts.
        # Measured on a busy machine: 48 to 70 MiB.
        that(grown <= 80 * MIB, "memory grew by 80 MiB at most", f"{grown / MIB:.1f} MiB")
        that(max(waits) < 1, "the API answered within a second all the time", f"{max(waits):.2f} s")
        gaps = [b - a for a, b in zip(self.good_at, self.good_at[1:])]
        that(gaps and max(gaps) <= 2.5, "the good feed was read every second all the time", str(max(gaps or [99])))
        stored = {row["native"] for row in self.daemon.rows("SELECT native FROM post")}
        missing = [n for n in range(1, self.good_n) if f"good-{n}" not in stored]
        that(not missing, "every item of the good feed is stored", str(missing[:10]))
        that(not any("root:" in str(row) for row in self.daemon.rows("SELECT * FROM post")), "no file of this machine became a post")
        health = self.health()
        # What is repaired or cut with a warning instead of refused: the document holds an item worth keeping.
        kept = {"attribute_huge", "cdata_open", "base_growing", "namespace_lookup", "laughs", "quadratic_small", "xxe", "text_huge", "items_5000_big",
                "cdata_links", "jsonfeed_tags", "elements_199000", "comments_open", "name_huge", "gzip_cut"}
        silent = [name for name, it in health.items() if name not in kept and not it["failures"]]
        that(len(health) == len(self.names) and not silent, "every refusal shows at its source", str(silent))
        words = [it["text"] for it in health.values()]
        that(all(len(text) < 1000 and text.isprintable() for text in words), "in words that can be shown", str(words)[:500])
        print(f"figure: {len(health)} hostile sources: +{grown / MIB:.1f} MiB at most, the slowest API answer {max(waits) * 1000:.0f} ms, "
              f"the good feed's longest pause {max(gaps):.2f} s in {took:.0f} s")


def main():
    checks = Checks()
    with Folder() as folder:
        trial = Trial(folder, checks)
        try:
            trial.run()
        finally:
            code = trial.daemon.stop()
        checks.that(code == 0, "it stops cleanly", f"{code}\n" + trial.daemon.log()[-1500:])
    checks.end()


if __name__ == "__main__":
    main()
