"""What other rooms may use of notices and legal notifications."""

from notifications.errors import (
    ActNotInForce,
    AlreadyNotified,
    BeforeTheAct,
    EvidenceMissing,
    InvalidAction,
    NotificationRefused,
    NotYetHappened,
)
from notifications.mail import compose_code, sender_address
from notifications.operations import (
    EMAIL_JOB,
    Notified,
    Sent,
    attach_certificate,
    mark_read,
    platform_data,
    record_notification,
    record_sending,
    send_notice,
    tell_person,
)
from notifications.queries import (
    notices_of,
    notices_of_file,
    notifications_of,
    sendings_of,
    unreached,
    unread_count,
)
from notifications.saying import Said, Say
from notifications.smtp import hand_over

__all__ = [
    "EMAIL_JOB",
    "ActNotInForce",
    "AlreadyNotified",
    "BeforeTheAct",
    "EvidenceMissing",
    "InvalidAction",
    "NotYetHappened",
    "NotificationRefused",
    "Notified",
    "Said",
    "Say",
    "Sent",
    "attach_certificate",
    "compose_code",
    "hand_over",
    "mark_read",
    "notices_of",
    "notices_of_file",
    "notifications_of",
    "platform_data",
    "record_notification",
    "record_sending",
    "send_notice",
    "sender_address",
    "sendings_of",
    "tell_person",
    "unreached",
    "unread_count",
]
