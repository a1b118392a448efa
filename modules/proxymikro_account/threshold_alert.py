# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Who keeps the books is told, once, that a threshold is near or passed."""
import html

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.modules.currency.fields import Monetary
from trytond.modules.proxymikro_base.mail import check_mail_server
from trytond.pool import Pool, PoolMeta
from trytond.transaction import Transaction, without_check_access

# Who receives the message
GROUPS = ['group_treasury', 'group_presidency']


class ThresholdAlert(ModelSQL, ModelView):
    __name__ = 'account.threshold.alert'

    threshold = fields.Many2One(
        'account.threshold', "Threshold", required=True, ondelete='CASCADE')
    company = fields.Many2One('company.company', "Company", required=True)
    start_date = fields.Date(
        "Year From", required=True,
        help="The first day of the year that is counted.")
    level = fields.Selection([
            ('near', "Near"),
            ('passed', "Passed"),
            ], "Level", required=True, sort=False)
    reached = Monetary(
        "Reached", currency='currency', digits='currency', required=True)
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"), 'get_currency')
    date = fields.Date("Sent On", required=True)
    recipients = fields.Char("Sent To")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('threshold')
        t = cls.__table__()
        cls._sql_constraints += [
            ('once', Unique(t, t.threshold, t.company, t.start_date, t.level),
                'proxymikro_account.msg_threshold_alert_once'),
            ]
        cls._order = [('date', 'DESC'), ('id', 'DESC')]

    @classmethod
    def get_currency(cls, alerts, name):
        return {a.id: a.company.currency.id for a in alerts}

    def get_rec_name(self, name):
        return self.threshold.rec_name

    @property
    def sentence(self):
        Lang = Pool().get('ir.lang')
        lang = Lang.get()
        return gettext(
            f'proxymikro_account.msg_threshold_alert_{self.level}',
            threshold=self.threshold.rec_name,
            reached=lang.currency(self.reached, self.currency),
            amount=lang.currency(self.threshold.amount, self.currency),
            consequence=self.threshold.consequence or '')

    @classmethod
    @without_check_access
    def send(cls):
        "Tell what came near a threshold, or passed it: run by the scheduler"
        Company = Pool().get('company.company')
        for company in Company.search([]):
            with Transaction().set_context(
                    company=company.id, language='fr'):
                recipients = cls.get_recipients(company)
                alerts = cls.get_new(company)
                if not alerts or not recipients:
                    continue
                check_mail_server()
                for alert in alerts:
                    alert.recipients = ', '.join(recipients)
                # Saved first: two schedulers send once
                cls.save(alerts)
                cls.write_to(recipients, alerts)

    @classmethod
    def get_recipients(cls, company):
        pool = Pool()
        Data = pool.get('ir.model.data')
        User = pool.get('res.user')
        users = User.search([
                ('groups', 'in', [
                        Data.get_id('proxymikro_base', g) for g in GROUPS]),
                ('companies', '=', company.id),
                ('email', 'not in', [None, '']),
                ], order=[('id', 'ASC')])
        return list(dict.fromkeys(u.email for u in users))

    @classmethod
    def get_new(cls, company):
        "Return, not saved, the alerts that were never sent"
        pool = Pool()
        Threshold = pool.get('account.threshold')
        today = pool.get('ir.date').today()
        thresholds = Threshold.search([
                ('level', 'in', ['near', 'passed']),
                *Threshold.valid_domain(today),
                ])
        known = {
            (a.threshold, a.start_date, a.level)
            for a in cls.search([('company', '=', company.id)])}
        alerts = []
        for threshold in thresholds:
            start, _ = Threshold.get_dates(threshold.period)
            if (threshold, start, threshold.level) not in known:
                alerts.append(cls(
                        threshold=threshold, company=company, date=today,
                        start_date=start, level=threshold.level,
                        reached=threshold.reached))
        return alerts

    @classmethod
    def write_to(cls, recipients, alerts):
        Email = Pool().get('ir.email')
        sentences = ''.join(
            f'<li>{html.escape(a.sentence)}</li>' for a in alerts)
        Email.send(
            to=', '.join(recipients),
            subject=gettext(
                'proxymikro_account.msg_threshold_alert_subject',
                company=alerts[0].company.rec_name, count=len(alerts)),
            body=f'<ul>{sentences}</ul>',
            record=('account.threshold', alerts[0].threshold.id))


class Threshold(metaclass=PoolMeta):
    __name__ = 'account.threshold'

    alerts = fields.One2Many(
        'account.threshold.alert', 'threshold', "Alerts", readonly=True)

    @classmethod
    def copy(cls, thresholds, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('alerts')
        return super().copy(thresholds, default=default)


class Cron(metaclass=PoolMeta):
    __name__ = 'ir.cron'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.method.selection.append(
            ('account.threshold.alert|send', "Tell of the Thresholds"))
