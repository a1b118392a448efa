# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What dmidecode says: blocks of lines, one for each structure."""
import re

from .hardware_value import (
    get_bytes, get_capacity, get_name, get_text, normalize)

MAX_LINES = 20_000

_LINE = re.compile(r'\t([^\t:][^:]*):\s*(.*)')
_HANDLE = re.compile(r'Handle \w+, DMI type (\d+)\b')
_SYSTEM, _BOARD, _CHASSIS, _PROCESSOR, _MEMORY, _BATTERY = 1, 2, 3, 4, 17, 22
_SOLDERED = {'row of chips', 'chip', 'die'}


def is_dmidecode(text):
    return text.lstrip().startswith('# dmidecode')


def get_tool(text):
    first, _, _ = text.lstrip().partition('\n')
    return get_text(first.strip('# '))


def read_dmidecode(text):
    "Return the values of the hardware"
    blocks = _get_blocks(text)
    system = next(iter(blocks.get(_SYSTEM, [])), {})
    chassis = next(iter(blocks.get(_CHASSIS, [])), {})
    components = [
        _read_named('motherboard', b) for b in blocks.get(_BOARD, [])[:1]]
    components += [
        _read_processor(b) for b in blocks.get(_PROCESSOR, [])]
    components += list(map(_read_memory, blocks.get(_MEMORY, [])))
    components += [
        _read_named('battery', b, model='Name')
        for b in blocks.get(_BATTERY, [])]
    return {
        'manufacturer': (get_name(system.get('Manufacturer'))
            or get_name(chassis.get('Manufacturer'))),
        'model': get_name(system.get('Product Name')),
        'serial': (get_name(system.get('Serial Number'))
            or get_name(chassis.get('Serial Number'))),
        'uuid': get_name(system.get('UUID')),
        'chassis': get_name(chassis.get('Type')),
        'components': list(filter(None, components)),
        }


def _get_blocks(text):
    "Return the structures by type"
    blocks, block = {}, None
    for line in text.splitlines()[:MAX_LINES]:
        if match := _HANDLE.match(line):
            block = {}
            blocks.setdefault(int(match[1][:4]), []).append(block)
        elif block is not None and (match := _LINE.fullmatch(line)):
            block.setdefault(match[1], match[2])
    return blocks


def _read_named(kind, block, model='Product Name'):
    values = {
        'kind': kind,
        'manufacturer': get_name(block.get('Manufacturer')),
        'model': get_name(block.get(model)),
        'serial': get_name(block.get('Serial Number')),
        }
    if values['manufacturer'] or values['model']:
        return values


def _read_processor(block):
    if 'unpopulated' in (block.get('Status') or '').lower():
        return None
    return _read_named('processor', block, model='Version')


def _read_memory(block):
    capacity = get_capacity(get_bytes(
            (block.get('Size') or '').replace('B', 'iB')), binary=True)
    if not capacity or block.get('Type', '').strip() == 'Flash':
        return None
    return {
        'kind': 'memory',
        'manufacturer': get_name(block.get('Manufacturer')),
        'model': get_name(block.get('Part Number')),
        'serial': get_name(block.get('Serial Number')),
        'capacity': capacity,
        'soldered': (block.get('Form Factor') or '').casefold() in _SOLDERED,
        }


def merge_dmidecode(values, text):
    "Fill what lshw lacks with what dmidecode says"
    found = read_dmidecode(text)
    for name in ['manufacturer', 'model', 'serial', 'uuid', 'chassis']:
        values[name] = values[name] or found[name]
    for kind in ['memory', 'motherboard', 'processor']:
        _merge(
            values['components'],
            [c for c in found['components'] if c['kind'] == kind], kind)


def _merge(components, found, kind):
    known = [c for c in components if c['kind'] == kind]
    detailed = [c for c in known if c['model'] or c['serial']]
    if kind == 'memory' and len(found) > len(known) or not detailed:
        for component in known:
            components.remove(component)
        components.extend(found)
        return
    serials = {normalize(c['serial']) for c in known}
    unused = [c for c in found if normalize(c['serial']) not in serials]
    for component in known:
        if component['serial'] or not unused:
            continue
        other = unused.pop(0)
        for name, value in other.items():
            if component.get(name) is None:
                component[name] = value
