# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A membership for a family or a group: others have its rights."""
from trytond.model import ModelSQL, fields
from trytond.pool import PoolMeta
from trytond.pyson import Eval


class Membership(metaclass=PoolMeta):
    __name__ = 'party.membership'

    group = fields.Function(
        fields.Boolean("For a Group"), 'on_change_with_group')
    beneficiaries = fields.Many2Many(
        'party.membership.beneficiary', 'membership', 'party',
        "Beneficiaries",
        domain=[('id', '!=', Eval('party', -1))],
        states={
            'invisible': ~Eval('group'),
            'readonly': ~Eval('state').in_(['draft', 'called', 'active']),
            },
        help="Who has the rights of the membership besides the member: "
        "the family, the schools of a federation. The member alone votes.")

    @fields.depends('type')
    def on_change_with_group(self, name=None):
        return bool(self.type and self.type.group)

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('//page[@id="beneficiaries"]', 'states', {
                    'invisible': ~Eval('group', False),
                    }),
            ]

    @property
    def people(self):
        "The member and those who share its rights"
        return [self.party, *self.beneficiaries]

    @classmethod
    def of_domain(cls, parties):
        "Return the domain of the memberships which give rights to a party"
        return ['OR',
            ('party', 'in', parties),
            ('beneficiaries', 'in', parties),
            ]


class Beneficiary(ModelSQL):
    __name__ = 'party.membership.beneficiary'

    membership = fields.Many2One(
        'party.membership', "Membership", required=True, ondelete='CASCADE')
    party = fields.Many2One(
        'party.party', "Party", required=True, ondelete='CASCADE')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('membership')
