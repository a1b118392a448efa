# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Tell the story of the demonstration: python -m demo DATABASE CONFIG."""
import sys

from proteus import config as proteus_config

from . import (
    account, account_bank, account_contribution, account_expense, account_gift,
    account_grant, account_helloasso, account_treasury, association, base,
    evidence, loan, membership, recycling, settlement, stock, volunteer,
    waiting, work)


def main(database, config_file):
    config = proteus_config.set_trytond(database, config_file=config_file)
    tell(config)


def tell(config, context=None):
    "Run the steps in the order of the story and return what they made"
    context = {} if context is None else context
    for step in [
            base.run,
            account.run,
            stock.run,        # 1. two gifts are collected
            evidence.run,     # 2. reports, 3. erasures, tests, ready
            membership.run,   # 4. a school becomes a member
            loan.run,         # 5. devices are lent, returned, swapped
            recycling.run,    # 6. dismantled, 7. sold, 9. scrap leaves
            work.run,         # a device is repaired with a part of another
            account_gift.run,  # donors give, and get their receipts
            account_expense.run,  # volunteers' expenses, approved by another
            account_helloasso.run,  # what was paid online
            account_grant.run,  # what is given for a project
            account_contribution.run,  # what is given without money
            account_treasury.run,  # cheques and cash go to the bank
            account.bank,     # 8. the bank file is matched
            account_bank.waiting,
            settlement.run,   # sold by weight, and settled for less
            volunteer.run,    # who can come on Saturday, the hours given
            association.run,  # members renew, the assembly is convened
            waiting.run,      # what waits for somebody this morning
            ]:
        step(config, context)
    return context


if __name__ == '__main__':
    main(*sys.argv[1:])
