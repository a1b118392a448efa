# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The others that a waste shipment names: sites, broker, trader, scheme."""
from stdnum.exceptions import ValidationError
from stdnum.fr import siret

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.proxymikro_base.search import search_any
from trytond.modules.proxymikro_base.validity import ValidityMixin
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import without_check_access

from .exceptions import WasteSIRETError
from .waste import SENT


class EcoOrganisation(ValidityMixin, ModelSQL, ModelView):
    __name__ = 'waste.eco_organisation'

    name = fields.Char("Name", required=True)
    siret = fields.Char(
        "SIRET", required=True, size=14,
        help="The fourteen figures of its establishment.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('name', 'ASC'), ('id', 'ASC')]

    @classmethod
    def search_rec_name(cls, name, clause):
        return search_any(clause, 'name', 'siret')

    @classmethod
    def validate_fields(cls, organisations, field_names):
        super().validate_fields(organisations, field_names)
        for organisation in organisations:
            try:
                siret.validate(organisation.siret)
            except ValidationError as exception:
                raise WasteSIRETError(gettext(
                        'proxymikro_recycling.msg_waste_siret',
                        name=organisation.name,
                        siret=organisation.siret)) from exception


class ShipmentWaste(metaclass=PoolMeta):
    __name__ = 'stock.shipment.waste'

    facility_identifier = fields.Function(
        fields.Char(
            "SIRET of the Facility",
            help="The number of the facility in the register. "
            "Enter it in the form of the party."),
        'on_change_with_facility_identifier')
    pickup_site = fields.Many2One(
        'party.party', "Loaded At", ondelete='RESTRICT',
        states={'readonly': SENT},
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="The place where the waste is loaded. "
        "Leave empty if it is the address of the association.")
    drop_site = fields.Many2One(
        'party.party', "Unloaded At", ondelete='RESTRICT',
        states={'readonly': SENT},
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="The place where the waste is unloaded. "
        "Leave empty if it is the address of the facility.")
    eco_organisation = fields.Many2One(
        'waste.eco_organisation', "Eco-Organisation", ondelete='RESTRICT',
        states={'readonly': SENT},
        help="The eco-organisation that the waste is handed to, "
        "or that pays for its treatment.")
    broker = fields.Many2One(
        'party.party', "Broker", ondelete='RESTRICT',
        states={'readonly': SENT},
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="Who organises the treatment for the association.")
    broker_receipt = fields.Char(
        "Receipt of the Broker", size=50, states={'readonly': SENT})
    trader = fields.Many2One(
        'party.party', "Trader", ondelete='RESTRICT',
        states={'readonly': SENT},
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="Who buys the waste and sells it on.")
    trader_receipt = fields.Char(
        "Receipt of the Trader", size=50, states={'readonly': SENT})
    basel_code = fields.Char(
        "Basel Code", size=10, states={'readonly': SENT},
        help="The code of the Basel convention, for waste that goes abroad.")
    gistrid_number = fields.Char(
        "GISTRID Number", states={'readonly': SENT},
        help="The number of the notification or declaration, "
        "required for hazardous waste that goes abroad.")
    movement_number = fields.Char(
        "Movement Number", size=75, states={'readonly': SENT})

    @fields.depends('party')
    @without_check_access
    def on_change_with_facility_identifier(self, name=None):
        return self.party.waste_identity.org_id if self.party else None

    @fields.depends('broker')
    def on_change_broker(self):
        self.broker_receipt = self._get_receipt(self.broker, 'broker')

    @fields.depends('trader')
    def on_change_trader(self):
        self.trader_receipt = self._get_receipt(self.trader, 'trader')

    @classmethod
    def _get_receipt(cls, party, kind):
        Receipt = Pool().get('party.waste.receipt')
        receipt = Receipt.get_latest(party, kind) if party else None
        return receipt.number if receipt else None
