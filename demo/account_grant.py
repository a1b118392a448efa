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
    funder = Party(name="Métropole de la Gironde", legal_kind='public')
    funder.save()
    with act_as(config, 'tresorerie'):
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
    Invoice = Model.get('account.invoice')
    Party = Model.get('party.party')
    supplier = Party(name="Outillage du Bassin")
    supplier.save()
    invoice = Invoice(
        type='in', party=supplier, invoice_date=date, reference="FA-20418")
    line = invoice.lines.new(account=get_account('6063'), quantity=1)
    line.description = "Stations de soudage et tournevis"
    line.unit_price = Decimal('1860.50')
    entry, = line.analytic_accounts
    entry.account = grant.analytic_account
    invoice.click('post')
