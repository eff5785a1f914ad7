//! The web view's types are generated from the wire types. This test keeps them equal; with
//! `RAPPEL_WRITE_TYPES=1` it writes them.

use std::path::Path;

use ts_rs::{Config, TS};

use super::access::{DeviceItem, DeviceList, DevicePatchInput, HubIdentityItem, Invitation, PairInput, Paired};
use super::audit::{AuditEntryItem, AuditList, AuditObjectItem, AuditPerson};
use super::copies::{CopyDetail, CopyFailureItem, CopyItem, CopyList, LostItem, RestoredItem};
use super::event::{Contact, EventInput, EventItem, EventList, EventPatch};
use super::frame::{ClientFrame, HubFrame, HubItem};
use super::history::{DeviceMomentItem, NotificationHistory, ReminderFateItem, ReminderFateList, SnoozeFateItem};
use super::joining::{
    AcceptInput, JoinAsked, JoinInput, JoinRequestItem, JoinRequestList, JoinSecret, JoinStatus, JoinTicket,
    OpenInvitationsItem, TicketInput, TicketItem, TicketPerson,
};
use super::notification::{
    NotificationData, NotificationEvent, NotificationItem, NotificationList, SnoozeInput, UnreadCount,
};
use super::person::{
    Me, OfficeItem, PersonInput, PersonItem, PersonList, PersonPatchInput, Preferences, QuietHoursItem,
};
use super::replica::{
    ReplicaContent, ReplicaItem, ReplicaReminderItem, ReplicaReport, ReplicaReports, ReplicaSnooze, ToldBeforeItem,
};
use super::secure_office::{
    ArrivalInput, Arrived, AuthorityItem, Handover, HandoverInput, SecureOfficeItem, SecureOfficePatch,
};
use super::succession::{HandoverItem, HeirInput, HeirItem, KeeperItem, Succession};
use super::{ErrorBody, ErrorDetail, Health, TroubleItem};

fn generated() -> String {
    let config = Config::default();
    let mut file = String::from("// Generated from the hub's wire types. Do not edit: see CONTRIBUTING.md.\n");
    macro_rules! declare {
        ($($type:ty),* $(,)?) => {
            $(
                file.push_str("\nexport ");
                file.push_str(&laid_out(&<$type as TS>::decl(&config)));
            )*
        };
    }
    declare!(
        ErrorDetail,
        ErrorBody,
        TroubleItem,
        Health,
        Contact<'_>,
        EventItem<'_>,
        EventList<'_>,
        EventInput,
        EventPatch,
        QuietHoursItem,
        PersonItem,
        PersonList,
        OfficeItem,
        Me,
        Preferences,
        PersonInput,
        PersonPatchInput,
        DeviceItem,
        DeviceList,
        DevicePatchInput,
        Invitation,
        PairInput,
        Paired,
        OpenInvitationsItem,
        TicketInput,
        TicketPerson,
        TicketItem,
        JoinTicket,
        JoinInput,
        JoinAsked,
        JoinSecret,
        JoinStatus,
        JoinRequestItem,
        JoinRequestList,
        AcceptInput,
        NotificationEvent<'_>,
        NotificationData,
        NotificationItem<'_>,
        NotificationList<'_>,
        UnreadCount,
        SnoozeInput,
        DeviceMomentItem,
        SnoozeFateItem,
        ReminderFateItem,
        NotificationHistory,
        ReminderFateList,
        ToldBeforeItem,
        ReplicaReminderItem,
        ReplicaContent<'_>,
        ReplicaItem<'_>,
        ReplicaSnooze,
        ReplicaReport,
        ReplicaReports,
        HubIdentityItem,
        AuditPerson,
        AuditObjectItem,
        AuditEntryItem,
        AuditList,
        CopyItem,
        CopyFailureItem,
        CopyList,
        LostItem,
        CopyDetail,
        RestoredItem,
        AuthorityItem,
        SecureOfficeItem,
        SecureOfficePatch,
        HandoverInput,
        Handover,
        ArrivalInput,
        Arrived,
        HeirItem,
        KeeperItem,
        crate::succession::Stage,
        HandoverItem,
        Succession,
        HeirInput,
        HubItem,
        HubFrame,
        ClientFrame,
    );
    file
}

/// One field a line, its comment above it.
fn laid_out(declaration: &str) -> String {
    let mut text = String::new();
    let mut comment: Option<Vec<&str>> = None;
    for (number, line) in declaration.lines().map(str::trim).enumerate() {
        match (&mut comment, line) {
            (None, "/**") => comment = Some(Vec::new()),
            (Some(words), "*/") => {
                text.push_str(&format!("  /** {} */\n", words.join(" ")));
                comment = None;
            }
            (Some(words), line) => words.push(line.trim_start_matches('*').trim()),
            (None, "") => {}
            (None, line) => {
                let indent = if number == 0 { "" } else { "  " };
                text.push_str(&format!("{indent}{line}\n"));
            }
        }
    }
    text
}

#[test]
fn the_web_views_types_are_those_of_the_wire() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/api/types.ts");
    let generated = generated();
    if std::env::var_os("RAPPEL_WRITE_TYPES").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == generated, "ui/src/api/types.ts is out of date: run script/types");
}
