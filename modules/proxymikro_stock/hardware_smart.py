# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What smartctl -j says: one drive, and how it is."""
from .hardware_value import (
    get_bytes, get_capacity, get_count, get_date, get_name, get_objects,
    get_text, is_object, normalize)

_REALLOCATED = 5


def is_smart(node):
    return is_object(node) and 'smartctl' in node


def read_smart(nodes):
    "Return the values of the drives"
    nodes = [n for n in nodes if is_smart(n)]
    dates = [
        get_date(_get(n, 'local_time').get('time_t')) for n in nodes]
    return {
        'read_at': max(filter(None, dates), default=None),
        'components': [d for d in map(read_drive, nodes) if d],
        }


def _get(node, name):
    value = node.get(name)
    return value if is_object(value) else {}


def read_drive(node):
    "Return the values of the drive, None if the tool could not read it"
    model = get_name(node.get('model_name')) or ' '.join(filter(None, [
                get_name(node.get('scsi_vendor')),
                get_name(node.get('scsi_product'))])) or None
    serial = get_name(node.get('serial_number'))
    type_ = (get_text(_get(node, 'device_type').get('name')) or '').casefold()
    if not (model or serial) or (type_ and type_ != 'disk'):
        return None
    return {
        'kind': 'drive',
        'model': model,
        'serial': serial,
        'capacity': get_capacity(get_bytes(
                _get(node, 'user_capacity').get('bytes')
                or node.get('nvme_total_capacity'))),
        'technology': _get_technology(node),
        'names': [get_text(_get(node, 'device').get('name'))],
        'health': _read_health(node),
        }


def _get_technology(node):
    if _get(node, 'device').get('protocol') == 'NVMe':
        return 'nvme'
    rotation = node.get('rotation_rate')
    if type(rotation) is int:
        return 'hdd' if rotation else 'ssd'


def _read_health(node):
    nvme = _get(node, 'nvme_smart_health_information_log')
    passed = _get(node, 'smart_status').get('passed')
    health = {
        'passed': passed if isinstance(passed, bool) else None,
        'hours': get_count(_get(node, 'power_on_time').get('hours')),
        'cycles': get_count(node.get('power_cycle_count')),
        'bad_sectors': _get_reallocated(node),
        'wear': get_count(nvme.get('percentage_used')),
        }
    if any(v is not None for v in health.values()):
        return health


def _get_reallocated(node):
    table = _get(node, 'ata_smart_attributes').get('table')
    for attribute in get_objects(table):
        if attribute.get('id') == _REALLOCATED:
            return get_count(_get(attribute, 'raw').get('value'))


def merge_smart(values, nodes):
    """Add to the drives of lshw what smartctl says of them.

    A drive is the one of the same serial, then of the same name in the
    system.  One that lshw shows outside the machine stays out.
    """
    drives = [c for c in values['components'] if c['kind'] == 'drive']
    for node in nodes:
        found = read_drive(node) if is_smart(node) else None
        if not found:
            continue
        name, = found['names']
        if name in values['outside']:
            continue
        if drive := _get_same(drives, found):
            drives.remove(drive)
            for key, value in found.items():
                if key in {'technology', 'health'} or drive.get(key) is None:
                    drive[key] = value
            # lshw cuts names at what the first commands of drives could hold
            if (found['model'] or '').startswith(drive['model'] or ''):
                drive['model'] = found['model']
        else:
            values['components'].append(found)


def _get_same(drives, found):
    serial, (name,) = normalize(found['serial']), found['names']
    for drive in drives:
        if serial and normalize(drive['serial']) == serial:
            return drive
    for drive in drives:
        if (not (serial and drive['serial'])
                and name and name in drive['names']):
            return drive
