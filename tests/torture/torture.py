"""Kills writers, loses Redis, and holds every store to what was acknowledged. Run by scripts/torture and by CTest."""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import convergence
import kills
import losses
import soak
import syscalls
from figures import Figures, say
from ledger import Broken
from servers import SERVERS

# Part of the long form -> its share of the time. The soak goes on beside all others.
SHARES = {"kills": 0.28, "calls": 0.08, "losses": 0.29, "convergence": 0.32, "simulation": 0.03}
LOSS_LANES = 3           # groups that lose their Redis at the same time
LONGEST_OUTAGE = 60.0    # seconds, of the convergence part
SECONDS_A_LANE = 7.5     # so many outages are under way at the same time that each has the machine for its way back
GOALS = {"kills": 2000, "acknowledged": 10**6, "losses": 200}
SEEDS_AT_ONCE = 500
SIMULATOR = os.environ.get("COMEM_SIM", "")


def in_threads(tasks):
    """Runs them at the same time; raises what one of them raised."""
    errors = []

    def guarded(task):
        try:
            task()
        except BaseException as error:  # pylint: disable=broad-except
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def simulate(figures, seed, seconds):
    """The simulated faults of comem-sim, for about so many seconds."""
    if not SIMULATOR or not os.path.exists(SIMULATOR):
        figures.skip("simulation: comem-sim is not built")
        return
    until, first = time.monotonic() + seconds, random.Random(f"{seed} simulation").randrange(10**9)
    while time.monotonic() < until:
        command = [SIMULATOR, "--first", str(first), "--seeds", str(SEEDS_AT_ONCE)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        figures.count("simulated seeds", SEEDS_AT_ONCE)
        first += SEEDS_AT_ONCE
        if done.returncode != 0:
            figures.breaks(" ".join(command), [Broken("simulated", "comem-sim", (done.stdout + done.stderr)[-500:])])
            return
    say(f"simulation: {figures.get('simulated seeds')} seeds")


def run_part(part, directory, figures, arguments, seconds):
    seed, long_form = arguments.seed, arguments.part == "long"
    if part == "kills":
        kills.run(directory, figures, seed, seconds, lie=arguments.lie)
    elif part == "calls":
        syscalls.run(directory, figures, seed, seconds)
    elif part == "losses":
        lanes = LOSS_LANES if long_form else 1
        in_threads([lambda lane=lane: losses.run(directory, figures, seed, seconds, arguments.only, lane)
                    for lane in range(lanes)])
    elif part == "convergence":
        outage = min(LONGEST_OUTAGE, seconds / 2.5) if long_form else arguments.outage
        lanes = arguments.lanes or max(1, int(outage / SECONDS_A_LANE))
        # Beside other tests the machine is busy with them too.
        slowness = float(os.environ.get("COMEM_TORTURE_SLOWNESS", "1"))  # of programs built with sanitizers
        goal = convergence.GOAL_SECONDS * slowness * (1 if long_form else 2)
        convergence.run(directory, figures, seed, seconds, outage, lanes, goal)
    elif part == "soak":
        soak.run(directory, figures, seed, seconds)
    elif part == "simulation":
        simulate(figures, seed, seconds)


def run_long(directory, figures, arguments):
    ended = threading.Event()
    soaking = threading.Thread(target=soak.run, args=(directory, figures, arguments.seed, arguments.seconds, ended))
    soaking.start()
    try:
        for part, share in SHARES.items():
            say(f"== {part}: {share * arguments.seconds:.0f} s")
            run_part(part, directory, figures, arguments, share * arguments.seconds)
    finally:
        ended.set()
        soaking.join()


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["long", "soak", *SHARES])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", default=os.environ.get("COMEM_TORTURE_SEED") or str(random.randrange(10**9)))
    parser.add_argument("--only", metavar="FAULT", help="losses: of this kind alone, such as FLUSHALL")
    parser.add_argument("--outage", type=float, default=2.0, metavar="SECONDS", help="convergence: of each outage (2)")
    parser.add_argument("--lanes", type=int, metavar="N", help="convergence: outages that overlap")
    parser.add_argument("--lie", action="store_true", help="agents acknowledge before they write; must be noticed")
    parser.add_argument("--json", metavar="FILE", help="the figures go there too")
    return parser.parse_args()


def show(figures, arguments):
    print(figures.table())
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            file.write(figures.to_json() + "\n")
    if arguments.part == "long":
        for name, goal in GOALS.items():
            if figures.get(name) < goal:
                print(f"short of the goal: {figures.get(name)} {name} of {goal}; more minutes reach it")


def main():
    arguments = parse()
    if not SERVERS:
        print("SKIPPED: neither redis-server nor valkey-server is installed")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ends what was started
    figures = Figures(arguments.seed)
    say(f"seed {arguments.seed}")
    directory = tempfile.mkdtemp(prefix="comem-torture-")
    try:
        if arguments.part == "long":
            run_long(directory, figures, arguments)
        else:
            run_part(arguments.part, directory, figures, arguments, arguments.seconds)
    finally:
        show(figures, arguments)
        if figures.broken:
            print(f"what is left of it: {directory}")
        else:
            shutil.rmtree(directory, ignore_errors=True)
    if arguments.lie:
        noticed = figures.kinds("lost") > 0
        print("the lie was noticed" if noticed else "THE LIE WAS NOT NOTICED")
        return 0 if noticed else 1
    return 1 if figures.broken else 0


if __name__ == "__main__":
    sys.exit(main())
