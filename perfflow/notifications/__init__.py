"""Notifications: the in-app list, and an outbox that mail goes out from after the commit."""

from perfflow.notifications.actions import drain, DrainReport, mark_all_read, mark_read, notify
from perfflow.notifications.channels import Channel, mail_channel, Message, UndeliverableError
from perfflow.notifications.ports import (
    Address,
    address_book,
    AddressBook,
    plug_address_book,
)
from perfflow.notifications.queries import (
    dead_letters,
    latest_notifications,
    outbox_counts,
    unread_count,
)

__all__ = [
    "Address",
    "AddressBook",
    "Channel",
    "DrainReport",
    "Message",
    "UndeliverableError",
    "address_book",
    "dead_letters",
    "drain",
    "latest_notifications",
    "mail_channel",
    "mark_all_read",
    "mark_read",
    "notify",
    "outbox_counts",
    "plug_address_book",
    "unread_count",
]
