# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Keep the hardware reports and what they say of the devices, many at once."""
import hashlib
from dataclasses import asdict, dataclass
from functools import cached_property

from trytond.pool import Pool, PoolMeta

from .hardware_value import normalize
from .report_change import (
    compare, get_key, get_known, get_missing, get_sights, get_updates,
    same_model)

_READ = ['manufacturer', 'model', 'serial_number']


@dataclass
class Entry:
    "A report to keep, or kept, and the device it speaks of, if known"
    name: str
    data: bytes
    read: object
    lot: object = None
    report: object = None

    @cached_property
    def sha256(self):
        return hashlib.sha256(self.data).hexdigest()


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    def get_read_values(self):
        "Return the values that reports fill"
        return {
            **{n: getattr(self, n) for n in _READ},
            'serial_number': (
                self.serial_number if normalize(self.serial_number) else None),
            **dict(self.attributes or {})}


def record(entries):
    "Keep the reports and what they say, and return them"
    for batch in _split(entries):
        _Batch(batch).record()
    return [e.report for e in entries]


def _split(entries):
    """Return the entries in batches that can be kept at once.

    Two reports of a device, or that show one component, are in two: the
    second is compared with what the first one said.
    """
    batches, seen = [[]], set()
    for entry in entries:
        keys = {get_key(c) for c in entry.read.components if c.serial}
        if entry.lot:
            keys.add(entry.lot)
        if keys & seen:
            batches.append([])
            seen = set()
        batches[-1].append(entry)
        seen |= keys
    return batches


class _Batch:
    "Reports of different devices, which show different components"

    def __init__(self, entries):
        self.entries = entries
        self.bound = [e for e in entries if e.lot]
        self.known = get_known([e.lot for e in self.bound])
        self.sights = get_sights(
            [c for e in self.bound for c in e.read.components])
        self.today = Pool().get('ir.date').today()
        self.components = []  # what was found, with the values to create
        self.changes, self.health, self.removed, self.updates = [], [], [], []

    def record(self):
        pool = Pool()
        Component = pool.get('device.component')
        Change = pool.get('device.report.change')
        Health = pool.get('device.component.health')
        Lot = pool.get('stock.lot')
        self._keep_reports()
        for entry in self.bound:
            self._compare(entry)
        created = Component.create([v for _, v in self.components])
        ids = {
            id(found): component.id for (found, _), component
            in zip(self.components, created)}
        Change.create([_resolve(v, ids) for v in self.changes])
        Health.create([_resolve(v, ids) for v in self.health])
        if self.removed:
            Component.write(self.removed, {'removed_on': self.today})
        if self.updates:
            Lot.write(*self.updates)

    def _keep_reports(self):
        Report = Pool().get('device.report')
        new = [e for e in self.entries if not e.report]
        reports = Report.create([Report.get_values(e) for e in new])
        for entry, report in zip(new, reports):
            entry.report = report
        for entry in self.bound:
            if entry not in new:
                Report.write([entry.report], {'lot': entry.lot.id})

    def _compare(self, entry):
        known, read = self.known[entry.lot.id], entry.read
        stale = bool(
            read.read_at and known.read_at and read.read_at < known.read_at)
        new, unseen, same = compare(read.components, known.components)
        for found in new:
            self._add(entry, found, known, stale)
        for found in read.components:
            if found.health and any(
                    v is not None for v in asdict(found.health).values()):
                component = same.get(id(found))
                self.health.append({
                        'report': entry.report.id,
                        'component': component.id if component else found,
                        **asdict(found.health)})
        changes = []
        if not stale:
            changes += [
                {'kind': 'missing', 'component': c.id}
                for c in get_missing(read, unseen)]
        values, updates = get_updates(
            entry.lot, get_read_values(read), known, stale)
        self._update(entry.lot, values)
        self.changes += [
            {'report': entry.report.id, **c} for c in changes + updates]

    def _add(self, entry, found, known, stale):
        "Add the component, and take it out of the device it was in before"
        values = {
            'lot': entry.lot.id, 'report': entry.report.id,
            'installed_on': self.today,
            **{n: v for n, v in vars(found).items() if n != 'health'}}
        change = {'kind': 'added'} if known.reports else None
        previous = self._get_previous(found)
        if previous:
            values['previous'] = previous.id
            if previous.is_present and previous.lot != entry.lot:
                before = previous.report and previous.report.read_at
                if before and entry.read.read_at and (
                        entry.read.read_at < before):
                    stale = True
                else:
                    self.removed.append(previous)
                change = {'kind': 'moved', 'lot': previous.lot.id}
        if stale:
            # It was there, but what was read since doesn't show it
            values['removed_on'] = self.today
        self.components.append((found, values))
        if change and not stale:
            self.changes.append({
                    'report': entry.report.id, 'component': found, **change})

    def _get_previous(self, found):
        if not normalize(found.serial):
            return None
        for component in reversed(self.sights.get(get_key(found), [])):
            if same_model(component.model, found.model):
                return component

    def _update(self, lot, values):
        columns = get_columns(values)
        if attributes := columns.get('attributes'):
            columns['attributes'] = {**(lot.attributes or {}), **attributes}
        if columns:
            self.updates.extend([[lot], columns])


def _resolve(values, ids):
    "Return the values with the id of the component that was just created"
    component = values.get('component')
    if component is not None and not isinstance(component, int):
        values = {**values, 'component': ids[id(component)]}
    return values


def get_read_values(read):
    "Return what the report says of the device itself"
    values = {
        'manufacturer': read.manufacturer,
        'model': read.model,
        'serial_number': read.serial,
        }
    if read.whole:
        values.update({
                'processor': read.processor,
                'memory': read.capacity('memory'),
                'storage': read.capacity('drive'),
                })
    return {n: v for n, v in values.items() if v}


def get_columns(values):
    "Return the values of the fields, the specifications together"
    columns = {n: v for n, v in values.items() if n in _READ}
    attributes = {n: v for n, v in values.items() if n not in _READ}
    if attributes:
        columns['attributes'] = attributes
    return columns
