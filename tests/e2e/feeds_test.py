#!/usr/bin/env python3
"""Feeds of nginx (tests/servers/feeds.sh): FeedSource alone (FeedNetwork of test_sources), then earshotd: 200 and 304, moves that are
remembered and ones that are not, 410, 429 and 503 with Retry-After, charsets, gzip, cut documents and transfers, a login page, passwords,
and a redirect into a network that is not ours to reach. Prints "N passed, N failed" last."""
import json
import os
import re
import subprocess
import threading
import time

import support
from real import HAZARD, Real, Trial
from support import Checks, Folder, Server, Webhook, reply, wait_for

UNIT_TESTS = 6
FILLER = "<description>kettle words long enough that the server compresses them, said twice: kettle words long enough</description>"


def feed(*items, head='<?xml version="1.0" encoding="utf-8"?>'):
    return f'{head}<rss version="2.0"><channel><title>Press</title>{"".join(items)}</channel></rss>'


def item(guid, title, words=None):
    text = f"<description>{words}</description>" if words else FILLER
    return f'<item><guid isPermaLink="false">{guid}</guid><title>{title}</title>{text}</item>'


class Trickster(Server):
    """What nginx does not do: an answer that ends too early, redirects to other networks. Counts what reaches 127.0.0.2."""

    def __init__(self):
        self.cuts, self.hits, self.lock = 2, 0, threading.Lock()
        super().__init__(self.take)
        self.private = support.http.server.ThreadingHTTPServer(("127.0.0.2", 0), self.handler_of(self.private_hit))
        threading.Thread(target=self.private.serve_forever, daemon=True).start()

    @staticmethod
    def handler_of(answer):
        class Handler(support.http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                answer(self)

            def log_message(self, *_):
                pass
        return Handler

    def private_hit(self, handler):
        with self.lock:
            self.hits += 1
        reply(handler, 200, feed(item("secret", "Secret")).encode(), "application/rss+xml")

    def take(self, handler, _):
        body = feed(item("whole-1", "One"), item("whole-2", "Two")).encode()
        if handler.path == "/private":
            handler.send_response(302)
            handler.send_header("Location", f"http://127.0.0.2:{self.private.server_address[1]}/feed")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        with self.lock:
            cut, self.cuts = self.cuts > 0, self.cuts - 1
        handler.send_response(200)
        handler.send_header("Content-Type", "application/rss+xml")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2] if cut else body)
        handler.close_connection = True

    def close(self):
        super().close()
        self.private.shutdown()
        self.private.server_close()


class FeedTrial(Trial):
    def __init__(self, folder, checks):
        super().__init__(folder, checks)
        self.hook = Webhook(os.path.join(folder.path, "told.jsonl"))
        self.server = Real("feeds.sh", 1, folder)
        self.tricks = Trickster()

    def file(self, name, text, age=3600):
        """Last-Modified lies back, and differs where a file is written again within a second."""
        path = os.path.join(self.server.word("files="), name)
        with open(path, "wb") as out:
            out.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(path, 0o644)
        os.utime(path, (time.time() - age,) * 2)

    def asked(self, path, status=None):
        """How often nginx answered this path (with this status)."""
        with open(self.server.word("log="), encoding="utf-8") as log:
            lines = re.findall(r'"GET (\S+) HTTP/[\d.]+" (\d+)', log.read())
        return sum(1 for at, code in lines if at == path and (status is None or int(code) == status))

    def unit_tests(self):
        program = support.unit_tests_of("sources")
        if not self.that(program, "test_sources is built"):
            return
        run = subprocess.run([program, "--gtest_also_run_disabled_tests", "--gtest_filter=*FeedNetwork*"],
                             env=dict(os.environ, EARSHOT_FEEDS=f"http://127.0.0.1:{self.server.first}",
                                      EARSHOT_FEEDS_FILES=self.server.word("files=")),
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, text=True, check=False)
        good = len(re.findall(r"^\[       OK \]", run.stdout, re.M))
        os.truncate(self.server.word("log="), 0)  # what follows counts the daemon's requests
        self.that(good == UNIT_TESTS and run.returncode == 0, f"FeedSource alone: {UNIT_TESTS} tests", run.stdout[-3000:])

    def begin(self):
        self.server.start()
        self.unit_tests()
        self.file("a.xml", feed(item("a-1", "First"), item("a-2", "Second")))
        self.file("b.xml", feed(item("b-1", "First")))
        self.file("umlaut.xml", feed(item("u-1", "Gerät verschmort", "Das Gerät ist verschmort und die Stadtwerke schweigen seit Wochen"))
                  .encode("iso-8859-1"))
        self.file("cp1252.xml", feed(item("w-1", "\u201eWut\u201c", "80 \u20ac sind weg und niemand antwortet auf meine drei Briefe"),
                                     head='<?xml version="1.0" encoding="iso-8859-1"?>').encode("cp1252"))
        whole = feed(item("c-1", "One"), item("c-2", "Two"), item("c-3", "Three"))
        self.file("cut.xml", whole[: whole.index("c-3") + 20])
        self.folder.write("feed.pw", "secret\n")
        self.folder.write("hook.secret", support.SECRET)
        at = f"http://127.0.0.1:{self.server.first}"
        other = f"http://127.0.0.1:{self.tricks.port}"
        names = {"plain": at + "/a.xml", "m301": at + "/moved301/b.xml", "m308": at + "/moved308/b.xml", "t302": at + "/temp302/b.xml",
                 "gone": at + "/gone", "busy": at + "/busy", "busydate": at + "/busydate", "login": at + "/login", "loop": at + "/loop",
                 "umlaut": at + "/latin1/umlaut.xml", "cp1252": at + "/cp1252.xml", "cut": at + "/cut.xml", "auth": at + "/auth/b.xml",
                 "short": other + "/short", "private": other + "/private", "bare": at + "/noetag/a.xml"}
        sources = [{"name": name, "type": "feed", "url": url, "start": "all", "every": "1s", "min_every": "100ms"} for name, url in names.items()]
        for it in sources:
            if it["name"] == "auth":
                it.update(user="feed", password_file="feed.pw")
        receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"}]
        self.write(sources, receivers)
        self.daemon.start()

    def state(self, name):
        return json.loads(self.source(name).get("state") or "{}")

    def error(self, name):
        return self.source(name).get("error", "")

    def conditional(self):
        that = self.that
        that(wait_for(lambda: self.asked("/a.xml", 304) >= 2, 20), "what has not changed is answered with 304")
        with open(self.server.word("log="), encoding="utf-8") as log:
            that(re.search(r'"GET /a.xml HTTP/[\d.]+" 200 \d+ enc=gzip', log.read()), "the body came compressed")
        that(set(self.posts("plain")) == {"a-1", "a-2"}, "both items are there", str(list(self.posts("plain"))))
        self.file("a.xml", feed(item("a-3", "Third", HAZARD[0]), item("a-1", "First"), item("a-2", "Second")), age=60)
        that(wait_for(lambda: "a-3" in self.posts("plain"), 10), "a new item is there after the next 200")
        that(self.asked("/a.xml", 200) == 2, "and only the change was sent whole", str(self.asked("/a.xml", 200)))
        told = wait_for(lambda: [it for it in self.hook.log() if '"earshot.page"' in it["body"] and HAZARD[0] in it["body"]], 10)
        that(told, "a hazard in a feed pages")
        that(wait_for(lambda: set(self.posts("bare")) == {"a-1", "a-2", "a-3"}, 10) and self.asked("/noetag/a.xml", 304) == 0, "a feed without validators is read again and again without doubles",
             str(list(self.posts("bare"))))

    def moves(self):
        at = f"http://127.0.0.1:{self.server.first}/b.xml"
        for name, path in (("m301", "/moved301/b.xml"), ("m308", "/moved308/b.xml")):
            moved = wait_for(lambda it=name: self.state(it).get("url") == at, 20)
            before = self.asked(path)
            time.sleep(2.5)
            self.that(moved and self.asked(path) == before, f"{path}: a move for good is believed after three times and not asked again",
                      f"{before} {self.asked(path)} {self.state(name).get('url')}")
            self.that(list(self.posts(name)) == ["b-1"], f"{path}: nothing comes twice by it", str(list(self.posts(name))))
        before = self.asked("/temp302/b.xml")
        self.that(wait_for(lambda: self.asked("/temp302/b.xml") > before + 1, 10) and not self.state("t302").get("url"),
                  "302 is followed and not remembered", str(self.state("t302"))[:200])

    def incident(self, name):
        found = [it for it in self.daemon.cases() if f"cannot hear {name}" in json.dumps(it)]
        return found[0] if len(found) == 1 else {}

    def refusals(self):
        that = self.that
        that(wait_for(lambda: self.incident("gone"), 10) and "410" in self.error("gone") and "remove the source" in self.error("gone"),
             "410: an incident says that the source is to be removed", self.error("gone"))
        that(self.asked("/gone") == 1, "and it is asked no more", str(self.asked("/gone")))
        that(wait_for(lambda: self.incident("private"), 10), "a redirect to an address that may not be reached is an incident", self.error("private"))
        that(self.tricks.hits == 0 and not self.posts("private"), "and the address is not reached", str(self.tricks.hits))
        that(self.error("login") and not self.posts("login"), "a login page is a failure, not an empty feed", self.error("login"))
        that("redirect" in self.error("loop"), "a circle of redirects ends", self.error("loop"))
        that("429" in self.error("busy") and "503" in self.error("busydate"), "overload is said", self.error("busy") + self.error("busydate"))
        that(self.asked("/busydate") == 1, "503 with a date in 2038 is not asked again", str(self.asked("/busydate")))

    def busy(self):
        with open(self.server.word("log="), encoding="utf-8") as log:
            times = re.findall(r'\[(\d+/\w+/\d+:\d+:\d+:\d+) [+-]\d+\] "GET /busy HTTP', log.read())
        parsed = [time.mktime(time.strptime(it, "%d/%b/%Y:%H:%M:%S")) for it in times]
        gaps = [b - a for a, b in zip(parsed, parsed[1:])]
        self.that(gaps and all(6 <= it <= 12 for it in gaps), "429 with Retry-After: 7 is asked again after 7 s", str(gaps))

    def texts(self):
        that = self.that
        post = self.posts("umlaut").get("u-1", {})
        that("Gerät" in post.get("title", "") and "Das Gerät ist" in post.get("text", ""), "the charset of the header counts more than the file's",
             str(post)[:200])
        post = self.posts("cp1252").get("w-1", {})
        that("80 €" in post.get("text", "") and post.get("title") == "„Wut“", "windows-1252 that calls itself iso-8859-1", str(post)[:200])
        that(wait_for(lambda: "b-1" in self.posts("auth"), 5), "a feed behind a password")
        that(self.asked("/auth/b.xml", 401) <= 1, "whose password is sent at once")
        that(set(self.posts("cut")) == {"c-1", "c-2"}, "of a cut document the whole items are taken", str(list(self.posts("cut"))))
        self.file("cut.xml", feed(item("c-1", "One"), item("c-2", "Two"), item("c-3", "Three")))
        that(wait_for(lambda: set(self.posts("cut")) == {"c-1", "c-2", "c-3"}, 10), "and the rest when it is whole", str(list(self.posts("cut"))))
        that(wait_for(lambda: set(self.posts("short")) == {"whole-1", "whole-2"}, 15), "a transfer that ends too early is read again whole",
             f"{list(self.posts('short'))} {self.error('short')}")

    def run(self):
        try:
            self.begin()
            self.conditional()
            self.moves()
            self.refusals()
            self.texts()
            self.busy()
            self.that(self.daemon.stop() == 0, "SIGTERM ends it")
        finally:
            self.daemon.kill()
            self.hook.close()
            self.tricks.close()
            self.server.stop()


if __name__ == "__main__":
    result = Checks()
    with Folder() as place:
        FeedTrial(place, result).run()
    result.end()
