# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The yearly inventory of what members have, seen device by device."""
from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, Workflow, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import without_check_access
from trytond.wizard import StateAction, Wizard

from .exceptions import InventoryPlaceError


class Inventory(metaclass=PoolMeta):
    __name__ = 'stock.inventory'

    borrower = fields.Function(
        fields.Many2One('party.party', "Borrower",
            context={
                'company': Eval('company', -1),
                },
            depends={'company'}),
        'on_change_with_borrower', searcher='search_borrower')
    discrepancies = fields.One2Many(
        'stock.inventory.discrepancy', 'inventory', "Discrepancies",
        states={
            'invisible': ~Eval('borrower'),
            },
        help="The devices that are there but recorded elsewhere.")
    unseen = fields.Function(
        fields.Integer("Not Seen"), 'get_unseen')

    @fields.depends('location')
    def on_change_with_borrower(self, name=None):
        return self.location.borrower if self.location else None

    @classmethod
    def search_borrower(cls, name, clause):
        return [('location.' + clause[0], *clause[1:])]

    def get_unseen(self, name):
        return sum(1 for n in self.lines if n.lot and n.quantity is None)

    @fields.depends('lines', 'discrepancies', 'state', 'location')
    def on_scan_code(self, code):
        pool = Pool()
        Discrepancy = pool.get('stock.inventory.discrepancy')
        lot = pool.get('stock.lot').scan(code)
        if not lot or self.state != 'draft':
            return
        lines = list(self.lines or [])
        for line in lines:
            if line.lot == lot:
                line.quantity = 1
                self.lines = lines
                return
        discrepancies = list(self.discrepancies or [])
        if lot not in {d.lot for d in discrepancies}:
            self.discrepancies = discrepancies + [
                Discrepancy(lot=lot, state='open')]

    @classmethod
    @without_check_access
    def start(cls, party):
        """Return the draft inventories of the places where the party has
        devices, the lines waiting to be seen."""
        pool = Pool()
        Location = pool.get('stock.location')
        Lot = pool.get('stock.lot')
        locations = Location.search([
                ('stage', '=', 'lent'),
                ['OR', ('borrower', '=', party.id), ('place', '=', party.id)],
                ])
        held = {l.location for l in Lot.search(
                [('location', 'in', [l.id for l in locations])])}
        inventories = cls.search([
                ('location', 'in', [l.id for l in held]),
                ('state', '=', 'draft'),
                ])
        started = {i.location for i in inventories}
        new = [
            cls(location=l, empty_quantity='keep')
            for l in locations if l in held - started]
        cls.save(new)
        cls.complete_lines(new)
        for inventory in new:
            for line in inventory.lines:
                line.quantity = None
        pool.get('stock.inventory.line').save(
            [n for i in new for n in i.lines])
        return inventories + new

    @classmethod
    @ModelView.button
    def confirm(cls, inventories):
        members = [i for i in inventories if i.borrower]
        cls._set_aside(members)
        cls._check_lost(members)
        super().confirm(inventories)

    @classmethod
    def _set_aside(cls, inventories):
        "Turn the lines of what is recorded elsewhere into discrepancies"
        pool = Pool()
        Discrepancy = pool.get('stock.inventory.discrepancy')
        Line = pool.get('stock.inventory.line')
        elsewhere = [
            n for i in inventories for n in i.lines
            if n.lot and n.lot.device and not n.expected_quantity]
        Discrepancy.save([
                Discrepancy(inventory=n.inventory, lot=n.lot)
                for n in elsewhere
                if n.lot not in {d.lot for d in n.inventory.discrepancies}])
        Line.delete(elsewhere)

    @classmethod
    def _check_lost(cls, inventories):
        for inventory in inventories:
            for line in inventory.lines:
                if line.lot and line.quantity == 0:
                    raise InventoryPlaceError(gettext(
                            'proxymikro_stock.msg_inventory_lost',
                            lot=line.lot.rec_name,
                            inventory=inventory.rec_name))


class InventoryDiscrepancy(Workflow, ModelSQL, ModelView):
    __name__ = 'stock.inventory.discrepancy'

    inventory = fields.Many2One(
        'stock.inventory', "Inventory", required=True, ondelete='CASCADE')
    lot = fields.Many2One(
        'stock.lot', "Device", required=True, ondelete='RESTRICT',
        domain=[('device', '=', True)],
        states={
            'readonly': Eval('id', -1) >= 0,
            })
    recorded = fields.Function(
        fields.Many2One(
            'stock.location', "Recorded At",
            help="Where the device is in the books."),
        'on_change_with_recorded')
    advice = fields.Function(
        fields.Selection([
                (None, ""),
                ('transfer', "Transfer it from the other place"),
                ('return', "Return it from the other borrower"),
                ('lend', "Bring it back or lend it"),
                ], "What to Do",
            help="A device of the same borrower is transferred at once. "
            "What another one used must come back to be erased."),
        'on_change_with_advice')
    notes = fields.Char(
        "Notes",
        states={
            'required': Eval('state') == 'settled',
            },
        help="How the discrepancy was settled.")
    state = fields.Selection([
            ('open', "Open"),
            ('transferred', "Transferred"),
            ('settled', "Settled"),
            ], "State", required=True, readonly=True, sort=False)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('inventory')
        t = cls.__table__()
        cls._sql_constraints += [
            ('lot_unique', Unique(t, t.inventory, t.lot),
                'proxymikro_stock.msg_inventory_discrepancy_unique'),
            ]
        cls._transitions |= {('open', 'transferred'), ('open', 'settled')}
        cls._buttons.update({
                'transfer': {
                    'invisible': (Eval('state') != 'open')
                    | (Eval('advice') != 'transfer'),
                    'depends': ['state', 'advice'],
                    },
                'settle': {
                    'invisible': Eval('state') != 'open',
                    'depends': ['state'],
                    },
                })

    @classmethod
    def default_state(cls):
        return 'open'

    @fields.depends('lot')
    def on_change_with_recorded(self, name=None):
        return self.lot.location if self.lot else None

    @fields.depends('lot', 'inventory', '_parent_inventory.location')
    def on_change_with_advice(self, name=None):
        if not (self.lot and self.lot.location and self.inventory
                and self.inventory.location):
            return None
        place, here = self.lot.location, self.inventory.location
        if place.stage != 'lent':
            return 'lend'
        return (
            'transfer' if place.borrower == here.borrower else 'return')

    def get_rec_name(self, name):
        return f'{self.lot.rec_name} @ {self.inventory.rec_name}'

    @classmethod
    @ModelView.button
    @Workflow.transition('transferred')
    def transfer(cls, discrepancies):
        Line = Pool().get('stock.loan.line')
        for discrepancy in discrepancies:
            inventory = discrepancy.inventory
            Line.transfer(
                discrepancy.lot, inventory.location, inventory.date)

    @classmethod
    @ModelView.button
    @Workflow.transition('settled')
    def settle(cls, discrepancies):
        for discrepancy in discrepancies:
            if not discrepancy.notes:
                raise InventoryPlaceError(gettext(
                        'proxymikro_stock.msg_inventory_settle',
                        lot=discrepancy.lot.rec_name))


class LoanLine(metaclass=PoolMeta):
    __name__ = 'stock.loan.line'

    @classmethod
    @without_check_access
    def transfer(cls, lot, location, date):
        """Move a lent device to another place of its borrower.

        It goes straight there, under a new loan until the same day, as its
        data have not changed hands.
        """
        pool = Pool()
        Loan = pool.get('stock.loan')
        Move = pool.get('stock.move')
        lines = cls.lock(cls.search([('open_device', '=', lot.id)]))
        if not lines or lines[0].loan.borrower != location.borrower:
            raise InventoryPlaceError(gettext(
                    'proxymikro_stock.msg_inventory_transfer',
                    lot=lot.rec_name, location=lot.location.rec_name))
        line, = lines
        old = line.loan
        loan = Loan(
            company=old.company, borrower=old.borrower, place=location.place,
            purpose=old.purpose, start_date=date,
            end_date=max(old.end_date, date), delivered_on=date)
        loan.save()
        new = cls(
            loan=loan, lot=lot, lent_on=date, condition_out=line.condition_out,
            replacement_value=line.replacement_value)
        new.save()
        Loan.set_number([loan])
        move = new._get_move(lot.location, location, date)
        move.save()
        Move.do([move])
        line.move_in, line.returned_on, line.open_device = move, date, None
        line.save()
        new.move_out, new.open_device = move, lot
        new.save()
        Loan.write([loan], {'state': 'running'})
        cls.close_loans([line])
        return new


class MemberInventory(Wizard):
    __name__ = 'stock.inventory.member'
    start_state = 'open_'

    open_ = StateAction('proxymikro_stock.act_inventory_member')

    def do_open_(self, action):
        Inventory = Pool().get('stock.inventory')
        inventories = []
        for party in self.records:
            inventories.extend(Inventory.start(party))
        if not inventories:
            raise InventoryPlaceError(gettext(
                    'proxymikro_stock.msg_inventory_nothing',
                    party=self.record.rec_name))
        return action, {'res_id': [i.id for i in inventories]}
