# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Which device a hardware report speaks of.

By the serial number with its manufacturer, then by what the machine has of
its own (identifier, network cards, drives).  Where that is not sure, nothing
is chosen: a person is asked.
"""
from collections import defaultdict
from dataclasses import dataclass, field

from trytond.pool import Pool
from trytond.tools import grouped_slice
from trytond.transaction import Transaction

from .hardware_value import get_maker, normalize


@dataclass
class Match:
    lot: object = None
    candidates: list = field(default_factory=list)
    # Why a person is asked; with no lot and no reason the device is new
    reason: str | None = None


class Matcher:
    "The devices that the reports may speak of"

    def __init__(self, reads, names=()):
        self.serials = defaultdict(set)
        self.uuids = defaultdict(set)
        self.macs = defaultdict(set)
        self.drives = defaultdict(set)
        self.known = defaultdict(set)  # the serials of each device
        self.tags = {}
        self._search_lots(reads, names)
        self._search_reports(reads)
        self._search_components(reads)

    def _search(self, model, name, values, domain):
        Model = Pool().get(model)
        with Transaction().set_context(active_test=False):
            for sub_values in grouped_slice(sorted(values), 500):
                yield from Model.search(
                    [(name, 'in', list(sub_values)), *domain], order=[])

    def _search_lots(self, reads, names):
        Lot = Pool().get('stock.lot')
        device = [('device', '=', True)]
        keys = {r.key for r in reads if r.key}
        lots = list(self._search('stock.lot', 'serial_key', keys, device))
        tags = {get_tag(n) for n in names} - {''}
        tagged = list(self._search('stock.lot', 'number', tags, device))
        targets = Lot.follow(lots + tagged)
        for lot in lots:
            self.serials[lot.serial_key].add(targets[lot])
            self.known[targets[lot]].add(lot.serial_key)
        for lot in tagged:
            self.tags.setdefault(lot.number, set()).add(targets[lot])

    def _search_reports(self, reads):
        Lot = Pool().get('stock.lot')
        bound = [('lot', '!=', None)]
        reports = {
            *self._search('device.report', 'serial_key',
                {r.key for r in reads if r.key}, bound),
            *self._search('device.report', 'uuid_key',
                {r.uuid_key for r in reads if r.uuid_key}, bound)}
        targets = Lot.follow([r.lot for r in reports])
        for report in reports:
            lot = targets[report.lot]
            if report.serial_key:
                self.serials[report.serial_key].add(lot)
                self.known[lot].add(report.serial_key)
            if report.uuid_key:
                self.uuids[report.uuid_key].add(lot)

    def _search_components(self, reads):
        Lot = Pool().get('stock.lot')
        inside = [('removed_on', '=', None), ('extracted_lot', '=', None)]
        macs = {m for r in reads for m in r.macs}
        cards = list(self._search(
                'device.component', 'serial',
                macs | set(map(str.upper, macs)),
                [('kind', '=', 'network'), *inside]))
        drives = list(self._search(
                'device.component', 'serial',
                {c.serial for r in reads if not r.whole
                    for c in r.of_kind('drive') if c.serial},
                [('kind', '=', 'drive'), *inside]))
        targets = Lot.follow([c.lot for c in cards + drives])
        for card in cards:
            self.macs[card.serial.lower()].add(targets[card.lot])
        for drive in drives:
            self.drives[normalize(drive.serial)].add(targets[drive.lot])

    def learn(self, read, lot):
        "Know that the report is the one of the device"
        if read.key:
            self.serials[read.key].add(lot)
            self.known[lot].add(read.key)
        if read.uuid_key:
            self.uuids[read.uuid_key].add(lot)
        for mac in read.macs:
            self.macs[mac].add(lot)

    def find(self, read, name=None):
        """Return the match of the report.

        A file named after a tag says which device it is, unless what the
        machine says of itself denies it.
        """
        match = self._find(read)
        tagged = self.tags.get(get_tag(name), set())
        if len(tagged) != 1:
            return match
        lot, = tagged
        others = {match.lot, *match.candidates} - {None, lot}
        if others or self._denies(lot, read):
            return self._ask('tag', {lot, *others})
        return Match(lot)

    def _find(self, read):
        by_key = self.serials.get(read.key, set()) if read.key else set()
        by_uuid = self.uuids.get(read.uuid_key, set())
        fit = {l for l in by_key if _same_maker(l, read)}
        if len(fit) > 1:
            return self._ask('several', fit)
        if by_key and not fit:
            return self._ask('maker', by_key)
        if fit:
            if by_uuid - fit:
                return self._ask('identifier', fit | by_uuid)
            return Match(*fit)
        weaker = by_uuid or self._find_parts(read)
        if not weaker:
            unknown = read.key or read.uuid_key or read.macs
            return Match() if unknown else self._ask('nothing', [])
        if len(weaker) > 1:
            return self._ask('several', weaker)
        lot, = weaker
        if self._denies(lot, read):
            return self._ask('other', weaker)
        return Match(lot)

    def _find_parts(self, read):
        "Return the devices with a network card, or a drive, of the report"
        lots = set().union(*(self.macs.get(m, ()) for m in read.macs))
        if not read.whole:
            for drive in read.of_kind('drive'):
                lots |= self.drives.get(normalize(drive.serial), set())
        return lots

    def _denies(self, lot, read):
        "Whether the device is known as another than the machine"
        known = self.known[lot] | set(filter(
                None, [normalize(lot.serial_number)]))
        return bool(
            not _same_maker(lot, read)
            or (read.key and known and read.key not in known))

    def _ask(self, reason, lots):
        return Match(
            candidates=sorted(lots, key=lambda l: l.number or ''),
            reason=reason)


def get_tag(name):
    "Return the tag that the file may be named after"
    return (name or '').rpartition('.')[0] or name or ''


def _same_maker(lot, read):
    maker = get_maker(lot.manufacturer)
    return not maker or not read.maker or maker == read.maker
