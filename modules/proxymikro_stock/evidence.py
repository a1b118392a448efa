# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Evidence is never edited: what must be corrected gets a new record."""
from trytond.i18n import gettext
from trytond.pool import Pool
from trytond.transaction import Transaction

from .exceptions import EvidenceAccessError


class SealedMixin:
    """A record that can't be changed or deleted once it is sealed.

    It is sealed from its creation, or from its last state if it has one.
    """
    __slots__ = ()
    _sealed_state = None
    _unsealed_fields = frozenset()

    @property
    def is_sealed(self):
        return self._sealed_state is None or self.state == self._sealed_state

    @classmethod
    def check_modification(cls, mode, records, values=None, external=False):
        super().check_modification(
            mode, records, values=values, external=external)
        if mode == 'create':
            if external:
                cls._check_unsealed(records, 'by_hand')
        elif mode == 'write':
            if external and 'state' in values:
                cls._raise_sealed('by_hand', records[0])
            if values.keys() - cls._unsealed_fields:
                cls._check_unsealed(records, 'modify')
        elif mode == 'delete':
            cls._check_unsealed(records, 'delete')

    @classmethod
    def copy(cls, records, default=None):
        "Copy what is not sealed: a copy proves nothing yet"
        default = default.copy() if default is not None else {}
        if cls._sealed_state is not None:
            default.setdefault('state', cls.default_state())
        return super().copy(records, default=default)

    @classmethod
    def _check_unsealed(cls, records, action):
        for record in records:
            if record.is_sealed:
                cls._raise_sealed(action, record)

    @classmethod
    def _raise_sealed(cls, action, record):
        names = cls.__names__(record=record)
        raise EvidenceAccessError(gettext(
                f'proxymikro_stock.msg_evidence_{action}',
                model=names['model'], record=names['record']))

    @classmethod
    def _get_employee(cls):
        "Return the id of the employee that the user is"
        User = Pool().get('res.user')
        employee = User(Transaction().user).employee
        return employee.id if employee else None

    @classmethod
    def _get_missing(cls, record, names):
        "Return the labels of the fields of the record that are empty"
        return ', '.join(
            cls.__names__(name)['field'] for name in names
            if getattr(record, name) is None or getattr(record, name) == '')


class DeviceSealedMixin(SealedMixin):
    "A sealed record that says something of a device on a date"
    __slots__ = ()

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_state(cls):
        return 'draft'

    def get_rec_name(self, name):
        return self.lot.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('lot.rec_name', *clause[1:])]
