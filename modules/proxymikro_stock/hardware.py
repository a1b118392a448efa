# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Read what a machine says of itself: lshw, smartctl, dmidecode, Workbench.

Nothing here knows the database.  Whatever the file holds, the only exception
is UnreadableReport, which names the message to show.
"""
import datetime as dt
import json
import re
from dataclasses import dataclass, field

from .hardware_dmi import (
    get_tool, is_dmidecode, merge_dmidecode, read_dmidecode)
from .hardware_lshw import read_lshw
from .hardware_smart import is_smart, merge_smart, read_smart
from .hardware_value import (
    UnreadableReport, get_date, get_mac, get_maker, get_objects, get_text,
    get_uuid, is_object, normalize)
from .hardware_workbench import read_workbench
from .hardware_xml import read_xml

MAX_SIZE = 5 * 1024 * 1024
MAX_DEPTH = 256
MAX_COMPONENTS = 500

__all__ = ['Component', 'Hardware', 'UnreadableReport', 'parse']

# Possessive, and content with a missing end, so as to read the text once
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(r'[\[\]{}]')


@dataclass
class Health:
    passed: bool | None = None
    hours: int | None = None
    cycles: int | None = None
    bad_sectors: int | None = None
    wear: int | None = None


@dataclass
class Component:
    kind: str
    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    capacity: float | None = None
    soldered: bool = False
    technology: str | None = None
    health: Health | None = None


@dataclass
class Hardware:
    tool: str
    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    uuid: str | None = None
    chassis: str | None = None
    read_at: dt.datetime | None = None
    whole: bool = True  # the whole machine was read, not only its drives
    components: list[Component] = field(default_factory=list)

    @property
    def key(self):
        "The serial as it is compared"
        return normalize(self.serial)

    @property
    def uuid_key(self):
        return get_uuid(self.uuid)

    @property
    def maker(self):
        return get_maker(self.manufacturer)

    @property
    def macs(self):
        "The addresses of the network cards of the machine"
        return set(filter(None, (
                    get_mac(c.serial) for c in self.of_kind('network'))))

    def of_kind(self, kind):
        return [c for c in self.components if c.kind == kind]

    def capacity(self, kind):
        "Return the total capacity in GB of the components of the kind"
        return sum(c.capacity or 0 for c in self.of_kind(kind)) or None

    @property
    def processor(self):
        return next((c.model for c in self.of_kind('processor')), None)


def parse(data):
    "Return the hardware that the bytes of a report describe"
    if not data:
        raise UnreadableReport('empty')
    if len(data) > MAX_SIZE:
        raise UnreadableReport('size', size=MAX_SIZE // (1024 * 1024))
    hardware = _read_bytes(data)
    if not (hardware.manufacturer or hardware.model or hardware.components):
        raise UnreadableReport('nothing')
    if len(hardware.components) > MAX_COMPONENTS:
        raise UnreadableReport('components', count=MAX_COMPONENTS)
    return hardware


def _read_bytes(data):
    if data.lstrip(b'\xef\xbb\xbf \t\r\n').startswith(b'<'):
        return _make('lshw', read_lshw(read_xml(data, MAX_DEPTH)))
    text = _decode(data)
    if is_dmidecode(text):
        return _make(get_tool(text), read_dmidecode(text))
    return _read(_load(text))


def _decode(data):
    try:
        return data.decode('utf-8-sig')
    except UnicodeDecodeError:
        raise UnreadableReport('encoding')


def _load(text):
    """Return the objects of a JSON text, or of the text that it holds.

    Tools quote the output of other tools: a report may be a string.
    """
    for _ in range(3):
        _check_depth(text)
        try:
            tree = json.loads(text)
        except (ValueError, RecursionError):
            raise UnreadableReport('format')
        if not isinstance(tree, str):
            return tree
        text = tree
    raise UnreadableReport('format')


def _check_depth(text):
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub('', text)):
        depth += 1 if bracket in '[{' else -1
        if depth > MAX_DEPTH:
            raise UnreadableReport('depth', depth=MAX_DEPTH)


def _read(tree):
    "Return the hardware of the loaded report"
    nodes = get_objects(tree)
    if nodes and all(map(is_smart, nodes)):
        return _make('smartctl', {**read_smart(nodes), 'whole': False})
    root = _get_root(tree)
    if root.get('type') == 'Snapshot' or 'software' in root:
        return _read_snapshot(root)
    if 'class' in root or 'children' in root:
        return _make('lshw', read_lshw(root))
    raise UnreadableReport('unknown')


def _read_snapshot(root):
    tool = ' '.join(filter(None, [
                get_text(root.get('software')) or 'Workbench',
                get_text(root.get('version'))]))
    data = root.get('data')
    if isinstance(data, str):
        data = _load(data)
    if is_object(data) and data.get('lshw'):
        return _make(tool, _read_outputs(root, data))
    if is_object(root.get('device')) or root.get('components'):
        return _make(tool, read_workbench(root))
    raise UnreadableReport('unknown')


def _read_outputs(root, data):
    "Return what the commands that the snapshot quotes say together"
    lshw, smart = (
        _load(data[n]) if isinstance(data.get(n), str) and data[n].strip()
        else data.get(n) for n in ['lshw', 'smart'])
    values = read_lshw(_get_root(lshw))
    values['read_at'] = get_date(root.get('timestamp'))
    if isinstance(data.get('dmidecode'), str):
        merge_dmidecode(values, data['dmidecode'])
    merge_smart(values, get_objects(smart))
    return values


def _get_root(tree):
    "Return the object that the report is, alone or first of a list"
    if isinstance(tree, list):
        tree = next(filter(is_object, tree), None)
    if not is_object(tree):
        raise UnreadableReport('unknown')
    return tree


def _make(tool, values):
    values = dict(values)
    values.pop('outside', None)
    components = [_make_component(c) for c in values.pop('components')]
    return Hardware(tool=tool, components=components, **values)


def _make_component(values):
    values = {n: v for n, v in values.items() if n != 'names'}
    if health := values.get('health'):
        values['health'] = Health(**health)
    return Component(**values)
