# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The documents of the collections: those obtained and those missing."""
from sql import Literal, Null
from sql.conditionals import Coalesce
from sql.functions import CurrentDate
from sql.operators import Exists

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Workflow, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval
from trytond.tools import grouped_slice
from trytond.transaction import without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .evidence import SealedMixin
from .exceptions import CollectionDocumentError
from .gift_document import BLOCKS

# More than a table of regimes will ever have
_MAX_REQUIRED = 4096


class CollectionDocument(SealedMixin, ModelSQL, ModelView):
    __name__ = 'stock.collection.document'
    _unsealed_fields = frozenset({'voided_on', 'voided_by'})

    collection = fields.Many2One(
        'stock.shipment.in', "Collection", required=True, ondelete='RESTRICT')
    document = fields.Many2One(
        'stock.gift.document', "Document", required=True, ondelete='RESTRICT')
    date = fields.Date(
        "Date", required=True,
        help="The day the document was signed.")
    reference = fields.Char(
        "Reference",
        states={
            'required': ~Eval('file'),
            },
        help="What finds the document again: "
        "its number, or the binder it is kept in.")
    signatory = fields.Char(
        "Signatory", help="Who signed it, and in what capacity.")
    file = fields.Binary("File", filename='file_name')
    file_name = fields.Char("File Name")
    voided_on = fields.Date(
        "Voided On", readonly=True,
        states={
            'invisible': ~Eval('voided_on'),
            },
        help="The day somebody said that the document does not count.")
    voided_by = fields.Many2One(
        'company.employee', "Voided By", readonly=True, ondelete='RESTRICT',
        states={
            'invisible': ~Eval('voided_on'),
            })

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('collection')
        cls._order = [('date', 'ASC'), ('id', 'ASC')]
        for name in ['collection', 'document', 'date', 'reference',
                'signatory', 'file', 'file_name']:
            getattr(cls, name).states['readonly'] = Eval('id', -1) >= 0
        cls._buttons.update({
                'void': {
                    'invisible': (
                        (Eval('id', -1) < 0) | Bool(Eval('voided_on'))),
                    'depends': ['voided_on'],
                    },
                })

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()

    def get_rec_name(self, name):
        return f'{self.document.rec_name} · {self.collection.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('document.rec_name', *clause[1:])]

    @classmethod
    def copy(cls, documents, default=None):
        # A document is signed once
        return []

    @classmethod
    def check_modification(
            cls, mode, documents, values=None, external=False):
        # What is recorded is sealed, but recorded by hand
        super().check_modification(
            mode, documents, values=values,
            external=external and mode != 'create')

    @classmethod
    @ModelView.button
    def void(cls, documents):
        today = Pool().get('ir.date').today()
        cls.write([d for d in documents if not d.voided_on], {
                'voided_on': today,
                'voided_by': cls._get_employee(),
                })


class MissingDocument(ModelSQL, ModelView):
    """What the regimes require and nobody has provided.

    It is computed, so that it is true whatever changes: the regime of the
    collection, the requirements, the documents.
    """
    __name__ = 'stock.collection.document.missing'

    collection = fields.Many2One(
        'stock.shipment.in', "Collection", required=True)
    document = fields.Many2One(
        'stock.gift.document', "Document", required=True)
    blocks = fields.Selection(BLOCKS, "Blocks", required=True, sort=False)
    date = fields.Date("Date of Collection")
    donor = fields.Function(
        fields.Many2One('party.party', "Donor"),
        'get_donor', searcher='search_donor')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('collection')
        cls._order = [('date', 'ASC'), ('id', 'ASC')]
        cls._buttons.update({
                'provide_wizard': {},
                })

    @classmethod
    def table_query(cls):
        pool = Pool()
        collection = pool.get('stock.shipment.in').__table__()
        required = pool.get('stock.gift.regime.document').__table__()
        provided = pool.get('stock.collection.document').__table__()
        date = Coalesce(collection.effective_date, collection.planned_date)
        day = Coalesce(date, CurrentDate())
        return collection.join(required,
            condition=(required.regime == collection.gift_regime)
            & ((required.start_date == Null) | (required.start_date <= day))
            & ((required.end_date == Null) | (required.end_date >= day))
            ).select(
            (collection.id * _MAX_REQUIRED + required.id).as_('id'),
            collection.id.as_('collection'),
            required.document.as_('document'),
            required.blocks.as_('blocks'),
            date.as_('date'),
            where=(collection.state != 'cancelled')
            & ~Exists(provided.select(Literal(1),
                    where=(provided.collection == collection.id)
                    & (provided.document == required.document)
                    & (provided.voided_on == Null))))

    def get_rec_name(self, name):
        return f'{self.document.rec_name} · {self.collection.rec_name}'

    @classmethod
    def get_donor(cls, records, name):
        return {r.id: r.collection.supplier.id for r in records}

    @classmethod
    def search_donor(cls, name, clause):
        nested = clause[0][len(name):]
        return [('collection.supplier' + nested, *clause[1:])]

    @classmethod
    @ModelView.button_action('proxymikro_stock.wizard_document_provide')
    def provide_wizard(cls, records):
        pass


class ShipmentIn(metaclass=PoolMeta):
    __name__ = 'stock.shipment.in'

    documents = fields.One2Many(
        'stock.collection.document', 'collection', "Documents",
        help="The documents that were obtained.")
    missing_documents = fields.One2Many(
        'stock.collection.document.missing', 'collection',
        "Missing Documents", readonly=True,
        help="What the gift regime requires and was not obtained.")

    @classmethod
    @ModelView.button
    @Workflow.transition('received')
    def receive(cls, collections):
        cls.check_documents(collections, {'receive'})
        super().receive(collections)

    @classmethod
    @without_check_access
    def get_missing(cls, collections, blocks):
        "Return the missing documents that block it"
        Missing = Pool().get('stock.collection.document.missing')
        ids = sorted({c.id for c in collections})
        return [
            missing for sub_ids in grouped_slice(ids, 500)
            for missing in Missing.search([
                    ('collection', 'in', list(sub_ids)),
                    ('blocks', 'in', list(blocks)),
                    ])]

    @classmethod
    def check_documents(cls, collections, blocks):
        for missing in cls.get_missing(collections, blocks):
            raise CollectionDocumentError(gettext(
                    'proxymikro_stock.msg_collection_document_receive',
                    collection=missing.collection.rec_name,
                    document=missing.document.rec_name,
                    article=missing.collection.gift_regime.legal_basis))

    @classmethod
    def copy(cls, collections, default=None):
        default = default.copy() if default is not None else {}
        for name in ['documents', 'missing_documents']:
            default.setdefault(name, None)
        return super().copy(collections, default=default)


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    @classmethod
    def is_release(cls, location):
        "Whether what enters the location is used, sold or thrown away"
        return (location.stage in {'ready', 'lent', 'treatment'}
            or location.type in {'customer', 'production'})

    @classmethod
    def check_destination(cls, lots, location):
        super().check_destination(lots, location)
        if cls.is_release(location):
            cls.check_documents(lots, location)

    @classmethod
    @without_check_access
    def check_documents(cls, lots, location):
        "Refuse to release what its collection gives no right to yet"
        ShipmentIn = Pool().get('stock.shipment.in')
        collections = {l.collection for l in lots if l.collection}
        missing = {
            m.collection: m for m in ShipmentIn.get_missing(
                collections, {'release', 'receive'})}
        for lot in lots:
            if lot.collection in missing:
                document = missing[lot.collection].document
                raise CollectionDocumentError(gettext(
                        'proxymikro_stock.msg_collection_document_release',
                        lot=lot.rec_name,
                        location=location.rec_name,
                        document=document.rec_name,
                        collection=lot.collection.rec_name))


class ProvideDocument(Wizard):
    __name__ = 'stock.collection.document.provide'

    start = StateView('stock.collection.document.provide.start',
        'proxymikro_stock.document_provide_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Record", 'provide', 'tryton-ok', default=True),
            ])
    provide = StateTransition()

    def transition_provide(self):
        Document = Pool().get('stock.collection.document')
        start = self.start
        Document.create([{
                    'collection': missing.collection.id,
                    'document': missing.document.id,
                    'date': start.date,
                    'reference': start.reference,
                    'signatory': start.signatory,
                    'file': start.file,
                    'file_name': start.file_name,
                    } for missing in self.records])
        return 'end'


class ProvideDocumentStart(ModelView):
    __name__ = 'stock.collection.document.provide.start'

    date = fields.Date(
        "Date", required=True, help="The day the document was signed.")
    reference = fields.Char(
        "Reference",
        states={
            'required': ~Eval('file'),
            },
        help="What finds the document again: "
        "its number, or the binder it is kept in.")
    signatory = fields.Char(
        "Signatory", help="Who signed it, and in what capacity.")
    file = fields.Binary("File", filename='file_name')
    file_name = fields.Char("File Name")

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()
