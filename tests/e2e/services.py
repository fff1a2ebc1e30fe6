"""The services that Earshot tells people through, as their documentation says they answer: one HTTP server for all, each below its own
path. Each answers one documented refusal first, then accepts; every request is kept."""
import base64
import json
import threading
import urllib.parse

from support import Server, reply

CANARY = "CaNaRy7Secret0123456789"


class Services(Server):
    def __init__(self):
        self.requests, self.lock, self.faults, self.next_id = [], threading.Lock(), {}, 100
        super().__init__(self.take)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def of(self, service):
        with self.lock:
            return [it for it in self.requests if it["service"] == service]

    def accepted(self, service):
        return [it for it in self.of(service) if it["status"] < 300 and it["ok"]]

    def take(self, handler, body):
        service = handler.path.split("/")[1]
        text = body.decode("utf-8", "replace")
        kind = handler.headers.get("Content-Type") or ""
        said = dict(urllib.parse.parse_qsl(text)) if "form" in kind else json.loads(text) if text else {}
        with self.lock:
            self.next_id += 1
            number = self.next_id
            fault = self.faults.get(service, []).pop(0) if self.faults.get(service) else None
        status, answer, headers = fault or self.answer(service, handler, said, number)
        with self.lock:
            self.requests.append({"service": service, "method": handler.command, "path": handler.path, "said": said, "status": status,
                                  "ok": not (isinstance(answer, dict) and answer.get("ok") is False), "id": str(number),
                                  "authorization": handler.headers.get("Authorization") or ""})
        data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode() if answer is not None else b""
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def answer(self, service, handler, said, number):
        """(status, body, headers) of success, or of the refusal that a wrong key gets."""
        sent = handler.headers.get("Authorization") or ""
        path, bearer = handler.path, sent == "Bearer " + CANARY
        if service == "slackhook":
            return 200, "ok", {}
        if service == "slack":
            return (200, {"ok": True, "channel": said["channel"], "ts": f"1417671948.{number:06}"}, {}) if bearer else \
                   (200, {"ok": False, "error": "invalid_auth"}, {})
        if service == "teams":
            return 202, None, {}
        if service == "mmhook":
            return 200, "ok", {}
        if service == "mm":
            return (201, {"id": f"post{number}"}, {}) if bearer and path == "/mm/api/v4/posts" else (401, {"id": "api.context"}, {})
        if service == "discord":
            return 200, {"id": str(number)}, {}
        if service == "telegram":
            good = path == f"/telegram/bot{CANARY}/sendMessage"
            return (200, {"ok": True, "result": {"message_id": number}}, {}) if good else (401, {"ok": False, "error_code": 401}, {})
        if service == "matrix":
            good = bearer and handler.command == "PUT" and path.startswith("/matrix/_matrix/client/v3/rooms/%21room%3Ax/send/m.room.message/")
            return (200, {"event_id": f"$event{number}"}, {}) if good else (401, {"errcode": "M_UNKNOWN_TOKEN"}, {})
        if service == "ntfy":
            return (200, {"id": f"ntfy{number}", "event": "message"}, {}) if said.get("topic") == CANARY else (403, {"code": 40301}, {})
        if service == "pagerduty":
            good = said.get("routing_key") == CANARY
            return (202, {"status": "success", "message": "Event processed", "dedup_key": said.get("dedup_key")}, {}) if good else \
                   (400, {"status": "invalid event"}, {})
        if service == "opsgenie":
            if sent != "GenieKey " + CANARY:
                return 401, {"message": "Could not authenticate"}, {}
            if handler.command == "GET":
                return 200, {"data": {"success": True, "isSuccess": True, "status": "done"}}, {}
            return 202, {"result": "Request will be processed", "took": 0.1, "requestId": f"r{number}"}, {}
        if service == "twilio":
            if sent != "Basic " + base64.b64encode(("AC1:" + CANARY).encode()).decode():
                return 401, {"code": 20003, "status": 401}, {}
            return 201, {"sid": f"SM{number}", "status": "queued"}, {}
        return 404, {}, {}


# One documented refusal of each, of the kind that is over in a moment.
FIRST_REFUSALS = {
    "slackhook": (429, "", {"Retry-After": "1"}), "slack": (200, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"}),
    "teams": (429, None, {"Retry-After": "1"}), "mmhook": (429, {"id": "api.ratelimit"}, {"Retry-After": "1"}),
    "mm": (429, {"id": "api.ratelimit"}, {}), "discord": (429, {"retry_after": 0.4, "global": False}, {}),
    "telegram": (400, {"ok": False, "error_code": 400, "parameters": {"migrate_to_chat_id": -100777}}, {}),
    "matrix": (429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 400}, {}), "ntfy": (429, {"code": 42901, "http": 429}, {}),
    "pagerduty": (429, {"status": "throttled"}, {}), "opsgenie": (429, {"message": "too many"}, {"X-RateLimit-State": "THROTTLED"}),
    "twilio": (429, {"code": 20429, "status": 429}, {"Retry-After": "1"}),
}
