"""A server of Mastodon's API made of recordings of a real one (tests/fixtures/gotosocial, GoToSocial 0.19.2): items, statuses, header
names, their case and order are the recorded ones; paging follows what was recorded: min_id gives the oldest after it, newest first inside
the page, nothing new is [] without a Link header, a cursor that is not known is answered with []. Times of rate limits are moved so that
a test need not wait for minutes."""
import copy
import datetime
import json
import os
import threading
import time
import urllib.parse

import support
from support import Server

FOLDER = os.path.join(support.ROOT, "tests", "fixtures", "gotosocial")
WAIT = 5  # seconds that a 429 asks for


def recording(name):
    with open(os.path.join(FOLDER, name + ".json"), encoding="utf-8") as file:
        return json.load(file)


class Recorded(Server):
    def __init__(self, token, cap=3):
        self.token, self.cap, self.busy, self.lock = token, cap, 0, threading.RLock()
        self.asked, self.count = [], 0
        self.pages = {"notifications": recording("05-notifications"), "tag": recording("10-timeline-tag")}
        read = {name: json.loads(it["response"]["body"]) for name, it in self.pages.items()}
        self.lists = {"notifications": [it for it in read["notifications"] if it["type"] == "mention"], "tag": read["tag"]}  # newest first
        self.gone = set()
        super().__init__(self.take)

    def make(self, text, who, old=None, visibility="public"):
        """A status in the recorded shape with a new id; `old`: the one whose place it takes."""
        with self.lock:
            self.count += 1
            status = copy.deepcopy((old or self.lists["notifications"][-1]["status"]))
            status["id"] = f"01M9{self.count:022d}"
            status["uri"] = status["url"] = f"http://localhost:58080/@{who}/statuses/{status['id']}"
            status["created_at"] = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
            status["content"], status["visibility"], status["edited_at"] = f"<p>{text}</p>", visibility, None
            status["account"].update(id=f"01ACCOUNT{who}", username=who, acct=who, display_name=who.capitalize())
            return status

    def mention(self, text, who, visibility="public"):
        with self.lock:
            status = self.make(text, who, visibility=visibility)
            note = copy.deepcopy(self.lists["notifications"][0])
            note.update(id=f"01N9{self.count:022d}", created_at=status["created_at"], status=status, account=copy.deepcopy(status["account"]))
            self.lists["notifications"].insert(0, note)
            return status["id"]

    def tagged(self, text, who):
        with self.lock:
            status = self.make(text, who)
            status["tags"] = [{"name": "kettlefail", "url": "http://localhost:58080/tags/kettlefail"}]
            self.lists["tag"].insert(0, status)
            return status["id"]

    def edit(self, status_id, text):
        with self.lock:
            for it in self.lists["notifications"]:
                if it["status"]["id"] == status_id:
                    it["status"].update(content=f"<p>{text}</p>",
                                        edited_at=datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))

    def delete(self, status_id):
        with self.lock:
            self.gone.add(status_id)
            self.lists["notifications"] = [it for it in self.lists["notifications"] if it["status"]["id"] != status_id]

    def start_anew(self):
        """As after a restored backup: what was remembered of it is unknown to it."""
        with self.lock:
            self.lists["notifications"] = [self.lists["notifications"][-1]]
            self.lists["notifications"][0] = dict(self.lists["notifications"][0], id="00ANEW" + "0" * 20)

    def page(self, items, query):
        first = {"limit": ["20"], **query}
        limit = min(int(first["limit"][0]), self.cap)
        ids = [it["id"] for it in items]
        if "min_id" in query:
            cursor = query["min_id"][0]
            newer = items[: ids.index(cursor)] if cursor in ids else []
            return newer[-limit:]
        if "max_id" in query:
            cursor = query["max_id"][0]
            return items[ids.index(cursor) + 1:][:limit] if cursor in ids else []
        return items[:limit]

    def take(self, handler, _):
        at = urllib.parse.urlsplit(handler.path)
        query = urllib.parse.parse_qs(at.query)
        with self.lock:
            self.asked.append((handler.path, time.monotonic()))
            if self.busy > 0:
                self.busy -= 1
                return self.say(handler, recording("24-rate-limited-429"))
            if handler.headers.get("Authorization") != "Bearer " + self.token:
                return self.say(handler, recording("20-bad-token-401"))
            if at.path.startswith("/api/v1/statuses/"):
                return self.say(handler, recording("18-status-deleted-404"))
            name = "tag" if at.path.lower() == "/api/v1/timelines/tag/kettlefail" else "notifications"
            if name == "notifications" and query.get("types[]") != ["mention"]:
                raise ValueError("the recording knows mentions only: " + handler.path)
            items = self.page(self.lists[name], query)
            told = copy.deepcopy(self.pages[name] if items else recording("09-notifications-nothing-new"))
        told["response"]["body"] = json.dumps(items)
        return self.say(handler, told, at, query, items)

    def say(self, handler, told, at=None, query=None, items=()):
        body = told["response"]["body"].replace("localhost:58080", handler.headers["Host"]).encode()
        handler.send_response_only(told["response"]["status"])
        for name, value in told["response"]["headers"]:
            if name.lower() == "content-length":
                value = str(len(body))
            elif name.lower() == "link":
                value = self.link(handler, at, query, items)
            elif name == "X-Ratelimit-Reset" and told["response"]["status"] == 429:
                date = next(it for key, it in told["response"]["headers"] if key == "Date")
                there = datetime.datetime.strptime(date, "%a, %d %b %Y %H:%M:%S GMT") + datetime.timedelta(seconds=WAIT)
                value = there.strftime("%Y-%m-%dT%H:%M:%S.000Z")
            if name.lower() not in ("transfer-encoding", "connection"):
                handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    @staticmethod
    def link(handler, at, query, items):
        kept = [(key, one) for key, values in sorted(query.items()) for one in values if key not in ("min_id", "max_id")]
        base = f"http://{handler.headers['Host']}{at.path}?"
        older = urllib.parse.urlencode([*kept, ("max_id", items[-1]["id"])])
        newer = urllib.parse.urlencode([*kept, ("min_id", items[0]["id"])])
        return f'<{base}{older}>; rel="next", <{base}{newer}>; rel="prev"'
