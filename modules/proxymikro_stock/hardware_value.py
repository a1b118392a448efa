# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The values of a hardware report, whatever was found in their place."""
import math
import re
import unicodedata

MAX_LENGTH = 200

# What makers leave where a name or a serial should be
BOGUS = {
    '', '-', '.', '..', '...', '?', '0', '1', '123', '1234', '12345',
    '123456', '1234567', '12345678', '123456789', '0123456789', '1234567890',
    'a1_serialnum0', 'asset-1234567890', 'base board serial number',
    'baseboard serial number', 'bsn12345678901234567',
    'chassis serial number', 'default', 'default string', 'empty', 'error',
    'fill by oem', 'filled by o.e.m.', 'filled by oem', 'generic', 'invalid',
    'mb-1234567890', 'n/a', 'na', 'nil', 'no asset tag', 'no dimm',
    'no enclosure', 'no module installed', 'none', 'not applicable',
    'not available', 'not defined', 'not present', 'not provided',
    'not specified', 'null', 'o.e.m.', 'oem', 'oem_define0', 'oem_string',
    'part number', 'serial', 'serial number', 'serialnumber', 'sernum',
    'sn', 'sys-1234567890', 'system manufacturer', 'system product name',
    'system serial number', 'system version', 'tbd',
    'to be filled by o.e.m', 'to be filled by o.e.m.',
    'to be filled by oem', 'type2 - board serial number', 'undefined',
    'unknow', 'unknown', 'unknown manufacturer', 'unspecified', 'xxxxxxxx',
    }
_BOGUS_PATTERNS = [re.compile(p) for p in [
        r'sernum\d{0,2}',  # empty memory slots: SerNum0
        r'array_?\w*\d{0,2}', r'assettagnum\d{0,2}', r'manufacturer\d{0,2}',
        r'modulepartnumber\d{0,2}', r'partnum\d{0,2}',
        r'([0fx*#?._ -])\1*',  # one character repeated
        r'0+[1f]',
        r'0x0+',
        r'[0-]+', r'[0f-]+',  # UUIDs of zeros or of ones
        ]]

_SIZE = re.compile(r'\s*([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([A-Za-z]*)\s*')
_UNITS = {
    '': 1, 'b': 1, 'byte': 1, 'bytes': 1,
    'kb': 10**3, 'mb': 10**6, 'gb': 10**9, 'tb': 10**12,
    'kilobyte': 10**3, 'megabyte': 10**6, 'gigabyte': 10**9,
    'terabyte': 10**12,
    'kib': 2**10, 'mib': 2**20, 'gib': 2**30, 'tib': 2**40,
    'kibibyte': 2**10, 'mebibyte': 2**20, 'gibibyte': 2**30,
    'tebibyte': 2**40,
    }
_MAX_BYTES = 2**60


class UnreadableReport(ValueError):
    """A file is not a hardware report that can be used.

    The code is the end of the identifier of the message for the user.
    """

    def __init__(self, code, **values):
        super().__init__(code, values)
        self.code = code
        self.values = values


def is_object(value):
    return isinstance(value, dict)


def get_objects(value):
    "Return the objects of a list, or the one that stands for it"
    if is_object(value):
        return [value]
    if isinstance(value, list):
        return list(filter(is_object, value))
    return []


def get_text(value):
    "Return the clean text of the value"
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    try:
        text = str(value)
    except ValueError:  # a number of thousands of digits
        return None
    text = ''.join(
        c if unicodedata.category(c)[0] != 'C' else ' ' for c in text)
    return ' '.join(text.split())[:MAX_LENGTH].rstrip() or None


def is_bogus(text):
    text = text.casefold()
    return text in BOGUS or any(p.fullmatch(text) for p in _BOGUS_PATTERNS)


def get_name(value):
    "Return the text of the value unless it is a placeholder"
    text = get_text(value)
    return text if text and not is_bogus(text) else None


def normalize(serial):
    "Return the serial as it is compared"
    serial = get_name(serial)
    return re.sub(r'\s', '', serial).casefold() if serial else None


def get_bytes(value, units=None):
    "Return the number of bytes of the value, or None"
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        if not (match := _SIZE.fullmatch(value)):
            return None
        value, units = float(match[1]), match[2] or units
    if not isinstance(value, (int, float)):
        return None
    factor = _UNITS.get((get_text(units) or '').casefold())
    if not factor or not 0 < value < _MAX_BYTES or not math.isfinite(value):
        return None
    size = value * factor
    return size if size < _MAX_BYTES else None


def get_capacity(size, binary=False):
    """Return the capacity in GB of the bytes.

    Drives are sold by powers of ten and memory by powers of two.
    """
    if not size:
        return None
    return round(size / (2**30 if binary else 10**9), 2) or None
