# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.model import fields
from trytond.modules.proxymikro_base.search import search_boolean
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Id
from trytond.tools import grouped_slice
from trytond.transaction import Transaction


class Configuration(metaclass=PoolMeta):
    __name__ = 'party.configuration'

    membership_sequence = fields.Many2One(
        'ir.sequence', "Membership Sequence", required=True,
        domain=[
            ('sequence_type', '=',
                Id('proxymikro_membership', 'sequence_type_membership')),
            ],
        help="Numbers the memberships when they are called.")

    @classmethod
    def default_membership_sequence(cls):
        ModelData = Pool().get('ir.model.data')
        try:
            return ModelData.get_id(
                'proxymikro_membership', 'sequence_membership')
        except KeyError:  # read before the data of the module is loaded
            return None


    support_sequence = fields.Many2One(
        'ir.sequence', "Support Sequence", required=True,
        domain=[
            ('sequence_type', '=',
                Id('proxymikro_membership', 'sequence_type_support')),
            ],
        help="Numbers the requests for support.")

    @classmethod
    def default_support_sequence(cls):
        ModelData = Pool().get('ir.model.data')
        try:
            return ModelData.get_id(
                'proxymikro_membership', 'sequence_support')
        except KeyError:  # read before the data of the module is loaded
            return None


class Party(metaclass=PoolMeta):
    __name__ = 'party.party'

    memberships = fields.One2Many(
        'party.membership', 'party', "Memberships", readonly=True)
    shared_memberships = fields.Many2Many(
        'party.membership.beneficiary', 'party', 'membership',
        "Shared Memberships", readonly=True,
        help="The memberships of a family or a group whose rights the party "
        "has.")
    membership = fields.Function(
        fields.Many2One(
            'party.membership', "Membership",
            help="The membership in force today, "
            "or on the date of the context."),
        'get_membership', searcher='search_membership')
    member = fields.Function(
        fields.Boolean(
            "Member",
            help="Checked if a membership is in force today, "
            "or on the date of the context."),
        'get_member', searcher='search_member')

    @classmethod
    def _membership_date(cls):
        context = Transaction().context
        return (context.get('membership_date')
            or Pool().get('ir.date').today())

    @classmethod
    def get_membership(cls, parties, name):
        Membership = Pool().get('party.membership')
        result = dict.fromkeys(map(int, parties))
        for sub_ids in grouped_slice(list(result), 500):
            sub_ids = set(sub_ids)
            memberships = Membership.search([
                    Membership.of_domain(list(sub_ids)),
                    *Membership.in_force_domain(cls._membership_date()),
                    ], order=[('end_date', 'ASC'), ('id', 'ASC')])
            # One's own comes before that of the group
            for membership in memberships:
                for party in membership.beneficiaries:
                    result[party.id] = membership.id
            for membership in memberships:
                result[membership.party.id] = membership.id
        return {id_: result[id_] for id_ in map(int, parties)}

    @classmethod
    def get_member(cls, parties, name):
        return {
            p: bool(m)
            for p, m in cls.get_membership(parties, 'membership').items()}

    @classmethod
    def search_member(cls, name, clause):
        return search_boolean(
            clause,
            cls.search_membership(
                'membership', ['membership', '!=', None]),
            cls.search_membership(
                'membership', ['membership', '=', None]))

    @classmethod
    def search_membership(cls, name, clause):
        Membership = Pool().get('party.membership')
        in_force = Membership.in_force_domain(cls._membership_date())
        nested = clause[0][len(name) + 1:]
        operator, value = clause[1:3]
        if nested:
            in_force.append((nested, operator, value))
        elif value is None:
            if operator == '=':
                return [
                    ('memberships', 'not where', in_force),
                    ('shared_memberships', 'not where', in_force),
                    ]
        elif operator in {'=', '!=', 'in', 'not in'}:
            in_force.append(('id', operator, value))
        else:
            in_force.append(('rec_name', operator, value))
        return ['OR',
            ('memberships', 'where', in_force),
            ('shared_memberships', 'where', in_force),
            ]

    @classmethod
    def copy(cls, parties, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('memberships', None)
        default.setdefault('shared_memberships', None)
        return super().copy(parties, default=default)
