# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The file of the accounting entries (FEC), owed to the tax office on demand."""
import tempfile
import unicodedata
import zipfile

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.company.model import CompanyValueMixin
from trytond.pool import Pool, PoolMeta
from trytond.transaction import Transaction
from trytond.wizard import Button, StateTransition, StateView

from .fec_check import get_problems
from .fec_row import Rows

ENCODINGS = [
    ('iso-8859-15', "ISO 8859-15"),
    ('ascii', "ASCII"),
    ('utf-8', "UTF-8"),
    ]
DELIMITERS = [
    ('tab', "Tabulation"),
    ('pipe', "Vertical Bar"),
    ]
CHARACTERS = {'tab': '\t', 'pipe': '|'}
# Bytes: a larger file goes to the client in an archive a tenth of its size
MAX_SIZE = 2 * 1024 * 1024
CHUNK = 64 * 1024


class Configuration(metaclass=PoolMeta):
    __name__ = 'account.configuration'

    fec_in_kind = fields.MultiValue(fields.Boolean(
            "Contributions in Kind in the FEC",
            help="Check to keep the accounts 86 and 87 in the file."))


class ConfigurationFEC(ModelSQL, CompanyValueMixin):
    __name__ = 'account.configuration.fec_in_kind'

    fec_in_kind = fields.Boolean("Contributions in Kind in the FEC")


class Move(metaclass=PoolMeta):
    __name__ = 'account.move'

    @classmethod
    def get_pieces(cls):
        """Return the fields which hold the number and the date of the
        documents that moves come from, by model."""
        return {
            'account.invoice': ('number', 'invoice_date'),
            'account.statement': ('name', 'date'),
            }


class FEC(metaclass=PoolMeta):
    __name__ = 'account.fr.fec'

    verify = StateTransition()
    check = StateView('account.fr.fec.check',
        'proxymikro_account.fec_check_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Generate Anyway", 'generate', 'tryton-ok', default=True),
            ])

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.start.buttons[-1] = Button(
            "Generate", 'verify', 'tryton-ok', default=True)

    def transition_verify(self):
        problems = get_problems(self.start.fiscalyear)
        if not problems:
            return 'generate'
        self.check.problems = '\n'.join(problems)
        return 'check'

    def default_check(self, fields):
        return {'problems': self.check.problems}

    def transition_generate(self):
        Pool().get('evidence.seal').seal()
        with tempfile.TemporaryFile() as file:
            self.write(file)
            name = self.get_name()
            if file.tell() > MAX_SIZE:
                content = compress(file, name)
                name = f"{name.removesuffix('.txt')}.zip"
            else:
                file.seek(0)
                content = file.read()
        self.result.file = self.result.__class__.file.cast(content)
        self.result.filename = name
        return 'result'

    def default_result(self, fields):
        return {
            **super().default_result(fields),
            'filename': self.result.filename,
            }

    def get_name(self):
        "Return the name of article A47 A-1 of the LPF"
        fiscalyear = self.start.fiscalyear
        siren = fiscalyear.company.party.siren
        return '%sFEC%s.txt' % (
            siren.code.replace(' ', '') if siren else '',
            f'{fiscalyear.end_date:%Y%m%d}')

    def write(self, file):
        "Write the rows in the file as they come from the database"
        delimiter = CHARACTERS[self.start.delimiter]
        spaces = str.maketrans(dict.fromkeys(f'\r\n\t{delimiter}', ' '))
        for row in Rows(self.start.fiscalyear, self.start.in_kind):
            text = delimiter.join(
                (c or '').translate(spaces).strip() for c in row)
            file.write(encode(f'{text}\r\n', self.start.encoding))


def encode(text, encoding):
    "Return the text in the encoding, a letter without its accent at worst"
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return unicodedata.normalize('NFKD', text).encode(
            encoding, errors='ignore')


def compress(file, name):
    "Return the archive which holds the file, with the memory of a part of it"
    file.seek(0)
    with tempfile.TemporaryFile() as output:
        with zipfile.ZipFile(
                output, 'w', zipfile.ZIP_DEFLATED) as archive, \
                archive.open(name, 'w') as entry:
            while chunk := file.read(CHUNK):
                entry.write(chunk)
        output.seek(0)
        return output.read()


class FECStart(metaclass=PoolMeta):
    __name__ = 'account.fr.fec.start'

    encoding = fields.Selection(
        ENCODINGS, "Encoding", required=True, sort=False, translate=False)
    delimiter = fields.Selection(
        DELIMITERS, "Separator", required=True, sort=False)
    in_kind = fields.Boolean(
        "Contributions in Kind",
        help="Check to keep the accounts 86 and 87 in the file.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        # The moves which balance the year are known by their origin
        cls.deferral_period.required = False

    @classmethod
    def default_fiscalyear(cls):
        "Return the last year that has begun"
        pool = Pool()
        FiscalYear = pool.get('account.fiscalyear')
        fiscalyears = FiscalYear.search([
                ('company', '=', Transaction().context.get('company')),
                ('start_date', '<=', pool.get('ir.date').today()),
                ], order=[('end_date', 'DESC')], limit=1)
        return fiscalyears[0].id if fiscalyears else None

    @classmethod
    def default_encoding(cls):
        return 'iso-8859-15'

    @classmethod
    def default_delimiter(cls):
        return 'tab'

    @classmethod
    def default_in_kind(cls):
        return bool(Pool().get('account.configuration')(1).fec_in_kind)


class FECCheck(ModelView):
    __name__ = 'account.fr.fec.check'

    problems = fields.Text(
        "To Mend First", readonly=True,
        help="What the tax office's own check would refuse.")
