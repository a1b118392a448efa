# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Whether a lot may be sold, by what its devices of origin were given under."""
from collections import defaultdict, namedtuple

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval
from trytond.tools import grouped_slice
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import ResaleError, WaiverAccessError, WaiverError

# A lot that is sold: to whom, at which price by unit with the taxes, and when
Sold = namedtuple('Sold', ['lot', 'buyer', 'price', 'date'])
_waived = {
    'invisible': ~Bool(Eval('resale_waiver_date')),
    }


def with_taxes(taxes, unit_price, date):
    "Return the price by unit with its taxes"
    Tax = Pool().get('account.tax')
    return unit_price + sum(
        t['amount'] for t in Tax.compute(taxes, unit_price, 1, date))


class Product(metaclass=PoolMeta):
    __name__ = 'product.product'

    @property
    def traced(self):
        "Whether it comes from gifts, so that each sale must say its lots"
        return bool(self.component_kind or self.device)

    def lot_is_required(self, from_, to):
        # Without a lot nothing would say where it comes from
        return self.traced or super().lot_is_required(from_, to)


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'
    _waiver_fields = [
        'resale_waiver', 'resale_waiver_date', 'resale_waiver_by',
        'resale_waiver_document']

    resale_right = fields.Function(
        fields.Selection([
                ('allowed', "Allowed"),
                ('forbidden', "Forbidden"),
                ('unknown', "Unknown"),
                ], "Resale", sort=False,
            help="Whether it may be sold, by the gift regimes of all the "
            "devices of origin. One that forbids is enough."),
        'get_resale_right')
    resale_waiver = fields.Text(
        "Waiver", readonly=True, states=_waived,
        help="Why the presidency allows to sell it despite its regime.")
    resale_waiver_date = fields.Date(
        "Waived on", readonly=True, states=_waived)
    resale_waiver_by = fields.Many2One(
        'company.employee', "Waived by", readonly=True, ondelete='RESTRICT',
        states=_waived)
    resale_waiver_document = fields.Many2One(
        'ir.attachment', "Waiver Document", readonly=True,
        ondelete='RESTRICT', states=_waived,
        help="The clause of the deed or the decision that allows the resale.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._buttons.update({
                'waive_resale': {
                    'invisible': Bool(Eval('resale_waiver_date')),
                    'depends': ['resale_waiver_date'],
                    },
                })

    @classmethod
    def get_resale_right(cls, lots, name):
        rights = defaultdict(set)
        for root, _, _, _, resale, waived in cls._source_rows(lots):
            rights[root].add('allowed' if waived else resale or 'unknown')
        result = {}
        for lot in lots:
            found = rights[lot.id] or {'unknown'}
            if lot.resale_waiver_date:
                found = {'allowed'}
            result[lot.id] = next(
                r for r in ['forbidden', 'unknown', 'allowed'] if r in found)
        return result

    @classmethod
    def _refusing(cls, lots):
        "Return for each lot that may not be sold the origins that forbid it"
        refused = [
            l for l in cls.browse(sorted(set(map(int, lots))))
            if l.resale_right != 'allowed']
        rows = {l: [] for l in refused}
        for row in cls.provenance(refused):
            regime = row.collection and row.collection.gift_regime
            if (regime and regime.resale != 'allowed'
                    and not row.device.resale_waiver_date):
                rows[row.part].append(row)
        return rows

    @classmethod
    def resale_refusals(cls, lots):
        "Return for each lot that may not be sold the sentence that says why"
        return {
            lot: lot._resale_refusal(rows)
            for lot, rows in cls._refusing(lots).items()}

    def _resale_refusal(self, rows):
        if not rows:
            return gettext(
                'proxymikro_recycling.msg_resale_no_origin',
                lot=self.rec_name)
        row = self._first_refusing(rows)
        regime = row.collection.gift_regime
        return gettext(
            'proxymikro_recycling.msg_resale_' + regime.resale,
            lot=self.rec_name, device=row.device.rec_name,
            **self._origin_names(row))

    @classmethod
    def _first_refusing(cls, rows):
        "Return the origin to name: what forbids before what is unknown"
        return min(
            rows,
            key=lambda r: r.collection.gift_regime.resale != 'forbidden')

    @classmethod
    def _origin_names(cls, row):
        regime = row.collection.gift_regime
        return {
            'collection': row.collection.rec_name,
            'donor': row.collection.supplier.rec_name,
            'regime': regime.rec_name,
            'article': regime.legal_basis,
            }

    @classmethod
    @without_check_access
    def check_sold(cls, solds):
        """Raise an error if what is sold may not be.

        A device is sold with the parts that a work order fitted, which keep
        their own origin.
        """
        fitted = cls._fitted_parts([s.lot for s in solds])
        contents = {
            s: [s.lot, *fitted.get(s.lot.id, [])] for s in solds}
        refusing = cls._refusing([l for c in contents.values() for l in c])
        refused = [
            (sold, lot, refusing[lot])
            for sold, lots in contents.items()
            for lot in lots if lot in refusing]
        if messages := cls._sale_refusals(refused):
            raise ResaleError('\n'.join(dict.fromkeys(messages)))

    @classmethod
    def _fitted_parts(cls, lots):
        "Return by device the parts of ours that are in it"
        Component = Pool().get('device.component')
        fitted = defaultdict(list)
        for sub_ids in grouped_slice(sorted(set(map(int, lots))), 500):
            for component in Component.search([
                        ('lot', 'in', list(sub_ids)),
                        ('part', '!=', None),
                        ('removed_on', '=', None),
                        ]):
                fitted[component.lot.id].append(component.part)
        return fitted

    @classmethod
    def _sale_refusals(cls, refused):
        "Return the sentences that say why each lot may not be sold so"
        return [lot._resale_refusal(rows) for _, lot, rows in refused]

    @classmethod
    @ModelView.button_action('proxymikro_recycling.wizard_waive_resale')
    def waive_resale(cls, lots):
        pass

    @classmethod
    def check_modification(cls, mode, lots, values=None, external=False):
        super().check_modification(
            mode, lots, values=values, external=external)
        if not external:
            return
        waived = []
        if (mode == 'write'
                and any(n.startswith('resale_waiver') for n in values)):
            waived = lots
        elif mode == 'create':
            waived = [l for l in lots if any(
                    getattr(l, n) for n in cls._waiver_fields)]
        for lot in waived:
            raise WaiverAccessError(gettext(
                    'proxymikro_recycling.msg_waiver_button',
                    lot=lot.rec_name))

    @classmethod
    def copy(cls, lots, default=None):
        default = default.copy() if default is not None else {}
        for name in cls._waiver_fields:
            default.setdefault(name, None)
        return super().copy(lots, default=default)


class WaiveResale(Wizard):
    __name__ = 'stock.lot.waive_resale'

    start = StateView('stock.lot.waive_resale.start',
        'proxymikro_recycling.waive_resale_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Allow Resale", 'waive', 'tryton-ok', default=True),
            ])
    waive = StateTransition()

    @without_check_access
    def transition_waive(self):
        Attachment = Pool().get('ir.attachment')
        lots = self.model.browse(sorted(self.records, key=int))
        if (not self.start.document
                or self.start.date > self.start.default_today()):
            raise WaiverError(gettext(
                    'proxymikro_recycling.msg_waiver_decision',
                    lot=lots[0].rec_name))
        # Two waivers at once: the second sees the first
        self.model.write(lots, {})
        for lot in self.model.browse(lots):
            if lot.resale_waiver_date:
                raise WaiverError(gettext(
                        'proxymikro_recycling.msg_waiver_twice',
                        lot=lot.rec_name))
        document = Attachment(
            name=self.start.document_name, type='data',
            resource=lots[0], data=self.start.document)
        document.save()
        self.model.write(lots, {
                'resale_waiver': self.start.reason,
                'resale_waiver_date': self.start.date,
                'resale_waiver_by': Transaction().context.get('employee'),
                'resale_waiver_document': document.id,
                })
        return 'end'


class WaiveResaleStart(ModelView):
    __name__ = 'stock.lot.waive_resale.start'

    today = fields.Date("Today")
    date = fields.Date(
        "Date", required=True,
        domain=[('date', '<=', Eval('today', None))],
        help="The day of the decision.")
    document = fields.Binary(
        "Document", filename='document_name', required=True,
        help="The clause of the deed or the decision that allows the resale.")
    document_name = fields.Char("File Name", required=True)
    reason = fields.Text(
        "Reason", required=True,
        help="Why the deed or the decision allows it.")

    @classmethod
    def default_today(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()


class Attachment(metaclass=PoolMeta):
    __name__ = 'ir.attachment'

    @classmethod
    def check_modification(
            cls, mode, attachments, values=None, external=False):
        Lot = Pool().get('stock.lot')
        super().check_modification(
            mode, attachments, values=values, external=external)
        if mode == 'create':
            return
        with without_check_access():
            lots = Lot.search([
                    ('resale_waiver_document', 'in',
                        [a.id for a in attachments]),
                    ], limit=1)
        if lots:
            raise WaiverAccessError(gettext(
                    'proxymikro_recycling.msg_waiver_document',
                    lot=lots[0].rec_name))
