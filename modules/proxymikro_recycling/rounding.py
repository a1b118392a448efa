# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The floats that a query computes."""
from sql.functions import Round


def round_to_field(field, value):
    """Return the value with the digits of the field.

    With more of them, the web client takes the record for modified as soon as
    its form is left.
    """
    return round_to(value, field.digits[1])


def round_to(value, digits):
    """Return the float rounded: PostgreSQL rounds it to an integer only.

    It makes -0 of what is hardly less than nothing, which would be shown.
    """
    return Round(value * 10 ** digits) / (10. ** digits) + 0.
