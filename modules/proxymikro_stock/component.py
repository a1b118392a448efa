# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from sql import Literal, Null
from sql.conditionals import Case
from sql.operators import Exists

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, fields
from trytond.modules.proxymikro_base.search import search_any
from trytond.pool import Pool
from trytond.pyson import Bool, Eval

from .evidence import SealedMixin

KINDS = [
    ('motherboard', "Motherboard"),
    ('processor', "Processor"),
    ('memory', "Memory Module"),
    ('drive', "Drive"),
    ('graphics', "Graphics Card"),
    ('network', "Network Card"),
    ('optical', "Optical Drive"),
    ('display', "Display"),
    ('battery', "Battery"),
    ('psu', "Power Supply"),
    ('other', "Other"),
    ]
TECHNOLOGIES = [
    (None, ""),
    ('hdd', "Hard Disk"),
    ('ssd', "SSD"),
    ('nvme', "NVMe SSD"),
    ('chip', "Memory Chip"),
    ]


def erased_clause(component, state='validated'):
    """Return the SQL condition that the data of the component are erased.

    It takes two signatures. The last erasure counts: one that failed since
    denies those before, and so does the return of the device from someone who
    used it. In the state signed, the second signature is all that lacks.
    """
    pool = Pool()
    Component = pool.get('device.component')
    Erasure = pool.get('device.erasure')
    erasure, later = Erasure.__table__(), Erasure.__table__()
    lot = pool.get('stock.lot').__table__()
    since = Component.removed_on.sql_cast(lot.data_since)
    return _fitted_clean(component) | Exists(erasure.select(Literal(1),
            where=(erasure.component == component.id)
            & (erasure.state == state) & (erasure.result == 'success')
            & ~Exists(later.select(Literal(1),
                    where=(later.component == component.id)
                    & (later.state == 'signed') & (later.result != 'success')
                    & (later.end > erasure.end)))
            & ~Exists(lot.select(Literal(1),
                    where=(lot.id == component.lot)
                    & (lot.data_since > erasure.end)
                    & ((component.removed_on == Null)
                        | (component.removed_on >= since))))))


def failed_clause(component):
    "Return the SQL condition that the last erasure of the drive failed"
    Erasure = Pool().get('device.erasure')
    erasure, later = Erasure.__table__(), Erasure.__table__()
    return Exists(erasure.select(Literal(1),
            where=(erasure.component == component.id)
            & (erasure.state == 'signed') & (erasure.result != 'success')
            & ~Exists(later.select(Literal(1),
                    where=(later.component == component.id)
                    & (later.state == 'validated')
                    & (later.end >= erasure.end)))))


def _fitted_clean(component):
    """Return the SQL condition that a work order fitted it without data.

    The part went through the gate. Nobody has used the device since, and no
    erasure says otherwise.
    """
    pool = Pool()
    Component = pool.get('device.component')
    erasure = pool.get('device.erasure').__table__()
    lot = pool.get('stock.lot').__table__()
    since = Component.removed_on.sql_cast(lot.data_since)
    return ((component.part != Null)
        & ~Exists(erasure.select(Literal(1),
                where=(erasure.component == component.id)
                & (erasure.state == 'signed') & (erasure.result != 'success')))
        & ~Exists(lot.select(Literal(1),
                where=(lot.id == component.lot)
                & (lot.data_since > component.create_date)
                & ((component.removed_on == Null)
                    | (component.removed_on >= since)))))


class Component(SealedMixin, ModelSQL, ModelView):
    __name__ = 'device.component'
    _unsealed_fields = frozenset({
            'removed_on', 'extracted_lot', 'technology'})

    lot = fields.Many2One(
        'stock.lot', "Device", required=True, ondelete='RESTRICT',
        help="The device that the component is or was in.")
    kind = fields.Selection(KINDS, "Kind", required=True, sort=False)
    kind_string = kind.translated('kind')
    manufacturer = fields.Char("Manufacturer")
    model = fields.Char("Model")
    serial = fields.Char(
        "Serial Number",
        help="Leave empty if the component has none that can be trusted.")
    capacity = fields.Float(
        "Capacity", digits=(None, 2),
        domain=['OR',
            ('capacity', '=', None),
            ('capacity', '>', 0),
            ],
        help="The capacity in GB of a drive or a memory module.")
    capacity_text = fields.Function(
        fields.Char("Capacity"), 'on_change_with_capacity_text')
    technology = fields.Selection(
        TECHNOLOGIES, "Technology", sort=False,
        states={
            'invisible': Eval('kind') != 'drive',
            },
        help="How the drive keeps data, which decides how it can be erased.")
    soldered = fields.Boolean(
        "Soldered", help="Check if the component can't be taken out.")
    report = fields.Many2One(
        'device.report', "Hardware Report", readonly=True,
        ondelete='RESTRICT',
        help="The report that first showed the component.")
    installed_on = fields.Date(
        "Installed On",
        help="The day from which the component is known in the device.")
    removed_on = fields.Date(
        "Removed On",
        help="The day the component was taken out of the device.")
    extracted_lot = fields.Many2One(
        'stock.lot', "Part", readonly=True, ondelete='RESTRICT',
        help="The part that the component became when taken out.")
    previous = fields.Many2One(
        'device.component', "Seen Before", readonly=True, ondelete='RESTRICT',
        help="The same component in the device it was in before.")
    following = fields.One2Many(
        'device.component', 'previous', "Seen Since", readonly=True,
        help="The same component in the devices it was seen in since.")
    health = fields.One2Many(
        'device.component.health', 'component', "Health", readonly=True,
        states={
            'invisible': Eval('kind') != 'drive',
            })
    erasures = fields.One2Many(
        'device.erasure', 'component', "Erasures", readonly=True,
        states={
            'invisible': Eval('kind') != 'drive',
            })
    erased = fields.Function(
        fields.Boolean(
            "Erased",
            states={
                'invisible': Eval('kind') != 'drive',
                }))
    awaited = fields.Function(
        fields.Boolean(
            "To Countersign",
            states={
                'invisible': Eval('kind') != 'drive',
                },
            help="An erasure of the drive waits for its second signature."))
    to_destroy = fields.Function(
        fields.Boolean(
            "To Destroy",
            states={
                'invisible': Eval('kind') != 'drive',
                },
            help="The last erasure of the drive failed, even in part: "
            "destroy the drive and record it."))

    @classmethod
    def __setup__(cls):
        cls.serial.search_unaccented = False
        super().__setup__()
        t = cls.__table__()
        cls._sql_indexes.update({
                Index(t, (t.serial, Index.Equality())),
                Index(t, (t.extracted_lot, Index.Equality()),
                    where=t.extracted_lot != Null),
                })
        cls._order = [('lot', 'DESC'), ('kind', 'ASC'), ('id', 'ASC')]
        for name in ['lot', 'kind', 'manufacturer', 'model', 'serial',
                'capacity', 'technology', 'soldered', 'installed_on']:
            field = getattr(cls, name)
            field.states['readonly'] = Bool(Eval('report'))

    @property
    def is_sealed(self):
        "What a report or an erasure speaks of keeps its name"
        return bool(self.report or self.extracted_lot or self.erasures)

    @classmethod
    def check_modification(
            cls, mode, components, values=None, external=False):
        super().check_modification(
            mode, components, values=values, external=external)
        if (mode == 'write' and external
                and values.keys() & {'extracted_lot', 'report', 'previous'}):
            # Only a dismantling makes a part
            cls._raise_sealed('by_hand', components[0])

    @classmethod
    def column_erased(cls, tables):
        table, _ = tables[None]
        return _boolean(erased_clause(table))

    @classmethod
    def column_awaited(cls, tables):
        table, _ = tables[None]
        return _boolean(erased_clause(table, state='signed'))

    @classmethod
    def column_to_destroy(cls, tables):
        table, _ = tables[None]
        return _boolean(failed_clause(table))

    @classmethod
    def search_open_drives(cls, lots):
        """Return the drives of the devices that still hold data.

        A part is the drive that it was.
        """
        return cls.search(cls._open_drives_domain(list(map(int, lots))))

    @classmethod
    def _open_drives_domain(cls, ids):
        return [
            ('kind', '=', 'drive'),
            ('erased', '=', False),
            ['OR',
                [
                    ('lot', 'in', ids),
                    ('removed_on', '=', None),
                    ('extracted_lot', '=', None),
                    ],
                ('extracted_lot', 'in', ids),
                ],
            ]

    @property
    def is_present(self):
        "Whether the component is in its device, as far as it is known"
        return not self.removed_on and not self.extracted_lot

    @fields.depends('capacity')
    def on_change_with_capacity_text(self, name=None):
        if not self.capacity:
            return None
        value = f'{self.capacity:.0f}'
        if self.capacity < 10:
            value = f'{self.capacity:.1f}'.removesuffix('.0')
        return gettext('proxymikro_stock.msg_capacity', value=value)

    def get_rec_name(self, name):
        names = [self.kind_string, self.serial or self.model]
        if self.capacity_text:
            names.append(f'({self.capacity_text})')
        return ' '.join(filter(None, names))

    @classmethod
    def search_rec_name(cls, name, clause):
        return search_any(clause, 'serial', 'model', 'lot.rec_name')

    @classmethod
    def copy(cls, components, default=None):
        default = default.copy() if default is not None else {}
        for name in ['report', 'removed_on', 'extracted_lot', 'previous',
                'following', 'health', 'erasures']:
            default.setdefault(name, None)
        return super().copy(components, default=default)


class ComponentHealth(SealedMixin, ModelSQL, ModelView):
    __name__ = 'device.component.health'

    component = fields.Many2One(
        'device.component', "Drive", required=True, ondelete='RESTRICT')
    report = fields.Many2One(
        'device.report', "Hardware Report", required=True, ondelete='RESTRICT')
    date = fields.Function(fields.DateTime("Date"))
    passed = fields.Boolean(
        "Healthy",
        help="Whether the drive says of itself that it is fit.")
    hours = fields.Integer("Hours", help="How long the drive has been on.")
    cycles = fields.Integer(
        "Cycles", help="How many times the drive was switched on.")
    bad_sectors = fields.Integer(
        "Bad Sectors",
        help="The sectors that the drive replaced because they failed.")
    wear = fields.Integer(
        "Wear (%)", help="How much of its expected life an SSD has used.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('report', 'DESC'), ('id', 'DESC')]

    @classmethod
    def column_date(cls, tables):
        Report = Pool().get('device.report')
        table, _ = tables[None]
        if 'report' not in tables:
            report = Report.__table__()
            tables['report'] = {
                None: (report, table.report == report.id),
                }
        report, _ = tables['report'][None]
        return Report.read_date_column(report)

    @classmethod
    def copy(cls, records, default=None):
        # What a report read belongs to it alone
        return []


def _boolean(condition):
    return Case((condition, Literal(True)), else_=Literal(False))
