# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The floats that a query computes."""
from sql.functions import Round


def round_to(field, value):
    """Return the value with the digits of the field.

    With more of them, the web client takes the record for modified as soon as
    its form is left.
    """
    _, digits = field.digits
    # PostgreSQL rounds a float to an integer only
    return Round(value * 10 ** digits) / (10. ** digits)
