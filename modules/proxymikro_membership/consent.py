# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What a person agreed to, the proof of it, and when it was withdrawn.

Regulation (EU) 2016/679, art. 7: who relies on a consent can prove it, and it is
as easy to withdraw as to give.
"""
from trytond.i18n import gettext
from trytond.model import DeactivableMixin, ModelSQL, ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval, If

from .exceptions import ConsentError


class ConsentPurpose(DeactivableMixin, ModelSQL, ModelView):
    __name__ = 'party.consent.purpose'

    name = fields.Char("Name", required=True, translate=True)
    text = fields.Text(
        "Text", translate=True,
        help="What the person reads before it agrees.")
    keep_data = fields.Boolean(
        "Keep After Leaving",
        help="Check if who agrees is not anonymised after having left.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('name', 'ASC'), ('id', 'ASC')]


class Consent(ModelSQL, ModelView):
    __name__ = 'party.consent'

    party = fields.Many2One(
        'party.party', "Person", required=True, ondelete='CASCADE')
    purpose = fields.Many2One(
        'party.consent.purpose', "Purpose", required=True,
        ondelete='RESTRICT')
    given_on = fields.Date(
        "Given On", required=True,
        domain=[
            If(Bool(Eval('withdrawn_on')),
                ('given_on', '<=', Eval('withdrawn_on', None)), ()),
            ])
    proof = fields.Char(
        "Proof", required=True,
        help="Where the agreement is: a signed form, a message. Attach it if "
        "you can. It is kept.")
    withdrawn_on = fields.Date(
        "Withdrawn On",
        domain=[
            If(Bool(Eval('withdrawn_on')) & Bool(Eval('given_on')),
                ('withdrawn_on', '>=', Eval('given_on', None)), ()),
            ],
        help="The day the person changed its mind.")
    in_force = fields.Function(
        fields.Boolean("In Force"),
        'on_change_with_in_force', searcher='search_in_force')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('given_on', 'DESC'), ('id', 'DESC')]

    @classmethod
    def default_given_on(cls):
        return Pool().get('ir.date').today()

    @fields.depends('given_on', 'withdrawn_on')
    def on_change_with_in_force(self, name=None):
        return bool(self.given_on and not self.withdrawn_on)

    @classmethod
    def search_in_force(cls, name, clause):
        _, operator, value = clause
        values = value if operator in {'in', 'not in'} else [value]
        deny = operator in {'!=', 'not in'}
        wanted = {v for v in (True, False) if (v in values) != deny}
        if len(wanted) != 1:
            return [] if wanted else [('id', '<', 0)]
        return [('withdrawn_on', '=' if True in wanted else '!=', None)]

    def get_rec_name(self, name):
        return f'{self.party.rec_name} · {self.purpose.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return ['OR',
            ('party.rec_name', *clause[1:]),
            ('purpose.rec_name', *clause[1:]),
            ]

    @classmethod
    def check_modification(cls, mode, consents, values=None, external=False):
        super().check_modification(
            mode, consents, values=values, external=external)
        if not external or mode not in {'write', 'delete'}:
            return
        for consent in consents:
            if mode == 'delete' or (
                    values.keys() - {'withdrawn_on'}) or (
                    consent.withdrawn_on and not values['withdrawn_on']):
                raise ConsentError(gettext(
                        'proxymikro_membership.msg_consent_modify',
                        consent=consent.rec_name))


class Party(metaclass=PoolMeta):
    __name__ = 'party.party'

    consents = fields.One2Many('party.consent', 'party', "Consents")

    @classmethod
    def copy(cls, parties, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('consents', None)
        return super().copy(parties, default=default)
