# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What a hardware report changes in what is known of a device."""
from collections import defaultdict
from dataclasses import dataclass

from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool
from trytond.tools import grouped_slice

from .evidence import SealedMixin
from .hardware_value import get_maker, normalize

# Components that one reader names otherwise than the next
LOOSE_KINDS = {
    'motherboard', 'processor', 'graphics', 'network', 'battery', 'psu'}


class ReportChange(SealedMixin, ModelSQL, ModelView):
    __name__ = 'device.report.change'

    report = fields.Many2One(
        'device.report', "Hardware Report", required=True, ondelete='RESTRICT')
    kind = fields.Selection([
            ('updated', "Updated"),
            ('kept', "Kept"),
            ('added', "Added"),
            ('missing', "Not Seen"),
            ('moved', "Moved"),
            ], "Change", required=True, sort=False,
        help="Updated: the report replaces what the one before said.\n"
        "Kept: the report says otherwise than a person, who is trusted.\n"
        "Added: the component was not known in the device.\n"
        "Not Seen: the component was known, the report doesn't show it.\n"
        "Moved: the component was in another device.")
    value = fields.Selection([
            (None, ""),
            ('manufacturer', "Manufacturer"),
            ('model', "Model"),
            ('serial_number', "Serial Number"),
            ('processor', "Processor"),
            ('memory', "Memory (GB)"),
            ('storage', "Storage (GB)"),
            ], "Value", sort=False)
    before = fields.Char("Before")
    after = fields.Char("Read")
    component = fields.Many2One(
        'device.component', "Component", ondelete='RESTRICT')
    lot = fields.Many2One(
        'stock.lot', "Other Device", ondelete='RESTRICT',
        help="The device that the component was in.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('report', 'DESC'), ('id', 'ASC')]

    @classmethod
    def copy(cls, changes, default=None):
        # What a report changed belongs to it alone
        return []


@dataclass
class Known:
    "What is known of a device before a report"
    reports: list  # oldest first
    components: list

    @property
    def read_at(self):
        "When the whole machine was last read"
        return max((
                r.read_at for r in self.reports
                if r.read_at and r.tool != 'smartctl'), default=None)

    def was_read(self, name, value):
        "Whether a report said the value, which a person then never typed"
        return any(
            _same(name, r.get_value(name), value) for r in self.reports)


def get_known(lots):
    "Return by device what is known of it"
    pool = Pool()
    Report = pool.get('device.report')
    Component = pool.get('device.component')
    known = {int(l): Known([], []) for l in lots}
    for sub_ids in grouped_slice(sorted(known), 500):
        sub_ids = list(sub_ids)
        for report in Report.search(
                [('lot', 'in', sub_ids)],
                order=[('date', 'ASC'), ('id', 'ASC')]):
            known[report.lot.id].reports.append(report)
        for component in Component.search([
                    ('lot', 'in', sub_ids),
                    ('removed_on', '=', None),
                    ('extracted_lot', '=', None),
                    ]):
            known[component.lot.id].components.append(component)
    return known


def get_sights(components):
    """Return by kind and serial where the components were seen before.

    The last sight comes last, and one still in its device after the others.
    """
    Component = Pool().get('device.component')
    serials = {c.serial for c in components if c.serial}
    found = {}
    for sub_serials in grouped_slice(sorted(serials), 500):
        for component in Component.search(
                [('serial', 'in', list(sub_serials))],
                order=[('id', 'ASC')]):
            key = get_key(component)
            found.setdefault(key, []).append(component)
    for components in found.values():
        components.sort(key=lambda c: (c.is_present, c.id))
    return found


def get_key(component):
    return component.kind, normalize(component.serial)


def same_model(model, other):
    "Whether the names may be of one model: some readers cut them"
    if not model or not other:
        return True
    model, other = (normalize(m) or '' for m in (model, other))
    return model.startswith(other) or other.startswith(model)


def compare(found, known):
    """Return the components found that are new, those known that are not seen
    and, by id of what was found, those known that are seen again.

    By serial first; then, one for one, by model for those without; then by
    kind alone where readers disagree on the name, or on the serial.
    """
    known, same = list(known), {}
    found = _subtract(
        found, known, same, lambda c: normalize(c.serial) and get_key(c))
    found = _subtract(
        found, known, same, lambda c: not c.serial and (
            c.kind, c.manufacturer, c.model, c.capacity))
    both = _subtract(
        [c for c in found if not c.serial], known, same,
        lambda c: c.kind in LOOSE_KINDS and c.kind)
    return [c for c in found if c.serial or c in both], known, same


def _subtract(found, known, same, get_key):
    "Return what is found more often than known, and drop the known matched"
    by_key = defaultdict(list)
    for component in known:
        if key := get_key(component):
            by_key[key].append(component)
    remaining = []
    for component in found:
        key = get_key(component)
        if key and by_key[key]:
            same[id(component)] = by_key[key].pop()
            known.remove(same[id(component)])
        else:
            remaining.append(component)
    return remaining


def _show(value):
    return f'{value:g}' if isinstance(value, float) else str(value)


def get_missing(read, components):
    """Return the components that the report should have shown.

    A reader without the rights sees no memory at all, which says nothing.
    """
    if not read.whole:
        return []
    kinds = {c.kind for c in read.components}
    return [
        c for c in components
        if c.kind in kinds or (c.kind == 'drive' and len(kinds) > 2)]


def _same(name, value, other):
    if isinstance(value, (int, float)) and isinstance(other, (int, float)):
        return abs(value - other) <= max(value, other) / 100
    if name == 'manufacturer':
        return get_maker(value) == get_maker(other)
    return _plain(value) == _plain(other)


def _plain(value):
    value = str(value or '').casefold()
    for mark in ['(r)', '(tm)', '®', '™']:
        value = value.replace(mark, '')
    return ''.join(value.split())


def get_updates(lot, read_values, known, stale):
    """Return what the report writes on the device, and the changes to show.

    What is empty is filled, what a report said is updated, what a person
    typed stays.
    """
    values, changes = {}, []
    current = lot.get_read_values()
    for name, value in read_values.items():
        before = current.get(name)
        if value is None or (before and _same(name, value, before)):
            continue
        if not before:
            values[name] = value
        elif not stale:
            change = {
                'value': name, 'before': _show(before), 'after': _show(value)}
            if known.was_read(name, before):
                values[name] = value
                changes.append({'kind': 'updated', **change})
            else:
                changes.append({'kind': 'kept', **change})
    return values, changes
