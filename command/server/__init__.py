# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The association's own server: install, doctor, backup, restore, upgrade.

Their words are French, as their readers are: those who look after the server
of the association.
"""
