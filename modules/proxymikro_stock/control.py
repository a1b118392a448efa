# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Workflow, fields
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import without_check_access

from .evidence import DeviceSealedMixin
from .exceptions import DeviceTestError
from .lot import GRADES


class Test(DeviceSealedMixin, Workflow, ModelSQL, ModelView):
    __name__ = 'device.test'
    _sealed_state = 'done'

    lot = fields.Many2One(
        'stock.lot', "Device", required=True, ondelete='RESTRICT',
        domain=[('device', '=', True)])
    date = fields.Date("Date", required=True)
    result = fields.Selection([
            (None, ""),
            ('passed', "Passed"),
            ('failed', "Failed"),
            ], "Result", sort=False,
        help="A device can be made ready when its last test passed.")
    grade_appearance = fields.Selection(
        GRADES, "Appearance", sort=False,
        help="From A (like new) to E (unfit).")
    grade_function = fields.Selection(
        GRADES, "Function", sort=False,
        help="From A (everything works) to E (unfit).")
    employee = fields.Many2One(
        'company.employee', "Tested By", ondelete='RESTRICT')
    notes = fields.Text("Notes")
    state = fields.Selection([
            ('draft', "Draft"),
            ('done', "Done"),
            ], "State", required=True, readonly=True, sort=False)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        for name in ['lot', 'date', 'result', 'grade_appearance',
                'grade_function', 'employee', 'notes']:
            getattr(cls, name).states['readonly'] = Eval('state') == 'done'
        for name in ['result', 'employee']:
            getattr(cls, name).states['required'] = Eval('state') == 'done'
        cls._transitions |= {('draft', 'done')}
        cls._buttons.update({
                'do': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                })

    @classmethod
    def default_employee(cls):
        return cls._get_employee()

    @classmethod
    @ModelView.button
    @Workflow.transition('done')
    def do(cls, tests):
        "Seal the tests and give their grades to the devices"
        today = Pool().get('ir.date').today()
        for test in tests:
            if missing := cls._get_missing(test, ['result', 'employee']):
                raise DeviceTestError(gettext(
                        'proxymikro_stock.msg_test_incomplete',
                        lot=test.lot.rec_name, fields=missing))
            if test.date > today:
                raise DeviceTestError(gettext(
                        'proxymikro_stock.msg_test_future',
                        lot=test.lot.rec_name))
        cls._grade(tests)

    @classmethod
    @without_check_access
    def _grade(cls, tests):
        "Write the grades on the devices, the last test last"
        Lot = Pool().get('stock.lot')
        to_write = []
        for test in sorted(tests, key=lambda t: (t.date, t.id)):
            grades = {
                n: getattr(test, n)
                for n in ['grade_appearance', 'grade_function']
                if getattr(test, n)}
            if grades:
                to_write += [[test.lot], grades]
        if to_write:
            Lot.write(*to_write)
