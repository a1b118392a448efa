# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Send the yearly statements of the donors, and print those of the others."""
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import (
    Button, StateReport, StateTransition, StateView, Wizard)

from .donor_statement import get_period
from .exceptions import DonorStatementError


class DonorStatementStart(ModelView):
    __name__ = 'donor.statement.start'

    company = fields.Many2One('company.company', "Company", required=True)
    year = fields.Integer(
        "Year", required=True,
        domain=[('year', '>=', 1990), ('year', '<=', 2200)])
    every = fields.Boolean(
        "All the Donors",
        help="Check for all those who have given at least once before the "
        "year ends.")
    donors = fields.Many2Many(
        'party.party', None, None, "Donors", required=True,
        context={'company': Eval('company', -1)}, depends={'company'},
        states={'readonly': Eval('every', False)})
    again = fields.Boolean(
        "Again",
        help="Check to send or print also the statements of the year which "
        "left already.")

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_year(cls):
        "The year that is over"
        return Pool().get('ir.date').today().year - 1

    @fields.depends('company', 'year', 'every', 'donors')
    def on_change_year(self):
        if self.year and self.every:
            self.donors = self.find_donors(self.company, self.year)

    @fields.depends(methods=['on_change_year'])
    def on_change_every(self):
        self.on_change_year()

    @classmethod
    @without_check_access
    def find_donors(cls, company, year):
        "Return who has given before the end of the year"
        Collection = Pool().get('stock.shipment.in')
        _, end = get_period(year)
        collections = Collection.search([
                ('company', '=', company.id if company else -1),
                ('state', 'in', ['received', 'done']),
                ('effective_date', '<=', end),
                ('gift_regime.kind', 'in', ['administration', 'gift']),
                ])
        return sorted({c.supplier.id for c in collections})


class SendDonorStatement(Wizard):
    __name__ = 'donor.statement.send'

    start = StateView(
        'donor.statement.start',
        'proxymikro_recycling.donor_statement_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Print All", 'print_', 'tryton-print'),
            Button("Send", 'send', 'tryton-email', default=True),
            ])
    send = StateTransition()
    print_ = StateReport('donor.statement')
    print_rest = StateReport('donor.statement')

    def default_start(self, names):
        Start = Pool().get('donor.statement.start')
        year, company = Start.default_year(), Start.default_company()
        every = not self.model or self.model.__name__ != 'party.party'
        if every:
            Company = Pool().get('company.company')
            donors = Start.find_donors(
                Company(company) if company is not None else None, year)
        else:
            donors = [r.id for r in self.records]
        return {
            'year': year, 'company': company, 'every': every,
            'donors': donors}

    def _get_donors(self):
        "Return the donors whose statement of the year is to leave"
        Statement = Pool().get('donor.statement')
        start = self.start
        donors = list(start.donors)
        if not start.again:
            told = {s.donor for s in Statement.search([
                        ('company', '=', start.company.id),
                        ('year', '=', start.year),
                        ('donor', 'in', [d.id for d in donors]),
                        ])}
            donors = [d for d in donors if d not in told]
        if not donors:
            raise DonorStatementError(gettext(
                    'proxymikro_recycling.msg_donor_statement_nobody',
                    year=start.year))
        return donors

    def transition_send(self):
        Statement = Pool().get('donor.statement')
        with Transaction().set_context(company=self.start.company.id):
            self.start.donors = Statement.send(
                self._get_donors(), self.start.year)
        return 'print_rest' if self.start.donors else 'end'

    def do_print_rest(self, action):
        return self._print(action, list(self.start.donors))

    def do_print_(self, action):
        return self._print(action, self._get_donors())

    def _print(self, action, donors):
        Statement = Pool().get('donor.statement')
        company = self.start.company.id
        with Transaction().set_context(company=company):
            Statement.keep(donors, self.start.year)
        ids = [d.id for d in donors]
        return action, {
            'id': ids[0], 'ids': ids, 'model': 'party.party',
            'company': company, 'year': self.start.year}
