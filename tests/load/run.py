# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A Saturday morning, what it took and what it left."""
import statistics
import threading
import time
from collections import Counter, defaultdict

from . import invariants, lists
from .acts import REQUIRED
from .volunteer import Shop, Volunteer

# Times the memory of a worker may be at the end of that of its second minute,
# when its caches are full; and the megabytes that are no growth
GROWTH, MEGABYTES = 1.15, 30
LISTS = 2


class Run:

    def __init__(
            self, server, application, volunteers, seconds, other=None):
        self.server, self.application = server, application
        self.seconds = seconds
        self.before = invariants.find(server.uri)
        self.shop = Shop(application.log_in('presidence'))
        self.shop.find_statements(application.log_in('tresorerie'))
        self.volunteers = [
            Volunteer(i, self.shop, application, other)
            for i in range(volunteers)]
        for volunteer in self.volunteers:
            volunteer.log_in()
        self.told, self.times = defaultdict(list), defaultdict(list)
        self.refusals, self.problems, self.memory = [], [], []
        self.errors, self.unanswered = [], Counter()
        self.lists = None

    def work(self, accident=None):
        """Let them work, and look at the memory meanwhile.

        The accident happens in the middle.
        """
        start = time.monotonic()
        for volunteer in self.volunteers:
            volunteer.start()
        pause = threading.Event()
        while (left := start + self.seconds - time.monotonic()) > 0:
            if accident and left < self.seconds / 2:
                accident()
                accident = None
            pause.wait(min(left, 5))
            self.memory.append((
                    time.monotonic() - start, self.application.memory()))
        for volunteer in self.volunteers:
            volunteer.over.set()
        for volunteer in self.volunteers:
            volunteer.join()
            self.collect(volunteer)
        self.seconds = time.monotonic() - start

    def collect(self, volunteer):
        for act, keys in volunteer.told.items():
            self.told[act] += keys
        for act, times in volunteer.times.items():
            self.times[act] += times
        self.refusals += volunteer.refusals
        self.unanswered += volunteer.unanswered
        self.errors += volunteer.errors

    def check_data(self):
        "Check what the volunteers were told against the database"
        self.problems += invariants.check(
            self.server.uri, self.before, self.told, self.unanswered)
        self.problems += invariants.verify(self.application.conf)

    def check(self):
        "Check that each promise was kept"
        self.check_acts()
        self.check_memory()

    def check_acts(self):
        self.problems += self.errors
        self.check_data()
        self.problems += invariants.check_refusals(self.told, self.refusals)
        for act in REQUIRED:
            if not self.times.get(act.__name__.strip('_')):
                self.problems.append(f"nobody did {act.__name__}")

    def check_memory(self):
        first, last = self.get_memory()
        if last > max(first * GROWTH, first + MEGABYTES):
            self.problems.append(
                f"memory went from {first:.0f} to {last:.0f} MB by worker")

    def get_memory(self):
        "Return the megabytes by worker in the second minute and at the end"
        def mean(rows):
            return statistics.mean(
                m for _, found in rows for m in found.values())
        after = [r for r in self.memory if r[0] > 60] or self.memory
        return mean(after[:12]), mean(self.memory[-12:])

    def compare(self, seconds):
        self.lists = lists.compare(self.application, seconds)
        ours, core = self.lists
        if ours < LISTS * core:
            self.problems.append(
                f"the list of devices is {ours / core:.1f} times core's list "
                f"of lots, less than {LISTS}")

    def print(self):
        requests = sum(v.requests for v in self.volunteers)
        refused = Counter(act for act, _, _ in self.refusals)
        print(f"{len(self.volunteers)} volunteers, {self.seconds:.0f} s: "
            f"{requests} requests, {requests / self.seconds:.1f} by second")
        print(f"{'act':8} {'done':>6} {'refused':>8} {'p50 ms':>8} "
            f"{'p99 ms':>8}")
        for act, times in sorted(self.times.items()):
            times = sorted(t * 1000 for t in times)
            print(f"{act:8} {len(times) - refused[act]:6} {refused[act]:8} "
                f"{times[len(times) // 2]:8.0f} "
                f"{times[int(len(times) * .99)]:8.0f}")
        first, last = self.get_memory()
        print(f"memory by worker: {first:.0f} MB, then {last:.0f} MB")
        if self.lists:
            ours, core = self.lists
            print(f"a page of devices: {ours:.1f} requests by second, of "
                f"core's lots with quantities: {core:.1f} "
                f"({ours / core:.1f}x)")
        print(f"{len(self.problems)} promises broken")
