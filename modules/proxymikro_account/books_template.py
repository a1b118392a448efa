# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the books of an association are made of, by XML id."""

# Journals under the codes a French bookkeeper expects
JOURNALS = {
    'account.journal_revenue': ('VT', "Ventes"),
    'account.journal_expense': ('AC', "Achats"),
    'account_statement.journal_statement': ('BQ', "Banque"),
    'account.journal_cash': ('CA', "Caisse"),
    'account.journal_miscellaneous': ('OD', "Opérations diverses"),
    'proxymikro_account.journal_in_kind': (
        'CVN', "Contributions volontaires en nature"),
    }

_MOVE = 'account.sequence_type_account_move'
_INVOICE = 'account_invoice.sequence_type_account_invoice'
# The sequences of a fiscal year: their type, their name and their prefix
SEQUENCES = {
    'move_sequence': (_MOVE, "Écritures", 'E'),
    'out_invoice_sequence': (_INVOICE, "Factures", 'F'),
    'out_credit_note_sequence': (_INVOICE, "Avoirs", 'A'),
    'in_invoice_sequence': (_INVOICE, "Factures fournisseurs", 'FF'),
    'in_credit_note_sequence': (_INVOICE, "Avoirs fournisseurs", 'AF'),
    }

# What recognises our invoice numbers and the bank's fees
STATEMENT_RULES = {
    "Numéro de facture": (r'(?P<invoice>F\d{4}-\d{4})', None),
    "Frais bancaires": (
        r'(?i)\b(frais|commission|cotis carte)\b', 'account_fr.6278'),
    }

# The ways to pay an invoice without a bank statement
PAYMENT_METHODS = {
    "Chèque": 'account_fr.5112',
    "Espèces": 'account_fr.5311',
    }

_SALE_GOODS = ['account_fr.tva_vente_biens_taux_normal']
_SALE_SERVICES = ['account_fr.tva_vente_services_taux_normal']
_PURCHASE_GOODS = ['account_fr.tva_achat_biens_taux_normal']
_PURCHASE_SERVICES = ['account_fr.tva_achat_services_taux_normal']
# The categories with their account and the taxes of a seller liable for VAT
REVENUE_CATEGORIES = {
    'proxymikro_account.category_7561': ('proxymikro_account.7561', []),
    'proxymikro_account.category_7562': (
        'proxymikro_account.7562', _SALE_SERVICES),
    'proxymikro_account.category_703': ('account_fr.703', _SALE_GOODS),
    'proxymikro_account.category_70731': (
        'proxymikro_account.70731', _SALE_GOODS),
    'proxymikro_account.category_70732': (
        'proxymikro_account.70732', _SALE_GOODS),
    'proxymikro_account.category_706': ('account_fr.706', _SALE_SERVICES),
    }
EXPENSE_CATEGORIES = {
    'proxymikro_account.category_6063': ('account_fr.6063', _PURCHASE_GOODS),
    'proxymikro_account.category_6064': ('account_fr.6064', _PURCHASE_GOODS),
    'proxymikro_account.category_611': ('account_fr.611', _PURCHASE_SERVICES),
    'proxymikro_account.category_6132': (
        'account_fr.6132', _PURCHASE_SERVICES),
    'proxymikro_account.category_6161': ('account_fr.6161', []),
    'proxymikro_account.category_6251': ('account_fr.6251', []),
    'proxymikro_account.category_626': ('account_fr.626', _PURCHASE_SERVICES),
    }
