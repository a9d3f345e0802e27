#!/usr/bin/env python3
"""Holds README.md to its word.

readme.py extract README OUT.cpp       writes the one ```cpp block of README into OUT.cpp
readme.py shell README PROGRAM         runs every ```sh block, with PROGRAM first in PATH, in the current directory
readme.py commands README ROOT         checks that every script named in a ```console block is there and knows --help
readme.py options README ROOT          checks that every option and environment variable of ROOT is in README
readme.py --self-test                  proves that each of these can fail
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A data member of struct Options: type, name, then an initialiser or the semicolon.
MEMBER = re.compile(r"^  (?!return|using|static|friend)[\w:<>, *]+? (\w+)(?:\s*=[^;]*|\{[^;]*\})?;", re.MULTILINE)
VARIABLE = re.compile(r'"((?:COMEM|REDIS|MEMORY)_[A-Z_]+)"')


class Broken(Exception):
    """What README promises and the repository does not keep."""


def blocks(text, language):
    return [body for name, body in BLOCK.findall(text) if name == language]


def extract(text):
    programs = blocks(text, "cpp")
    if len(programs) != 1:
        raise Broken(f"README has {len(programs)} cpp blocks, not one")
    return programs[0]


def run_shell(text, program):
    scripts = blocks(text, "sh")
    if not scripts:
        raise Broken("README has no sh block")
    environment = dict(os.environ)
    environment["PATH"] = f"{pathlib.Path(program).resolve().parent}:{environment['PATH']}"
    for script in scripts:
        command = ["bash", "-euo", "pipefail", "-c", script]
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, timeout=100, check=False)
        if done.returncode != 0:
            raise Broken(f"exit code {done.returncode} from:\n{script}")
    return len(scripts)


def check_commands(text, root):
    names = sorted(set(re.findall(r"(?:^|[\s/])((?:scripts|\.ci)/\w+)", "\n".join(blocks(text, "console")))))
    if not names:
        raise Broken("README names no script in a console block")
    for name in names:
        script = pathlib.Path(root) / name
        if not os.access(script, os.X_OK):
            raise Broken(f"{name} is no executable file")
        if name.startswith("scripts/"):
            done = subprocess.run([script, "--help"], stdin=subprocess.DEVNULL, capture_output=True, timeout=30,
                                  check=False)
            if done.returncode != 0 or not done.stdout:
                raise Broken(f"{name} --help does not help")
    return len(names)


def option_names(header):
    body = header[header.index("struct Options {"):]
    return MEMBER.findall(body[:body.index("\n};")])


def variable_names(root):
    found = set()
    for top in ("src", "adapters"):
        for file in sorted((pathlib.Path(root) / top).rglob("*.[ch]pp")):
            found |= set(VARIABLE.findall(file.read_text(encoding="utf-8")))
    return found


def check_options(text, root):
    options = option_names((pathlib.Path(root) / "include/comem/options.hpp").read_text(encoding="utf-8"))
    variables = variable_names(root)
    if len(options) < 2 or not variables:
        raise Broken("found no options or no environment variables to check")
    missing = [name for name in [*options, *sorted(variables)] if f"`{name}`" not in text]
    if missing:
        raise Broken(f"README does not mention {', '.join(missing)}")
    return len(options) + len(variables)


def self_test():
    header = "struct Options {\n  Options() = default;\n  static Options f();\n  int a = 1;  ///< x\n  Ms b{2};\n" \
             "  std::string c_d;\n  const Clock* e = nullptr;\n};\n"
    cases = 0

    def fails(what, function, *arguments):
        nonlocal cases
        cases += 1
        try:
            function(*arguments)
        except Broken:
            return
        sys.exit(f"self-test: {what} passed")

    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        for name in ("include/comem", "src/api", "scripts"):
            (root / name).mkdir(parents=True)
        (root / "include/comem/options.hpp").write_text(header, encoding="utf-8")
        (root / "src/api/environment.cpp").write_text('get("COMEM_DB")', encoding="utf-8")
        (root / "scripts/demo").write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
        (root / "scripts/demo").chmod(0o755)
        full = "`a` `b` `c_d` `e` `COMEM_DB`"
        if option_names(header) != ["a", "b", "c_d", "e"] or check_options(full, root) != 5:
            sys.exit(f"self-test: options are read as {option_names(header)}")
        fails("a missing option", check_options, full.replace("`b`", "b"), root)
        fails("a missing variable", check_options, full.replace("`COMEM_DB`", ""), root)
        fails("no program", extract, "```sh\ntrue\n```\n")
        fails("two programs", extract, "```cpp\na\n```\n```cpp\nb\n```\n")
        fails("a failing command", run_shell, "```sh\nfalse\ntrue\n```\n", "/bin/true")
        fails("a failing pipe", run_shell, "```sh\nfalse | true\n```\n", "/bin/true")
        fails("a missing script", check_commands, "```console\n$ scripts/nothing\n```\n", root)
        fails("a script without help", check_commands, "```console\n$ scripts/demo\n```\n", root)
    print(f"self-test: {cases} kinds of untruth were noticed")


def main(arguments):
    if arguments == ["--self-test"]:
        self_test()
        return
    if len(arguments) != 3 or arguments[0] not in ("extract", "shell", "commands", "options"):
        sys.exit(__doc__)
    mode, readme, other = arguments
    text = pathlib.Path(readme).read_text(encoding="utf-8")
    if mode == "extract":
        pathlib.Path(other).write_text(extract(text), encoding="utf-8")
        return
    count = {"shell": run_shell, "commands": check_commands, "options": check_options}[mode](text, other)
    print(f"{count} checked")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Broken as broken:
        sys.exit(f"readme: {broken}")
