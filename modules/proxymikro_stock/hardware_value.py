# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The values of a hardware report, whatever was found in their place."""
import datetime as dt
import math
import re
import unicodedata
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

MAX_LENGTH = 200

# What no table can list: one character repeated, identifiers of zeros or ones
_REPEATED = re.compile(
    r'([0fx*#?._ -])\1*|0+[1f]|0x0+|[0:-]+|[0f:-]+|')
_pattern = ContextVar('pattern')

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
_MAC = re.compile(r'[0-9a-f]{2}(:[0-9a-f]{2}){5}')
_MAKERS = {'hewlett': 'hp', 'hewlettpackard': 'hp', 'asustek': 'asus'}


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


def compile_bogus(texts):
    "Return the pattern of the texts: a star stands for any characters"
    return re.compile('|'.join(sorted(
                re.escape(t.casefold()).replace(r'\*', '.*')
                for t in texts)) or '(?!)', re.DOTALL)


@lru_cache(maxsize=1)
def get_shipped():
    "Return the pattern of the shipped table, where there is no database"
    path = Path(__file__).with_name('serial_bogus_data.xml')
    root = ElementTree.parse(path).getroot()
    return compile_bogus([f.text for f in root.iter('field')])


@contextmanager
def bogus_pattern(pattern):
    "Use the pattern for what is not a name or a serial"
    token = _pattern.set(pattern)
    try:
        yield
    finally:
        _pattern.reset(token)


def is_bogus(text):
    text = text.casefold()
    pattern = _pattern.get(None) or get_shipped()
    return bool(_REPEATED.fullmatch(text) or pattern.fullmatch(text))


def get_name(value):
    "Return the text of the value unless it is a placeholder"
    text = get_text(value)
    return text if text and not is_bogus(text) else None


def normalize(serial):
    "Return the serial as it is compared"
    serial = get_name(serial)
    return re.sub(r'\s', '', serial).casefold() if serial else None


def get_uuid(value):
    """Return the identifier of a machine as it is compared.

    Tools disagree on the order of the bytes of its first half.
    """
    text = get_name(value)
    digits = re.sub(r'[^0-9a-f]', '', (text or '').casefold())
    if len(digits) != 32:
        return None
    return min(digits, ''.join(
            _swap(digits[i:j]) for i, j in [(0, 8), (8, 12), (12, 16)])
        + digits[16:])


def _swap(digits):
    return ''.join(
        digits[i:i + 2] for i in range(len(digits) - 2, -1, -2))


def get_mac(value):
    "Return the address of a network card, unless it is not its own"
    text = (get_name(value) or '').casefold()
    if not _MAC.fullmatch(text) or int(text[:2], 16) & 3:
        return None  # made up by the system, or for many
    return text


def get_maker(value):
    "Return the manufacturer as it is compared: its first word"
    words = re.findall(r'[^\W_]+', (get_name(value) or '').casefold())
    return _MAKERS.get(words[0], words[0]) if words else None


def get_date(value):
    "Return the date and time of the text or of the seconds, in UTC"
    try:
        if isinstance(value, str):
            date = dt.datetime.fromisoformat(value.strip())
        elif type(value) is int:
            date = dt.datetime.fromtimestamp(value, dt.timezone.utc)
        else:
            return None
        if date.tzinfo:
            date = date.astimezone(dt.timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None
    date = date.replace(microsecond=0, tzinfo=None)
    return date if dt.datetime(1990, 1, 1) < date else None


def get_count(value):
    "Return the count, unless it is none"
    if type(value) is int and 0 <= value < 2**31:
        return value


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
