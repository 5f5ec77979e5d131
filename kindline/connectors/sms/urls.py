"""Where gateways reach us."""

from django.urls import path

from kindline.connectors.sms import callbacks

urlpatterns = [
    path("receipt", callbacks.receipt, name="sms-receipt"),
    path("came", callbacks.came, name="sms-came"),
]
