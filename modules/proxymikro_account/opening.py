# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The books start from the balance, or the FEC, of the earlier software.

One file opens a year, by one move, once: to take another one the first is
cancelled.  The same code serves the wizard and ``proxymikro-import balance``.
"""
import hashlib

from sql.operators import Equal

from trytond.i18n import gettext
from trytond.model import Exclude, ModelSQL, ModelView, Workflow, fields
from trytond.modules.proxymikro_base.importer import (
    MAX_TEXT, FileRefused, show)
from trytond.pool import Pool
from trytond.pyson import Bool, Eval
from trytond.rpc import RPC
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import Button, StateAction, StateView, Wizard

from .exceptions import OpeningError
from .opening_file import read
from .opening_plan import OpeningPlan
from .statement import get_sentence

SHOWN = 30


class Opening(Workflow, ModelSQL, ModelView):
    __name__ = 'account.opening'
    _rec_name = 'file_name'

    fiscalyear = fields.Many2One(
        'account.fiscalyear', "Fiscal Year", required=True, readonly=True,
        ondelete='RESTRICT')
    company = fields.Function(
        fields.Many2One('company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    file_name = fields.Char("File Name", required=True, readonly=True)
    sha256 = fields.Char(
        "SHA-256", required=True, readonly=True,
        help="The fingerprint of the file.")
    user = fields.Many2One(
        'res.user', "User", required=True, readonly=True,
        ondelete='RESTRICT')
    notes = fields.Text(
        "Notes", readonly=True,
        help="What was decided about the rows of the file.")
    move = fields.Many2One(
        'account.move', "Move", required=True, readonly=True,
        ondelete='RESTRICT')
    cancel_move = fields.Many2One(
        'account.move', "Cancel Move", readonly=True, ondelete='RESTRICT',
        states={'invisible': ~Bool(Eval('cancel_move'))})
    state = fields.Selection([
            ('posted', "Posted"),
            ('cancelled', "Cancelled"),
            ], "State", required=True, readonly=True, sort=False)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('fiscalyear_unique',
                Exclude(t, (t.fiscalyear, Equal),
                    where=t.state == 'posted'),
                'proxymikro_account.msg_opening_unique'),
            ]
        cls._order = [('id', 'DESC')]
        cls._transitions |= {('posted', 'cancelled')}
        cls._buttons.update({
                'cancel': {
                    'invisible': Eval('state') != 'posted',
                    'depends': ['state'],
                    },
                })
        cls.__rpc__['import_file'] = RPC(readonly=False)

    @classmethod
    def default_state(cls):
        return 'posted'

    @fields.depends('fiscalyear')
    def on_change_with_company(self, name=None):
        return self.fiscalyear.company if self.fiscalyear else None

    @classmethod
    def search_company(cls, name, clause):
        return [('fiscalyear.' + clause[0], *clause[1:])]

    @classmethod
    @ModelView.button
    @Workflow.transition('cancelled')
    def cancel(cls, openings):
        "Cancel the moves: lines paid since then must be freed first"
        pool = Pool()
        Line = pool.get('account.move.line')
        Move = pool.get('account.move')
        to_reconcile = []
        for opening in openings:
            if any(l.reconciliation for l in opening.move.lines):
                raise OpeningError(gettext(
                        'proxymikro_account.msg_opening_reconciled',
                        opening=opening.rec_name))
            opening.cancel_move = opening.move.cancel()
            to_reconcile += zip(
                opening.move.lines, opening.cancel_move.lines)
        cls.save(openings)
        Move.post([o.cancel_move for o in openings])
        Line.reconcile(*(
                list(pair) for pair in to_reconcile
                if pair[0].account.reconcile
                and pair[0].account == pair[1].account))

    @classmethod
    def import_file(
            cls, year, data, file_name, dry_run=True, create_parties=False,
            closest=False):
        """Open the fiscal year of that name with the file, or say why not.

        Return the number of lines, the total, the number of parties created,
        notes and errors: with an error, or a dry run, nothing is written.
        """
        pool = Pool()
        Access = pool.get('ir.model.access')
        FiscalYear = pool.get('account.fiscalyear')
        Access.check('account.move', 'create')
        years = FiscalYear.search([
                ('company', '=', Transaction().context.get('company')),
                ('name', '=', str(year)),
                ])
        if len(years) != 1:
            raise OpeningError(gettext(
                    'proxymikro_account.msg_opening_year', year=show(year)))
        with without_check_access():
            plan = cls.get_plan(years[0], bytes(data), create_parties, closest)
            if not dry_run and not plan.errors:
                cls.apply(plan, bytes(data), file_name)
        return plan.get_result()

    @classmethod
    def get_plan(cls, fiscalyear, data, create_parties, closest):
        try:
            rows, problems = read(data)
        except FileRefused as refused:
            raise OpeningError(get_sentence(refused)) from refused
        Batch = Pool().get('import.batch')
        plan = OpeningPlan(fiscalyear, rows, create_parties, closest)
        if problems:
            plan.errors[:] = [
                *map(Batch.get_error, problems),
                *(e for e in plan.errors if e['line'] > 1)]
        if fiscalyear.state != 'open':
            plan._error(None, 'closed', year=fiscalyear.rec_name)
        if opening := cls.search([
                    ('fiscalyear', '=', fiscalyear.id),
                    ('state', '=', 'posted')]):
            plan._error(
                None, 'twice', year=fiscalyear.rec_name,
                file=opening[0].file_name)
        return plan

    @classmethod
    def apply(cls, plan, data, file_name):
        opening = cls(
            fiscalyear=plan.fiscalyear, move=plan.apply(),
            file_name=(show(file_name or '') or "balance")[:MAX_TEXT],
            sha256=hashlib.sha256(data).hexdigest(),
            user=Transaction().user, notes='\n'.join(plan.notes) or None)
        opening.save()
        return opening


class OpeningImportStart(ModelView):
    __name__ = 'account.opening.import.start'

    fiscalyear = fields.Many2One(
        'account.fiscalyear', "Fiscal Year", required=True,
        domain=[
            ('company', '=', Eval('context', {}).get('company', -1)),
            ('state', '=', 'open'),
            ],
        help="The year that the balance opens, on its first day.")
    file = fields.Binary(
        "File", required=True, filename='file_name',
        help="The balance at the end of the last year (CSV or ODS), or the "
        "FEC of that year.")
    file_name = fields.Char("File Name")
    create_parties = fields.Boolean(
        "Create the Missing Parties",
        help="Else the file is refused with their names.")
    closest = fields.Boolean(
        "Use the Closest Account",
        help="The account above, when the chart does not have the one of the "
        "file. Each is told.")


class OpeningImportPreview(ModelView):
    __name__ = 'account.opening.import.preview'

    lines = fields.Integer("Lines", readonly=True)
    debit = fields.Numeric("Total", digits=(None, 2), readonly=True)
    parties = fields.Integer("Parties to Create", readonly=True)
    notes = fields.Text(
        "Notes", readonly=True, states={'invisible': ~Eval('notes')})
    errors = fields.Text(
        "Problems", readonly=True, states={'invisible': ~Eval('errors')},
        help="Nothing is written until they are mended.")


class OpeningImport(Wizard):
    __name__ = 'account.opening.import'

    start = StateView(
        'account.opening.import.start',
        'proxymikro_account.opening_import_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Preview", 'preview', 'tryton-forward', default=True),
            ])
    preview = StateView(
        'account.opening.import.preview',
        'proxymikro_account.opening_import_preview_view_form', [
            Button("Back", 'start', 'tryton-back'),
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Open the Books", 'import_', 'tryton-ok', default=True,
                states={'invisible': Bool(Eval('errors'))}),
            ])
    import_ = StateAction('proxymikro_account.act_opening')

    def _import(self, dry_run):
        Opening = Pool().get('account.opening')
        return Opening.import_file(
            self.start.fiscalyear.name, self.start.file, self.start.file_name,
            dry_run=dry_run, create_parties=self.start.create_parties,
            closest=self.start.closest)

    def default_preview(self, fields):
        result = self._import(dry_run=True)
        return {
            **{n: result[n] for n in ['lines', 'debit', 'parties']},
            'notes': '\n'.join(result['notes']),
            'errors': self._show(result['errors']),
            }

    @classmethod
    def _show(cls, errors):
        Batch = Pool().get('import.batch')
        more = ["…"] if len(errors) > SHOWN else []
        return '\n'.join([
                *map(Batch.format_error, errors[:SHOWN]), *more])

    def do_import_(self, action):
        Opening = Pool().get('account.opening')
        result = self._import(dry_run=False)
        if result['errors']:
            raise OpeningError(self._show(result['errors']))
        openings = Opening.search([
                ('fiscalyear', '=', self.start.fiscalyear.id)], limit=1)
        return action, {'res_id': [o.id for o in openings]}
