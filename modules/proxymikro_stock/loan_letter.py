# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is written to the borrowers: one message for all they must give back."""
import datetime as dt
from itertools import groupby

from trytond.i18n import gettext
from trytond.model import ModelView
from trytond.modules.company import CompanyReport
from trytond.modules.proxymikro_base.mail import check_mail_server
from trytond.modules.proxymikro_base.report import HTMLReportMixin
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.tools.email_ import format_address
from trytond.transaction import Transaction, without_check_access

from .exceptions import LoanMailError


def by_borrower(loans):
    "Return the loans of each borrower, the soonest due first"
    def key(loan):
        return loan.company.id, loan.borrower.id
    return [
        sorted(group, key=lambda l: (l.end_date, l.id))
        for _, group in groupby(sorted(loans, key=key), key=key)]


class Loan(metaclass=PoolMeta):
    __name__ = 'stock.loan'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._buttons.update({
                'remind': {
                    'invisible': ~Eval('overdue', False),
                    'depends': ['overdue'],
                    },
                })

    @property
    def recall_event(self):
        "The recall which gave the loan its due date, if any"
        for event in self.events:
            if event.kind in {'recall', 'extension'}:
                return event if event.kind == 'recall' else None

    @property
    def open_lines(self):
        return [n for n in self.lines if n.open_device]

    @classmethod
    @ModelView.button
    def remind(cls, loans):
        "Ask the borrowers for all they should have given back"
        check_mail_server()
        for late in by_borrower(cls._get_late(loans)):
            cls._remind(late)

    @classmethod
    @without_check_access
    def remind_late(cls):
        """Ask each late borrower, from time to time: run by the scheduler.

        Who has no e-mail address stays in the list of what is overdue.
        """
        Configuration = Pool().get('stock.configuration')
        days = Configuration(1).loan_reminder_days
        if not days:
            return
        loans = cls.search([('overdue', '=', True)])
        last = {}
        for loan in loans:
            if loan.reminded_on:
                key = loan.company, loan.borrower
                last[key] = max(loan.reminded_on, last.get(key, dt.date.min))
        late = [
            l for l in by_borrower(loans)
            if l[0].borrower.email
            and last.get((l[0].company, l[0].borrower), dt.date.min)
            <= l[0].today() - dt.timedelta(days=days)]
        if not late:
            return
        check_mail_server()
        for borrower_loans in late:
            cls._remind(borrower_loans)

    @classmethod
    def _get_late(cls, loans):
        "Return all that is overdue from the borrowers of the loans"
        return cls.search([
                ('overdue', '=', True),
                ['OR'] + [[
                        ('borrower', '=', l.borrower.id),
                        ('company', '=', l.company.id),
                        ] for l in loans],
                ]) if loans else []

    @classmethod
    def _remind(cls, loans):
        cls.send_letter(loans, cls.add_events(loans, 'reminder'))

    @classmethod
    @without_check_access
    def send_letter(cls, loans, events):
        "Send one message to the borrower of the loans and keep it"
        pool = Pool()
        Email = pool.get('ir.email')
        Event = pool.get('stock.loan.event')
        Letter = pool.get('stock.loan.letter', type='report')
        borrower = loans[0].borrower
        if not borrower.email:
            raise LoanMailError(gettext(
                    'proxymikro_stock.msg_loan_mail_address',
                    party=borrower.rec_name))
        company = loans[0].company
        with Transaction().set_context(company=company.id, language='fr'):
            loans = cls.browse(loans)
            email = Email.send(
                to=format_address(borrower.email, borrower.name),
                subject=Letter.get_subject(loans),
                body=Letter.render_body(loans),
                record=(cls.__name__, loans[0].id))
        Event.write(events, {'email': email.id})


class LoanLetter(HTMLReportMixin, CompanyReport):
    __name__ = 'stock.loan.letter'

    @classmethod
    def get_context(cls, records, header, data):
        context = super().get_context(records, header, data)
        context['letters'] = by_borrower(records)
        return context

    @classmethod
    def get_subject(cls, loans):
        return f"{loans[0].company.party.name} : matériel à nous rendre"


class Cron(metaclass=PoolMeta):
    __name__ = 'ir.cron'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.method.selection.append(
            ('stock.loan|remind_late', "Remind Late Borrowers"))
