# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.model import ModelSQL, ModelView, Unique, fields, sequence_ordered
from trytond.pool import Pool
from trytond.pyson import Eval, If

from .evidence import SealedMixin
from .product import KINDS

ANSWERS = [
    (None, ""),
    ('passed', "Passed"),
    ('failed', "Failed"),
    ('na', "Not Applicable"),
    ]


class Checklist(ModelSQL, ModelView):
    __name__ = 'device.checklist'

    device_kind = fields.Selection(
        KINDS, "Kind of Device", required=True, sort=False,
        help="The tests of the devices of this kind begin with these lines.")
    device_kind_string = device_kind.translated('device_kind')
    lines = fields.One2Many('device.checklist.line', 'checklist', "Checks")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('device_kind_unique', Unique(t, t.device_kind),
                'proxymikro_stock.msg_checklist_kind_unique'),
            ]

    def get_rec_name(self, name):
        return self.device_kind_string

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('device_kind', *clause[1:])]

    @classmethod
    def get_checks(cls, lot):
        "Return what is to be checked on the device"
        checklists = cls.search([
                ('device_kind', '=', lot.product.device_kind),
                ], limit=1)
        return [n.name for c in checklists for n in c.lines]


class ChecklistLine(sequence_ordered(), ModelSQL, ModelView):
    __name__ = 'device.checklist.line'

    checklist = fields.Many2One(
        'device.checklist', "Checklist", required=True, ondelete='CASCADE')
    name = fields.Char(
        "Check", required=True, translate=True,
        help="What to look at, so that anybody can answer "
        "that it passes or fails.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('checklist')


class TestLine(SealedMixin, sequence_ordered(), ModelSQL, ModelView):
    __name__ = 'device.test.line'

    test = fields.Many2One(
        'device.test', "Test", required=True, ondelete='CASCADE')
    name = fields.Char("Check", required=True)
    result = fields.Selection(
        ANSWERS, "Result", sort=False,
        help="Each check is answered before the device passes its test.")
    notes = fields.Char("Notes")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('test')

    @property
    def is_sealed(self):
        return self.test.is_sealed

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree/field[@name="result"]', 'visual',
                If(Eval('result') == 'failed', 'danger',
                    If(Eval('result') == 'passed', 'success', 'muted'))),
            ]

    @classmethod
    def from_checklist(cls, lot):
        "Return the values of the lines of a new test of the device"
        Checklist = Pool().get('device.checklist')
        return [
            {'sequence': i, 'name': name}
            for i, name in enumerate(Checklist.get_checks(lot), 1)]
