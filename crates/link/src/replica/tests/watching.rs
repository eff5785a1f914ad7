//! When a desktop looks at its replica.

use std::time::Duration;

use super::{Story, at};
use crate::replica::{Look, Vigil};

/// Whether something is to be done now, on a clock that only sleeping moves.
async fn look(vigil: &mut Vigil, story: &Story) -> Option<Look> {
    tokio::time::timeout(Duration::from_millis(1), vigil.next(&story.replica)).await.ok()
}

#[tokio::test]
async fn while_the_line_is_up_it_only_asks_whether_the_hub_is_there() {
    let story = Story::begin().await;
    story.event("Visit", "10:00:00").await;
    story.refresh().await;
    tokio::time::pause();
    let mut vigil = Vigil::new();
    vigil.line_is_up();
    story.until("09:29:44");
    assert_eq!(look(&mut vigil, &story).await, None);
    story.until("09:29:45");
    assert_eq!(look(&mut vigil, &story).await, Some(Look::AskLine), "time enough to be answered");
    story.until("09:29:59");
    assert_eq!(look(&mut vigil, &story).await, None, "once");
    story.until("09:30:00");
    assert_eq!(look(&mut vigil, &story).await, Some(Look::AskLine), "it may have gone since it answered");
    story.until("09:30:10");
    assert_eq!(look(&mut vigil, &story).await, None, "what is due is the hub's to decide");
}

#[tokio::test]
async fn a_line_that_was_just_lost_is_given_two_seconds() {
    let story = Story::begin().await;
    story.event("Visit", "10:00:00").await;
    story.refresh().await;
    story.until("09:30:00");
    tokio::time::pause();
    let mut vigil = Vigil::new();
    vigil.line_is_up();
    vigil.line_is_down();
    tokio::time::advance(Duration::from_millis(1_990)).await;
    vigil.line_is_down();
    assert_eq!(look(&mut vigil, &story).await, None);
    tokio::time::advance(Duration::from_millis(10)).await;
    assert_eq!(look(&mut vigil, &story).await, Some(Look::Decide), "a reminder two seconds after its time is on time");
    story.tells();
    assert_eq!(look(&mut vigil, &story).await, None, "nothing more is due");
    story.until("09:55:00");
    assert_eq!(look(&mut vigil, &story).await, Some(Look::Decide), "and from then on, at its time");
}

#[tokio::test]
async fn whoever_wakes_gives_the_hub_time_to_say_what_still_holds() {
    let story = Story::begin().await;
    story.event("Visit", "10:00:00").await;
    story.refresh().await;
    story.until("09:40:00");
    tokio::time::pause();
    let mut vigil = Vigil::new();
    tokio::time::advance(Duration::from_secs(14)).await;
    assert_eq!(look(&mut vigil, &story).await, None);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(look(&mut vigil, &story).await, Some(Look::Decide));
}

#[tokio::test]
async fn what_was_decided_before_the_program_ended_is_looked_at_again() {
    let mut story = Story::begin().await;
    story.event("Visit", "10:00:00").await;
    story.refresh().await;
    story.until("09:30:00");
    story.replica.decide().expect("decided");
    story.restart();
    assert_eq!(story.replica.next_look(), Some((at("09:30:00"), 0)), "it may not have been shown");
    assert_eq!(story.tells(), ["30min_before"]);
    assert_eq!(story.replica.next_look().map(|(due, _)| due), Some(at("09:55:00")));
}
