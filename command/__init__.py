# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The command ./proxymikro: the standard library only.

It makes everything else itself, so it must run before anything is installed.
"""
