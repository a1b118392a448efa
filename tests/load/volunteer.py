# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Volunteers at work at the same time, and what they were told."""
import random
import threading
import time
from collections import Counter, defaultdict

from ..rpc import Failed, Refused
from .acts import ACTS
from .prepare import BORROWER, get_login, get_role

# Seconds between two acts of a person
THINK = .5, 2.5
# How many times in a hundred a person takes what another is taking
CONTENTION = 10


class Shop:
    "What is on the tables: the volunteers' hands, not the database's opinion"

    def __init__(self, client):
        self.lock = threading.Lock()
        fields = ['number', 'token', 'model', 'serial_number', 'stage']
        self.devices = client.call(
            'model.stock.lot.search_read', [('device', '=', True)], 0, None,
            None, fields)
        self.ready = [
            d for d in self.devices
            if d['stage'] == 'ready' and d['model'].startswith('C')
            and not d['serial_number']]
        self.computers = [
            d for d in self.devices
            if (d['serial_number'] or '').startswith('CHG')]
        self.borrowers = client.call(
            'model.party.party.search', [('name', 'like', f'{BORROWER} %')],
            0, None, None)
        assert self.ready and self.computers and self.borrowers
        self.statements = []
        self.lent, self.taken = [], []
        self.reports = 0

    def find_statements(self, client):
        self.statements = client.call(
            'model.account.statement.search',
            [('name', '=', "Relevé de charge")], 0, None, None)

    def take_ready(self, generator):
        "Return the devices to lend: now and then one that was just taken"
        with self.lock:
            if self.taken and generator.random() * 100 < CONTENTION:
                return [self.taken[-1]]
            count = generator.choice([1, 1, 2])
            if len(self.ready) < count:
                return
            lots = [self.ready.pop() for _ in range(count)]
            self.taken.append(lots[0])
            return lots

    def take_lent(self, generator):
        with self.lock:
            if not self.lent:
                return
            index = generator.randrange(len(self.lent))
            if generator.random() * 100 < CONTENTION:
                return self.lent[index]
            return self.lent.pop(index)

    def next_report(self):
        with self.lock:
            self.reports += 1
            return self.reports


class Volunteer(threading.Thread):
    "A person who does one act after the other until told to stop"

    def __init__(self, index, shop, application, other=None, seed=2026):
        super().__init__(name=get_login(index), daemon=True)
        # Where to go on when the application does not answer any more
        self.shop, self.application, self.other = shop, application, other
        self.random = random.Random(seed + index)
        acts = ACTS[get_role(index)]
        self.acts, self.weights = list(acts), list(acts.values())
        self.client = None
        self.over = threading.Event()
        self.times = defaultdict(list)
        self.told, self.errors = defaultdict(list), []
        # What each refused act wanted, with what was said
        self.refusals = []
        self.wanted = None
        self.unanswered = Counter()
        self.requests = 0

    def choose(self, values):
        return self.random.choice(values)

    def log_in(self):
        self.client = self.application.log_in(self.name)
        request = self.client.request

        def counted(*args, **kwargs):
            self.requests += 1
            return request(*args, **kwargs)
        self.client.request = counted

    def run(self):
        # People do not start at the same second
        self.over.wait(self.random.uniform(0, THINK[1]))
        while not self.over.is_set():
            act, = self.random.choices(self.acts, self.weights)
            self.do(act)
            self.over.wait(self.random.uniform(*THINK))

    def do(self, act):
        name = act.__name__.strip('_')
        start = time.monotonic()
        self.wanted = None
        try:
            self.told[name] += act(self) or []
        except Refused as refusal:
            self.refusals.append((name, self.wanted, str(refusal)))
        except Failed as error:
            self.errors.append(f'{name}: {error}')
            self.unanswered[name] += 1
            if self.other:
                self.client.move(self.other.url)
        except Exception as error:
            self.errors.append(f'{name}: {error!r}')
        self.times[name].append(time.monotonic() - start)
