# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Step 1 of the story: a town hall and a company give their old equipment."""
import datetime as dt

from proteus import Model, Wizard


def run(config, context):
    today = context['today']
    town_hall = create_donor(
        "Mairie de Fontclaire", "1 place de la République", "33410",
        "Fontclaire")
    company = create_donor(
        "Menuiserie Larrieu", "12 rue des Scieries", "40120", "Saint-Aubin")
    context['town_hall'], context['company_donor'] = town_hall, company

    gift = create_collection(
        town_hall, 'administration', today - dt.timedelta(days=42),
        weighed=32.5, deed_reference="Délibération 2026-041",
        deed_date=today - dt.timedelta(days=50),
        deed_signatory="Hélène Lafargue, maire",
        deed_authority="Délibération 2026-041",
        planned_time=dt.time(9, 30),
        pickup_note="Sonner à la loge, monte-charge au fond de la cour.")
    receive_announced(gift)

    other_gift = create_collection(
        company, 'company', today - dt.timedelta(days=40), weighed=15.8)
    add_devices(other_gift, 'desktop', [
            ("Lenovo", "ThinkCentre M720s", f"PC0XR7{n:02d}")
            for n in range(3)])
    other_gift.click('receive')

    context['collection'] = gift
    context['company_collection'] = other_gift
    context['town_hall_devices'] = by_number(gift)
    context['company_devices'] = by_number(other_gift)


def receive_announced(gift):
    "Receive what the town hall announced, but for a screen"
    announce(gift, {'desktop': 4, 'screen': 3})
    for document in ['deed', 'authority']:
        provide(
            gift, document, gift.deed_date, gift.deed_reference,
            gift.deed_signatory)
    add_devices(gift, 'desktop', [
            ("HP", "Compaq 8100 Elite SFF", f"CZC04081{n:02d}")
            for n in range(4)])
    add_devices(gift, 'screen', [
            ("Dell", "P2214H", f"CN0K31{n:02d}") for n in range(2)])
    screens, = [
        l for l in gift.lines if l.product.template.device_kind == 'screen']
    screens.note = "Un écran cassé, gardé par la mairie"
    screens.save()
    gift.click('receive')


def by_number(collection):
    collection.reload()
    return sorted(collection.devices, key=lambda d: d.number)


def create_donor(name, street, postal_code, city):
    Party = Model.get('party.party')
    party = Party(name=name)
    address, = party.addresses
    address.street = street
    address.postal_code = postal_code
    address.city = city
    party.save()
    return party


def create_collection(donor, regime, date, **values):
    Collection = Model.get('stock.shipment.in')
    Regime = Model.get('stock.gift.regime')
    ModelData = Model.get('ir.model.data')
    collection = Collection(
        supplier=donor, planned_date=date, effective_date=date, **values)
    collection.gift_regime = Regime(ModelData.get_id(
            f'proxymikro_stock.gift_regime_{regime}',
            Collection._config.context))
    collection.save()
    return collection


def provide(collection, document, date, reference, signatory):
    "Record a document that the gift regime requires"
    Document = Model.get('stock.collection.document')
    Kind = Model.get('stock.gift.document')
    ModelData = Model.get('ir.model.data')
    Document(
        collection=collection, date=date, reference=reference,
        signatory=signatory, document=Kind(ModelData.get_id(
                f'proxymikro_stock.gift_document_{document}',
                Kind._config.context))).save()


def announce(collection, counts):
    "Record what the donor said that they would give, by kind"
    Line = Model.get('stock.collection.line')
    for kind, count in counts.items():
        Line(
            collection=collection, product=get_product(kind),
            announced=count).save()
    collection.reload()


def get_product(kind):
    Product = Model.get('product.product')
    ModelData = Model.get('ir.model.data')
    return Product(ModelData.get_id(
            f'proxymikro_stock.product_{kind}', Product._config.context))


def add_devices(collection, kind, devices):
    "Add the devices, given as (manufacturer, model, serial), by the wizard"
    manufacturer, model, _ = devices[0]
    wizard = Wizard('stock.shipment.in.add_devices', [collection])
    wizard.form.product = get_product(kind)
    wizard.form.manufacturer = manufacturer
    wizard.form.model = model
    wizard.form.serial_numbers = '\n'.join(s for _, _, s in devices)
    wizard.execute('add')
