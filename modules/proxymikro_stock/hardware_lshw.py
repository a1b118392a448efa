# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What lshw says: a tree of nodes, each with an id and a class."""
import re

from .hardware_value import (
    UnreadableReport, get_bytes, get_capacity, get_name, get_objects, get_text,
    is_object)

MAX_NODES = 20_000

_SOLDERED = re.compile(r'row of chips|on ?board|soldered', re.IGNORECASE)
_OPTICAL = re.compile(r'cd-?rom|cd-?r/?w|dvd|blu-?ray|bd-?re', re.IGNORECASE)
_SPEED = re.compile(r'[0-9]{3,6}rpm')
_SSD = re.compile(r'\bssd\b', re.IGNORECASE)
_FIRMWARE = re.compile(r'bios|flash|cache|firmware', re.IGNORECASE)


def read_lshw(root):
    "Return the values of the hardware below the system node"
    configuration = root.get('configuration')
    if not is_object(configuration):
        configuration = {}
    return {
        'manufacturer': get_name(root.get('vendor')),
        'model': _get_model(root),
        'serial': get_name(root.get('serial')),
        'uuid': get_name(configuration.get('uuid')),
        'chassis': (get_name(configuration.get('chassis'))
            or get_name(root.get('description'))),
        'components': list(_get_components(root)),
        'outside': set(_get_outside(root)),
        }


def _get_model(root):
    "Return the name of the model without the maker's reference behind it"
    model = get_name(root.get('product'))
    if not model:
        return None
    name, _, _ = model.partition(' (')
    return get_name(name)


def _get_components(root):
    for node, parents in _walk(root):
        if not _is_inside(node, parents):
            continue
        read = _READERS.get(_get_class(node))
        if read and (component := read(node, parents)):
            yield component


def _get_outside(root):
    "Yield the names in the system of the disks that are plugged by USB"
    for node, parents in _walk(root):
        if _get_class(node) == 'disk' and not _is_inside(node, parents):
            yield from _get_names(node)


def _walk(root):
    "Yield the nodes below the root, each with the nodes above it"
    stack, count = [(root, ())], 0
    while stack:
        node, parents = stack.pop()
        count += 1
        if count > MAX_NODES:
            raise UnreadableReport('nodes', count=MAX_NODES)
        if parents:
            yield node, parents
        if children := get_objects(node.get('children')):
            below = parents + (node,)
            stack.extend((child, below) for child in reversed(children))


def _get_class(node):
    return get_text(node.get('class')) or ''


def _get_id(node):
    return (get_text(node.get('id')) or '').partition(':')[0]


def _get_businfo(node):
    return get_text(node.get('businfo')) or ''


def _is_inside(node, parents):
    "Whether the node is a part of the machine, not plugged by USB"
    return not any(
        _get_businfo(n).startswith('usb@')
        or get_text(_get_configuration(n).get('driver')) == 'usb-storage'
        for n in parents + (node,))


def _get_configuration(node):
    configuration = node.get('configuration')
    return configuration if is_object(configuration) else {}


def _describe(node):
    return ' '.join(filter(None, map(get_text, [
                    node.get('description'), node.get('product')])))


def _get_values(kind, node, **values):
    return {
        'kind': kind,
        'manufacturer': get_name(node.get('vendor')),
        'model': get_name(node.get('product')),
        'serial': get_name(node.get('serial')),
        **values}


def _read_named(kind):
    "Return a reader of the nodes that have at least a name"
    def read(node, parents):
        values = _get_values(kind, node)
        if values['manufacturer'] or values['model']:
            return values
    return read


def _read_bus(node, parents):
    if _get_id(node) == 'core' and len(parents) == 1:
        return _get_values('motherboard', node)


def _read_processor(node, parents):
    if node.get('disabled') is True or 'empty' in _describe(node).lower():
        return None
    return _read_named('processor')(node, parents)


def _read_memory(node, parents):
    """Return the modules, or the whole when the machine doesn't tell them.

    Caches and the chip of the BIOS are memory as well for lshw.
    """
    id_ = _get_id(node)
    size = get_bytes(node.get('size'), node.get('units'))
    if any(_FIRMWARE.search(_describe(n)) or _get_id(n) in {'cache', 'flash'}
            for n in (node, *parents[1:])) or not size:
        return None
    if id_ == 'memory' and any(
            _get_id(c) == 'bank' for c in get_objects(node.get('children'))):
        return None
    if id_ not in {'bank', 'memory'}:
        return None
    slot = get_text(node.get('slot')) or ''
    return _get_values(
        'memory', node,
        capacity=get_capacity(size, binary=True),
        soldered=bool(_SOLDERED.search(_describe(node))
            or (id_ == 'bank' and _SOLDERED.search(slot))))


def _read_network(node, parents):
    # A bridge or a tunnel has an address but is not on a bus
    if _get_businfo(node):
        return _read_named('network')(node, parents)


def _read_power(node, parents):
    kind = ('battery'
        if 'battery' in f'{_get_id(node)} {_describe(node)}'.lower()
        else 'psu')
    return _read_named(kind)(node, parents)


def _read_storage(node, parents):
    """Return the NVMe drive that a controller is.

    An older lshw doesn't list the disk below it.
    """
    if not _is_nvme(node):
        return None
    size = sum(
        get_bytes(c.get('size'), c.get('units')) or 0
        for c in get_objects(node.get('children'))
        if _get_class(c) == 'disk')
    names = [
        n for c in (node, *get_objects(node.get('children')))
        for n in _get_names(c)]
    return _get_values(
        'drive', node, capacity=get_capacity(size), technology='nvme',
        names=names)


def _is_nvme(node):
    return (_get_class(node) == 'storage'
        and (_get_id(node).startswith('nvme')
            or 'nvm' in _describe(node).lower()
            or 'non-volatile memory' in _describe(node).lower()))


def _read_disk(node, parents):
    if _get_class(parents[-1]) == 'disk' or _is_nvme(parents[-1]):
        return None  # the medium of a drive, the namespace of an NVMe drive
    if _get_id(node).startswith('cdrom') or _OPTICAL.search(_describe(node)):
        return _get_values('optical', node)
    if not _is_disk(node):
        return None
    values = _get_values('drive', node)
    chip = None
    if _is_memory_chip(node):  # named by the node above the interface
        chip = parents[-1]
        for name, key in [('manufacturer', 'vendor'), ('model', 'product'),
                ('serial', 'serial')]:
            values[name] = values[name] or get_name(chip.get(key))
    values['capacity'] = get_capacity(
        get_bytes(node.get('size'), node.get('units')))
    values['soldered'] = bool(chip)
    values['technology'] = 'chip' if chip else _get_technology(node)
    values['names'] = _get_names(node)
    return values


def _get_technology(node):
    "Return how the drive keeps data, if lshw tells"
    capabilities = node.get('capabilities')
    if is_object(capabilities) and any(
            _SPEED.fullmatch(str(c)) for c in capabilities):
        return 'hdd'
    if _SSD.search(_describe(node)):
        return 'ssd'


def _is_disk(node):
    "Whether the node is a drive, not a sensor or an empty floppy reader"
    if any(re.search(r'hwmon|/dev/ng', n) for n in _get_names(node)):
        return False
    return _get_id(node) != 'floppy'


def _is_memory_chip(node):
    return any('/dev/mmcblk' in n for n in _get_names(node))


def _get_names(node):
    "Return the names of the node in the system"
    names = node.get('logicalname')
    names = names if isinstance(names, list) else [names]
    return list(filter(None, map(get_text, names[:10])))


_READERS = {
    'bus': _read_bus,
    'disk': _read_disk,
    'display': _read_named('graphics'),
    'memory': _read_memory,
    'network': _read_network,
    'power': _read_power,
    'processor': _read_processor,
    'storage': _read_storage,
    }
