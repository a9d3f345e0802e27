"""What long-lived agents keep of memory: samples of each process, and the slope of the line through them.

Judged are two figures of each process. Anonymous memory is the resident memory (RSS) that is its own; the rest is
files, mostly code, which comes and goes as it is run and as the host needs room. Heap in use is what nobody has given
back to the allocator, so a leak shows in it at once. The agents have one arena of the allocator each and trim it before
each sample: what the allocator keeps of earlier peaks, in the gaps of an arena for each thread, wanders by megabytes
for hours and would hide a leak as well as feign one.
"""

COLUMNS = ("seconds", "resident", "anonymous", "heap_in_use", "sqlite_in_use", "database", "live", "tombstones",
           "unshared", "index_documents", "index_terms", "operations")
JUDGED = {"anonymous memory": "anonymous", "heap in use": "heap_in_use"}
SHOWN = {"RSS": "resident", **JUDGED}
WARM_UP = 0.25           # of the time: not part of the slope
JUDGED_FROM = 20 * 60    # seconds: the slope of a shorter run is noise
MOST_MB_AN_HOUR = 1.0


def by_minute(points):
    """The lower quartile of each minute that has its share of points, in its middle. Of a minute, since neighbours in
    time are no independent measurements; a low one, since what comes and goes with each fault is noise, while a leak
    stays when it is quiet."""
    minutes = {}
    for x, y in points:
        minutes.setdefault(int(x // 60), []).append((x, y))
    most = max((len(some) for some in minutes.values()), default=0)
    return [(sum(x for x, _ in some) / len(some), sorted(y for _, y in some)[len(some) // 4])
            for some in minutes.values() if 2 * len(some) >= most]


def slope(points):
    """Of the line that lies closest to the points (least squares), and its standard error."""
    count = len(points)
    if count < 3:
        return 0.0, 0.0
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    rise = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    rest = sum((y - mean_y - rise * (x - mean_x)) ** 2 for x, y in points)
    return rise, (rest / (count - 2) / spread) ** 0.5


class Account:
    """The samples of one process: bytes and counts under the names of COLUMNS."""

    def __init__(self):
        self.samples = []

    def add(self, sample):
        self.samples.append(tuple(sample[column] for column in COLUMNS))

    def points(self, column):
        place = COLUMNS.index(column)
        return [(sample[0], sample[place]) for sample in self.samples]

    def last(self, column):
        return self.points(column)[-1][1] if self.samples else 0

    def warm(self, column, seconds):
        return [(x, y) for x, y in self.points(column) if x > seconds * WARM_UP]

    def slope(self, column, seconds):
        """In MB an hour after the warm-up of a run of so many seconds, and its standard error."""
        rise, wrong_by = slope(by_minute(self.warm(column, seconds)))
        return rise * 3600 / 1e6, wrong_by * 3600 / 1e6

    def thirds(self, column, seconds):
        """The means of the first and of the last third after the warm-up."""
        values = [y for _, y in self.warm(column, seconds)]
        third = max(1, len(values) // 3)
        return tuple(sum(some) / len(some) if some else 0 for some in (values[:third], values[-third:]))

    def table(self):
        """One line a sample, COLUMNS apart by blanks."""
        return [" ".join(str(value) for value in sample) for sample in self.samples]


def judge(accounts, seconds):
    """What grows for sure, in words; nothing after a run that is too short to tell."""
    found = []
    if seconds < JUDGED_FROM:
        return found
    for title, column in JUDGED.items():
        for name, account in accounts.items():
            rise, wrong_by = account.slope(column, seconds)
            if rise - 2 * wrong_by > MOST_MB_AN_HOUR:
                found.append(f"{title} of {name} grows by {rise:.2f} +- {wrong_by:.2f} MB/h")
    return found


def note(figures, accounts, seconds):
    """The figures of a run, and all samples."""
    for title, column in SHOWN.items():
        worst, error = max(account.slope(column, seconds) for account in accounts.values())
        figures.count(f"soak {title} slope, MB/h, highest of all processes", round(worst, 2))
        figures.count(f"soak {title} slope, MB/h, its standard error", round(error, 2))
        last = max(account.last(column) for account in accounts.values())
        figures.count(f"soak {title} at the end, MB, highest", round(last / 1e6, 1))
    # That the memories do not grow in number: else the slope would be theirs.
    for column in ("live", "tombstones", "index_terms", "database"):
        first, last = zip(*(account.thirds(column, seconds) for account in accounts.values()))
        means = [round(sum(some) / len(some)) for some in (first, last)]
        figures.count(f"soak mean {column}, first third of the warm time", means[0])
        figures.count(f"soak mean {column}, last third", means[1])
    for name, account in accounts.items():
        figures.series(f"soak {name}: {' '.join(COLUMNS)}", account.table())
