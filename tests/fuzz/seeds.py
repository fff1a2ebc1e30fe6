#!/usr/bin/env python3
"""Seeds for the fuzzers out of what the repository holds anyway: seeds.py FOLDER writes FOLDER/<target>/<n>, a file an input.

Cases of tests/printed, golden pages, fixtures and the configuration we ship; the kept corpora (corpus/) hold what these do not reach.
Targets whose first byte chooses a parser get that byte in front."""
import base64
import glob
import hashlib
import json
import os
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PAGES = {"mastodon": b"\0", "bluesky": b"\1", "x": b"\2", "reddit": b"\3"}
MOST = 65536  # -max_len of the fuzzers


def read(path):
    with open(path, "rb") as file:
        return file.read()


def found(*parts):
    return sorted(glob.glob(os.path.join(ROOT, *parts), recursive=True))


def printed():
    """What tests/printed hands to a command: (format, bytes), format "config" for a configuration."""
    for path in found("tests", "printed", "*.jsonl"):
        for line in read(path).splitlines():
            case = json.loads(line)
            words = case["command"]
            if "config" in case:
                yield "config", case["config"].encode()
            if "input_base64" in case:
                given = base64.b64decode(case["input_base64"])
            elif "input" in case:
                given = case["input"].encode()
            else:
                continue
            yield words[words.index("--format") + 1] if "--format" in words else words[0], given


def seeds():
    """(target, bytes) of every seed."""
    for kind, given in printed():
        if kind in PAGES:
            yield "json_pages", PAGES[kind] + given
        elif kind == "email":
            yield "mail", given
            yield "replies", given
            yield "html", given
        elif kind in ("feed", "config"):
            yield kind, given
        elif kind == "text":
            for line in given.splitlines():
                text = json.loads(line).get("text", "") if line.startswith(b"{") else ""
                yield "entities", text.encode()
                yield "words", text.encode()
    for kind, byte in PAGES.items():
        for path in found("tests", "golden", "sources", kind, "*.input.json"):
            yield "json_pages", byte + read(path)
    for path in found("tests", "fixtures", "gotosocial", "*.json"):
        yield "json_pages", PAGES["mastodon"] + read(path)
    for path in found("tests", "golden", "sources", "feed", "*", "input.*"):
        yield "feed", read(path)
    for path in found("tests", "fixtures", "**", "*.eml"):
        yield "mail", read(path)
    for path in found("tests", "golden", "config", "*", "*.yaml") + found("config", "earshot.yaml") + found("config", "demo", "*.yaml"):
        yield "config", read(path)
    for path in found("config", "templates", "*"):
        yield "template", read(path)
    for path in found("config", "lexicon", "*.yaml"):
        yield "lexicon", read(path)
    for path in found("tests", "fixtures", "**", "*.jsonl"):
        for line in read(path).splitlines():
            case = json.loads(line)
            for value in case.values() if isinstance(case, dict) else case:
                if isinstance(value, str):
                    for target in ("words", "entities", "url", "html"):
                        yield target, value.encode()


def main():
    into = sys.argv[1]
    written = set()
    for target, given in seeds():
        if not given or len(given) > MOST:
            continue
        folder = os.path.join(into, target)
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, hashlib.sha256(given).hexdigest()[:16])
        if path not in written:
            with open(path, "wb") as file:
                file.write(given)
        written.add(path)
    print(f"{len(written)} seeds")


if __name__ == "__main__":
    main()
