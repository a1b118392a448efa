# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Who the association is: its company, created or completed."""
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import SetupError
from .mail import is_address

TIMEZONE = 'Europe/Paris'
IDENTIFIERS = {'rna': 'fr_rna', 'siren': 'fr_siren', 'siret': 'fr_siret'}
ADDRESS = {
    'street': 'street_unstructured',
    'postal_code': 'postal_code',
    'city': 'city',
    }
CONTACTS = ['phone', 'email']


def get_french():
    "Return the language of the association, None where it is not loaded"
    Language = Pool().get('ir.lang')
    languages = Language.search([
            ('code', '=', 'fr'), ('translatable', '=', True)])
    return languages[0] if languages else None


class Configuration(metaclass=PoolMeta):
    __name__ = 'party.configuration'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.identifier_types.selection = [
            *cls.identifier_types.selection,
            ('fr_rna', "French Association Number (RNA)"),
            ]


class Company(metaclass=PoolMeta):
    __name__ = 'company.company'

    @classmethod
    def create_association(cls, values):
        "Create the company of the values, and give it to who has none"
        User = Pool().get('res.user')
        company = cls(currency=cls._get_euro(), timezone=TIMEZONE)
        company.party = cls.save_association(None, values)
        company.save()
        users = {
            User(Transaction().user),
            *User.search([('companies', '=', None)])}
        # The companies of the user are cached as they are in the context
        with Transaction().set_context(company=company.id):
            User.write(list(users), {
                    'companies': [('add', [company.id])],
                    'company': company.id,
                    })
        return company

    @classmethod
    def _get_euro(cls):
        Currency = Pool().get('currency.currency')
        currencies = Currency.search([('code', '=', 'EUR')], limit=1)
        if currencies:
            return currencies[0]
        currency = Currency(
            name="Euro", code='EUR', symbol="€", numeric_code='978',
            digits=2, rounding=Decimal('0.01'))
        currency.save()
        return currency

    @classmethod
    def _get_france(cls):
        Country = Pool().get('country.country')
        countries = Country.search([('code', '=', 'FR')], limit=1)
        if countries:
            return countries[0]
        country = Country(
            name="France", code='FR', code3='FRA', code_numeric='250')
        country.save()
        return country

    @classmethod
    def save_association(cls, party, values):
        "Write the values to the party: what is empty changes nothing"
        pool = Pool()
        Address = pool.get('party.address')
        Party = pool.get('party.party')
        party = party or Party()
        party.name = values['name']
        party.lang = get_french()
        addresses = list(getattr(party, 'addresses', []))
        address = addresses[0] if addresses else Address()
        address.country = cls._get_france()
        for name, field in ADDRESS.items():
            if value := values.get(name):
                setattr(address, field, value)
        party.addresses = [address, *addresses[1:]]
        party.save()
        cls._set_codes(party, 'identifiers', 'code', {
                t: values.get(n) for n, t in IDENTIFIERS.items()})
        cls._set_codes(party, 'contact_mechanisms', 'value', {
                n: values.get(n) for n in CONTACTS})
        party.save()
        return party

    @classmethod
    def _set_codes(cls, party, name, field, codes):
        "Set the codes, by type, of the records of the party"
        records = list(getattr(party, name))
        for type_, code in codes.items():
            if not code:
                continue
            record = next((r for r in records if r.type == type_), None)
            if not record:
                Target = Pool().get(party._fields[name].model_name)
                record = Target(type=type_)
                records.append(record)
            if type_ == 'fr_siret':
                record.address = party.addresses[0]
            setattr(record, field, code)
        setattr(party, name, records)

    def get_association(self):
        "Return the values of the company"
        party = self.party
        address = party.address_get()
        codes = {i.type: i.code for i in reversed(party.identifiers)}
        contacts = {
            m.type: m.value for m in reversed(party.contact_mechanisms)}
        return {
            'name': party.name,
            **{n: codes.get(t) for n, t in IDENTIFIERS.items()},
            **{n: contacts.get(n) for n in CONTACTS},
            **{n: getattr(address, f) if address else None
                for n, f in ADDRESS.items()},
            }


class SetupCompanyStart(ModelView):
    __name__ = 'setup.company.start'

    name = fields.Char(
        "Name of the Association", required=True,
        help="As the statutes write it.")
    rna = fields.Char(
        "RNA Number", help="W and nine digits, on the receipt of the "
        "declaration to the prefecture.")
    siret = fields.Char(
        "SIRET", help="Fourteen digits, on the notice of the INSEE: needed "
        "for grants, employees and the waste register.")
    siren = fields.Char("SIREN", help="The first nine digits of the SIRET.")
    street = fields.Text("Street")
    postal_code = fields.Char("Postal Code", required=True)
    city = fields.Char("City", required=True)
    phone = fields.Char("Phone")
    email = fields.Char("E-Mail")

    @fields.depends('siret', 'siren')
    def on_change_siret(self):
        if self.siret and not self.siren:
            self.siren = self.siret.replace(' ', '')[:9]


class SetupCompany(Wizard):
    __name__ = 'setup.company'

    start = StateView(
        'setup.company.start',
        'proxymikro_base.setup_company_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Save", 'save', 'tryton-ok', default=True),
            ])
    save = StateTransition()

    def _get_company(self):
        pool = Pool()
        Company = pool.get('company.company')
        Step = pool.get('setup.step')
        company = Step.get_company()
        return Company(company) if company else None

    @without_check_access
    def default_start(self, fields):
        company = self._get_company()
        return company.get_association() if company else {}

    @without_check_access
    def transition_save(self):
        Company = Pool().get('company.company')
        values = {
            n: getattr(self.start, n, None)
            for n in ['name', *IDENTIFIERS, *ADDRESS, *CONTACTS]}
        if values['email'] and not is_address(values['email']):
            raise SetupError(gettext(
                    'proxymikro_base.msg_setup_email', email=values['email']))
        if company := self._get_company():
            Company.save_association(company.party, values)
        else:
            Company.create_association(values)
        return 'end'

    def end(self):
        return 'reload context'
