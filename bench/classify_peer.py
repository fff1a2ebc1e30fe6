#!/usr/bin/env python3
"""A verdict beside fastText in one run: bench/classify_peer.py [FILE.jsonl …]

Both read the same 200,000 short posts on one core. fastText (words 1-2, 50 numbers a word, its own buckets, quantised) is trained on the project's own
corpus; its time is the processor's, without that of a run over one text, which is mostly loading. The files are those of
build/release/bench/classify; default: the project's own corpus. Prints one JSON object a line; texts are written below a folder that
is removed.
"""
import json
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BENCH = ROOT / "build/release/bench/classify"


def cpu_of(*words):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    if not shutil.which("fasttext"):
        sys.exit("fasttext is missing: scripts/install-packages bench")
    with tempfile.TemporaryDirectory() as folder:
        texts, one, rows, model = (f"{folder}/{name}" for name in ("texts", "one", "rows", "model"))
        subprocess.run([BENCH, "--texts", texts, *sys.argv[1:]], check=True)
        with open(one, "w", encoding="utf-8") as out:
            out.write("a lamp\n")
        with open(rows, "w", encoding="utf-8") as out:
            for path in sorted((ROOT / "data/corpus").glob("*.jsonl")):
                for row in map(json.loads, path.open(encoding="utf-8")):
                    label = "complaint" if row["complaint"] else "other"
                    out.write(f"__label__{label} {' '.join(row['text'].lower().split())}\n")
        subprocess.run(["fasttext", "supervised", "-input", rows, "-output", model, "-wordNgrams", "2", "-dim", "50", "-epoch", "10", "-thread", "1"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run(["fasttext", "quantize", "-input", rows, "-output", model, "-qnorm", "-thread", "1"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        loading = min(cpu_of("fasttext", "predict", model + ".ftz", one) for _ in range(3))
        took = min(cpu_of("fasttext", "predict", model + ".ftz", texts) for _ in range(3)) - loading
        peer = 200_000 / took
    told = subprocess.run([BENCH, *sys.argv[1:]], check=True, stdout=subprocess.PIPE, text=True).stdout
    print(told, end="")
    assess = float(re.search(r"^assess, nobody watched +([0-9]+)", told, re.M)[1])
    print(json.dumps({"bench": "classify_peer", "fasttext_quantised_per_second": round(peer), "assess_per_second": round(assess), "ratio": round(assess / peer, 2)}))


if __name__ == "__main__":
    main()
