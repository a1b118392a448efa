# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Members and schools brought in from the registers of others."""
import hashlib
import unittest

from trytond.modules.proxymikro_base.importer import read_table
from trytond.modules.proxymikro_membership import member_row
from trytond.modules.proxymikro_membership.import_members import MAX_BATCH
from trytond.modules.proxymikro_stock.tests.fleet import (
    count_queries, with_company)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module

PAHEKO = """\
"Numéro de membre","Nom","Adresse postale","Code postal","Ville",\
"Adresse e-mail","Numéro de téléphone","Inscrit⋅e à la lettre d'information"
"12","Association Les Lucioles","3 rue du Port","33000","Bordeaux",\
"Contact@Lucioles.example","0556000000","1"
"""
GALETTE = """\
id_adh;nom_adh;prenom_adh;societe_adh;cp_adh;ville_adh;email_adh;date_echeance
7;Martin;Jeanne;;33800;Bordeaux;jeanne@example.org;2026-12-31
"""
HELLOASSO = """\
Référence commande;Date de la commande;Statut de la commande;Nom adhérent;\
Prénom adhérent;Email payeur;Raison sociale;Tarif;Montant tarif
123;12/09/2026 14:03:22;Validé;Durand;Paul;paul@example.org;;École;30,00
124;12/09/2026 14:03:22;Remboursé;Petit;Luc;luc@example.org;;École;30,00
"""
DIRECTORY = """\
Identifiant_de_l_etablissement;Nom_etablissement;Type_etablissement;\
Adresse_1;Code_postal;Nom_commune;Telephone;Mail;Nombre_d_eleves;\
SIREN_SIRET;etat
0750655E;Lycée Henri IV;Lycée;23 rue Clovis;75005;Paris;0144412121;\
ce.0750655e@example.org;2200;19750645400010;OUVERT
0750654D;Lycée Fermé;Lycée;1 rue;75005;Paris;;;;;FERME
"""


class MemberRowTestCase(unittest.TestCase):
    "Test the rows of the lists of members"

    def read(self, text):
        table = read_table(text.encode(), member_row.COLUMNS, strict=False)
        self.assertEqual(table.problems, [])
        rows = [
            member_row.parse_row(r.line, r.values) for r in table.rows
            if not member_row.is_gone(r.values)]
        self.assertEqual([p for _, problems in rows for p in problems], [])
        return [row for row, _ in rows]

    def test_formats(self):
        "The exports of the others are read as they are"
        for text, name, values in [
                (PAHEKO, "Association Les Lucioles", {
                    'member': '12', 'postal_code': '33000',
                    'email': 'contact@lucioles.example',
                    'phone': '0556000000'}),
                (GALETTE, "Jeanne Martin", {
                    'member': '7', 'email': 'jeanne@example.org'}),
                (HELLOASSO, "Paul Durand", {
                    'type': "École", 'email': 'paul@example.org'}),
                (DIRECTORY, "Lycée Henri IV", {
                    'uai': '0750655E', 'pupils': 2200, 'city': "Paris",
                    'street': "23 rue Clovis"}),
                ]:
            with self.subTest(name=name):
                row, = self.read(text)
                self.assertEqual(row.name, name)
                self.assertEqual(
                    {n: row.values[n] for n in values}, values)

    def test_dates(self):
        row, = self.read(HELLOASSO)
        self.assertEqual(str(row.values['start_date']), '2026-09-12')
        row, = self.read(GALETTE)
        self.assertEqual(str(row.values['end_date']), '2026-12-31')

    def test_problems(self):
        "Each row says what is wrong in it"
        for texts, label in [
                ({}, 'name'),
                ({'name': "A", 'uai': '0750655D'}, 'uai'),
                ({'name': "A", 'siret': '12345678901234'}, 'siret'),
                ({'name': "A", 'email': 'a@b'}, 'email'),
                ({'name': "A", 'pupils': '-1'}, 'pupils'),
                ({'name': "A", 'start_date': '01/09/2026',
                    'end_date': '31/08/2026'}, 'end_date'),
                ]:
            with self.subTest(label=label):
                row, problems = member_row.parse_row(2, texts)
                self.assertIsNone(row)
                self.assertEqual(
                    [p.column for p in problems], [member_row.LABELS[label]])

    def test_duplicates(self):
        "Two rows alike are told, unless the file says that they are two"
        def lines(*texts):
            rows = [
                member_row.parse_row(i, t)[0] for i, t in enumerate(texts, 2)]
            return [p.line for p in member_row.find_duplicates(rows)]
        self.assertEqual(lines(
                {'name': "A", 'email': 'a@example.org'},
                {'name': "B", 'email': 'A@example.org'}), [2, 3])
        self.assertEqual(lines(
                {'name': "École Zola"}, {'name': "ecole ZOLA"}), [2, 3])
        self.assertEqual(lines(
                {'name': "A", 'email': 'a@example.org'},
                {'name': "B", 'email': 'a@example.org',
                    'party': "Nouveau"}), [])
        self.assertEqual(lines(
                {'name': "A", 'uai': '0750655E'},
                {'name': "A", 'uai': '0750654D'}), [])


class ImportMembersTestCase(TestCase):
    "Test what the server does with the rows"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module(['proxymikro_membership', 'proxymikro_stock'])

    def send(self, *texts, dry_run=False):
        Party = Pool().get('party.party')
        return Party.import_members(
            [{'line': i, 'texts': t} for i, t in enumerate(texts, 2)], {
                'file_name': 'membres.csv', 'encoding': 'utf-8',
                'rows': len(texts),
                'sha256': hashlib.sha256(repr(texts).encode()).hexdigest(),
                }, len(texts), dry_run)

    def create_type(self, company):
        Type = Pool().get('party.membership.type')
        type_, = Type.create([{
                    'name': "École", 'company': company.id,
                    'period': 'school', 'admission': True}])
        return type_

    def counts(self, result):
        self.assertEqual(result['errors'], [])
        return tuple(result[n] for n in [
                'created', 'updated', 'unchanged', 'memberships'])

    @with_company
    def test_twice(self, fleet):
        "The same file twice creates once"
        pool = Pool()
        Membership = pool.get('party.membership')
        Party = pool.get('party.party')
        self.create_type(fleet.company)
        rows = [
            {'name': "Lucioles", 'member': '12', 'type': 'ecole',
                'start_date': '15/09/2026', 'email': 'l@example.org'},
            {'organisation': "Lycée", 'uai': '0750655E', 'pupils': '200',
                'postal_code': '75005', 'city': "Paris"},
            ]
        self.assertEqual(
            self.counts(self.send(*rows, dry_run=True)), (2, 0, 0, 1))
        self.assertEqual(Party.search([('name', '=', "Lucioles")]), [])
        self.assertEqual(self.counts(self.send(*rows)), (2, 0, 0, 1))
        self.assertEqual(self.counts(self.send(*rows)), (0, 0, 2, 0))
        membership, = Membership.search([])
        self.assertEqual(membership.state, 'active')
        self.assertTrue(membership.number)
        self.assertIsNone(membership.invoice)
        self.assertEqual(membership.party.email, 'l@example.org')
        self.assertIn("membres.csv", membership.gratis_reason)
        school, = Party.search([('name', '=', "Lycée")])
        self.assertEqual(school.pupils, 200)
        self.assertEqual(school.address_get().city, "Paris")

    @with_company
    def test_complete(self, fleet):
        "What is known is completed and never overwritten"
        Party = Pool().get('party.party')
        school, = Party.create([{
                    'name': "Lycée", 'identifiers': [('create', [
                                {'type': 'fr_uai', 'code': '0750655E'}])],
                    'contact_mechanisms': [('create', [
                                {'type': 'email',
                                    'value': 'old@example.org'}])]}])
        self.assertEqual(self.counts(self.send({
                        'organisation': "Lycée Henri IV", 'pupils': '5',
                        'uai': '0750655E', 'email': 'new@example.org',
                        'phone': '0556000000'})), (0, 1, 0, 0))
        self.assertEqual(school.name, "Lycée")
        self.assertEqual(school.email, 'old@example.org')
        self.assertEqual(school.pupils, 5)
        self.assertTrue(school.phone)

    @with_company
    def test_proposal(self, fleet):
        "What looks like a party is refused until the file says which"
        Party = Pool().get('party.party')
        party, = Party.create([{'name': "École Émile Zola"}])
        for texts in [
                {'name': "Ecole Emile Zola", 'postal_code': '33000'},
                {'name': "Ecole Emile Zola", 'email': 'z@example.org'}]:
            error, = self.send(texts)['errors']
            self.assertIn(party.code, error['message'])
        self.assertEqual(Party.search([('id', '>', party.id)]), [])
        named = {**texts, 'party': party.code}
        self.assertEqual(self.counts(self.send(named)), (0, 1, 0, 0))
        self.assertEqual(self.counts(self.send(texts)), (0, 0, 1, 0))
        other = {'name': "Zola", 'email': 'z@example.org'}
        self.assertTrue(self.send(other)['errors'])
        self.assertEqual(self.counts(
                self.send({**other, 'party': "nouveau"})), (1, 0, 0, 0))
        self.assertEqual(self.counts(
                self.send({**other, 'party': "nouveau"})), (0, 0, 1, 0))

    @with_company
    def test_refused(self, fleet):
        "An error leaves all the rows unwritten"
        pool = Pool()
        Batch = pool.get('import.batch')
        Party = pool.get('party.party')
        self.create_type(fleet.company)
        before = Party.search([], count=True)
        for wrong in [
                {'name': "B", 'type': "Inconnu", 'start_date': '01/09/2026'},
                {'name': "B", 'party': "999"},
                {'name': "B", 'email': "b"}]:
            result = self.send({'name': "A"}, wrong)
            self.assertEqual([e['line'] for e in result['errors']], [3])
        self.assertEqual(
            {(b.created, b.handled, b.refused) for b in Batch.search([])},
            {(0, 0, 1)})
        self.assertEqual(Party.search([], count=True), before)

    @with_company
    def test_queries(self, fleet):
        "The queries of the plan do not grow with the rows"
        def plan(count):
            rows = [{
                    'name': f"M{i}", 'email': f'm{i}@example.org',
                    'postal_code': '33000'} for i in range(count)]
            with count_queries() as queries:
                self.send(*rows, dry_run=True)
            return len(queries)
        plan(2)
        self.assertLessEqual(plan(MAX_BATCH), plan(10) + 5)
