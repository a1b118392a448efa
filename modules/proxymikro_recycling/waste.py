# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Workflow, fields
from trytond.modules.company.model import employee_field, set_employee
from trytond.modules.stock.shipment import ShipmentMixin
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import WasteCodeError, WasteError

OPERATIONS = [
    (None, ""),
    ('R1', "R1 Energy Recovery"),
    ('R3', "R3 Recycling of Organic Substances (Plastics)"),
    ('R4', "R4 Recycling of Metals"),
    ('R5', "R5 Recycling of Other Inorganic Materials"),
    ('R12', "R12 Exchange of Waste before Recovery"),
    ('R13', "R13 Storage before Recovery"),
    ('D5', "D5 Specially Engineered Landfill"),
    ('D10', "D10 Incineration on Land"),
    ('D13', "D13 Blending before Disposal"),
    ('D14', "D14 Repackaging before Disposal"),
    ('D15', "D15 Storage before Disposal"),
    ]
_draft = Eval('state') != 'draft'
_sent = ~Eval('state').in_(['draft', 'sealed'])


class ShipmentWaste(ShipmentMixin, Workflow, ModelSQL, ModelView):
    __name__ = 'stock.shipment.waste'

    company = fields.Many2One(
        'company.company', "Company", required=True,
        states={'readonly': _draft})
    party = fields.Many2One(
        'party.party', "Treatment Facility", required=True,
        ondelete='RESTRICT', states={'readonly': _draft},
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="Who receives the waste and treats it.")
    carrier = fields.Many2One(
        'party.party', "Carrier", ondelete='RESTRICT',
        states={'readonly': _sent},
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="Who carries the waste. Leave empty if it is the facility.")
    slip_number = fields.Char(
        "Slip Number", states={'readonly': _sent},
        help="The number of the tracking slip (BSD). "
        "It is required to send hazardous waste.")
    waste_code = fields.Many2One(
        'waste.code', "Waste Code", required=True, ondelete='RESTRICT',
        states={'readonly': _draft},
        help="What the waste is in the European list. "
        "The code must be in force on the day it leaves.")
    hazardous = fields.Function(
        fields.Boolean("Hazardous"), 'on_change_with_hazardous')
    operation = fields.Selection(
        OPERATIONS, "Treatment", sort=False,
        states={
            'readonly': Eval('state').in_(['processed', 'refused']),
            'required': Eval('state') == 'processed',
            },
        help="The recovery or disposal operation of the facility.")
    moves = fields.One2Many(
        'stock.move', 'shipment', "Content",
        domain=[
            ('company', '=', Eval('company', -1)),
            ['OR',
                ('from_location.stage', 'in', ['parts', 'scrap']),
                ('to_location.stage', 'in', ['parts', 'scrap']),
                ],
            ],
        states={'readonly': _draft})
    weight = fields.Function(
        fields.Float(
            "Weight", digits=(None, 3),
            help="The weight in kg of what leaves."),
        'get_weight')
    received_weight = fields.Float(
        "Received Weight", digits=(None, 3),
        domain=['OR',
            ('received_weight', '=', None),
            ('received_weight', '>', 0),
            ],
        states={
            'readonly': Eval('state') != 'sent',
            'invisible': Eval('state').in_(['draft', 'sealed']),
            'required': Eval('state').in_(['accepted', 'processed']),
            },
        help="The weight in kg that the facility read on its own scale.")
    refusal_reason = fields.Char(
        "Reason of Refusal",
        states={
            'readonly': Eval('state') != 'sent',
            'invisible': ~Eval('state').in_(['sent', 'refused']),
            'required': Eval('state') == 'refused',
            },
        help="Why the facility sends the waste back.")
    sealed_by = employee_field(
        "Sealed By", states=['sealed', 'sent', 'accepted', 'processed'])
    sent_by = employee_field(
        "Sent By", states=['sent', 'accepted', 'processed', 'refused'])
    state = fields.Selection([
            ('draft', "Draft"),
            ('sealed', "Sealed"),
            ('sent', "Sent"),
            ('accepted', "Accepted"),
            ('processed', "Processed"),
            ('refused', "Refused"),
            ], "State", readonly=True, sort=False)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.reference.states = {'readonly': _sent}
        cls.reference.help = "The number that the facility gives to it."
        cls.planned_date.states = {'readonly': _draft}
        cls.effective_date.states = {'readonly': _sent}
        cls._order = [('effective_date', 'DESC NULLS FIRST'), ('id', 'DESC')]
        cls._transitions |= {
            ('draft', 'sealed'),
            ('sealed', 'draft'),
            ('sealed', 'sent'),
            ('sent', 'accepted'),
            ('sent', 'refused'),
            ('accepted', 'processed'),
            }
        cls._buttons.update({
                'add_lots_wizard': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'seal': {
                    'invisible': Eval('state') != 'draft',
                    'readonly': ~Bool(Eval('moves', [])),
                    'depends': ['state', 'moves'],
                    },
                'draft': {
                    'invisible': Eval('state') != 'sealed',
                    'depends': ['state'],
                    },
                'send': {
                    'invisible': Eval('state') != 'sealed',
                    'depends': ['state'],
                    },
                'accept': {
                    'invisible': Eval('state') != 'sent',
                    'depends': ['state'],
                    },
                'refuse': {
                    'invisible': Eval('state') != 'sent',
                    'depends': ['state'],
                    },
                'process': {
                    'invisible': Eval('state') != 'accepted',
                    'depends': ['state'],
                    },
                })

    @classmethod
    def default_state(cls):
        return 'draft'

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @fields.depends('waste_code')
    def on_change_with_hazardous(self, name=None):
        return bool(self.waste_code and self.waste_code.hazardous)

    @classmethod
    def get_weight(cls, shipments, name):
        return {
            s.id: round(sum(m.mass for m in s._out_moves), 3)
            for s in shipments}

    @property
    def _out_moves(self):
        return [m for m in self.moves if m.to_location.stage == 'treatment']

    def get_rec_name(self, name):
        rec_name = super().get_rec_name(name)
        if self.slip_number:
            rec_name += f' ({self.slip_number})'
        return rec_name

    @classmethod
    def _set_move_planned_date(cls, shipments):
        Move = Pool().get('stock.move')
        for shipment in shipments:
            moves = [
                m for m in shipment.moves
                if m.state not in {'done', 'cancelled'}]
            if moves:
                Move.write(moves, {'planned_date': shipment.planned_date})

    @classmethod
    @ModelView.button_action('proxymikro_recycling.wizard_waste_add_lots')
    def add_lots_wizard(cls, shipments):
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

    @property
    def _date(self):
        if self.effective_date:
            return self.effective_date
        with Transaction().set_context(company=self.company.id):
            return Pool().get('ir.date').today()

    def _check_code(self):
        if not self.waste_code.is_valid(self._date):
            lang = Pool().get('ir.lang').get()
            raise WasteCodeError(gettext(
                    'proxymikro_recycling.msg_waste_code_invalid',
                    shipment=self.rec_name,
                    code=self.waste_code.rec_name,
                    date=lang.strftime(self._date)))

    def _check_slip(self):
        if self.waste_code.hazardous and not self.slip_number:
            raise WasteError(gettext(
                    'proxymikro_recycling.msg_waste_slip_required',
                    shipment=self.rec_name,
                    code=self.waste_code.rec_name))

    @classmethod
    @ModelView.button
    @Workflow.transition('sealed')
    @set_employee('sealed_by')
    def seal(cls, shipments):
        Move = Pool().get('stock.move')
        for shipment in shipments:
            shipment._check_code()
        cls.set_number(shipments)
        Move.assign([m for s in shipments for m in s.moves])

    @classmethod
    @ModelView.button
    @Workflow.transition('draft')
    def draft(cls, shipments):
        Move = Pool().get('stock.move')
        Move.draft([m for s in shipments for m in s.moves])

    @classmethod
    @ModelView.button
    @Workflow.transition('sent')
    @set_employee('sent_by')
    def send(cls, shipments):
        Move = Pool().get('stock.move')
        for shipment in shipments:
            shipment._check_code()
            shipment._check_slip()
            shipment.effective_date = shipment._date
        cls.save(shipments)
        Move.do([m for s in shipments for m in s.moves])

    @classmethod
    @ModelView.button
    @Workflow.transition('accepted')
    def accept(cls, shipments):
        for shipment in shipments:
            if not shipment.received_weight:
                raise WasteError(gettext(
                        'proxymikro_recycling.msg_waste_received_weight',
                        shipment=shipment.rec_name))

    @classmethod
    @ModelView.button
    @Workflow.transition('refused')
    def refuse(cls, shipments):
        "Put what the facility refuses back where it came from"
        Move = Pool().get('stock.move')
        moves = []
        for shipment in shipments:
            if not shipment.refusal_reason:
                raise WasteError(gettext(
                        'proxymikro_recycling.msg_waste_refusal_reason',
                        shipment=shipment.rec_name))
            for move in shipment._out_moves:
                moves.append(shipment._get_back_move(move))
        Move.save(moves)
        Move.do(moves)

    def _get_back_move(self, move):
        Move = Pool().get('stock.move')
        with Transaction().set_context(company=self.company.id):
            today = Pool().get('ir.date').today()
        return Move(
            shipment=self, company=self.company, product=move.product,
            lot=move.lot, unit=move.unit, quantity=move.quantity,
            from_location=move.to_location, to_location=move.from_location,
            origin=move, effective_date=today)

    @classmethod
    @ModelView.button
    @Workflow.transition('processed')
    def process(cls, shipments):
        for shipment in shipments:
            if not shipment.operation:
                raise WasteError(gettext(
                        'proxymikro_recycling.msg_waste_operation',
                        shipment=shipment.rec_name))

    @classmethod
    def copy(cls, shipments, default=None):
        default = default.copy() if default is not None else {}
        for name in [
                'moves', 'slip_number', 'received_weight', 'refusal_reason',
                'effective_date', 'sealed_by', 'sent_by']:
            default.setdefault(name, None)
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
