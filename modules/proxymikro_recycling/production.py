# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelView, Workflow, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import Transaction, without_check_access

from .exceptions import DismantleError, MassBalanceError

_closed = Eval('state').in_(['done', 'cancelled'])
_assembly = Eval('type') != 'disassembly'


class Configuration(metaclass=PoolMeta):
    __name__ = 'production.configuration'

    mass_tolerance = fields.Float(
        "Mass Tolerance", digits=(1, 4), required=True,
        domain=[
            ('mass_tolerance', '>=', 0),
            ('mass_tolerance', '<=', 1),
            ],
        help="The part of the weight of the devices by which "
        "what comes out of a dismantling may differ from it.")

    @classmethod
    def default_mass_tolerance(cls):
        return 0.02


class Production(metaclass=PoolMeta):
    __name__ = 'production'

    mass_in = fields.Float(
        "Weight In", digits=(None, 3),
        domain=['OR', ('mass_in', '=', None), ('mass_in', '>', 0)],
        states={'readonly': _closed, 'invisible': _assembly},
        help="The weight in kg of the devices before they are opened.")
    mass_out = fields.Function(
        fields.Float(
            "Weight Out", digits=(None, 3), states={'invisible': _assembly},
            help="The weight in kg of the parts and of the scrap."),
        'get_mass_out')
    declared_loss = fields.Float(
        "Declared Loss", digits=(None, 3), required=True,
        domain=[('declared_loss', '>=', 0)],
        states={'readonly': _closed, 'invisible': _assembly},
        help="The weight in kg that is lost: dust, liquids, packaging.")
    loss_reason = fields.Char(
        "Reason of the Loss",
        states={
            'readonly': _closed,
            'invisible': _assembly | ~Eval('declared_loss'),
            },
        help="Where the weight went.")
    mass_gap = fields.Function(
        fields.Float(
            "Gap", digits=(None, 3), states={'invisible': _assembly},
            help="The weight in kg that the balance does not explain."),
        'get_mass_gap')
    discard_date = fields.Date(
        "Discarded on",
        states={'readonly': _closed, 'invisible': _assembly},
        help="When it was decided that the devices are waste.")
    discard_by = fields.Many2One(
        'company.employee', "Discarded by", ondelete='RESTRICT',
        domain=[('company', '=', Eval('company', -1))],
        states={'readonly': _closed, 'invisible': _assembly},
        help="Who decided that the devices are waste.")
    discard_reason = fields.Char(
        "Reason",
        states={'readonly': _closed, 'invisible': _assembly},
        help="Why the devices can't be lent any more.")
    devices = fields.Function(
        fields.Many2Many('stock.lot', None, None, "Devices"),
        'get_devices')

    @classmethod
    def default_type(cls):
        # The association assembles nothing
        return 'disassembly'

    @classmethod
    def default_declared_loss(cls):
        return 0

    @classmethod
    def get_devices(cls, productions, name):
        return {
            p.id: [m.lot.id for m in p.inputs if m.lot] for p in productions}

    @classmethod
    def get_mass_out(cls, productions, name):
        return {
            p.id: round(sum(
                    m.mass for m in p.outputs if m.state != 'cancelled'), 3)
            for p in productions}

    @classmethod
    def get_mass_gap(cls, productions, name):
        return {
            p.id: round(
                (p.mass_in or 0) - p.mass_out - (p.declared_loss or 0), 3) + 0.
            for p in productions}

    @classmethod
    @ModelView.button
    @Workflow.transition('waiting')
    def wait(cls, productions):
        cls.check_devices(productions)
        super().wait(productions)

    @classmethod
    @ModelView.button
    @Workflow.transition('running')
    def run(cls, productions):
        cls.check_devices(productions)
        super().run(productions)

    @classmethod
    @ModelView.button
    @Workflow.transition('done')
    def do(cls, productions):
        for production in productions:
            if production.type == 'disassembly':
                production.check_mass()
        super().do(productions)

    @classmethod
    @ModelView.button
    @Workflow.transition('cancelled')
    def cancel(cls, productions):
        cls._forget_extracted(productions)
        super().cancel(productions)

    @classmethod
    @without_check_access
    def check_devices(cls, productions):
        "Refuse the devices that can't be dismantled, or not together"
        Lot = Pool().get('stock.lot')
        for production in productions:
            if production.type != 'disassembly':
                continue
            devices = Lot.browse([
                    m.lot for m in production.inputs
                    if m.lot and m.state in {'draft', 'assigned'}])
            Lot.check_dismantle(devices)
            production._discard(devices)
            Lot.check_destination(devices, production.location)

    def _discard(self, devices):
        """Decide that the devices are waste before they are opened.

        Those that were discarded already keep their decision.
        """
        Discard = Pool().get('device.discard')
        discards = list(Discard.in_force(devices).values())
        known = {d.lot for d in discards}
        if new := [d for d in devices if d not in known]:
            self._check_decision(new[0])
            discards += Discard.decide(
                new, self.discard_date, self.discard_by, self.discard_reason)
        self._check_discard_dates(discards)

    def _check_decision(self, device):
        if not (self.discard_date and self.discard_by
                and self.discard_reason):
            raise DismantleError(gettext(
                    'proxymikro_recycling.msg_discard_required',
                    production=self.rec_name,
                    device=device.rec_name))

    def _check_discard_dates(self, discards):
        pool = Pool()
        lang = pool.get('ir.lang').get()
        with Transaction().set_context(company=self.company.id):
            start = self.effective_start_date or pool.get('ir.date').today()
        for discard in discards:
            if discard.date > start:
                raise DismantleError(gettext(
                        'proxymikro_recycling.msg_discard_late',
                        device=discard.lot.rec_name,
                        start=lang.strftime(start),
                        date=lang.strftime(discard.date)))

    def check_mass(self):
        pool = Pool()
        Configuration = pool.get('production.configuration')
        Lang = pool.get('ir.lang')
        if not self.mass_in:
            raise MassBalanceError(gettext(
                    'proxymikro_recycling.msg_mass_in_required',
                    production=self.rec_name))
        if self.declared_loss and not self.loss_reason:
            raise MassBalanceError(gettext(
                    'proxymikro_recycling.msg_loss_reason_required',
                    production=self.rec_name,
                    loss=Lang.get().format_number(self.declared_loss, 3)))
        tolerance = self.mass_in * Configuration(1).mass_tolerance
        if abs(self.mass_gap) > tolerance + 1e-9:
            lang = Lang.get()

            def kg(value):
                return lang.format_number(value, 3)
            raise MassBalanceError(gettext(
                    'proxymikro_recycling.msg_mass_balance',
                    production=self.rec_name,
                    mass_in=kg(self.mass_in),
                    mass_out=kg(self.mass_out),
                    loss=kg(self.declared_loss),
                    gap=kg(self.mass_gap),
                    tolerance=kg(tolerance)))

    @classmethod
    def set_cost(cls, productions):
        """Share no cost when there is none.

        Core would ask for the list price of each part to share nothing.
        """
        Move = Pool().get('stock.move')
        free = [
            p for p in productions
            if p.type == 'disassembly' and not p.cost]
        moves = []
        for production in free:
            for move in production.outputs:
                if move.state != 'cancelled' and move.unit_price_required:
                    move.unit_price = Decimal(0)
                    move.currency = production.company.currency
                    moves.append(move)
        Move.save(moves)
        super().set_cost([p for p in productions if p not in free])

    @classmethod
    @without_check_access
    def _forget_extracted(cls, productions):
        "Put back in the devices what came out of them"
        Component = Pool().get('device.component')
        lots = [
            m.lot.id for p in productions for m in p.outputs
            if m.lot and m.state == 'done']
        components = Component.search([
                ('extracted_lot', 'in', lots),
                ('lot', 'in', [
                        m.lot.id for p in productions for m in p.inputs
                        if m.lot]),
                ])
        if components:
            Component.write(components, {
                    'extracted_lot': None,
                    'removed_on': None,
                    })

    @classmethod
    def copy(cls, productions, default=None):
        default = default.copy() if default is not None else {}
        for name in [
                'mass_in', 'loss_reason', 'discard_date', 'discard_by',
                'discard_reason']:
            default.setdefault(name, None)
        default.setdefault('declared_loss', 0)
        # A device is dismantled once
        default.setdefault('inputs', None)
        default.setdefault('outputs', None)
        return super().copy(productions, default=default)


class Move(metaclass=PoolMeta):
    __name__ = 'stock.move'

    @property
    def mass(self):
        "The weight in kg of what is moved"
        pool = Pool()
        Uom = pool.get('product.uom')
        ModelData = pool.get('ir.model.data')
        kg = Uom(ModelData.get_id('product', 'uom_kilogram'))
        if self.unit.category == kg.category:
            return Uom.compute_qty(self.unit, self.quantity, kg, round=False)
        weight = self.lot.weight if self.lot else None
        return self.internal_quantity * (
            weight or self.product.usual_weight or 0)
