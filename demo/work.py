# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A repair waits: the device that the school gave back needs memory."""
import datetime as dt

from proteus import Model

from .evidence import act_as, start_work


def run(config, context):
    "Take the part from what a town hall gave: it may be used, not sold"
    Lot = Model.get('stock.lot')
    today = context['today']
    device = Lot(context['swapped_device'].id)
    memory = next(
        m.lot for m in context['town_dismantling'].outputs
        if m.product.template.component_kind == 'memory')
    with act_as(config, 'atelier'):
        work = start_work(
            device, today - dt.timedelta(days=1),
            "S'éteint seul après une heure : une barrette en défaut.", 40)
        part = work.parts.new()
        part.lot = Lot(memory.id)
        work.save()
    context['work'] = work
