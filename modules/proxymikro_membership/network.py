# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The networks of the association, and those who bring it people.

A relay is a person: it is written to only if it agreed, until it says stop.
"""
from collections import defaultdict

from trytond.i18n import gettext
from trytond.model import (
    DeactivableMixin, ModelSQL, ModelView, Unique, fields)
from trytond.modules.proxymikro_base.search import search_boolean
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval, If
from trytond.transaction import Transaction, without_check_access

from .exceptions import RelayError


class ReachMixin:
    """What a record brought: its own parties, and those it introduced.

    ``_get_reach`` returns, by id of the records, the ids of the parties which
    are its own and of those who introduce others for it.
    """
    __slots__ = ()

    members = fields.Function(
        fields.Integer("Members", help="The members of today it brought."),
        'get_members')

    @classmethod
    def _get_reach(cls, records):
        raise NotImplementedError

    @classmethod
    @without_check_access
    def get_members(cls, records, name):
        return {
            id_: len({m.party for m in memberships})
            for id_, memberships in cls._get_memberships(records).items()}

    @classmethod
    def _get_memberships(cls, records):
        "Return the memberships of today that each record brought"
        pool = Pool()
        Membership = pool.get('party.membership')
        today = pool.get('ir.date').today()
        own, relays = cls._get_reach(records)
        memberships = Membership.search([
                *Membership.in_force_domain(today),
                ['OR',
                    ('party', 'in', list(set().union(*own.values()))),
                    ('introduced_by', 'in',
                        list(set().union(*relays.values()))),
                    ],
                ])
        return {
            r.id: [
                m for m in memberships if m.party.id in own[r.id]
                or (m.introduced_by and m.introduced_by.id in relays[r.id])]
            for r in records}


class Network(ReachMixin, DeactivableMixin, ModelSQL, ModelView):
    __name__ = 'party.network'

    name = fields.Char("Name", required=True)
    company = fields.Many2One('company.company', "Company", required=True)
    kind = fields.Selection([
            ('administration', "Administrations"),
            ('parents', "Pupils' Parents"),
            ('teachers', "Teachers"),
            ('federation', "Federation"),
            ('banner', "Under the Banner"),
            ('other', "Other"),
            ], "Kind", required=True, sort=False,
        help="Under the banner: groups which act in the name of the "
        "association and whose earlier devices it took over.")
    head = fields.Many2One(
        'party.party', "Head", ondelete='RESTRICT',
        help="The federation or the group itself.")
    parties = fields.Many2Many(
        'party.network-party.party', 'network', 'party', "Parties",
        help="The administrations, schools and groups of the network.")
    relays = fields.One2Many(
        'party.relay', 'network', "Relays",
        domain=[('company', '=', Eval('company', -1))])
    notes = fields.Text("Notes")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order.insert(0, ('name', 'ASC'))

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def _get_reach(cls, networks):
        return (
            {n.id: {p.id for p in n.parties} | (
                    {n.head.id} if n.head else set()) for n in networks},
            {n.id: {r.party.id for r in n.relays} for n in networks})


class NetworkParty(ModelSQL):
    __name__ = 'party.network-party.party'

    network = fields.Many2One(
        'party.network', "Network", required=True, ondelete='CASCADE')
    party = fields.Many2One(
        'party.party', "Party", required=True, ondelete='CASCADE')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('network')


class Relay(ReachMixin, ModelSQL, ModelView):
    __name__ = 'party.relay'

    party = fields.Many2One(
        'party.party', "Person", required=True, ondelete='CASCADE')
    company = fields.Many2One('company.company', "Company", required=True)
    network = fields.Many2One(
        'party.network', "Network", ondelete='SET NULL',
        domain=[('company', '=', Eval('company', -1))])
    consented_on = fields.Date(
        "Agreed On",
        states={
            'required': Bool(Eval('consent_proof')),
            },
        help="The day the person agreed to be written to.")
    consent_proof = fields.Char(
        "Proof",
        states={
            'required': Bool(Eval('consented_on')),
            },
        help="Where the agreement is: a form, a message. It is kept.")
    stopped_on = fields.Date(
        "Stop",
        domain=[
            If(Bool(Eval('stopped_on')) & Bool(Eval('consented_on')),
                ('stopped_on', '>=', Eval('consented_on', None)),
                ()),
            ],
        help="The day the person asked to be written to no more.")
    may_write = fields.Function(
        fields.Boolean(
            "May Be Written To",
            help="Checked if the person agreed, and did not say stop."),
        'on_change_with_may_write', searcher='search_may_write')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints = [
            ('unique', Unique(t, t.party, t.company),
                'proxymikro_membership.msg_relay_unique'),
            ]
        cls._order = [('party.name', 'ASC'), ('id', 'ASC')]

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    def get_rec_name(self, name):
        return self.party.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('party.rec_name', *clause[1:])]

    @fields.depends('consented_on', 'stopped_on')
    def on_change_with_may_write(self, name=None):
        return bool(self.consented_on and not self.stopped_on)

    @classmethod
    def search_may_write(cls, name, clause):
        return search_boolean(
            clause,
            [('consented_on', '!=', None), ('stopped_on', '=', None)],
            ['OR', ('consented_on', '=', None), ('stopped_on', '!=', None)])

    @classmethod
    def _get_reach(cls, relays):
        return defaultdict(set), {r.id: {r.party.id} for r in relays}

    @classmethod
    def check_modification(cls, mode, relays, values=None, external=False):
        super().check_modification(
            mode, relays, values=values, external=external)
        # The stop list is what proves that a person is left alone
        if external and mode in {'write', 'delete'}:
            for relay in relays:
                if relay.stopped_on and (
                        mode == 'delete' or not values.get(
                            'stopped_on', relay.stopped_on)):
                    raise RelayError(gettext(
                            'proxymikro_membership.msg_relay_stopped',
                            party=relay.party.rec_name))


class Membership(metaclass=PoolMeta):
    __name__ = 'party.membership'

    introduced_by = fields.Many2One(
        'party.party', "Introduced By", ondelete='RESTRICT',
        domain=[('id', '!=', Eval('party', -1))],
        help="The relay who brought the member to the association.")
