"""The account of what agents attempted and what was acknowledged, and what a store must hold because of it."""

ATTEMPT, ACKNOWLEDGED, FAILED = "t", "a", "e"
SAVE, UPDATE, FORGET, EXECUTE = "s", "u", "f", "x"


class Entry:
    """One memory: its newest acknowledged version, and the attempts that nobody has heard of again."""
    __slots__ = ("version", "token", "open", "refused")

    def __init__(self):
        self.version = None  # (ms, counter, store) of the newest acknowledged write
        self.token = None    # of that write; None: it was forgotten
        self.open = {}       # token -> kind of attempts without an answer: applied or not
        self.refused = set() # tokens of attempts that were not applied, as their caller was told


class Held:
    """What a store holds, from the lines of an agent's `dump`."""

    def __init__(self, lines):
        self.memories = {}   # id -> ((ms, counter, store), token)
        self.skills = {}     # name -> executions
        self.twice = []
        for line in lines:
            words = line.split(" ")
            if words[0] == "skill":
                self.skills[words[1]] = int(words[2])
                continue
            _, memory_id, ms, counter, store, token = words
            if memory_id in self.memories:
                self.twice.append(memory_id)
            self.memories[memory_id] = ((int(ms), int(counter), store), token)


class Broken:
    """One broken promise."""

    def __init__(self, kind, where, what):
        self.kind, self.where, self.what = kind, where, what

    def __str__(self):
        return f"{self.kind} in {self.where}: {self.what}"


class Ledger:
    def __init__(self):
        self.entries = {}
        self.executions = {}  # skill -> number of acknowledged executions
        self.unanswered = {}  # token -> skill, of executions that were attempted
        self.acknowledged = 0
        self.doubtful = ()    # names of agents begin so whose host may be lost: only what was shared outlives it
        self.read_to = {}

    def read(self, path):
        """Takes in what one agent has written since the last time; answers the ids of which it tells."""
        try:
            with open(path, encoding="ascii") as file:
                file.seek(self.read_to.get(path, 0))
                text = file.read()
        except FileNotFoundError:  # killed before it began
            return set()
        whole = text.rfind("\n") + 1  # a line that was cut tells of nothing
        self.read_to[path] = self.read_to.get(path, 0) + whole
        return self.take(text[:whole].split("\n")[:-1])

    def take(self, lines):
        touched = set()
        for line in lines:
            words = line.split(" ")
            event, kind, name, token = words[:4]
            if kind == EXECUTE:
                self._execution(event, name, token, words)
                continue
            touched.add(name)
            entry = self.entries.get(name)
            if entry is None:
                entry = self.entries[name] = Entry()
            if event == ATTEMPT:
                entry.open[token] = kind
            elif event == ACKNOWLEDGED:
                self._acknowledge(entry, kind, token, words)
            elif words[4] != "unknown":
                entry.open.pop(token, None)
                entry.refused.add(token)
        return touched

    def _acknowledge(self, entry, kind, token, words):
        self.acknowledged += 1
        if words[7] == "pending" and token.startswith(self.doubtful):
            return
        entry.open.pop(token, None)
        if words[7] == "nothing":
            return
        version = (int(words[4]), int(words[5]), words[6])
        if entry.version is None or version > entry.version:
            entry.version = version
            entry.token = None if kind == FORGET else token

    def _execution(self, event, name, token, words):
        if event == ATTEMPT:
            self.unanswered[token] = name
            return
        if event == ACKNOWLEDGED:
            self.executions[name] = self.executions.get(name, 0) + 1
            self.acknowledged += 1
        elif words[4] == "unknown":
            return
        self.unanswered.pop(token, None)

    def check(self, held, where, ids=None):
        """What the store lacks, holds twice or should not hold, as a list of Broken; among `ids`, or all."""
        broken = [Broken("duplicated", where, name) for name in held.twice]
        for name in self.entries if ids is None else ids:
            broken += self._check_one(name, self.entries[name], held.memories.get(name), where)
        if ids is None:
            broken += [Broken("unknown", where, name) for name in held.memories if name not in self.entries]
        return broken

    def _check_one(self, name, entry, found, where):
        saves = {token for token, kind in entry.open.items() if kind != FORGET}
        if found is None:
            if entry.version is None or entry.token is None or len(saves) < len(entry.open):
                return []
            return [Broken("lost", where, f"{name} {entry.token} {entry.version} is not there")]
        version, token = found
        if token in entry.refused:
            return [Broken("refused", where, f"{name} holds {token}, which was rejected")]
        if entry.version is None:
            ok = token in saves
            return [] if ok else [Broken("unknown", where, f"{name} holds {token}, which nobody attempted")]
        if version < entry.version:
            kind = "resurrected" if entry.token is None else "lost"
            return [Broken(kind, where, f"{name} holds {token} {version}, acknowledged was {entry.token} "
                                        f"{entry.version}")]
        if version == entry.version:
            ok = token == entry.token
            return [] if ok else [Broken("lost", where, f"{name} {version} holds {token} instead of {entry.token}")]
        ok = token in saves or self._is_early(entry)
        return [] if ok else [Broken("unknown", where, f"{name} holds {token} {version}, newer than {entry.token} "
                                                       f"{entry.version}, and nobody waits for its answer")]

    @staticmethod
    def _is_early(entry):
        return entry.version[0] == 0  # agents that acknowledge before they write know no version

    def check_executions(self, held, where):
        """Every acknowledged execution is counted once, and none was counted that nobody attempted."""
        broken = []
        open_ones = list(self.unanswered.values())
        for name in set(self.executions) | set(open_ones):
            acknowledged, unknown = self.executions.get(name, 0), open_ones.count(name)
            counted = held.skills.get(name, 0)
            if counted < acknowledged:
                broken.append(Broken("lost", where, f"{name} counts {counted} of {acknowledged} executions"))
            if counted > acknowledged + unknown:
                broken.append(Broken("duplicated", where, f"{name} counts {counted} executions of at most "
                                                          f"{acknowledged + unknown}"))
        return broken
