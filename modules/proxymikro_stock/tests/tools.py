# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from proteus import Model, Wizard
from trytond.modules.company.tests.tools import create_company, get_company

__all__ = [
    'add_devices', 'create_collection', 'create_euro_company', 'get_company',
    'get_employee', 'get_location', 'get_product', 'get_record', 'make_ready',
    'prepare', 'provide_documents', 'receive']


def create_euro_company(config=None):
    "Create the association, whose books are in euros"
    create_company(currency='EUR', config=config)
    return get_company(config=config)


def get_record(model, xml_id, config=None):
    "Return the record of the model with the XML identifier module.name"
    Model_ = Model.get(model, config=config)
    ModelData = Model.get('ir.model.data', config=config)
    return Model_(ModelData.get_id(xml_id, Model_._config.context))


def get_product(kind, config=None):
    return get_record(
        'product.product', f'proxymikro_stock.product_{kind}', config=config)


def get_location(name, config=None):
    """Return the location of a stage.

    The name is one of reception, workshop, ready, members, parts, scrap,
    treatment.
    """
    xml_id = {
        'reception': 'stock.location_input',
        }.get(name, f'proxymikro_stock.location_{name}')
    return get_record('stock.location', xml_id, config=config)


def create_collection(donor, regime='company', config=None, **values):
    Collection = Model.get('stock.shipment.in', config=config)
    collection = Collection(supplier=donor, **values)
    collection.gift_regime = get_record(
        'stock.gift.regime', f'proxymikro_stock.gift_regime_{regime}',
        config=config)
    collection.save()
    provide_documents(collection)
    return collection


def provide_documents(collection, blocks=('release', 'receive')):
    "Record the missing documents of the collection that block something"
    Missing = Model.get(
        'stock.collection.document.missing', config=collection._config)
    missing = Missing.find([
            ('collection', '=', collection.id), ('blocks', 'in', blocks)])
    if missing:
        wizard = Wizard('stock.collection.document.provide', missing)
        wizard.form.reference = "Binder 1"
        wizard.execute('provide')
        collection.reload()


def add_devices(collection, kind, count=1, serials=None, **values):
    "Add devices by the wizard and return them"
    before = {d.id for d in collection.devices}
    wizard = Wizard('stock.shipment.in.add_devices', [collection])
    wizard.form.product = get_product(kind)
    wizard.form.count = count
    if serials:
        wizard.form.serial_numbers = '\n'.join(serials)
    for name, value in values.items():
        setattr(wizard.form, name, value)
    wizard.execute('add')
    collection.reload()
    return [d for d in collection.devices if d.id not in before]


def receive(collection):
    collection.click('receive')
    assert collection.state == 'done', collection.state


def get_employee(config=None):
    "Return the employee of the tests, who signs what must be signed"
    Employee = Model.get('company.employee', config=config)
    Party = Model.get('party.party', config=config)
    employees = Employee.find([], limit=1)
    if not employees:
        party = Party(name="Camille Dubreuil")
        party.save()
        employee = Employee(party=party, company=get_company(config=config))
        employee.save()
        employees = [employee]
    return employees[0]


def prepare(devices, date=None, config=None):
    "Do what makes the devices ready: they have no drive and pass their test"
    Declaration = Model.get('device.declaration', config=config)
    Lot = Model.get('stock.lot', config=config)
    Test = Model.get('device.test', config=config)
    employee = get_employee(config=config)
    for device in map(Lot, [d.id for d in devices]):
        test = Test(lot=device, result='passed', employee=employee)
        records = [(test, 'do')]
        if device.sanitisation == 'unknown':
            declaration = Declaration(
                lot=device, reason='none_found', signed_by=employee)
            records.append((declaration, 'sign'))
        for record, button in records:
            if date:
                record.date = date
            record.save()
            if record is test:
                record.click('pass_')
            record.click(button)


def make_ready(devices, date=None, config=None):
    "Prepare the devices and bring them to the ready shelf"
    prepare(devices, date=date, config=config)
    wizard = Wizard('device.move', devices)
    wizard.form.location = get_location('ready', config=config)
    wizard.form.date = date or wizard.form.date
    wizard.execute('move')
    for device in devices:
        device.reload()
