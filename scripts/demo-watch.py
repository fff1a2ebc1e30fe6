#!/usr/bin/env python3
"""Shows what the demo's receivers were told: demo-watch.py FOLDER SHOWN SECONDS, or --table for cases on standard input."""
import json
import pathlib
import sys
import time


def table():
    for line in sys.stdin:
        case = json.loads(line)
        owner = case["owner"]["id"] if case["owner"] else "nobody"
        words = " ".join(case["excerpt"].split())
        print(f"  {case['number']:>3}  {case['urgency']:<6} {owner:<8} {case['customer']['name'] or '':<16.16} {words[:70]}")


def show(record, person):
    kind = "PAGE  " if record["kind"] == "page" else "notice"
    print(f"  {kind} -> {person:<11} {record['headline']}")
    if record["kind"] == "page":
        for reason in record["cases"][0]["reasons"][:3]:
            print(f"            because: {reason}")


def watch(folder, seen_file, seconds):
    seen_path = pathlib.Path(seen_file)
    seen = json.loads(seen_path.read_text()) if seen_path.exists() else {}
    until = time.time() + seconds
    while time.time() < until:
        for path in sorted(pathlib.Path(folder).glob("*.jsonl")):
            lines = path.read_text().splitlines()
            for line in lines[seen.get(path.name, 0):]:
                show(json.loads(line), path.stem)
            seen[path.name] = len(lines)
        sys.stdout.flush()
        time.sleep(0.1)
    seen_path.write_text(json.dumps(seen))


if sys.argv[1:2] == ["--table"]:
    table()
else:
    watch(sys.argv[1], sys.argv[2], float(sys.argv[3]))
