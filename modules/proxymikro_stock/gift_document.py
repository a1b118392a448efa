# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The documents that the gift regimes require, and what waits for them."""
from trytond.model import DeactivableMixin, ModelSQL, ModelView, Unique, fields
from trytond.modules.proxymikro_base.validity import ValidityMixin

BLOCKS = [
    ('nothing', "Nothing"),
    ('release', "Making Ready, Lending and Leaving"),
    ('receive', "Receiving"),
    ]


class GiftDocument(DeactivableMixin, ModelSQL, ModelView):
    __name__ = 'stock.gift.document'

    name = fields.Char("Name", required=True, translate=True)
    note = fields.Text(
        "Note", translate=True,
        help="What the document must say and who signs it.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order.insert(0, ('name', 'ASC'))


class GiftRegimeDocument(ValidityMixin, ModelSQL, ModelView):
    __name__ = 'stock.gift.regime.document'

    regime = fields.Many2One(
        'stock.gift.regime', "Gift Regime", required=True, ondelete='CASCADE')
    document = fields.Many2One(
        'stock.gift.document', "Document", required=True, ondelete='RESTRICT')
    blocks = fields.Selection(
        BLOCKS, "Blocks", required=True, sort=False,
        help="What can't be done with the equipment "
        "as long as the document is missing.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('regime_document_unique', Unique(t, t.regime, t.document),
                'proxymikro_stock.msg_gift_regime_document_unique'),
            ]
        cls.__access__.add('regime')

    @classmethod
    def default_blocks(cls):
        return 'nothing'

    def get_rec_name(self, name):
        return self.document.rec_name
