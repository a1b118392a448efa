# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What a waste shipment holds: lots, their code, their weight."""
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.wizard import (
    Button, StateAction, StateTransition, StateView, Wizard)

from .exceptions import (
    WasteCodeError, WasteCodeWarning, WasteContentWarning, WasteError)
from .waste import CORRECTING, DRAFT, SENT


class ShipmentWaste(metaclass=PoolMeta):
    __name__ = 'stock.shipment.waste'

    waste_code = fields.Many2One(
        'waste.code', "Waste Code", ondelete='RESTRICT',
        states={
            'readonly': DRAFT & ~CORRECTING,
            'required': Eval('state') != 'draft',
            },
        help="What the waste is in the European list. "
        "The code must be in force on the day it leaves. "
        "Leave empty to take that of the content.")
    hazardous = fields.Function(
        fields.Boolean("Hazardous"), 'on_change_with_hazardous')
    description = fields.Char(
        "Usual Name", states={'readonly': SENT},
        # Its 300 characters at most are told with the gaps of the register:
        # the web client makes the form as wide as a size
        help="How the waste is called. "
        "Leave empty to write the name of its code.")
    pop = fields.Boolean(
        "Persistent Organic Pollutants", states={'readonly': SENT},
        help="Check if the waste holds persistent organic pollutants: "
        "it is hazardous then, whatever its code.")
    weight = fields.Function(
        fields.Float(
            "Weight", digits=(None, 3),
            help="The weight in kg of what leaves."),
        'get_weight')
    volume = fields.Float(
        "Volume", digits=(None, 3), states={'readonly': SENT},
        domain=['OR', ('volume', '=', None), ('volume', '>', 0)],
        help="The volume in m³ of what leaves, if it is known.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._buttons.update({
                'add_lots_wizard': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'retry_wizard': {
                    'invisible': Eval('state') != 'refused',
                    'depends': ['state'],
                    },
                })

    @classmethod
    def default_pop(cls):
        return False

    @fields.depends('waste_code', 'pop')
    def on_change_with_hazardous(self, name=None):
        return bool(
            self.pop or self.waste_code and self.waste_code.hazardous)

    @classmethod
    def get_weight(cls, shipments, name):
        return {
            s.id: round(sum(m.mass for m in s._out_moves), 3)
            for s in shipments}

    @classmethod
    @ModelView.button_action('proxymikro_recycling.wizard_waste_add_lots')
    def add_lots_wizard(cls, shipments):
        pass

    @classmethod
    @ModelView.button_action('proxymikro_recycling.wizard_waste_retry')
    def retry_wizard(cls, shipments):
        pass

    @classmethod
    def add_lots(cls, shipment, lots):
        "Put all that the stores hold of the lots in the shipment"
        pool = Pool()
        Location = pool.get('stock.location')
        Lot = pool.get('stock.lot')
        Move = pool.get('stock.move')
        treatment = Location(pool.get('ir.model.data').get_id(
                'proxymikro_stock', 'location_treatment'))
        stored = Lot.stored(lots)
        moves = []
        for lot in lots:
            for location, quantity in stored[lot.id].items():
                moves.append(Move(
                        shipment=shipment, company=shipment.company,
                        product=lot.product, lot=lot,
                        unit=lot.product.default_uom, quantity=quantity,
                        from_location=location, to_location=treatment,
                        planned_date=shipment.planned_date))
        Move.save(moves)
        cls.propose([cls(shipment.id)])

    @classmethod
    def propose(cls, shipments):
        "Fill what the usual treatment of the content says and nobody chose"
        Default = Pool().get('waste.default')
        for shipment in shipments:
            defaults = Default.get_defaults(
                {m.product for m in shipment._out_moves},
                shipment.leaving_date)
            for name in ['waste_code', 'operation', 'operation_mode']:
                values = {getattr(d, name) for d in defaults.values() if d}
                if len(values) == 1 and not getattr(shipment, name):
                    setattr(shipment, name, values.pop())
        cls.save(shipments)

    @classmethod
    def retry(cls, shipments):
        """Return new shipments of what came back of refused ones.

        What was sold leaves again by its sale.
        """
        Lot = Pool().get('stock.lot')
        retries = []
        for shipment in shipments:
            lots = sorted({
                    m.lot for m in shipment._out_moves
                    if m.lot and not m.sale}, key=int)
            if not lots:
                continue
            retry, = cls.copy([shipment])
            cls.add_lots(retry, Lot.browse(lots))
            retries.append(cls(retry.id))
        return retries

    @classmethod
    def check_seal(cls, shipments):
        super().check_seal(shipments)
        for shipment in shipments:
            shipment._check_code()
            shipment._check_certainty()
            shipment._check_content()

    @classmethod
    def check_send(cls, shipments):
        super().check_send(shipments)
        for shipment in shipments:
            shipment._check_code()
            if not shipment.weight:
                raise WasteError(gettext(
                        'proxymikro_recycling.msg_waste_weight',
                        shipment=shipment.rec_name))

    def _check_code(self):
        if not self.waste_code:
            raise WasteCodeError(gettext(
                    'proxymikro_recycling.msg_waste_code_required',
                    shipment=self.rec_name))
        if not self.waste_code.is_valid(self.leaving_date):
            raise WasteCodeError(gettext(
                    'proxymikro_recycling.msg_waste_code_invalid',
                    shipment=self.rec_name,
                    code=self.waste_code.rec_name,
                    date=Pool().get('ir.lang').get().strftime(
                        self.leaving_date)))

    def _check_certainty(self):
        Warning = Pool().get('res.user.warning')
        if self.waste_code.certainty != 'low':
            return
        key = Warning.format('waste_code_certainty', [self])
        if Warning.check(key):
            raise WasteCodeWarning(key, gettext(
                    'proxymikro_recycling.msg_waste_code_certainty',
                    shipment=self.rec_name,
                    code=self.waste_code.rec_name,
                    source=self.waste_code.source or ''))

    def _check_content(self):
        "Warn of what usually leaves under another code"
        pool = Pool()
        Default = pool.get('waste.default')
        Warning = pool.get('res.user.warning')
        defaults = Default.get_defaults(
            {m.product for m in self._out_moves}, self.leaving_date)
        others = [
            (p, d) for p, d in defaults.items()
            if d and d.waste_code != self.waste_code]
        if not others:
            return
        key = Warning.format('waste_content', [self])
        if Warning.check(key):
            product, default = min(others, key=lambda o: o[0].id)
            raise WasteContentWarning(key, gettext(
                    'proxymikro_recycling.msg_waste_content',
                    shipment=self.rec_name,
                    product=product.rec_name,
                    default=default.waste_code.rec_name,
                    code=self.waste_code.rec_name))

    @classmethod
    def copy(cls, shipments, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('volume', None)
        return super().copy(shipments, default=default)


class Move(metaclass=PoolMeta):
    __name__ = 'stock.move'

    @classmethod
    def _get_shipment(cls):
        return super()._get_shipment() + ['stock.shipment.waste']


class AddLots(Wizard):
    __name__ = 'stock.shipment.waste.add_lots'

    start = StateView('stock.shipment.waste.add_lots.start',
        'proxymikro_recycling.waste_add_lots_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Add", 'add', 'tryton-ok', default=True),
            ])
    add = StateTransition()

    def transition_add(self):
        self.model.add_lots(self.record, list(self.start.lots))
        return 'end'


class AddLotsStart(ModelView):
    __name__ = 'stock.shipment.waste.add_lots.start'

    lots = fields.Many2Many(
        'stock.lot', None, None, "Parts and Scrap", required=True,
        domain=[('available', '>', 0)],
        help="All that the stores hold of each is added.")


class Retry(Wizard):
    __name__ = 'stock.shipment.waste.retry'

    start_state = 'open_'
    open_ = StateAction('proxymikro_recycling.act_shipment_waste')

    def do_open_(self, action):
        retries = self.model.retry([
                s for s in self.records if s.state == 'refused'])
        action['views'].reverse()
        return action, {'res_id': [r.id for r in retries]}
