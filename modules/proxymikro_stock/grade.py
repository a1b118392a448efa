# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the grades mean: a letter that each person reads alone is no grade."""

APPEARANCES = [
    (None, ""),
    ('A', "A – Like New"),
    ('B', "B – Light Marks"),
    ('C', "C – Visible Marks"),
    ('D', "D – Damaged, Usable"),
    ('E', "E – Unfit to Lend"),
    ]
FUNCTIONS = [
    (None, ""),
    ('A', "A – Everything Works"),
    ('B', "B – Minor Defect"),
    ('C', "C – One Function Missing"),
    ('D', "D – Limited Use"),
    ('E', "E – Does Not Work"),
    ]
