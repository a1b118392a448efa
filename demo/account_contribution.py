# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the association receives without money, below the line."""
import datetime as dt
from decimal import Decimal

from proteus import Model, Wizard

from .evidence import act_as


def run(config, context):
    "Record the hours, the goods and the premises of the last two months"
    with act_as(config, 'tresorerie'):
        agree(context['today'] - dt.timedelta(days=300))
        find = Wizard('account.contribution.find')
        find.form.start_date = context['today'] - dt.timedelta(days=60)
        find.form.end_date = context['today']
        find.execute('preview')
        find.execute('record')


def agree(date):
    "A company lends a workshop: one of its managers sits on the board"
    Agreement = Model.get('account.agreement')
    Party = Model.get('party.party')
    partner, = Party.find([('name', '=', "Ateliers du Port")])
    agreement = Agreement(
        name="Atelier de 80 m², quai des Marais", party=partner,
        link='shared', kind='premises', start_date=date,
        link_detail="Denis Fauché y est associé", abstained="Denis Fauché",
        decided_on=date - dt.timedelta(days=12), value=Decimal('4800'),
        valuation="Loyer de locaux semblables du quartier : 60 € le m² par an")
    agreement.click('run')
