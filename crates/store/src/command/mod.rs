//! What changes the store: each command is one transaction.

pub(crate) mod access;
pub(crate) mod claim;
pub(crate) mod desktops;
pub(crate) mod events;
pub(crate) mod forget;
pub(crate) mod handover;
pub(crate) mod identity;
pub(crate) mod inbox;
pub(crate) mod joining;
pub(crate) mod keeper;
pub(crate) mod notify;
pub(crate) mod office;
pub(crate) mod people;
pub(crate) mod receipts;
pub(crate) mod recipients;
pub(crate) mod reckoning;
pub(crate) mod rederive;
pub(crate) mod secure_office;
pub(crate) mod shown_away;
mod tidy;
