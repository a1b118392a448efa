# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What each closing moves to the earmarked fund of a grant, or back."""
from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary


class GrantFund(ModelSQL, ModelView):
    __name__ = 'account.grant.fund'

    grant = fields.Many2One(
        'account.grant', "Grant", required=True, ondelete='RESTRICT')
    fiscalyear = fields.Many2One(
        'account.fiscalyear', "Fiscal Year", required=True,
        ondelete='RESTRICT')
    amount = Monetary(
        "Change of the Fund", currency='currency', digits='currency',
        required=True,
        help="Above zero what goes to the fund, below what comes back.")
    spent = Monetary(
        "Spent", currency='currency', digits='currency', required=True,
        help="The expenses since the beginning, at the closing.")
    move = fields.Many2One(
        'account.move', "Move", required=True, ondelete='RESTRICT')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"), 'get_currency')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('grant')
        cls._order = [('fiscalyear', 'ASC'), ('id', 'ASC')]

    @classmethod
    def get_currency(cls, funds, name):
        return {f.id: f.grant.currency.id for f in funds}

    def get_rec_name(self, name):
        return f'{self.grant.rec_name}, {self.fiscalyear.rec_name}'
