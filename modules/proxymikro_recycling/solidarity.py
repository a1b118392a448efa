# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The only sale of what an administration gave (CG3P art. L3212-3).

Of the whole device, to people in hardship or to those who help them, at most
at the solidarity price of its kind, by an association of general interest.
"""
from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval, If
from trytond.transaction import Transaction


class Configuration(metaclass=PoolMeta):
    __name__ = 'stock.configuration'

    solidarity_sale = fields.Boolean(
        "Solidarity Sales",
        help="Check if the association is of public utility or of general "
        "interest: only then may it sell at the solidarity price.")


class SolidarityRight(ModelSQL, ModelView):
    """Why a party may buy at the solidarity price.

    The proof is seen and described, never copied: it tells of hardship.
    """
    __name__ = 'party.solidarity.right'

    party = fields.Many2One(
        'party.party', "Party", required=True, ondelete='CASCADE')
    kind = fields.Selection([
            ('person', "Person in Hardship"),
            ('association', "Association Helping People in Hardship"),
            ], "Kind", required=True, sort=False)
    proof = fields.Char(
        "Proof", required=True,
        help="What was seen: its name and its date are enough. "
        "Do not keep a copy.")
    date = fields.Date(
        "Seen on", required=True, help="The day the proof was seen.")
    end_date = fields.Date(
        "Valid until",
        domain=['OR',
            ('end_date', '=', None),
            If(Eval('date'), ('end_date', '>=', Eval('date')), ()),
            ],
        help="The day the proof ends. Leave empty if it has no end.")
    seen_by = fields.Many2One(
        'company.employee', "Seen by", required=True, ondelete='RESTRICT')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('date', 'DESC'), ('id', 'DESC')]

    @classmethod
    def default_kind(cls):
        return 'person'

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_seen_by(cls):
        return Transaction().context.get('employee')

    def get_rec_name(self, name):
        return f'{self.party.rec_name} · {self.proof}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return ['OR',
            ('party.rec_name', *clause[1:]), ('proof', *clause[1:])]

    @classmethod
    def get_holders(cls, parties, date):
        "Return the ids of the parties that have the right on the date"
        return {
            r.party.id for r in cls.search([
                    ('party', 'in', [int(p) for p in parties]),
                    ('date', '<=', date),
                    ['OR', ('end_date', '=', None), ('end_date', '>=', date)],
                    ])}


class Party(metaclass=PoolMeta):
    __name__ = 'party.party'

    solidarity_rights = fields.One2Many(
        'party.solidarity.right', 'party', "Solidarity Price",
        help="Why the party may buy at the solidarity price.")


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    @classmethod
    def _sale_refusals(cls, refused):
        pool = Pool()
        Configuration = pool.get('stock.configuration')
        Price = pool.get('stock.solidarity.price')
        Right = pool.get('party.solidarity.right')
        allowed = Configuration(1).solidarity_sale
        at_price = [
            r for r in refused if allowed and cls._is_at_solidarity_price(r)]
        messages = super()._sale_refusals(
            [r for r in refused if r not in at_price])
        for date in {sold.date for sold, _, _ in at_price}:
            caps = Price.get_amounts(date)
            dated = [r for r in at_price if r[0].date == date]
            holders = Right.get_holders(
                {s.buyer for s, _, _ in dated if s.buyer}, date)
            messages.extend(filter(None, (
                        cls._solidarity_refusal(*r, caps, holders)
                        for r in dated)))
        return messages

    @classmethod
    def _is_at_solidarity_price(cls, refused):
        sold, _, rows = refused
        return bool(sold.lot.device and rows and all(
                r.collection.gift_regime.solidarity for r in rows))

    @classmethod
    def _solidarity_refusal(cls, sold, lot, rows, caps, holders):
        "Return why the device may not be sold to the buyer at the price"
        Lang = Pool().get('ir.lang')
        names = {
            'lot': lot.rec_name, 'buyer': '?',
            'kind': sold.lot.product.rec_name,
            **cls._origin_names(cls._first_refusing(rows))}
        if sold.buyer:
            names['buyer'] = sold.buyer.rec_name
        if not sold.buyer or sold.buyer.id not in holders:
            return gettext(
                'proxymikro_recycling.msg_solidarity_buyer', **names)
        cap = caps.get(sold.lot.device_kind)
        if cap is None:
            return gettext(
                'proxymikro_recycling.msg_solidarity_no_price', **names)
        if sold.price > cap:
            lang = Lang.get()
            return gettext(
                'proxymikro_recycling.msg_solidarity_price',
                cap=lang.format_number(cap, 2),
                price=lang.format_number(sold.price, 2), **names)
