# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Whether a device may still hold the data of those who had it."""
from sql import Literal, Null
from sql.conditionals import Case
from sql.operators import Exists

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.model.modelsql import convert_from
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.tools import grouped_slice
from trytond.transaction import Transaction, without_check_access

from .component import erased_clause

HELD = {'unknown', 'to_erase'}


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    sanitisation = fields.Function(
        fields.Selection([
                ('none', "Not Concerned"),
                ('unknown', "Unknown"),
                ('to_erase', "To Erase"),
                ('erased', "Erased"),
                ('diskless', "Without Drive"),
                ], "Data", sort=False,
            help="Whether the unit may still hold data: "
            "it can't leave while it is unknown or to erase."))
    components = fields.One2Many(
        'device.component', 'lot', "Components", readonly=True)
    reports = fields.One2Many(
        'device.report', 'lot', "Hardware Reports", readonly=True)
    declarations = fields.One2Many(
        'device.declaration', 'lot', "Declarations", readonly=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        device_only = {
            'invisible': ~Eval('device', False),
            'depends': ['device'],
            }
        cls._buttons.update({
                'attach_report_wizard': device_only,
                'record_erasure_wizard': {
                    'invisible': Eval('sanitisation') != 'to_erase',
                    'depends': ['sanitisation'],
                    },
                })

    @classmethod
    def column_sanitisation(cls, tables):
        """Return the SQL of the sanitisation of the unit.

        No drive found is not « no drive »: only a person may say so.
        A drive taken out unerased must be accounted for: as a part of ours,
        which is then what holds the data, or by a later declaration.
        """
        table, _ = tables[None]
        template = cls._join_template(tables)
        return Case(
            (_drive(table, 'extracted_lot', open_=True), 'to_erase'),
            (_drive(table, 'extracted_lot'), 'erased'),
            (_drive(table, 'lot', present=True, open_=True), 'to_erase'),
            (~(template.may_hold_data == Literal(True))
                | (template.may_hold_data == Null), 'none'),
            (_unaccounted_drive(table), 'unknown'),
            (_drive(table, 'lot', present=True), 'erased'),
            (_declaration(table), 'diskless'),
            (_drive(table, 'lot'), 'erased'),
            else_='unknown')

    @classmethod
    def _get_sanitisations(cls, lots):
        "Return the sanitisation by id, as the database has it now"
        cursor = Transaction().connection.cursor()
        result = {}
        for sub_ids in grouped_slice(sorted(set(map(int, lots))), 500):
            table = cls.__table__()
            tables = {None: (table, None)}
            column = cls.column_sanitisation(tables)
            cursor.execute(*convert_from(None, tables).select(
                    table.id, column,
                    where=fields.SQL_OPERATORS['in'](
                        table.id, list(sub_ids))))
            result.update(cursor)
        return result

    @classmethod
    @without_check_access
    def data_holds(cls, lots):
        """Return for each lot that may still hold data the reasons why.

        A lot that holds none is not in the result.
        """
        holds = super().data_holds(lots)
        states = cls._get_sanitisations(lots)
        held = [l for l in lots if states[int(l)] in HELD]
        if not held:
            return holds
        drives = cls._get_open_drives(held)
        steps = cls._get_steps([d for ds in drives.values() for d in ds])
        reports = cls._get_reported(held)
        for lot in held:
            reasons = [
                gettext(
                    'proxymikro_stock.msg_hold_' + steps.get(d, 'drive'),
                    drive=d.rec_name)
                for d in drives.get(int(lot), [])]
            if not reasons:
                key = 'no_drive' if int(lot) in reports else 'no_report'
                reasons = [gettext(f'proxymikro_stock.msg_hold_{key}')]
            holds.setdefault(lot, []).extend(reasons)
        return holds

    @classmethod
    def _get_open_drives(cls, lots):
        """Return by lot the drives that keep it, taken out or not"""
        Component = Pool().get('device.component')
        ids = {int(l) for l in lots}
        result = {}
        for sub_ids in grouped_slice(sorted(ids), 500):
            sub_ids = list(sub_ids)
            for drive in Component.search([
                        ('kind', '=', 'drive'),
                        ('erased', '=', False),
                        ['OR',
                            [
                                ('lot', 'in', sub_ids),
                                ('extracted_lot', '=', None),
                                ],
                            ('extracted_lot', 'in', sub_ids),
                            ],
                        ]):
                key = drive.extracted_lot or drive.lot
                result.setdefault(key.id, []).append(drive)
        return result

    @classmethod
    def _get_steps(cls, drives):
        "Return what the drives wait for, when it is not to be erased"
        Component = Pool().get('device.component')
        return {
            drive: step
            for name, step in [
                ('to_destroy', 'destroy'), ('awaited', 'countersign')]
            for sub_drives in grouped_slice(drives, 500)
            for drive in Component.search([
                    ('id', 'in', [d.id for d in sub_drives]),
                    (name, '=', True),
                    ])}

    @classmethod
    def _get_reported(cls, lots):
        "Return the ids of the devices that a report speaks of"
        Report = Pool().get('device.report')
        table = Report.__table__()
        cursor = Transaction().connection.cursor()
        result = set()
        for sub_ids in grouped_slice(sorted(set(map(int, lots))), 500):
            cursor.execute(*table.select(
                    table.lot, where=fields.SQL_OPERATORS['in'](
                        table.lot, list(sub_ids)),
                    group_by=table.lot))
            result.update(i for i, in cursor)
        return result

    @classmethod
    @ModelView.button_action('proxymikro_stock.wizard_report_attach')
    def attach_report_wizard(cls, lots):
        pass

    @classmethod
    @ModelView.button_action('proxymikro_stock.wizard_erasure_record')
    def record_erasure_wizard(cls, lots):
        pass

    @classmethod
    def copy(cls, lots, default=None):
        default = default.copy() if default is not None else {}
        for name in ['components', 'reports', 'declarations']:
            default.setdefault(name, None)
        return super().copy(lots, default=default)


def _drive(lot, by, present=False, open_=False):
    "Return the SQL condition that the unit has, or is, such a drive"
    component = Pool().get('device.component').__table__()
    where = ((getattr(component, by) == lot.id)
        & (component.kind == 'drive'))
    if present:
        where &= ((component.removed_on == Null)
            & (component.extracted_lot == Null))
    if open_:
        where &= ~erased_clause(component)
    return Exists(component.select(Literal(1), where=where))


def _unaccounted_drive(lot):
    "Return the condition that nobody tells what became of a drive"
    component = Pool().get('device.component').__table__()
    return Exists(component.select(Literal(1),
            where=(component.lot == lot.id) & (component.kind == 'drive')
            & (component.removed_on != Null)
            & (component.extracted_lot == Null)
            & ~erased_clause(component)
            & ~_declaration(lot, since=component.removed_on)))


def _declaration(lot, since=None):
    """Return the condition that a person signed that no drive is left.

    Not before the device last came back from someone who used it.
    """
    Declaration = Pool().get('device.declaration')
    table = Declaration.__table__()
    where = ((table.lot == lot.id) & (table.state == 'signed')
        & ((lot.data_since == Null)
            | ((table.date >= Declaration.date.sql_cast(lot.data_since))
                & (table.write_date >= lot.data_since))))
    if since is not None:
        where &= table.date >= since
    return Exists(table.select(Literal(1), where=where))
