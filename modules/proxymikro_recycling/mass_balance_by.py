# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The mass balance by donor, by kind of device and by year."""
from sql.conditionals import Case, Coalesce

from trytond.model import ModelView, fields
from trytond.modules.proxymikro_stock.product import KINDS
from trytond.pyson import Eval, If
from trytond.transaction import Transaction

from .mass_balance import MassBalanceMixin
from .mass_flow import get_years


def kind_rank(kind):
    "Return the number of the kind, which is never zero"
    return Case(
        *((kind == k, i) for i, (k, _) in enumerate(KINDS) if k),
        else_=len(KINDS))


class MassBalanceDonor(MassBalanceMixin):
    __name__ = 'recycling.mass.balance.donor'

    donor = fields.Many2One('party.party', "Donor")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('incoming', 'DESC'), ('id', 'ASC')]

    @classmethod
    def _keys(cls, flows, collection):
        return [collection.supplier.as_('donor')]

    @classmethod
    def _number(cls, balance):
        return Coalesce(balance.donor, 0) + 1

    def get_rec_name(self, name):
        return self.donor.rec_name if self.donor else ''


class MassBalanceKind(MassBalanceMixin):
    __name__ = 'recycling.mass.balance.kind'

    kind = fields.Selection(
        KINDS, "Kind of Device", sort=False,
        help="Empty for what was weighed without its kind.")
    kind_string = kind.translated('kind')
    kind_name = fields.Function(
        fields.Char("Kind of Device"), 'get_kind_name')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('incoming', 'DESC'), ('id', 'ASC')]

    @classmethod
    def _keys(cls, flows, collection):
        return [flows.kind.as_('kind')]

    @classmethod
    def _number(cls, balance):
        return kind_rank(balance.kind)

    def get_kind_name(self, name):
        "Return the label that a graph shows, as it does not translate"
        return self.kind_string

    def get_rec_name(self, name):
        return self.kind_string


class MassBalanceYear(MassBalanceMixin):
    __name__ = 'recycling.mass.balance.year'

    year = fields.Integer("Year")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('year', 'DESC'), ('id', 'DESC')]

    @classmethod
    def get_periods(cls):
        return get_years()

    @classmethod
    def _keys(cls, flows, collection):
        return [flows.period.as_('year')]

    @classmethod
    def _number(cls, balance):
        return balance.year

    def get_rec_name(self, name):
        return str(self.year)


class MassBalanceContext(ModelView):
    __name__ = 'recycling.mass.balance.context'

    start_date = fields.Date(
        "From",
        domain=[
            If(Eval('start_date') & Eval('end_date'),
                ('start_date', '<=', Eval('end_date')), ()),
            ],
        help="Leave empty to count from the first collection.")
    end_date = fields.Date(
        "To",
        domain=[
            If(Eval('start_date') & Eval('end_date'),
                ('end_date', '>=', Eval('start_date')), ()),
            ],
        help="Leave empty to count until today.")
    balance_donors = fields.Many2Many(
        'party.party', None, None, "Donors",
        help="Leave empty for all the donors.")
    balance_collections = fields.Many2Many(
        'stock.shipment.in', None, None, "Collections",
        help="Leave empty for all the collections.")

    @classmethod
    def default_balance_donors(cls):
        return Transaction().context.get('balance_donors')

    @classmethod
    def default_balance_collections(cls):
        return Transaction().context.get('balance_collections')
