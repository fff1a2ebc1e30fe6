#!/usr/bin/env python3
"""scripts/sbom names what the two programs are made of: every library they need is in it, found here by another way than there, with the
version that is installed. Prints "N passed, N failed" last."""
import functools
import json
import os
import re
import subprocess
import sys

import support
from support import Checks, program


def said(*words):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)


def needed(path):
    """The names that the program itself asks the loader for."""
    return set(re.findall(r"\(NEEDED\).*\[(.+)\]", said("readelf", "-d", path).stdout))


@functools.cache
def package_of(name):
    cache = said("/sbin/ldconfig", "-p").stdout
    for path in re.findall(rf"^\s*{re.escape(name)} .*=> (\S+)$", cache, re.M):
        for form in (path, os.path.realpath(path), "/usr" + path, os.path.realpath(path).removeprefix("/usr")):
            found = said("dpkg", "-S", form).stdout
            if found:
                return found.split(":")[0]
    return None


def main(checks):
    that, build = checks.that, os.path.dirname(program("earshotd"))
    tool = os.path.join(support.ROOT, "scripts", "sbom")
    done = said(sys.executable, tool, build)
    if not that(done.returncode == 0, "scripts/sbom ends well", done.stderr[-500:]):
        return
    document = json.loads(done.stdout)
    listed = {it["name"]: it for it in document["packages"]}
    for name in ("earshotd", "earshot"):
        libraries = needed(program(name))
        owners = {it: package_of(it) for it in libraries}
        lost = sorted(it for it, package in owners.items() if package not in listed)
        that(len(libraries) >= 5 and not lost, f"each of the {len(libraries)} libraries that {name} needs is in it", str({it: owners[it] for it in lost}))
        sums = {it["fileName"]: it["checksums"][0]["checksumValue"] for it in document["files"]}
        that(sums.get("./" + name) == said("sha256sum", program(name)).stdout.split()[0], f"with the sum of {name}")
    there = dict(line.split(" ") for line in said("dpkg-query", "-W", "-f=${Package} ${Version}\n").stdout.splitlines())
    wrong = [name for name, it in listed.items() if there.get(name) != it["versionInfo"]]
    that(len(listed) >= 20 and not wrong, f"the versions of {len(listed)} packages are those installed", str(wrong))
    compiled = {"libboost1.81-dev", "rapidjson-dev"} - set(listed)
    that(not compiled, "what is headers only is in it too", str(compiled))
    ids = {it["SPDXID"] for it in document["packages"] + document["files"]} | {"SPDXRef-DOCUMENT"}
    loose = [it for it in document["relationships"] if {it["spdxElementId"], it["relatedSpdxElement"]} - ids]
    that(document["spdxVersion"] == "SPDX-2.3" and not loose and all(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", it) for it in ids),
         "its references hold", str(loose[:3]))
    that(said(sys.executable, tool, build).stdout == done.stdout, "asked twice it says the same")
    that(support.ROOT not in done.stdout, "and nothing of the machine it was built on")


if __name__ == "__main__":
    result = Checks()
    main(result)
    result.end()
