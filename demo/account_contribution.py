# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the association receives without money, below the line."""
import datetime as dt

from proteus import Wizard

from .evidence import act_as


def run(config, context):
    "Record the hours of the volunteers and the goods of the last two months"
    with act_as(config, 'tresorerie'):
        find = Wizard('account.contribution.find')
        find.form.start_date = context['today'] - dt.timedelta(days=60)
        find.form.end_date = context['today']
        find.execute('preview')
        find.execute('record')
