//! Notifications as the hub sends them.

use serde_json::json;

use super::Notification;

/// The 30-minute reminder of a visit, as row `seq`.
pub(crate) fn reminder(seq: u64) -> Notification {
    serde_json::from_value(json!({
        "id": format!("00000000-0000-8000-8000-{seq:012}"), "seq": seq, "change": seq, "type": "event",
        "notification_type": "30min_before", "outcome": "fired", "title": "Rappel événement",
        "message": "Votre événement commence dans 30 minutes (23/11/2026 à 10:00) - Marie Dupont\nApporter les plans",
        "minutes_before": 30, "event_id": "01930000-0000-7000-8000-000000000001",
        "event": {
            "id": "01930000-0000-7000-8000-000000000001", "datetime": "2026-11-23T09:00:00.000Z",
            "contactId": "c-17", "contactName": "Marie Dupont", "comment": "Apporter les plans",
            "title": "Visite de chantier", "location": "12 rue des Lilas", "endsAt": "2026-11-23T10:00:00.000Z",
            "allDay": false, "timeZone": "Europe/Paris",
        },
        "data": {"notification_type": "30min_before", "minutes_before": 30},
        "due_at": "2026-11-23T08:30:00.000Z", "created_at": "2026-11-23T08:30:00.000Z", "late": false,
        "parent_id": null, "is_read": false, "dismissed_at": null, "snoozed_until": null, "withdrawn_at": null,
    }))
    .expect("a notification as the hub writes it")
}
