# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""No text that leaves for a spreadsheet is taken for a formula."""

FORMULA = ('=', '+', '-', '@', '\t', '\r')


def protect(text):
    return f"'{text}" if text.startswith(FORMULA) else text


def unprotect(text):
    "Return the text as it was before it was protected"
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA) else text


def _map_texts(function, rows):
    return [
        [function(value) if isinstance(value, str) else value for value in row]
        for row in rows]


class ExportMixin:
    """What the clients and the links to CSV files export, and import again.

    A name typed on the public page may start as a formula does, and the
    spreadsheet of who opens the file would run it.
    """
    __slots__ = ()

    @classmethod
    def export_data(cls, records, fields_names, header=False):
        return _map_texts(
            protect, super().export_data(records, fields_names, header=header))

    @classmethod
    def import_data(cls, fields_names, data):
        return super().import_data(fields_names, _map_texts(unprotect, data))
