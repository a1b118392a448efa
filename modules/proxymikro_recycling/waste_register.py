# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The register of outgoing waste: a sealed line for what each shipment declares.

A line is never edited. What changes afterwards is another line of the same
shipment, under the same identifier, which modifies or cancels the one before
(articles R541-43 and R541-45 of the environment code, decree of 31 May 2021).
"""
import datetime as dt
import json

from dateutil.relativedelta import relativedelta

from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.modules.proxymikro_base.seal import SealMixin
from trytond.modules.proxymikro_stock.evidence import SealedMixin
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.tools import grouped_slice
from trytond.transaction import Transaction, without_check_access

from .waste_register_value import get_values
from .waste_treatment import MODES, OPERATIONS

# What the lists show is also in the declaration: both are sealed
SHOWN = [
    'number', 'version', 'reason', 'note', 'shipment', 'company', 'date',
    'code', 'description', 'hazardous', 'weight', 'weight_estimated',
    'facility', 'operation', 'operation_mode', 'slip_number',
    'slip_exemption']


class WasteRegister(SealMixin, SealedMixin, ModelSQL, ModelView):
    __name__ = 'waste.register'
    _rec_name = 'number'
    _unsealed_fields = frozenset({'export'})
    _sealed_fields = [*SHOWN, 'declaration', 'written_at', 'written_by']

    company = fields.Many2One(
        'company.company', "Company", required=True, readonly=True)
    number = fields.Char(
        "Unique Identifier", required=True, readonly=True,
        help="The number of the shipment: "
        "all the lines of a shipment have the same.")
    version = fields.Integer(
        "Line", required=True, readonly=True,
        help="1 for the first line of the shipment, then its corrections.")
    reason = fields.Selection([
            ('new', "New"),
            ('modify', "Modify"),
            ('cancel', "Cancel"),
            ], "Why", required=True, readonly=True, sort=False,
        help="What the line does to those before of the same shipment.")
    reason_string = reason.translated('reason')
    note = fields.Char(
        "Note", readonly=True, help="Why the line was corrected.")
    shipment = fields.Many2One(
        'stock.shipment.waste', "Waste Shipment", required=True,
        readonly=True, ondelete='RESTRICT')
    date = fields.Date("Left On", required=True, readonly=True)
    code = fields.Char("Waste Code", required=True, readonly=True)
    description = fields.Char("Usual Name", readonly=True)
    hazardous = fields.Boolean("Hazardous", readonly=True)
    weight = fields.Float(
        "Weight", digits=(None, 3), readonly=True,
        help="The weight in kg that is declared.")
    weight_estimated = fields.Boolean("Estimated Weight", readonly=True)
    facility = fields.Char("Treatment Facility", readonly=True)
    operation = fields.Selection(
        OPERATIONS, "Treatment", readonly=True, sort=False)
    operation_mode = fields.Selection(
        MODES, "Kind of Treatment", readonly=True, sort=False)
    slip_number = fields.Char("Slip Number", readonly=True)
    slip_exemption = fields.Char(
        "Without a Trackdéchets Slip Because", readonly=True,
        states={
            'invisible': ~Bool(Eval('slip_exemption')),
            })
    declaration = fields.Text(
        "Declared", readonly=True,
        help="All the columns of the register, as they were that day.")
    written_at = fields.DateTime("Written At", required=True, readonly=True)
    written_by = fields.Many2One(
        'res.user', "Written By", readonly=True, ondelete='RESTRICT')
    export = fields.Many2One(
        'waste.register.export', "Exported In", readonly=True,
        ondelete='RESTRICT',
        help="The file in which the line was given to the State.")
    current = fields.Function(
        fields.Boolean(
            "In Force",
            help="Whether no other line of the shipment replaces it."),
        'get_current')
    kept_until = fields.Function(
        fields.Date(
            "To Keep Until",
            help="The first day on which the law no longer asks for it."),
        'get_kept_until')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('version_unique', Unique(t, t.shipment, t.version),
                'proxymikro_recycling.msg_waste_register_version'),
            ('number_unique', Unique(t, t.company, t.number, t.version),
                'proxymikro_recycling.msg_waste_register_version'),
            ]
        cls._order = [('date', 'DESC'), ('id', 'DESC')]

    @classmethod
    def seal_domain(cls):
        return []

    @classmethod
    def check_modification(cls, mode, lines, values=None, external=False):
        super().check_modification(
            mode, lines, values=values, external=external)
        if mode == 'write' and external:
            cls._check_unsealed(lines, 'modify')

    @classmethod
    def copy(cls, lines, default=None):
        return []

    @property
    def values(self):
        "What the line declares, by column"
        return json.loads(self.declaration)

    @classmethod
    def get_current(cls, lines, name):
        last = cls.get_last({l.shipment for l in lines})
        return {
            l.id: l == last[l.shipment] and l.reason != 'cancel'
            for l in lines}

    @classmethod
    def get_kept_until(cls, lines, name):
        pool = Pool()
        limit = pool.get('waste.limit').get_limit(
            'retention', pool.get('ir.date').today())
        return {
            l.id: l.date + relativedelta(years=int(limit.amount))
            if limit else None
            for l in lines}

    @classmethod
    def get_last(cls, shipments):
        "Return the last line of each shipment"
        last = {}
        for sub_ids in grouped_slice(list(map(int, shipments)), 500):
            for line in cls.search(
                    [('shipment', 'in', list(sub_ids))],
                    order=[('version', 'ASC')]):
                last[line.shipment] = line
        return last

    @classmethod
    @without_check_access
    def declare(cls, shipments, reason='modify', note=None):
        """Write a line for each shipment that declares something else.

        A shipment that is new has its first line, whatever the reason.
        """
        last = cls.get_last(shipments)
        lines = []
        for shipment in shipments:
            before = last.get(shipment)
            line = cls._get_line(shipment, before, reason, note)
            if (before and reason == 'modify' and not cls._differ(
                        before, line)):
                continue
            lines.append(line)
        cls.save(lines)
        return lines

    @classmethod
    def _differ(cls, before, line):
        return (before.values != line.values
            or before.slip_number != line.slip_number
            or before.slip_exemption != line.slip_exemption)

    @classmethod
    def _get_line(cls, shipment, before, reason, note):
        weight, estimated = shipment.declared_weight
        values = get_values(shipment)
        return cls(
            company=shipment.company,
            number=before.number if before else shipment.number,
            version=before.version + 1 if before else 1,
            reason=reason if before else 'new',
            note=note, shipment=shipment, date=shipment.effective_date,
            code=values['wasteCode'], description=values['wasteDescription'],
            hazardous=shipment.hazardous, weight=weight,
            weight_estimated=estimated, facility=shipment.party.name,
            operation=shipment.operation,
            operation_mode=shipment.operation_mode,
            slip_number=shipment.slip_number,
            slip_exemption=shipment.slip_exemption,
            declaration=json.dumps(values, ensure_ascii=False),
            written_at=dt.datetime.now().replace(microsecond=0),
            written_by=Transaction().user)

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(
                    Eval('reason') == 'cancel', 'danger',
                    If(~Eval('current', True), 'muted', ''))),
            ]
