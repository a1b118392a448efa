# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.model import DeactivableMixin, ModelSQL, ModelView, Unique, fields
from trytond.modules.proxymikro_base.validity import ValidityMixin
from trytond.pyson import Eval


class GiftRegime(ValidityMixin, DeactivableMixin, ModelSQL, ModelView):
    __name__ = 'stock.gift.regime'

    name = fields.Char("Name", required=True, translate=True)
    code = fields.Char(
        "Code", required=True,
        help="The short name of the regime, used by the imports.")
    kind = fields.Selection([
            ('administration', "Gift of an Administration"),
            ('gift', "Gift"),
            ('purchase', "Purchase"),
            ('unknown', "Unknown Origin"),
            ('deposit', "Deposit"),
            ], "Kind", required=True, sort=False,
        help="What gives a right to the equipment. A deposit is not ours: "
        "it is kept apart and can only be given back.")
    legal_basis = fields.Char(
        "Legal Basis", required=True,
        help="The article that the regime comes from, "
        "quoted when a sale is refused.")
    resale = fields.Selection([
            ('allowed', "Allowed"),
            ('forbidden', "Forbidden"),
            ('unknown', "Unknown"),
            ], "Resale", required=True, sort=False,
        help="Whether what is given under this regime may be sold, "
        "whole or in parts. Unknown forbids until it is stated.")
    unit_value_cap = fields.Numeric(
        "Unit Value Cap", digits=(None, 2),
        domain=['OR',
            ('unit_value_cap', '=', None),
            ('unit_value_cap', '>', 0),
            ],
        help="The most that a device may be worth, in euros, "
        "to be given under this regime.")
    solidarity = fields.Boolean(
        "Solidarity Price",
        states={
            'invisible': Eval('resale') == 'allowed',
            },
        help="Check if the law lets some associations sell to people in "
        "hardship, up to the solidarity price of the kind.")
    documents = fields.One2Many(
        'stock.gift.regime.document', 'regime', "Required Documents",
        help="What the donor or the association must provide.")
    note = fields.Text(
        "Note", translate=True,
        help="What the regime allows and forbids, in plain words.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('code_unique', Unique(t, t.code),
                'proxymikro_stock.msg_gift_regime_code_unique'),
            ]
        cls._order.insert(0, ('name', 'ASC'))

    @classmethod
    def default_kind(cls):
        return 'gift'

    @classmethod
    def default_resale(cls):
        return 'unknown'

    @classmethod
    def copy(cls, regimes, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('code', lambda o: f"{o['code']}-{o['id']}")
        return super().copy(regimes, default=default)
