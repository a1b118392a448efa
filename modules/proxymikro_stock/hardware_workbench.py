# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What eReuse Workbench 11 says: a device and a flat list of components."""
from .hardware_value import (
    get_bytes, get_capacity, get_count, get_date, get_name, get_objects,
    get_text, is_object)

_KINDS = {
    'Battery': 'battery',
    'DataStorage': 'drive',
    'Display': 'display',
    'GraphicCard': 'graphics',
    'HardDrive': 'drive',
    'Motherboard': 'motherboard',
    'NetworkAdapter': 'network',
    'OpticalDrive': 'optical',
    'Processor': 'processor',
    'RamModule': 'memory',
    'SolidStateDrive': 'drive',
    }
_TECHNOLOGIES = {'HardDrive': 'hdd', 'SolidStateDrive': 'ssd'}


def read_workbench(root):
    "Return the values of the hardware of the snapshot"
    device = root.get('device')
    if not is_object(device):
        device = {}
    return {
        'read_at': get_date(root.get('endTime')),
        'manufacturer': get_name(device.get('manufacturer')),
        'model': get_name(device.get('model')),
        'serial': get_name(device.get('serialNumber')),
        'chassis': (get_name(device.get('chassis'))
            or get_name(device.get('type'))),
        'components': [
            c for c in map(_read, get_objects(root.get('components'))) if c],
        }


def _read(node):
    kind = _KINDS.get(get_text(node.get('type')))
    interface = (get_text(node.get('interface')) or '').casefold()
    if not kind or (kind == 'drive' and interface == 'usb'):
        return None
    values = {
        'kind': kind,
        'manufacturer': get_name(node.get('manufacturer')),
        'model': get_name(node.get('model')),
        'serial': get_name(node.get('serialNumber')),
        }
    if kind in {'drive', 'memory'}:
        # Workbench counts in MB
        values['capacity'] = get_capacity(
            get_bytes(node.get('size'), 'MB'), binary=kind == 'memory')
        values['soldered'] = bool(
            kind == 'memory' and node.get('format') == 'Soldered')
    if kind == 'drive':
        values['technology'] = _TECHNOLOGIES.get(get_text(node.get('type')))
        values['health'] = _read_health(node)
    if kind == 'drive' or any(
            values[n] for n in ['manufacturer', 'model', 'serial']):
        return values


def _read_health(node):
    for test in get_objects(node.get('actions')):
        if test.get('type') == 'TestDataStorage':
            passed = test.get('assessment')
            return {
                'passed': passed if isinstance(passed, bool) else None,
                'hours': get_count(test.get('lifetime')),
                'cycles': get_count(test.get('powerCycleCount')),
                'bad_sectors': get_count(test.get('reallocatedSectorCount')),
                }
