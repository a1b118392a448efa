# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import gettext
from trytond.modules.proxymikro_base.report import HTMLReportMixin
from trytond.report import Report

from .exceptions import ErasureError


class ErasureCertificate(HTMLReportMixin, Report):
    __name__ = 'device.erasure.certificate'

    @classmethod
    def get_context(cls, records, header, data):
        for erasure in records:
            if erasure.state != 'validated':
                raise ErasureError(gettext(
                        'proxymikro_stock.msg_erasure_no_certificate',
                        drive=erasure.component.rec_name))
        context = super().get_context(records, header, data)
        timezone = context['company'].timezone

        def moment(date):
            return cls.format_datetime(
                date, format='%x %H:%M', timezone=timezone)
        context['moment'] = moment
        return context
