# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Propose the cut-offs of a year from what was invoiced with dates."""
from trytond.model import ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import Button, StateAction, StateView, Wizard


class ProposeCutOffStart(ModelView):
    __name__ = 'account.cut.off.propose.start'

    company = fields.Many2One('company.company', "Company", required=True)
    fiscalyear = fields.Many2One(
        'account.fiscalyear', "Fiscal Year", required=True,
        domain=[
            ('company', '=', Eval('company', -1)),
            ('state', '=', 'open'),
            ])

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_fiscalyear(cls):
        FiscalYear = Pool().get('account.fiscalyear')
        fiscalyears = FiscalYear.search([
                ('company', '=', cls.default_company()),
                ('state', '=', 'open'),
                ], order=[('end_date', 'ASC')], limit=1)
        return fiscalyears[0].id if fiscalyears else None


class ProposeCutOff(Wizard):
    __name__ = 'account.cut.off.propose'

    start = StateView(
        'account.cut.off.propose.start',
        'proxymikro_account.cut_off_propose_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Propose", 'propose', 'tryton-ok', default=True),
            ])
    propose = StateAction('proxymikro_account.act_cut_off')

    @without_check_access
    def do_propose(self, action):
        CutOff = Pool().get('account.cut.off')
        cut_offs = CutOff.get_proposals(self.start.fiscalyear)
        CutOff.save(cut_offs)
        return action, {}
