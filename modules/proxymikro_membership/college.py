# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The colleges of the statutes: who votes with whom at the assembly."""
from trytond.model import DeactivableMixin, ModelSQL, ModelView, fields
from trytond.transaction import Transaction


class College(DeactivableMixin, ModelSQL, ModelView):
    __name__ = 'party.membership.college'

    name = fields.Char("Name", required=True, translate=True)
    company = fields.Many2One('company.company', "Company", required=True)
    votes = fields.Integer(
        "Votes by Member", required=True,
        domain=[('votes', '>=', 0)],
        help="How many votes each member of the college has, unless its type "
        "of membership says otherwise. Zero for those who only advise.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order.insert(0, ('name', 'ASC'))

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_votes(cls):
        return 1
