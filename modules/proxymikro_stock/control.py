# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Workflow, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval, If
from trytond.tools import grouped_slice
from trytond.transaction import without_check_access

from .evidence import DeviceSealedMixin
from .exceptions import DeviceTestError
from .grade import APPEARANCES, FUNCTIONS

# What only the buttons write
ACTS = {'done_at', 'approved_by'}


class Test(DeviceSealedMixin, Workflow, ModelSQL, ModelView):
    __name__ = 'device.test'
    _sealed_state = 'done'
    _unsealed_fields = frozenset({'approved_by'})

    lot = fields.Many2One(
        'stock.lot', "Device", required=True, ondelete='RESTRICT',
        domain=[('device', '=', True)])
    date = fields.Date("Date", required=True)
    lines = fields.One2Many(
        'device.test.line', 'test', "Checks",
        help="The checklist of the kind of device.")
    result = fields.Selection([
            (None, ""),
            ('passed', "Passed"),
            ('failed', "Failed"),
            ], "Result", sort=False,
        help="It follows the checks: one that fails is enough. "
        "A device can be made ready when its last test passed.")
    grade_appearance = fields.Selection(
        APPEARANCES, "Appearance", sort=False,
        help="From A (like new) to E (unfit).")
    grade_function = fields.Selection(
        FUNCTIONS, "Function", sort=False,
        help="From A (everything works) to E (unfit).")
    employee = fields.Many2One(
        'company.employee', "Tested By", ondelete='RESTRICT')
    notes = fields.Text("Notes")
    done_at = fields.Timestamp(
        "Done At", readonly=True,
        help="When the test was sealed: "
        "it says nothing of what happens to the device later.")
    approved_by = fields.Many2One(
        'company.employee', "Approved By", readonly=True, ondelete='RESTRICT',
        states={
            'invisible': (Eval('state') != 'done')
            | (Eval('result') != 'passed'),
            },
        help="The second person, who agrees that the device is ready.")
    state = fields.Selection([
            ('draft', "Draft"),
            ('done', "Done"),
            ], "State", required=True, readonly=True, sort=False)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        for name in ['lot', 'date', 'lines', 'result', 'grade_appearance',
                'grade_function', 'employee', 'notes']:
            getattr(cls, name).states['readonly'] = Eval('state') == 'done'
        for name in ['result', 'employee']:
            getattr(cls, name).states['required'] = Eval('state') == 'done'
        cls._transitions |= {('draft', 'done')}
        draft = {
            'invisible': Eval('state') != 'draft',
            'depends': ['state'],
            }
        cls._buttons.update({
                'pass_': draft,
                'do': draft,
                'approve': {
                    'invisible': (
                        (Eval('state') != 'done')
                        | (Eval('result') != 'passed')
                        | Bool(Eval('approved_by'))),
                    'depends': ['state', 'result', 'approved_by'],
                    },
                })

    @classmethod
    def default_employee(cls):
        return cls._get_employee()

    @fields.depends('lot', 'lines')
    def on_change_lot(self):
        Line = Pool().get('device.test.line')
        if self.lot:
            self.lines = [Line(**n) for n in Line.from_checklist(self.lot)]

    @fields.depends('lines', 'result')
    def on_change_lines(self):
        self.result = self.get_result()

    def get_result(self):
        "Return what the checks say, if they are enough to tell"
        answers = {n.result for n in self.lines or []}
        if 'failed' in answers:
            return 'failed'
        if 'passed' in answers and None not in answers:
            return 'passed'

    def is_after(self, time):
        """Whether the test was made, and sealed, after the time.

        What is over at midnight was over at the end of the day before.
        """
        if not time:
            return True
        day = (time - dt.timedelta(microseconds=1)).date()
        return self.done_at >= time and self.date >= day

    @classmethod
    def preprocess_values(cls, mode, values):
        Line = Pool().get('device.test.line')
        Lot = Pool().get('stock.lot')
        values = super().preprocess_values(mode, values)
        if mode == 'create' and 'lines' not in values and values.get('lot'):
            values['lines'] = [
                ('create', Line.from_checklist(Lot(values['lot'])))]
        return values

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree/field[@name="result"]', 'visual',
                If(Eval('result') == 'failed', 'danger', '')),
            ]

    @classmethod
    @ModelView.button
    def pass_(cls, tests):
        "Answer that what nobody answered passes"
        Line = Pool().get('device.test.line')
        lines = [n for t in tests for n in t.lines if not n.result]
        if lines:
            Line.write(lines, {'result': 'passed'})
        for test in cls.browse(tests):
            if test.lines:
                test.result = test.get_result()
                test.save()

    @classmethod
    @ModelView.button
    @Workflow.transition('done')
    def do(cls, tests):
        "Seal the tests and give their grades to the devices"
        today = Pool().get('ir.date').today()
        for test in tests:
            test._follow_checks()
            if missing := cls._get_missing(test, ['result', 'employee']):
                raise DeviceTestError(gettext(
                        'proxymikro_stock.msg_test_incomplete',
                        lot=test.lot.rec_name, fields=missing))
            if test.date > today:
                raise DeviceTestError(gettext(
                        'proxymikro_stock.msg_test_future',
                        lot=test.lot.rec_name))
            test.done_at = dt.datetime.now()
        cls.save(tests)
        cls._grade(tests)

    def _follow_checks(self):
        "Let the result be what the checks say"
        result = self.get_result()
        if self.lines and not result and self.result == 'passed':
            check = next(n for n in self.lines if not n.result)
            raise DeviceTestError(gettext(
                    'proxymikro_stock.msg_test_check',
                    lot=self.lot.rec_name, check=check.name))
        if result == 'failed' or not self.result:
            self.result = result

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

    @classmethod
    @ModelView.button
    def approve(cls, tests):
        "Sign as the second person that the devices are ready"
        employee = cls._get_employee()
        for test in tests:
            if not employee or test.employee.id == employee:
                raise DeviceTestError(gettext(
                        'proxymikro_stock.msg_test_second_person',
                        lot=test.lot.rec_name,
                        employee=test.employee.rec_name))
        if tests:
            cls.write(tests, {'approved_by': employee})

    @classmethod
    def check_modification(cls, mode, tests, values=None, external=False):
        super().check_modification(
            mode, tests, values=values, external=external)
        if external and mode == 'write' and values.keys() & ACTS:
            cls._raise_sealed('by_hand', tests[0])
        if external and mode == 'create' and any(
                getattr(t, n) for t in tests for n in ACTS):
            cls._raise_sealed('by_hand', tests[0])

    @classmethod
    def copy(cls, tests, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('state', cls.default_state())
        for name in ['result', *ACTS]:
            default.setdefault(name, None)
        default.setdefault('lines.result', None)
        return super().copy(tests, default=default)


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    tests = fields.One2Many('device.test', 'lot', "Tests", readonly=True)

    @classmethod
    @without_check_access
    def test_holds(cls, lots):
        "Return for each device that may not be made ready the reasons why"
        pool = Pool()
        Configuration = pool.get('stock.configuration')
        Test = pool.get('device.test')
        holds = super().test_holds(lots)
        approval = Configuration(1).test_approval
        last = {}
        devices = [l for l in lots if l.product.device]
        for sub_lots in grouped_slice(devices, 500):
            for test in Test.search([
                        ('lot', 'in', [int(l) for l in sub_lots]),
                        ('state', '=', 'done'),
                        ], order=[('date', 'ASC'), ('id', 'ASC')]):
                last[test.lot.id] = test
        for lot in devices:
            if reason := lot._get_test_hold(last.get(lot.id), approval):
                holds.setdefault(lot, []).append(
                    gettext(f'proxymikro_stock.msg_hold_test_{reason}'))
        return holds

    def _get_test_hold(self, test, approval):
        "Return why its last test does not make the device ready"
        if not test:
            return 'missing'
        if test.result != 'passed':
            return 'failed'
        if not test.is_after(self.data_since):
            return 'returned'
        if approval and not test.approved_by:
            return 'approval'

    @classmethod
    def copy(cls, lots, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('tests', None)
        return super().copy(lots, default=default)
