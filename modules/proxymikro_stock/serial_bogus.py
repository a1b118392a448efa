# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.cache import MemoryCache
from trytond.i18n import gettext
from trytond.model import DeactivableMixin, ModelSQL, ModelView, Unique, fields
from trytond.transaction import without_check_access

from .exceptions import SerialBogusError
from .hardware_value import bogus_pattern, compile_bogus

# A star must not make a placeholder of every serial
MIN_LENGTH = 3


class SerialBogus(DeactivableMixin, ModelSQL, ModelView):
    __name__ = 'device.serial.bogus'
    _rec_name = 'text'
    _pattern_cache = MemoryCache('device.serial.bogus.pattern', context=False)

    text = fields.Char(
        "Text", required=True, strip=True,
        help="What makers leave where a serial number or a name should be. "
        "A star stands for any characters; the case doesn't matter.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('text_unique', Unique(t, t.text),
                'proxymikro_stock.msg_serial_bogus_unique'),
            ]
        cls._order = [('text', 'ASC'), ('id', 'ASC')]

    @classmethod
    @without_check_access
    def using(cls):
        "Return the context in which these texts are no names nor serials"
        pattern = cls._pattern_cache.get('pattern')
        if pattern is None:
            pattern = compile_bogus([b.text for b in cls.search([])])
            cls._pattern_cache.set('pattern', pattern)
        return bogus_pattern(pattern)

    @classmethod
    def validate_fields(cls, records, field_names):
        super().validate_fields(records, field_names)
        for record in records:
            length = len(record.text.replace('*', ''))
            if '*' in record.text and length < MIN_LENGTH:
                raise SerialBogusError(gettext(
                        'proxymikro_stock.msg_serial_bogus_star',
                        text=record.text, count=MIN_LENGTH))

    @classmethod
    def on_modification(cls, mode, records, field_names=None):
        super().on_modification(mode, records, field_names=field_names)
        cls._pattern_cache.clear()

    @classmethod
    def copy(cls, records, default=None):
        # Each text is listed once
        return []
