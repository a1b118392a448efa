# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.

from trytond.tests.test_tryton import load_doc_tests

# Each activates one more module of core, for minutes: tox -e campaigns
LONG = {
    'scenario_campaign_chorus_rst', 'scenario_campaign_dunning_rst',
    'scenario_campaign_sepa_rst'}


def load_tests(*args, **kwargs):
    return load_doc_tests(__name__, __file__, *args, **kwargs)
