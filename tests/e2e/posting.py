"""The recorded Mastodon server (recorded.py) that also takes statuses, as the documentation of POST /api/v1/statuses says: in the recorded
shape, once for an Idempotency-Key if `keys` is set, and then in the thread of what they answer. `cut` answers are lost: the status is
taken and the connection closed."""
import json
import threading
import urllib.parse

from recorded import Recorded
from support import reply


class Posting(Recorded):
    def __init__(self, token, writer, me="care", keys=False):
        self.writer, self.me, self.keys = writer, me, keys
        self.statuses, self.tries, self.cut, self.slow = [], [], 0, threading.Event()
        self.slow.set()
        super().__init__(token)

    def parent(self, status_id):
        return next((it["status"] for it in self.lists["notifications"] if it["status"]["id"] == status_id), None)

    def take(self, handler, body):
        path = urllib.parse.urlsplit(handler.path).path
        if handler.headers.get("Authorization") != "Bearer " + self.writer:
            return super().take(handler, body)
        if path == "/api/v1/accounts/verify_credentials":
            return self.tell(handler, 200, {"id": "01ACCOUNT" + self.me, "acct": self.me})
        if handler.command == "POST" and path == "/api/v1/statuses":
            return self.posted(handler, json.loads(body))
        parts = path.split("/")
        found = self.parent(parts[4]) if path.startswith("/api/v1/statuses/") else None
        if found is None:
            return self.tell(handler, 404, {"error": "Record not found"})
        if path.endswith("/context"):
            with self.lock:
                return self.tell(handler, 200, {"ancestors": [], "descendants": [it for it in self.statuses
                                                                                 if it["in_reply_to_id"] == parts[4]]})
        return self.tell(handler, 200, found)

    def posted(self, handler, said):
        with self.lock:
            key = handler.headers.get("Idempotency-Key")
            self.tries.append(key)
            known = next((it for it in self.statuses if self.keys and it["key"] == key), None)
            if known is None:
                known = self.make(said["status"].replace("&", "&amp;"), self.me, visibility=said["visibility"])
                known.update(in_reply_to_id=said["in_reply_to_id"], key=key)
                self.statuses.append(known)
            lost, self.cut = self.cut > 0, max(0, self.cut - 1)
        self.slow.wait(20)
        if lost:
            handler.close_connection = True
            handler.connection.close()
            return None
        return self.tell(handler, 200, known)

    @staticmethod
    def tell(handler, status, body):
        reply(handler, status, json.dumps(body).encode())
