# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Find the contributions in kind that the documents of a period hold."""
from collections import defaultdict

from trytond.model import ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import Button, StateAction, StateView, Wizard

from .contribution import KINDS


class ContributionFindStart(ModelView):
    __name__ = 'account.contribution.find.start'

    start_date = fields.Date("From", required=True)
    end_date = fields.Date(
        "To", required=True,
        domain=[('end_date', '>=', Eval('start_date', None))])

    @classmethod
    def default_start_date(cls):
        return Pool().get('ir.date').today().replace(month=1, day=1)

    @classmethod
    def default_end_date(cls):
        return Pool().get('ir.date').today()


class ContributionFindPreview(ModelView):
    __name__ = 'account.contribution.find.preview'

    lines = fields.One2Many(
        'account.contribution.find.line', None, "Contributions Found",
        readonly=True)


class ContributionFindLine(ModelView):
    __name__ = 'account.contribution.find.line'

    kind = fields.Selection(KINDS, "Kind", sort=False)
    source = fields.Char("Source")
    count = fields.Integer("Documents")
    quantity = fields.Float("Quantity", digits=(None, 2))
    amount = Monetary("Amount", currency='currency', digits='currency')
    currency = fields.Many2One('currency.currency', "Currency")


class ContributionFind(Wizard):
    __name__ = 'account.contribution.find'

    start = StateView(
        'account.contribution.find.start',
        'proxymikro_account.contribution_find_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Preview", 'preview', 'tryton-forward', default=True),
            ])
    preview = StateView(
        'account.contribution.find.preview',
        'proxymikro_account.contribution_find_preview_view_form', [
            Button("Back", 'start', 'tryton-back'),
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Record", 'record', 'tryton-ok', default=True),
            ])
    record = StateAction('proxymikro_account.act_contribution_found')

    @without_check_access
    def find(self):
        pool = Pool()
        Company = pool.get('company.company')
        Contribution = pool.get('account.contribution')
        company = Company(Transaction().context['company'])
        return Contribution.find(
            company, self.start.start_date, self.start.end_date)

    def default_preview(self, fields):
        Model = Pool().get('ir.model')
        groups = defaultdict(list)
        for contribution in self.find():
            groups[contribution.kind, contribution.origin.__name__].append(
                contribution)
        return {'lines': [{
                    'kind': kind,
                    'source': Model.get_name(source),
                    'count': len(group),
                    'quantity': sum(c.quantity or 0 for c in group) or None,
                    'amount': sum(c.amount for c in group),
                    'currency': group[0].company.currency.id,
                    } for (kind, source), group in groups.items()]}

    @without_check_access
    def do_record(self, action):
        Contribution = Pool().get('account.contribution')
        # Two people may find the same at once
        Contribution.lock()
        contributions = self.find()
        Contribution.save(contributions)
        Contribution.record(contributions)
        return action, {'res_id': [c.id for c in contributions]}
