"""A real browser that must run nothing of what strangers wrote (P26): Chromium opens pages, and two oracles say whether anything ran: a mark on
the document, and requests to any host but ours. Needs the package chromium."""
import http.server
import os
import shutil
import subprocess
import threading

MARK = "document.documentElement.dataset.ran=1"


def armed(text):
    """The payload with a mark for its alert."""
    return text.replace("alert(1)", MARK)


class Empty(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # pylint: disable=invalid-name
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


class Elsewhere(http.server.ThreadingHTTPServer):
    """Where every name of the net leads to: counts who comes."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Empty)
        self.visits = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def get_request(self):
        visit = super().get_request()
        self.visits.append(visit[1])
        return visit


class Browser:
    def __init__(self, folder):
        self.program = shutil.which("chromium")
        if not self.program:
            raise RuntimeError("chromium is missing: scripts/install-packages bench")
        self.profile = os.path.join(folder.path, "profile")
        self.elsewhere = Elsewhere()

    def visit(self, url):
        """The document as it stands after five seconds of the page's own time, and how many requests went elsewhere."""
        before = len(self.elsewhere.visits)
        run = subprocess.run([self.program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
                              "--no-first-run", f"--user-data-dir={self.profile}", "--virtual-time-budget=5000",
                              f"--host-resolver-rules=MAP *.example 127.0.0.1:{self.elsewhere.server_address[1]}", "--dump-dom", url],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120, check=False)
        return run.stdout.decode("utf-8", "replace"), len(self.elsewhere.visits) - before

    def close(self):
        self.elsewhere.shutdown()
        self.elsewhere.server_close()
