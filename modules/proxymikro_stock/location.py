# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import gettext
from trytond.model import Unique, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval

STAGES = [
    (None, ""),
    ('reception', "Reception"),
    ('workshop', "Workshop"),
    ('ready', "Ready"),
    ('lent', "Lent"),
    ('parts', "Parts Store"),
    ('scrap', "Scrap Cage"),
    ('treatment', "Treatment"),
    ('lost', "Lost or Stolen"),
    ('deposit', "Deposit"),
    ]


class Location(metaclass=PoolMeta):
    __name__ = 'stock.location'

    stage = fields.Selection(
        STAGES, "Stage", sort=False,
        help="What being here means for a device: "
        "its stage is the stage of its place.")
    borrower = fields.Many2One(
        'party.party', "Borrower", ondelete='RESTRICT',
        states={
            'invisible': Eval('stage') != 'lent',
            },
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="The member who answers for what is here.")
    place = fields.Many2One(
        'party.party', "Place", ondelete='RESTRICT',
        states={
            'invisible': Eval('stage') != 'lent',
            },
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="The establishment where the equipment is, "
        "when it is not the borrower's own.")
    company = fields.Many2One(
        'company.company', "Company", ondelete='RESTRICT',
        states={
            'invisible': Eval('stage') != 'lent',
            },
        help="The association that lends what is here.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('borrower_place_unique',
                Unique(t, t.borrower, t.place, t.company),
                'proxymikro_stock.msg_location_borrower_unique'),
            ]

    def get_rec_name(self, name):
        # The name of the borrower is only kept on the party,
        # where it may be erased
        if not self.borrower:
            return super().get_rec_name(name)
        names = [self.borrower.rec_name]
        if self.place and self.place != self.borrower:
            names.append(self.place.rec_name)
        return ' · '.join(names)

    @classmethod
    def search_rec_name(cls, name, clause):
        domain = super().search_rec_name(name, clause)
        _, operator, value = clause
        if operator.startswith('!') or operator.startswith('not '):
            return [domain,
                ['OR',
                    ('borrower', '=', None),
                    ('borrower.rec_name', operator, value),
                    ],
                ]
        return ['OR', domain,
            ('borrower.rec_name', operator, value),
            ('place.rec_name', operator, value),
            ]

    @classmethod
    def get_members(cls):
        "Return the location under which those of the borrowers are"
        ModelData = Pool().get('ir.model.data')
        return cls(ModelData.get_id('proxymikro_stock', 'location_members'))

    @classmethod
    def get_lost(cls):
        "Return where what borrowers have lost is, in the books"
        ModelData = Pool().get('ir.model.data')
        return cls(ModelData.get_id('proxymikro_stock', 'location_lost'))

    @classmethod
    def get_borrower_location(cls, borrower, place, company):
        "Return where the borrower keeps what is lent, made at the first loan"
        Party = Pool().get('party.party')
        domain = [
            ('borrower', '=', borrower.id),
            ('place', '=', place.id),
            ('company', '=', company.id),
            ]
        if not cls.search(domain, limit=1):
            # Two first loans of a borrower wait for each other
            Party.write([borrower], {})
        if locations := cls.search(domain, limit=1):
            location, = locations
        else:
            location = cls(
                name=gettext(
                    'proxymikro_stock.msg_location_borrower_name',
                    code=place.code),
                code=f'MEM-{place.code}',
                type='storage', parent=cls.get_members(), stage='lent',
                borrower=borrower, place=place, company=company)
            location.save()
        return location
