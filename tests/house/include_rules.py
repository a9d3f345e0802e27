#!/usr/bin/env python3
"""Checks who includes whom (docs/architecture.md, "The house").

include_rules.py ROOT    prints every violation and exits with 1 when there is one
include_rules.py --self-test    proves on made-up trees that each rule can fail
"""

import pathlib
import re
import sys
import tempfile

# Who may be included by whom, by directory. Everyone may include itself and <comem/...>.
CORE = {"src/core"}
DOMAIN = CORE | {"src/memory", "src/search", "src/vectors"}
STORAGE = DOMAIN | {"src/storage"}
HOUSE = STORAGE | {"src/services", "src/api"}
ALLOWED = {
    "include/comem": set(),
    "src/core": set(),
    "src/memory": CORE,
    "src/search": CORE,
    "src/vectors": CORE,
    "src/storage": DOMAIN,
    "src/services": STORAGE,
    "src/api": STORAGE | {"src/services"},
    "src/server": HOUSE,
    "src/cli": HOUSE | {"src/server"},
    "adapters/sqlite": CORE | {"src/storage"},
    "adapters/redis": CORE | {"src/storage"},
    "adapters/embedding": CORE | {"src/storage"},
    "adapters": CORE | {"src/storage", "adapters/sqlite", "adapters/redis", "adapters/embedding"},  # open.cpp
    "examples": set(),
}

# What users of the public headers may come to see of others.
PUBLIC_THIRD_PARTY = re.compile(r"boost/asio/(?!ssl)")

# Libraries that belong to one place only: modules, or single files.
OWNERS = [
    (re.compile(r"sqlite3\.h"), ("adapters/sqlite",)),
    (re.compile(r"boost/beast"), ("adapters/embedding", "src/server")),
    (re.compile(r"openssl/|boost/asio/ssl"), ("adapters/redis", "adapters/embedding", "src/core/sha1.cpp", "src/server")),
    (re.compile(r"CLI/"), ("src/cli",)),
    (re.compile(r"hnswlib/"), ("src/vectors/graph.cpp",)),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCES = {".hpp", ".cpp", ".ipp", ".h"}


def directory_of(path):
    """The module a file belongs to, or None where no rule applies (tests, benchmarks)."""
    parts = path.parts
    if parts[:2] == ("include", "comem"):
        return "include/comem"
    if parts[0] == "adapters":
        return "adapters" if len(parts) == 2 else "/".join(parts[:2])
    if parts[0] == "src" and len(parts) > 2:
        return "/".join(parts[:2])
    if parts[0] == "examples":
        return "examples"
    return None


def resolve(root, name):
    """The file that a quoted include names: relative to src/ or to the root, as the build has it."""
    for base in ("src", "."):
        if (root / base / name).is_file():
            return (pathlib.PurePath(base) / name) if base != "." else pathlib.PurePath(name)
    return None


def includes(file):
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1), match.group(2)


def check_quoted(root, module, path, name):
    target = resolve(root, name)
    if target is None:
        return f'"{name}" is no file of src/ or of the root'
    if module == "include/comem":
        return f'a public header includes "{name}", which users do not have'
    other = directory_of(target)
    if other != module and other not in ALLOWED[module]:
        return f'{module} must not include "{name}"'
    return None


def check_angled(root, module, path, name):
    if name.startswith("comem/"):
        return None if (root / "include" / name).is_file() else f"<{name}> does not exist"
    for pattern, owners in OWNERS:
        if pattern.match(name) and module not in owners and path.as_posix() not in owners:
            return f"<{name}> belongs to {' and '.join(owners)} only"
    third_party = "/" in name or name.endswith((".h", ".hpp"))
    if module == "include/comem" and third_party and not PUBLIC_THIRD_PARTY.match(name):
        return f"<{name}> would leak to users of the public headers"
    return None


def violations(root):
    root = pathlib.Path(root)
    files = 0
    for top in ("include", "src", "adapters", "examples"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in SOURCES or not file.is_file():
                continue
            files += 1
            path = file.relative_to(root)
            module = directory_of(path)
            if module not in ALLOWED:
                yield f"{path}: lies in no module that tests/house/include_rules.py knows"
                continue
            for number, form, name in includes(file):
                check = check_quoted if form == '"' else check_angled
                problem = check(root, module, path, name)
                if problem:
                    yield f"{path}:{number}: {problem}"
    if files == 0:
        yield f"{root}: no source file found"


# Each entry: a file, its include line, and what the rule says about it (None: nothing).
MADE_UP = [
    ("src/core/a.hpp", "#include <comem/error.hpp>", None),
    ("src/core/b.cpp", '#include "core/a.hpp"', None),
    ("src/core/c.cpp", '#include "storage/store.hpp"', "src/core must not include"),
    ("src/memory/d.cpp", '#include "search/index.hpp"', "src/memory must not include"),
    ("src/search/e.cpp", '  #  include "memory/codec.hpp"', "src/search must not include"),
    ("src/storage/f.cpp", '#include "search/index.hpp"', None),
    ("src/storage/g.cpp", '#include "adapters/sqlite/db.hpp"', "src/storage must not include"),
    ("src/api/h.cpp", '#include "cli/args.hpp"', "src/api must not include"),
    ("src/cli/i.cpp", '#include "api/facade.hpp"', None),
    ("adapters/redis/j.cpp", '#include "memory/codec.hpp"', "adapters/redis must not include"),
    ("adapters/redis/k.cpp", '#include "adapters/sqlite/db.hpp"', "adapters/redis must not include"),
    ("adapters/open.cpp", '#include "adapters/sqlite/db.hpp"', None),
    ("adapters/sqlite/l.cpp", "#include <sqlite3.h>", None),
    ("src/storage/m.cpp", "#include <sqlite3.h>", "belongs to adapters/sqlite only"),
    ("src/api/n.cpp", '#include "../core/a.hpp"', "is no file of src/"),
    ("src/core/sha1.cpp", "#include <openssl/evp.h>", None),
    ("src/core/sha2.cpp", "#include <openssl/evp.h>", "belongs to"),
    ("src/unknown/o.cpp", "#include <string>", "lies in no module"),
    ("include/comem/p.hpp", '#include "core/a.hpp"', "a public header includes"),
    ("include/comem/q.hpp", "#include <nlohmann/json.hpp>", "would leak"),
    ("include/comem/r.hpp", "#include <spdlog/spdlog.h>", "would leak"),
    ("include/comem/s.hpp", "#include <boost/asio/ssl.hpp>", "belongs to"),
    ("include/comem/t.hpp", "#include <boost/beast/core.hpp>", "belongs to"),
    ("include/comem/u.hpp", "#include <boost/asio/awaitable.hpp>", None),
    ("include/comem/v.hpp", "#include <comem/missing.hpp>", "does not exist"),
    ("examples/w.cpp", '#include "core/a.hpp"', "examples must not include"),
]
PRESENT = ["include/comem/error.hpp", "src/core/a.hpp", "src/storage/store.hpp", "src/search/index.hpp",
           "src/memory/codec.hpp", "src/cli/args.hpp", "src/api/facade.hpp", "adapters/sqlite/db.hpp"]


def self_test():
    failures = 0
    for path, line, expected in MADE_UP:
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            for name in PRESENT:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text("#pragma once\n", encoding="utf-8")
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(f"// made up\n{line}\n", encoding="utf-8")
            found = list(violations(root))
        good = not found if expected is None else len(found) == 1 and expected in found[0]
        if not good:
            failures += 1
            print(f"self-test: {path} with {line!r}: expected {expected!r}, got {found}")
    with tempfile.TemporaryDirectory() as directory:
        if not list(violations(directory)):
            failures += 1
            print("self-test: an empty tree passed")
    print(f"self-test: {len(MADE_UP) + 1 - failures} of {len(MADE_UP) + 1} cases as expected")
    return 1 if failures else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if len(arguments) != 1:
        sys.exit(__doc__)
    found = list(violations(arguments[0]))
    print("\n".join(found) or "every include is allowed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
