# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Workflow, fields
from trytond.modules.company.model import employee_field, set_employee
from trytond.modules.stock.shipment import ShipmentMixin
from trytond.pool import Pool
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction

from .exceptions import WasteError

DRAFT = Eval('state') != 'draft'
# What has left is only changed by a correction
CORRECTING = Eval('correcting', False)
SENT = ~Eval('state').in_(['draft', 'sealed']) & ~CORRECTING


class ShipmentWaste(ShipmentMixin, Workflow, ModelSQL, ModelView):
    __name__ = 'stock.shipment.waste'

    company = fields.Many2One(
        'company.company', "Company", required=True,
        states={'readonly': DRAFT})
    party = fields.Many2One(
        'party.party', "Treatment Facility", required=True,
        ondelete='RESTRICT', states={'readonly': DRAFT & ~CORRECTING},
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="Who receives the waste and treats it.")
    moves = fields.One2Many(
        'stock.move', 'shipment', "Content",
        domain=[
            ('company', '=', Eval('company', -1)),
            ['OR',
                ('from_location.stage', 'in', ['parts', 'scrap']),
                ('to_location.stage', 'in', ['parts', 'scrap']),
                ],
            ],
        states={'readonly': DRAFT})
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
            ('cancelled', "Cancelled"),
            ], "State", readonly=True, sort=False)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        left = ~Eval('state').in_(['draft', 'sealed'])
        cls.reference.states = {'readonly': SENT}
        cls.reference.help = "The number that the facility gives to it."
        cls.planned_date.states = {'readonly': DRAFT}
        cls.effective_date.states = {'readonly': left}
        cls._order = [('effective_date', 'DESC NULLS FIRST'), ('id', 'DESC')]
        cls._transitions |= {
            ('draft', 'sealed'),
            ('draft', 'cancelled'),
            ('sealed', 'draft'),
            ('sealed', 'sent'),
            ('sent', 'accepted'),
            ('sent', 'refused'),
            ('accepted', 'processed'),
            }
        cls._buttons.update({
                'seal': {
                    'invisible': Eval('state') != 'draft',
                    'readonly': ~Bool(Eval('moves', [])),
                    'depends': ['state', 'moves'],
                    },
                'draft': {
                    'invisible': Eval('state') != 'sealed',
                    'depends': ['state'],
                    },
                'cancel': {
                    'invisible': Eval('state') != 'draft',
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

    @property
    def _out_moves(self):
        return [
            m for m in self.moves
            if m.to_location.stage == 'treatment'
            or m.to_location.type == 'customer']

    @property
    def today(self):
        with Transaction().set_context(company=self.company.id):
            return Pool().get('ir.date').today()

    @property
    def leaving_date(self):
        "The day of which the law applies: the planned one while it is ahead"
        today = self.today
        if self.effective_date:
            return self.effective_date
        if self.state == 'draft' and self.planned_date:
            return max(self.planned_date, today)
        return today

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
    def check_seal(cls, shipments):
        "Check what must be known to close the load"

    @classmethod
    def check_send(cls, shipments):
        "Check what must be known to let the load leave"

    @classmethod
    def check_accept(cls, shipments):
        "Check what must be known once the facility has it"

    @classmethod
    def check_process(cls, shipments):
        "Check what must be known once it is treated"

    @classmethod
    @ModelView.button
    @Workflow.transition('sealed')
    @set_employee('sealed_by')
    def seal(cls, shipments):
        Move = Pool().get('stock.move')
        cls.check_seal(shipments)
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
    @Workflow.transition('cancelled')
    def cancel(cls, shipments):
        Move = Pool().get('stock.move')
        Move.cancel([m for s in shipments for m in s.moves])

    @classmethod
    @ModelView.button
    @Workflow.transition('sent')
    @set_employee('sent_by')
    def send(cls, shipments):
        Move = Pool().get('stock.move')
        cls.check_send(shipments)
        for shipment in shipments:
            shipment.effective_date = shipment.leaving_date
        cls.save(shipments)
        Move.do([m for s in shipments for m in s.moves])

    @classmethod
    @ModelView.button
    @Workflow.transition('accepted')
    def accept(cls, shipments):
        cls.check_accept(shipments)

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
        return Move(
            shipment=self, company=self.company, product=move.product,
            lot=move.lot, unit=move.unit, quantity=move.quantity,
            from_location=move.to_location, to_location=move.from_location,
            origin=move, effective_date=self.today)

    @classmethod
    @ModelView.button
    @Workflow.transition('processed')
    def process(cls, shipments):
        cls.check_process(shipments)

    @classmethod
    def copy(cls, shipments, default=None):
        default = default.copy() if default is not None else {}
        for name in [
                'moves', 'refusal_reason', 'effective_date', 'sealed_by',
                'sent_by']:
            default.setdefault(name, None)
        return super().copy(shipments, default=default)
