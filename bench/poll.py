#!/usr/bin/env python3
"""1,000 local feeds of 20 items: CPU of the first poll and of one where nothing changed, worst stall of the event loop, memory; then newsboat
on the same feeds: bench/poll.py [FEEDS]. Needs build/release, nginx and, for the peer, newsboat. Polls are counted by the feed host's own log."""
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("EARSHOT_BUILD", ROOT / "build/release"))
FEEDS = int(sys.argv[1]) if len(sys.argv) > 1 else 1000


def port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def readers(pid):
    """The processes in which the daemon reads what it fetched."""
    return [int(child) for task in os.listdir(f"/proc/{pid}/task") for child in open(f"/proc/{pid}/task/{task}/children").read().split()]


def cpu_alone(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu(pid):
    """Of the daemon and its readers."""
    return sum(cpu_alone(it) for it in [pid, *readers(pid)])


def rss(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1)) // 1024


def metric(listen, name):
    text = urllib.request.urlopen(f"http://127.0.0.1:{listen}/metrics").read().decode()
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name) and not line.startswith("#"))


def answers(log, status):
    """How many requests the feed host answered with this status so far."""
    with open(log, encoding="ascii") as file:
        return sum(1 for line in file if line.strip() == str(status))


def wait(what, seconds):
    until = time.time() + seconds
    while not what() and time.time() < until:
        time.sleep(0.1)


def newsboat(folder, feed_port):
    """CPU seconds of newsboat's first reload and of a repeated one; None where it is not installed."""
    program = shutil.which("newsboat")
    if not program:
        return None
    home = folder / "newsboat"
    home.mkdir()
    (home / "urls").write_text("".join(f"http://127.0.0.1:{feed_port}/{i}.xml\n" for i in range(FEEDS)))
    (home / "config").write_text("reload-threads 2\nmax-items 0\n")
    took = []
    for _ in range(2):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([program, "-u", home / "urls", "-c", home / "cache.db", "-C", home / "config", "-x", "reload"], env=dict(os.environ, HOME=str(home)),
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2))
    return took


def item(feed, k, dice):
    """News of nothing in particular, 700 bytes, all different: what most items of most feeds are to one company."""
    names, verbs, things = ("Anna", "Tomas", "Lin", "the council", "a neighbour", "the choir"), ("paints", "opens", "visits", "mends", "praises"), ("a garden", "the old mill", "a small library", "the bridge", "a market hall", "the rose beds")
    text = ""
    while len(text) < 700:
        text += f"On day {dice.randrange(365)} of the year {dice.choice(names)} {dice.choice(verbs)} {dice.choice(things)} near house {dice.randrange(9999)}. "
    return (f"<item><title>Item {k} of feed {feed}</title><link>http://127.0.0.1/{feed}/{k}</link><guid>{feed}-{k}</guid>"
            f"<pubDate>Mon, 23 Nov 2026 16:{k:02}:00 GMT</pubDate><description>{text}</description></item>")


def main():
    dice = random.Random(20261123)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="earshot-bench-", dir=ROOT / "build"))
    os.chmod(folder, 0o755)
    www = folder / "www"
    www.mkdir()
    for i in range(FEEDS):
        items = "".join(item(i, k, dice) for k in range(20))
        (www / f"{i}.xml").write_text(f'<?xml version="1.0"?><rss version="2.0"><channel><title>Feed {i}</title><link>http://127.0.0.1/</link><description>d</description>{items}</channel></rss>')
    feed_port, listen = port(), port()
    (folder / "nginx.conf").write_text(f"daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; events {{ worker_connections 2048; }} http {{ log_format s $status; access_log {folder}/access.log s; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder}; types {{ text/xml xml; }} server {{ listen 127.0.0.1:{feed_port}; root {www}; etag on; }} }}")
    sources = "\n".join(f'  - {{name: f{i}, type: feed, url: "http://127.0.0.1:{feed_port}/{i}.xml", every: 10s, min_every: 1s, start: all}}' for i in range(FEEDS))
    (folder / "earshot.yaml").write_text(f"""
company: {{name: Brightwave}}
sources:
{sources}
receivers: [{{name: l, type: log}}]
people: [{{id: jo, contact: [{{via: l}}]}}]
escalations: [{{name: standard, steps: [{{notify: ["person:jo"], after: 0m}}]}}]
route: {{team: care, escalation: standard}}
network: {{allow: ["127.0.0.1/32"], insecure_http: true}}
store: {{type: sqlite, path: {folder}/bench.db}}
web: {{listen: "127.0.0.1:{listen}", open_on_loopback: true}}
log: {{level: error}}
""")
    nginx = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-c", folder / "nginx.conf", "-p", folder])
    daemon = None
    try:
        time.sleep(0.5)
        before = time.time()
        daemon = subprocess.Popen([BUILD / "earshotd", "--config", folder / "earshot.yaml"])
        while True:
            try:
                socket.create_connection(("127.0.0.1", listen), 0.1).close()
                break
            except OSError:
                time.sleep(0.02)
        ready = time.time() - before
        log = folder / "access.log"
        wait(lambda: answers(log, 200) >= FEEDS, 120)
        time.sleep(1)  # what came is judged and committed
        first, wall = cpu(daemon.pid), time.time() - before - 1
        wait(lambda: answers(log, 304) >= FEEDS, 60)
        time.sleep(0.2)
        again = cpu(daemon.pid) - first
        out = {"bench": "poll", "feeds": FEEDS, "ready_s": round(ready, 2), "first_cpu_s": round(first, 2), "first_wall_s": round(wall, 2), "unchanged_cpu_s": round(again, 2),
               "items": int(metric(listen, "earshot_source_items_total")), "cases": int(metric(listen, "earshot_cases_total")), "worst_stall_ms": round(metric(listen, "earshot_loop_stall_worst_seconds") * 1000, 1), "rss_mib": rss(daemon.pid), "readers_rss_mib": [rss(it) for it in readers(daemon.pid)], "readers_cpu_s": round(sum(cpu_alone(it) for it in readers(daemon.pid)), 2)}
        daemon.send_signal(signal.SIGTERM)
        daemon.wait()
        daemon = None
        if peer := newsboat(folder, feed_port):
            out |= {"newsboat_first_cpu_s": peer[0], "newsboat_again_cpu_s": peer[1]}
        print(json.dumps(out))
    finally:
        if daemon:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait()
        nginx.terminate()
        nginx.wait()
        shutil.rmtree(folder)


main()
