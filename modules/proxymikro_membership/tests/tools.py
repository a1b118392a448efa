# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from decimal import Decimal

from proteus import Model, Wizard
from trytond.modules.proxymikro_account.setup_books import get_product

__all__ = ['create_membership', 'create_membership_type', 'pay']


def create_membership_type(
        name="École", statutory='10.00', counterpart='20.00', **values):
    "Create a type whose fee has a part in 7561 and one in 7562"
    Type = Model.get('party.membership.type')
    type_ = Type(name=name, **values)
    for product, amount in [
            ('fee', statutory), ('fee_counterpart', counterpart)]:
        if amount:
            type_.fees.new(
                product=get_product(product), amount=Decimal(amount))
    type_.save()
    return type_


def create_membership(party, type_, start_date=None, **values):
    Membership = Model.get('party.membership')
    membership = Membership(party=party, type=type_, **values)
    if start_date:
        membership.start_date = start_date
    membership.save()
    return membership


def pay(invoice):
    "Pay the invoice by cheque"
    Method = Model.get('account.invoice.payment.method')
    wizard = Wizard('account.invoice.pay', [invoice])
    wizard.form.payment_method, = Method.find([('name', '=', "Chèque")])
    wizard.execute('choice')
