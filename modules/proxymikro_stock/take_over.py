# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Take over the devices that were there before the register.

They are received in a collection of unknown origin, made when it is needed.
"""
from trytond.i18n import gettext
from trytond.pool import Pool, PoolMeta
from trytond.rpc import RPC
from trytond.transaction import Transaction, without_check_access

from .exceptions import DeviceImportError
from .import_devices import DevicePlan

SOURCE = 'take_over'
SHOWN = 5


class ShipmentIn(metaclass=PoolMeta):
    __name__ = 'stock.shipment.in'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__rpc__.update({
                'import_take_over': RPC(readonly=False),
                'receive_take_over': RPC(readonly=False),
                })

    @classmethod
    def import_take_over(cls, rows, source, handled=0, dry_run=False):
        """Add the devices of the rows to a collection of unknown origin.

        The arguments and the result are those of ``import_devices``. What is
        in a collection that was received already is recognised.
        """
        pool = Pool()
        Batch = pool.get('import.batch')
        company = cls._get_take_over_company()
        source = Batch.check_source(source)
        cls._check_rows(rows, handled)
        cls._check_import_devices()
        if not dry_run:
            # Two imports at once wait for each other
            with without_check_access():
                type(company).write([company], {})
        plan = DevicePlan(cls._get_take_over(company), rows, SOURCE)
        if plan.updates:
            pool.get('ir.model.access').check('stock.lot', 'write')
        if not dry_run:
            if plan.errors:
                handled = 0
                plan.forget()
            elif plan.creations and not plan.collection.id:
                with without_check_access():
                    plan.collection.save()
            plan.apply()
            Batch.record(
                'devices', company, source, handled,
                created=len(plan.creations), updated=len(plan.updates),
                errors=plan.errors)
        return plan.get_result()

    @classmethod
    def receive_take_over(cls):
        "Receive what was taken over, so that it may be lent"
        cls._check_import_devices()
        with without_check_access():
            collection = cls._get_take_over(cls._get_take_over_company())
            if collection.id and collection.devices:
                cls.receive([collection])

    @classmethod
    def _get_take_over_company(cls):
        Company = Pool().get('company.company')
        company = Transaction().context.get('company')
        if company is None:
            raise DeviceImportError(gettext(
                    'proxymikro_stock.msg_import_take_over_company'))
        return Company(company)

    @classmethod
    @without_check_access
    def _get_take_over(cls, company):
        "Return the collection which is not received yet, maybe not saved"
        pool = Pool()
        Data = pool.get('ir.model.data')
        Location = pool.get('stock.location')
        regime = Data.get_id('proxymikro_stock', 'gift_regime_unknown')
        collections = cls.search([
                ('company', '=', company.id),
                ('supplier', '=', company.party.id),
                ('gift_regime', '=', regime),
                ('state', '=', 'draft'),
                ], order=[('id', 'ASC')], limit=1)
        if collections:
            return collections[0]
        collection = cls(
            company=company, supplier=company.party, gift_regime=regime,
            warehouse=Location.get_default_warehouse())
        collection.on_change_supplier()
        collection.on_change_warehouse()
        return collection


class ImportBatch(metaclass=PoolMeta):
    __name__ = 'import.batch'

    @classmethod
    def find_remaining(cls):
        Lot = Pool().get('stock.lot')
        device = ('device', '=', True)
        return super().find_remaining() + cls.list_remaining([
                ('proxymikro_stock.msg_take_over_weight', Lot.search([
                            device, ('weight', '=', None)])),
                ('proxymikro_stock.msg_take_over_serial', Lot.search([
                            device, ('serial_number', '=', None)])),
                ('proxymikro_stock.msg_take_over_place', Lot.search([
                            ('current_move', '=', None),
                            device])),
                ])
