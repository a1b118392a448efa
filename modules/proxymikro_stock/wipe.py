# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Read what the tools that erase drives say of it.

The log of nwipe, alone or in ShredOS, and the snapshots of eReuse Workbench
that erased. Whatever was found in the file, only clean values come out.
"""
import datetime as dt
import json
import re
from dataclasses import dataclass

from .hardware_value import get_objects, get_text

MAX_SIZE = 5 * 1024 * 1024
MAX_WIPES = 500

__all__ = ['UnreadableLog', 'Wipe', 'parse']

_JSON = re.compile(r'\s*(\[\s*)?\{')
_LINE = re.compile(
    r'\[(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d)\]\s+(?:nwipe:\s*)?\w+:\s+(.*)')
_TOOL = re.compile(r'(?:banner\s*=\s*)?(nwipe|ShredOS)\s+(v?\d[\w.+-]*)')
_FOUND = re.compile(r'Found (/dev/\S+?),\s+(.*?),\s*S/N=\s*(.*)')
_SERIAL = re.compile(r'(?:Device )?(/dev/\S+) has serial number (.+)')
_METHOD = re.compile(r"Invoking method '([^']+)' on (?:device )?'?(/dev/[^\s']+)")
_DEVICE = re.compile(r'/dev/[\w/-]+')
_OPTION = re.compile(r'(verify|rounds)\s*=\s*(\d+)')
_ERRORS = re.compile(
    r'!?\s*([\w/-]+)\s*\|\s*(\d+)\s*\|\s*(\d+)\s*(?:\|\s*(\d+)\s*)?')
_STATUS = re.compile(r'!?\s*([\w/-]+)\s*\|\s*([A-Za-z-]{6,})\s*\|.*')
_HIDDEN = re.compile(r'[X?*]+')
_RESULTS = {'Erased': 'success', 'UABORTED': 'partial'}
# What eReuse says of an erasure, and of each of its steps
_SEVERITIES = {'Info': 'success', 'Notice': 'success', 'Warning': 'partial'}
_ERASURES = {
    'EraseBasic': 'clear', 'EraseSectors': 'clear', 'EraseCrypto': 'purge',
    'ErasePhysical': 'destroy'}


class UnreadableLog(ValueError):
    """A file is not the log of an erasure.

    The code is the end of the identifier of the message for the user.
    """

    def __init__(self, code, **values):
        super().__init__(code, values)
        self.code = code
        self.values = values


@dataclass
class Wipe:
    """What a tool did to a drive.

    The times are in UTC, or local: those of the clock of the machine.
    """
    tool: str
    tool_version: str | None = None
    serial: str | None = None
    model: str | None = None
    method: str = 'clear'
    technique: str | None = None
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    result: str = 'partial'
    verification: float | None = None
    bad_sectors: int | None = None
    local: bool = False


def parse(data):
    "Return the wipes that the bytes of a log tell of"
    if not data:
        raise UnreadableLog('empty')
    if len(data) > MAX_SIZE:
        raise UnreadableLog('size', size=MAX_SIZE // (1024 * 1024))
    try:
        text = data.decode('utf-8-sig')
    except UnicodeDecodeError:
        raise UnreadableLog('encoding')
    wipes = (
        _read_snapshot(text) if _JSON.match(text)
        else _read_nwipe(text))
    if not wipes or len(wipes) > MAX_WIPES:
        raise UnreadableLog('unknown')
    return wipes


def _read_nwipe(text):
    """Return the wipes of a log of nwipe.

    The lines say when each drive was started; the two tables at the end, how
    it went. A log without the tables is that of an interrupted wipe.
    """
    log = _Log()
    for line in text.splitlines():
        if match := _LINE.match(line):
            log.read_line(_get_time(match[1]), match[2].strip())
        elif match := _ERRORS.fullmatch(line.strip()):
            log.read_errors(match)
        elif match := _STATUS.fullmatch(line.strip()):
            log.read_status(match)
    return log.get_wipes()


class _Log:

    def __init__(self):
        self.tool = ('nwipe', None)
        self.options = {}
        self.drives = {}
        self.wipes = {}
        self.last = None

    def read_line(self, time, line):
        if match := _TOOL.match(line):
            self.tool = match[1], match[2]
        elif match := _FOUND.match(line):
            self.drives[match[1]] = [
                get_text(match[2]), _get_serial(match[3])]
        elif match := _SERIAL.match(line):
            drive = self.drives.setdefault(match[1], [None, None])
            drive[1] = _get_serial(match[2]) or drive[1]
        elif match := _METHOD.match(line):
            self.start(match[2], match[1], time)
        elif match := _OPTION.match(line):
            self.options[match[1]] = int(match[2][:3])
        self.last = time or self.last
        for name in _DEVICE.findall(line):
            if time and name in self.wipes:
                self.wipes[name].end = time

    def start(self, name, method, time):
        # Reading a drive is not erasing it
        if not method.casefold().startswith('verify'):
            self.wipes[name] = Wipe(
                tool=self.tool[0], tool_version=get_text(self.tool[1]),
                technique=get_text(method), start=time, end=time,
                local=True)

    def _get_wipe(self, name):
        return self.wipes.get(f"/dev/{name.removeprefix('/dev/')}")

    def read_errors(self, match):
        if wipe := self._get_wipe(match[1]):
            wipe.bad_sectors = sum(
                min(int(n[:9]), 10**8) for n in match.groups()[1:] if n)

    def read_status(self, match):
        if wipe := self._get_wipe(match[1]):
            wipe.result = _RESULTS.get(match[2].strip(), 'failed')
            if wipe.result == 'success' and wipe.bad_sectors:
                wipe.result = 'failed'

    def get_wipes(self):
        verified = self.options.get('verify')
        for name, wipe in self.wipes.items():
            wipe.model, wipe.serial = self.drives.get(name, (None, None))
            wipe.model = wipe.model or get_text(name)
            if wipe.result == 'partial':
                wipe.end = self.last
            if verified is not None and wipe.result == 'success':
                wipe.verification = 100.0 if verified else 0.0
        return list(self.wipes.values())


def _get_serial(text):
    text = get_text(text)
    return None if not text or _HIDDEN.fullmatch(text) else text


def _get_time(text):
    try:
        return dt.datetime.strptime(text, '%Y/%m/%d %H:%M:%S')
    except ValueError:
        return None


def _read_snapshot(text):
    "Return the wipes of a snapshot of eReuse Workbench"
    try:
        root = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableLog('unknown')
    root = next(iter(get_objects(root)), {})
    tool = get_text(root.get('software')) or 'eReuse Workbench'
    version = get_text(root.get('version'))
    return [
        _read_erasure(action, component, tool, version)
        for component in get_objects(root.get('components'))
        for key in ['actions', 'events']
        for action in get_objects(component.get(key))
        if isinstance(action.get('type'), str) and action['type'] in _ERASURES]


def _read_erasure(action, component, tool, version):
    steps = get_objects(action.get('steps'))
    passes = ', '.join(filter(None, (get_text(s.get('type')) for s in steps)))
    type_ = action['type']
    return Wipe(
        tool=tool, tool_version=version,
        serial=_get_serial(component.get('serialNumber')),
        model=' '.join(filter(None, [
                    get_text(component.get('manufacturer')),
                    get_text(component.get('model'))])) or None,
        method=_ERASURES[type_],
        technique=get_text(f'{type_} ({passes})' if passes else type_),
        start=_get_iso(action.get('startTime')),
        end=_get_iso(action.get('endTime')),
        result=_get_result([action, *steps]),
        # badblocks reads again each sector that it wrote
        verification=100.0 if type_ == 'EraseSectors' else None)


def _get_result(acts):
    "Return the worst of the results"
    results = {
        'failed' if a.get('error') else _SEVERITIES.get(
            get_text(a.get('severity')), 'failed')
        for a in acts}
    return next(
        r for r in ['failed', 'partial', 'success'] if r in results)


def _get_iso(text):
    "Return the time in UTC, without zone"
    try:
        time = dt.datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    if time.tzinfo is None:
        return time
    try:
        time = time.astimezone(dt.timezone.utc)
    except OverflowError:
        return None
    return time.replace(tzinfo=None)
