# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The decision that makes a device waste: dated, signed, with its reason.

Before it, taking a part out is a repair, by a work order; after it, it is the
treatment of waste, by a dismantling.  The guard asks for it, so no document can
forget it.
"""
from sql import Null
from sql.operators import Equal

from trytond.i18n import gettext
from trytond.model import Exclude, ModelSQL, ModelView, fields
from trytond.modules.proxymikro_base.seal import SealMixin
from trytond.modules.proxymikro_base.search import search_any
from trytond.modules.proxymikro_stock.evidence import SealedMixin
from trytond.modules.proxymikro_stock.exceptions import DeviceWorkError
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval, If
from trytond.tools import grouped_slice
from trytond.transaction import Transaction, without_check_access

from .exceptions import DiscardError

WITHDRAWAL = {'withdrawn_on', 'withdrawn_by', 'withdrawal_reason'}


class Discard(SealMixin, SealedMixin, ModelSQL, ModelView):
    __name__ = 'device.discard'
    _sealed_fields = ['lot', 'date', 'employee', 'reason']
    _unsealed_fields = frozenset(WITHDRAWAL)

    lot = fields.Many2One(
        'stock.lot', "Device", required=True, ondelete='RESTRICT')
    date = fields.Date("Discarded on", required=True)
    employee = fields.Many2One(
        'company.employee', "Discarded by", required=True,
        ondelete='RESTRICT')
    reason = fields.Char("Reason", required=True)
    withdrawn_on = fields.Date(
        "Withdrawn on", readonly=True,
        states={
            'invisible': ~Bool(Eval('withdrawn_on')),
            })
    withdrawn_by = fields.Many2One(
        'company.employee', "Withdrawn by", readonly=True,
        ondelete='RESTRICT',
        states={
            'invisible': ~Bool(Eval('withdrawn_on')),
            })
    withdrawal_reason = fields.Char(
        "Reason of the Withdrawal", readonly=True,
        states={
            'invisible': ~Bool(Eval('withdrawn_on')),
            })

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('lot_exclude',
                Exclude(t, (t.lot, Equal), where=t.withdrawn_on == Null),
                'proxymikro_recycling.msg_discard_lot_exclude'),
            ]
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._buttons.update({
                'withdraw_wizard': {
                    'invisible': Bool(Eval('withdrawn_on')),
                    'depends': ['withdrawn_on'],
                    },
                })

    @classmethod
    def seal_domain(cls):
        return []

    def get_rec_name(self, name):
        return self.lot.rec_name

    def _get_names(self):
        "Return what names the decision in a sentence"
        lang = Pool().get('ir.lang').get()
        return {'date': lang.strftime(self.date), 'reason': self.reason}

    @classmethod
    def search_rec_name(cls, name, clause):
        return search_any(clause, 'lot.rec_name', 'reason')

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(Bool(Eval('withdrawn_on')), 'muted', '')),
            ]

    @classmethod
    def check_modification(
            cls, mode, discards, values=None, external=False):
        super().check_modification(
            mode, discards, values=values, external=external)
        if mode == 'write' and external and values:
            cls._raise_sealed('by_hand', discards[0])

    @classmethod
    @without_check_access
    def in_force(cls, lots):
        "Return by id of lot the decision that makes it waste"
        return {
            d.lot.id: d
            for sub_ids in grouped_slice(list({int(l) for l in lots}), 500)
            for d in cls.search([
                    ('lot', 'in', list(sub_ids)),
                    ('withdrawn_on', '=', None)])}

    @classmethod
    @without_check_access
    def decide(cls, lots, date, employee, reason):
        "Make the devices waste and return the decisions"
        pool = Pool()
        Lot = pool.get('stock.lot')
        Lot.write(list(lots), {})
        lots = Lot.browse(lots)
        if date > pool.get('ir.date').today():
            raise DiscardError(gettext(
                    'proxymikro_recycling.msg_discard_future',
                    device=lots[0].rec_name))
        Lot.check_discard(lots)
        return cls.create([{
                    'lot': lot.id, 'date': date, 'employee': int(employee),
                    'reason': reason} for lot in lots])

    @classmethod
    @ModelView.button_action('proxymikro_recycling.wizard_discard_withdraw')
    def withdraw_wizard(cls, discards):
        pass

    @classmethod
    @without_check_access
    def withdraw(cls, discards, reason):
        "Let the devices be what they were, as long as they are whole"
        pool = Pool()
        Lot = pool.get('stock.lot')
        Lot.write([d.lot for d in discards], {})
        for discard in discards:
            lot = Lot(discard.lot.id)
            if lot.location.type != 'storage':
                raise DiscardError(gettext(
                        'proxymikro_recycling.msg_discard_withdraw_gone',
                        device=lot.rec_name,
                        location=lot.location.rec_name))
        cls.write([d for d in discards if not d.withdrawn_on], {
                'withdrawn_on': pool.get('ir.date').today(),
                'withdrawn_by': Transaction().context.get('employee'),
                'withdrawal_reason': reason,
                })


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    discards = fields.One2Many(
        'device.discard', 'lot', "Decisions to Discard", readonly=True,
        states={
            'invisible': ~Eval('discards'),
            })
    discarded = fields.Function(
        fields.Boolean(
            "Discarded",
            help="Whether it was decided that the device is waste."),
        'get_discarded', searcher='search_discarded')

    @classmethod
    def get_discarded(cls, lots, name):
        discards = Pool().get('device.discard').in_force(lots)
        return {l.id: l.id in discards for l in lots}

    @classmethod
    def search_discarded(cls, name, clause):
        _, operator, value = clause
        discard = Pool().get('device.discard').__table__()
        query = discard.select(
            discard.lot, where=discard.withdrawn_on == Null)
        wanted = (operator == '=') == bool(value)
        return [('id', 'in' if wanted else 'not in', query)]

    @classmethod
    def check_discard(cls, lots):
        "Refuse by name what can't be decided to be waste"
        pool = Pool()
        Discard = pool.get('device.discard')
        Work = pool.get('device.work')
        discards = Discard.in_force(lots)
        works = {
            w.lot: w for w in Work.search([
                    ('lot', 'in', [l.id for l in lots]),
                    ('state', '=', 'running')])}
        for lot in lots:
            location = lot.location
            values = {'device': lot.rec_name}
            if not lot.device or not location:
                name = 'device'
            elif discard := discards.get(lot.id):
                name = 'twice'
                values.update(discard._get_names())
            elif location.type != 'storage' or location.stage == 'lent':
                name = 'away'
                values['location'] = location.rec_name
            elif work := works.get(lot):
                name = 'work'
                values['work'] = work.rec_name
            else:
                continue
            raise DiscardError(gettext(
                    f'proxymikro_recycling.msg_discard_{name}', **values))

    @classmethod
    def check_destination(cls, lots, location):
        "Waste is treated and nothing else, and nothing else is treated"
        super().check_destination(lots, location)
        waste = (
            location.type == 'production' or location.stage == 'treatment')
        use = (
            location.type == 'customer'
            or location.stage in {'ready', 'lent'})
        devices = [l for l in lots if l.device] if waste or use else []
        if not devices:
            return
        discards = Pool().get('device.discard').in_force(devices)
        for device in devices:
            discard = discards.get(device.id)
            if waste and not discard:
                raise DiscardError(gettext(
                        'proxymikro_recycling.msg_discard_missing',
                        device=device.rec_name, location=location.rec_name))
            if use and discard:
                raise DiscardError(gettext(
                        'proxymikro_recycling.msg_discard_use',
                        device=device.rec_name, location=location.rec_name,
                        **discard._get_names()))

    @classmethod
    def copy(cls, lots, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('discards', None)
        return super().copy(lots, default=default)


class Work(metaclass=PoolMeta):
    __name__ = 'device.work'

    def _check_at_hand(self):
        super()._check_at_hand()
        Discard = Pool().get('device.discard')
        if discard := Discard.in_force([self.lot]).get(self.lot.id):
            raise DeviceWorkError(gettext(
                    'proxymikro_recycling.msg_discard_repair',
                    device=self.lot.rec_name, **discard._get_names()))


class Event(metaclass=PoolMeta):
    __name__ = 'device.event'

    @classmethod
    def _get_evidence(cls):
        return super()._get_evidence() + [
            ('device.discard', lambda t: t.date, lambda t: t.employee, None),
            ]
