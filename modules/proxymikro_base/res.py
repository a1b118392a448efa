# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.pool import Pool, PoolMeta


class User(metaclass=PoolMeta):
    __name__ = 'res.user'

    @classmethod
    def _get_preferences(cls, user, context_only=False):
        "Show the administrator what remains to set up, until nothing does"
        pool = Pool()
        Action = pool.get('ir.action')
        Data = pool.get('ir.model.data')
        Step = pool.get('setup.step')
        preferences = super()._get_preferences(
            user, context_only=context_only)
        if (not context_only
                and user.id == Data.get_id('res', 'user_admin')
                and Step.remain()):
            preferences['actions'].append(Action.get_action_id(
                    Data.get_id('proxymikro_base', 'act_setup_step')))
        return preferences
