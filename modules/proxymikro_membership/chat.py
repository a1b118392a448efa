# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.model import fields
from trytond.pool import PoolMeta


class ChatMessage(metaclass=PoolMeta):
    __name__ = 'ir.chat.message'

    @fields.depends('channel', '_parent_channel.resource')
    def on_change_with_author(self, name=None):
        "What the server writes is signed by the association"
        author = super().on_change_with_author(name=name)
        if not author and self.channel:
            if company := getattr(self.channel.resource, 'company', None):
                author = company.party.name
        return author
