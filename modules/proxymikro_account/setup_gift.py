# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Proteus functions which set up the tax receipts of an association."""
from proteus import Model


def setup_receipts(config, quality, purpose, signatory):
    "Tell what the tax receipts say of the association"
    Configuration = Model.get('account.configuration', config=config)
    configuration = Configuration(1)
    configuration.tax_receipt_quality = quality
    configuration.tax_receipt_purpose = purpose
    configuration.tax_receipt_signatory = signatory
    configuration.save()
