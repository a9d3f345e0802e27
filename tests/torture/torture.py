"""Runs parts of the torture; scripts/torture and CTest call it."""

import argparse
import os
import random
import shutil
import sys
import tempfile

import kills
import losses
import syscalls
from figures import Figures, say


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["kills", "calls", "losses"])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", default=os.environ.get("COMEM_TORTURE_SEED") or str(random.randrange(10**9)))
    parser.add_argument("--lie", action="store_true", help="agents acknowledge early; the run must then fail")
    parser.add_argument("--only", metavar="FAULT")
    parser.add_argument("--json", metavar="FILE")
    return parser.parse_args()


def main():
    arguments = parse()
    figures = Figures(arguments.seed)
    say(f"seed {arguments.seed}")
    directory = tempfile.mkdtemp(prefix="comem-torture-")
    if arguments.part == "calls":
        syscalls.run(directory, figures, arguments.seed, arguments.seconds)
    elif arguments.part == "losses":
        losses.run(directory, figures, arguments.seed, arguments.seconds, only=arguments.only)
    else:
        kills.run(directory, figures, arguments.seed, arguments.seconds, lie=arguments.lie)
    print(figures.table())
    if figures.broken:
        print(f"what is left of it: {directory}")
    else:
        shutil.rmtree(directory, ignore_errors=True)
    return 1 if figures.broken else 0


if __name__ == "__main__":
    sys.exit(main())
