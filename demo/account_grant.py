# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A grant for a project, half of it spent."""
import datetime as dt
from decimal import Decimal

from proteus import Model
from trytond.modules.proxymikro_account.setup_books import get_account

from .evidence import act_as


def run(config, context):
    "The metropolis gives for a workshop, which buys its tools"
    Grant = Model.get('account.grant')
    Party = Model.get('party.party')
    with act_as(config, 'tresorerie'):
        funder = Party(name="Métropole de la Gironde")
        funder.save()
        date = context['today'] - dt.timedelta(days=20)
        grant = Grant(
            name="Atelier mobile de réemploi", reference="2026-SUB-118",
            date=date, funder=funder)
        grant.amount = Decimal(4000)
        grant.report_date = date + dt.timedelta(days=365)
        grant.click('award')
        spend(grant, context['today'] - dt.timedelta(days=6))


def spend(grant, date):
    "Buy tools on the analytic account of the grant"
    Journal = Model.get('account.journal')
    Move = Model.get('account.move')
    Period = Model.get('account.period')
    period, = Period.find([
            ('start_date', '<=', date),
            ('end_date', '>=', date),
            ('type', '=', 'standard'),
            ])
    journal, = Journal.find([('code', '=', 'OD')])
    move = Move(
        period=period, journal=journal, date=date,
        description="Outillage de l'atelier mobile")
    cost = move.lines.new(
        account=get_account('6063'), debit=Decimal('1860.50'))
    cost.analytic_lines.new(
        account=grant.analytic_account, date=date, debit=Decimal('1860.50'))
    move.lines.new(account=get_account('5121'), credit=Decimal('1860.50'))
    move.click('post')
